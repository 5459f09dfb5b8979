/*
 * tp-draw's commitment of a draw, as it goes into the log before any randomness is used.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAW_COMMIT_H
#define TP_COORDINATOR_DRAWING_DRAW_COMMIT_H

#include "base/crypto.h"
#include "base/json.h"

/* Checks that `commit` (of the answer to POST /v1/draws) holds a record of this draw and session
 * signed by tp-draw, and that it says what the record says. TP_PEER "draw.bad_commit". */
TP_MUST_USE struct tp_status tp_draw_commit_check(const json_t *commit,
                                                  const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                                  const char *draw_id, const char *session_id,
                                                  struct tp_error *error);

#endif
