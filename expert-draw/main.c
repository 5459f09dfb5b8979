/*
 * tp-draw: the pool keeper's service and its tools.
 */
#include <argp.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "expert-draw/command.h"
#include "expert-draw/service.h"

const char *argp_program_version = "tp-draw 1";

static const char documentation[] =
    "The expert pool and the draw.\v"
    "Commands:\n"
    "  serve --config FILE              run the service (also: tp-draw --config FILE)\n"
    "  import --config FILE --pool CSV  import the pool [--bad-rows refuse|skip] [--specialties "
    "CSV]\n"
    "  keygen --out FILE                make a key; FILE.pub is for others\n"
    "  vrf prove --key FILE|--key-hex HEX --alpha-hex HEX\n"
    "  odds --pool CSV --plan JSON      number of lawful committees and everyone's exact chance\n"
    "  run --pool CSV --plan JSON --key FILE [--key FILE ...] --out TRANSCRIPT [--log LOG]\n"
    "                                   draw offline; the first key is the keeper's\n"
    "  verify --pool CSV TRANSCRIPT [--plan JSON] [--log LOG]\n"
    "                                   compute everything again\n"
    "  substitute --transcript TRANSCRIPT --pool CSV --key FILE ... --decline HANDLE ... --out "
    "FILE\n"
    "                                   draw for those who declined; the others stay\n"
    "  vrf verify --public-hex HEX --alpha-hex HEX --proof-hex HEX\n"
    "\n"
    "Exit status: 0 good, 1 checked and false or failed, 2 usage or bad input.";

enum {
    OPTION_CONFIG = 1000,
    OPTION_POOL,
    OPTION_SPECIALTIES,
    OPTION_BAD_ROWS,
    OPTION_OUT,
    OPTION_KEY,
    OPTION_KEY_HEX,
    OPTION_PUBLIC_HEX,
    OPTION_ALPHA_HEX,
    OPTION_PROOF_HEX,
    OPTION_JSON,
    OPTION_PLAN,
    OPTION_TRANSCRIPT,
    OPTION_DECLINE,
    OPTION_LOG,
};

static const struct argp_option options[] = {
    {"config", OPTION_CONFIG, "FILE", 0, "Configuration", 0},
    {"pool", OPTION_POOL, "FILE", 0, "Pool as CSV", 0},
    {"specialties", OPTION_SPECIALTIES, "FILE", 0, "Names of specialties as CSV (code,name,parent)",
     0},
    {"bad-rows", OPTION_BAD_ROWS, "refuse|skip", 0,
     "With bad rows: import nothing (refuse, the default) or the good ones", 0},
    {"out", OPTION_OUT, "FILE", 0, "File to write", 0},
    {"key", OPTION_KEY, "FILE", 0, "Secret key file", 0},
    {"key-hex", OPTION_KEY_HEX, "HEX", 0, "VRF secret key (32 bytes, RFC 9381)", 0},
    {"public-hex", OPTION_PUBLIC_HEX, "HEX", 0, "VRF public key", 0},
    {"alpha-hex", OPTION_ALPHA_HEX, "HEX", 0, "VRF input", 0},
    {"proof-hex", OPTION_PROOF_HEX, "HEX", 0, "VRF proof", 0},
    {"plan", OPTION_PLAN, "FILE", 0, "Plan as JSON", 0},
    {"transcript", OPTION_TRANSCRIPT, "FILE", 0, "Transcript of a draw", 0},
    {"decline", OPTION_DECLINE, "HANDLE", 0, "Who declined; more handles may follow as words", 0},
    {"log", OPTION_LOG, "FILE", 0, "Log that names every record of a draw", 0},
    {"json", OPTION_JSON, NULL, 0, "Print JSON", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct tp_draw_command *command = state->input;
    switch (key) {
    case OPTION_CONFIG:
        command->config = value;
        break;
    case OPTION_POOL:
        command->pool = value;
        break;
    case OPTION_SPECIALTIES:
        command->specialties = value;
        break;
    case OPTION_BAD_ROWS:
        if (strcmp(value, "refuse") != 0 && strcmp(value, "skip") != 0)
            argp_error(state, "--bad-rows is refuse or skip");
        command->skip_bad_rows = strcmp(value, "skip") == 0;
        break;
    case OPTION_OUT:
        command->out = value;
        break;
    case OPTION_KEY:
        if (command->key_count == TP_DRAW_COMMAND_VALUES)
            argp_error(state, "too many keys");
        command->keys[command->key_count++] = command->key = value;
        break;
    case OPTION_PLAN:
        command->plan = value;
        break;
    case OPTION_TRANSCRIPT:
        command->transcript = value;
        break;
    case OPTION_DECLINE:
        if (command->decline_count == TP_DRAW_COMMAND_VALUES)
            argp_error(state, "too many handles");
        command->declines[command->decline_count++] = value;
        break;
    case OPTION_LOG:
        command->log = value;
        break;
    case OPTION_KEY_HEX:
        command->key_hex = value;
        break;
    case OPTION_PUBLIC_HEX:
        command->public_hex = value;
        break;
    case OPTION_ALPHA_HEX:
        command->alpha_hex = value;
        break;
    case OPTION_PROOF_HEX:
        command->proof_hex = value;
        break;
    case OPTION_JSON:
        command->json = true;
        break;
    case ARGP_KEY_ARG:
        if (command->word_count == TP_DRAW_COMMAND_WORDS)
            argp_error(state, "too many words");
        command->words[command->word_count++] = value;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct known_command {
    const char *words[2];
    int most_arguments;
    bool offline;
    struct tp_status (*run)(const struct tp_draw_command *command, struct tp_error *error);
} commands[] = {
    {{"serve", NULL}, 0, false, tp_draw_command_serve},
    {{"import", NULL}, 0, false, tp_draw_command_import},
    {{"keygen", NULL}, 0, false, tp_draw_command_keygen},
    {{"vrf", "prove"}, 0, false, tp_draw_command_vrf_prove},
    {{"vrf", "verify"}, 0, false, tp_draw_command_vrf_verify},
    {{"odds", NULL}, 0, true, tp_draw_command_odds},
    {{"run", NULL}, 0, true, tp_draw_command_run},
    {{"verify", NULL}, 1, true, tp_draw_command_verify},
    {{"substitute", NULL}, TP_DRAW_COMMAND_VALUES, true, tp_draw_command_substitute},
};

static bool same(const char *left, const char *right)
{
    return left != NULL && right != NULL && strcmp(left, right) == 0;
}

/* Hands the words after the command's own on as arguments; NULL: no such command. */
static const struct known_command *find_command(struct tp_draw_command *command)
{
    if (command->word_count == 0 && command->config != NULL)
        command->words[command->word_count++] = "serve";
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        int own = commands[i].words[1] == NULL ? 1 : 2;
        if (!same(commands[i].words[0], command->words[0]) ||
            (own == 2 && !same(commands[i].words[1], command->words[1])) ||
            command->word_count - own > commands[i].most_arguments)
            continue;
        command->arguments = command->words + own;
        command->argument_count = command->word_count - own;
        return &commands[i];
    }
    return NULL;
}

static int exit_status(const struct known_command *known, struct tp_status status)
{
    if (tp_ok(status))
        return 0;
    if (known == NULL || !known->offline)
        return status.class == TP_INPUT ? 2 : 1;
    return status.class == TP_CONFLICT || status.class == TP_CRYPTO ? 1 : 2;
}

/* Where a result was promised as JSON, bad input is told as JSON too. */
static void print_error(const struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_json)
    json_t *json = json_pack("{s:{s:s,s:s,s:s}}", "error", "code", error->code, "message",
                             error->message, "field", error->field);
    if (json != NULL && tp_ok(tp_json_write(json, &text, NULL)))
        printf("%s\n", (const char *)text.data);
}

int main(int argument_count, char **arguments)
{
    static const struct argp argp = {
        .options = options, .parser = parse_option, .args_doc = "COMMAND", .doc = documentation};
    struct tp_draw_command command = {0};
    struct tp_error error = {0};
    argp_err_exit_status = 2;
    argp_parse(&argp, argument_count, arguments, 0, NULL, &command);
    const struct known_command *known = find_command(&command);
    struct tp_status status = tp_crypto_init(&error);
    if (tp_ok(status))
        status = known != NULL
                     ? known->run(&command, &error)
                     : tp_fail(&error, TP_INPUT, "usage", "no such command; see tp-draw --help");
    if (tp_ok(status))
        return 0;
    int result = exit_status(known, status);
    if (command.json && known != NULL && known->offline && result == 2)
        print_error(&error);
    fprintf(stderr, "tp-draw: %s (%s%s%s)\n", error.message, error.code,
            error.field[0] == '\0' ? "" : ", ", error.field);
    return result;
}
