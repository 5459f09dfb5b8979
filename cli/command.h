/* tongping's commands. */
#ifndef TP_CLI_COMMAND_H
#define TP_CLI_COMMAND_H

#include "base/error.h"

#define TP_CLI_WORDS 3

struct tp_cli_command {
    const char *words[TP_CLI_WORDS];
    int word_count;
    const char *out, *key, *keeper_public;
    bool json;
};

/* keygen --out FILE: FILE (secret, mode 0600) and FILE.pub. A file that is there is not touched. */
TP_MUST_USE struct tp_status tp_cli_keygen(const struct tp_cli_command *command,
                                           struct tp_error *error);
/* list open --key FILE --keeper-public FILE SEALED */
TP_MUST_USE struct tp_status tp_cli_list_open(const struct tp_cli_command *command,
                                              struct tp_error *error);

#endif
