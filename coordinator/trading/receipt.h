/*
 * The trading system's signed receipt for a sealed list (docs/interfaces.md section 3). Signed are
 * the receipt's bytes exactly as they stand in the answer:
 *     {"receipt":{...},"signature":"..."}
 * domain "tongping.receipt.v1".
 */
#ifndef TP_COORDINATOR_TRADING_RECEIPT_H
#define TP_COORDINATOR_TRADING_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

/* Borrowed texts; list_hash is as it stood in the push. */
struct tp_receipt {
    const char *session_id;
    const char *draw_id;
    int64_t version;
    const char *list_hash;
    int64_t received_at;
};

/* Appends the whole answer. */
TP_MUST_USE struct tp_status tp_receipt_write(const struct tp_receipt *receipt,
                                              const struct tp_keypair *keypair,
                                              struct tp_bytes *answer, struct tp_error *error);

/*
 * Checks that `answer` is a receipt signed by `sign_public` for exactly the expected session, draw,
 * version and list (expected->received_at is filled in from the receipt). TP_CRYPTO
 * "receipt.bad_signature", TP_PEER "receipt.malformed" or "receipt.other_list".
 */
TP_MUST_USE struct tp_status tp_receipt_check(const void *answer, size_t bytes,
                                              const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                              struct tp_receipt *expected, struct tp_error *error);

#endif
