/*
 * What tp-draw signs when it lets an expert in (docs/interfaces.md section 4, domain
 * "tongping.assertion.v1"), as a node shows it to us with an entry.
 */
#ifndef TP_COORDINATOR_EVALUATION_ASSERTION_H
#define TP_COORDINATOR_EVALUATION_ASSERTION_H

#include <jansson.h>

#include "base/crypto.h"

struct tp_assertion {
    json_t *json; /* owns the texts */
    const char *draw_id;
    const char *session_id;
    const char *seat_id;
    const char *venue;
    const char *handle;
    const char *label;
    int64_t at_ms;
};

/* Reads the text; with `sign_public` (may be NULL) also checks the signature. TP_INPUT
 * "assertion.malformed", TP_CRYPTO "crypto.bad_signature". Fini after success. */
TP_MUST_USE struct tp_status tp_assertion_read(const void *text, size_t bytes,
                                               const uint8_t *signature, size_t signature_bytes,
                                               const uint8_t *sign_public,
                                               struct tp_assertion *assertion,
                                               struct tp_error *error);
void tp_assertion_fini(struct tp_assertion *assertion);
TP_DEFINE_FINI_CLEANUP(tp_assertion, tp_assertion_fini)

#endif
