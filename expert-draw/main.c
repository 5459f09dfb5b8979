/*
 * tp-draw: the pool keeper's service and its tools.
 */
#include <argp.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
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
        command->key = value;
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

static const struct {
    const char *words[TP_DRAW_COMMAND_WORDS];
    struct tp_status (*run)(const struct tp_draw_command *command, struct tp_error *error);
} commands[] = {
    {{"serve", NULL}, tp_draw_command_serve},        {{"import", NULL}, tp_draw_command_import},
    {{"keygen", NULL}, tp_draw_command_keygen},      {{"vrf", "prove"}, tp_draw_command_vrf_prove},
    {{"vrf", "verify"}, tp_draw_command_vrf_verify},
};

static bool same(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static struct tp_status dispatch(struct tp_draw_command *command, struct tp_error *error)
{
    if (command->word_count == 0 && command->config != NULL)
        command->words[command->word_count++] = "serve";
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (same(commands[i].words[0], command->words[0]) &&
            same(commands[i].words[1], command->words[1]))
            return commands[i].run(command, error);
    return tp_fail(error, TP_INPUT, "usage", "no such command; see tp-draw --help");
}

int main(int argument_count, char **arguments)
{
    static const struct argp argp = {
        .options = options, .parser = parse_option, .args_doc = "COMMAND", .doc = documentation};
    struct tp_draw_command command = {0};
    struct tp_error error = {0};
    argp_err_exit_status = 2;
    argp_parse(&argp, argument_count, arguments, 0, NULL, &command);
    struct tp_status status = tp_crypto_init(&error);
    if (tp_ok(status))
        status = dispatch(&command, &error);
    if (tp_ok(status))
        return 0;
    fprintf(stderr, "tp-draw: %s (%s%s%s)\n", error.message, error.code,
            error.field[0] == '\0' ? "" : ", ", error.field);
    return status.class == TP_INPUT ? 2 : 1;
}
