/* tp-draw's commands beside the service. */
#ifndef TP_DRAW_COMMAND_H
#define TP_DRAW_COMMAND_H

#include <stddef.h>

#include "base/error.h"

#define TP_DRAW_COMMAND_WORDS 512
#define TP_DRAW_COMMAND_VALUES 128

struct tp_draw_command {
    const char *words[TP_DRAW_COMMAND_WORDS];
    int word_count;
    const char *const *arguments; /* the words after the command's own */
    int argument_count;
    const char *keys[TP_DRAW_COMMAND_VALUES]; /* every --key; `key` is the last */
    size_t key_count;
    const char *declines[TP_DRAW_COMMAND_VALUES];
    size_t decline_count;
    const char *plan, *transcript, *log;
    const char *config, *pool, *specialties, *out, *key;
    const char *key_hex, *public_hex, *alpha_hex, *proof_hex;
    bool skip_bad_rows;
    bool json;
};

/* TP_INPUT ends with exit status 2, any other failure with 1. */
TP_MUST_USE struct tp_status tp_draw_command_serve(const struct tp_draw_command *command,
                                                   struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_import(const struct tp_draw_command *command,
                                                    struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_keygen(const struct tp_draw_command *command,
                                                    struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_vrf_prove(const struct tp_draw_command *command,
                                                       struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_vrf_verify(const struct tp_draw_command *command,
                                                        struct tp_error *error);

/* The offline commands end with 1 when something was checked and is false (TP_CONFLICT, TP_CRYPTO),
 * with 2 on any other failure. */
TP_MUST_USE struct tp_status tp_draw_command_odds(const struct tp_draw_command *command,
                                                  struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_run(const struct tp_draw_command *command,
                                                 struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_verify(const struct tp_draw_command *command,
                                                    struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_command_substitute(const struct tp_draw_command *command,
                                                        struct tp_error *error);

#endif
