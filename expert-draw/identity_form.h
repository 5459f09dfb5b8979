/* How an identity rests: name NUL ID number NUL phone NUL, encrypted for its place. */
#ifndef TP_DRAW_IDENTITY_FORM_H
#define TP_DRAW_IDENTITY_FORM_H

#include "expert-draw/vault.h"

#define TP_IDENTITY_PLACE_BYTES 128

void tp_identity_place(int64_t pool, const char *expert_id, char out[TP_IDENTITY_PLACE_BYTES]);
TP_MUST_USE struct tp_status tp_identity_encrypt(const struct tp_vault *vault, const char *place,
                                                 const char *name, const char *id_number,
                                                 const char *phone, struct tp_bytes *out,
                                                 struct tp_error *error);

#endif
