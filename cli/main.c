/*
 * tongping: the command-line tool for set-up and for opening what the system sealed.
 */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "cli/command.h"

const char *argp_program_version = "tongping 1";

enum { OPTION_OUT = 1000, OPTION_KEY, OPTION_KEEPER_PUBLIC, OPTION_JSON };

static const struct argp_option options[] = {
    {"out", OPTION_OUT, "FILE", 0, "Secret key to write; FILE.pub beside it is for others", 0},
    {"key", OPTION_KEY, "FILE", 0, "Own secret key", 0},
    {"keeper-public", OPTION_KEEPER_PUBLIC, "FILE", 0, "Public key of the pool keeper (tp-draw)",
     0},
    {"json", OPTION_JSON, NULL, 0, "Print JSON", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct tp_cli_command *command = state->input;
    switch (key) {
    case OPTION_OUT:
        command->out = value;
        return 0;
    case OPTION_KEY:
        command->key = value;
        return 0;
    case OPTION_KEEPER_PUBLIC:
        command->keeper_public = value;
        return 0;
    case OPTION_JSON:
        command->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (command->word_count == TP_CLI_WORDS)
            argp_error(state, "too many words");
        command->words[command->word_count++] = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool says(const struct tp_cli_command *command, int index, const char *word)
{
    return command->word_count > index && strcmp(command->words[index], word) == 0;
}

static struct tp_status dispatch(const struct tp_cli_command *command, struct tp_error *error)
{
    if (command->word_count == 1 && says(command, 0, "keygen"))
        return tp_cli_keygen(command, error);
    if (says(command, 0, "list") && says(command, 1, "open"))
        return tp_cli_list_open(command, error);
    return tp_fail(error, TP_INPUT, "usage", "no such command; see tongping --help");
}

int main(int argument_count, char **arguments)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "COMMAND",
        .doc = "Tools of Tongping.\vCommands:\n"
               "  keygen --out FILE\n"
               "  list open --key FILE --keeper-public FILE [--json] SEALED\n"
               "\n"
               "Exit status: 0 good, 1 checked and false or failed, 2 usage or bad input.",
    };
    struct tp_cli_command command = {0};
    struct tp_error error = {0};
    argp_err_exit_status = 2;
    argp_parse(&argp, argument_count, arguments, 0, NULL, &command);
    struct tp_status status = tp_crypto_init(&error);
    if (tp_ok(status))
        status = dispatch(&command, &error);
    if (tp_ok(status))
        return 0;
    fprintf(stderr, "tongping: %s (%s)\n", error.message, error.code);
    return status.class == TP_INPUT ? 2 : 1;
}
