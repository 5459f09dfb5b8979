/*
 * tp-draw's word that the person at a seat is a member of the session's committee
 * (docs/interfaces.md, "Assertion"). The node trusts this alone, not who carried it.
 */
#ifndef TP_VENUE_NODE_ASSERTION_H
#define TP_VENUE_NODE_ASSERTION_H

#include "base/crypto.h"
#include "venue-node/login.h"

#define TP_ASSERTION_DOMAIN "tongping.assertion.v1"
#define TP_ASSERTION_MOST_BYTES 4096
#define TP_ASSERTION_AGE_MS ((int64_t)5 * 60 * 1000)

struct tp_assertion_expected {
    const char *draw_id;
    const char *session_id;
    const char *seat_id;
    const char *venue;
    int64_t now_ms;
};

/*
 * Verifies signature and content and fills `login`'s handle and label. TP_CRYPTO
 * "login.bad_assertion" when the signature does not hold or anything differs from what is expected.
 */
TP_MUST_USE struct tp_status tp_assertion_check(const uint8_t draw_public[TP_SIGN_PUBLIC_BYTES],
                                                const struct tp_login_proof *proof,
                                                const struct tp_assertion_expected *expected,
                                                struct tp_login *login, struct tp_error *error);

#endif
