/* tp-draw's commands beside the service. */
#ifndef TP_DRAW_COMMAND_H
#define TP_DRAW_COMMAND_H

#include "base/error.h"

#define TP_DRAW_COMMAND_WORDS 2

struct tp_draw_command {
    const char *words[TP_DRAW_COMMAND_WORDS];
    int word_count;
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

#endif
