/*
 * Idempotency-Key: a POST that creates, sent again by the same user with the same body, finds what
 * it made before instead of making it twice. Kept for a day.
 */
#ifndef TP_COORDINATOR_HTTP_IDEMPOTENCY_H
#define TP_COORDINATOR_HTTP_IDEMPOTENCY_H

#include "base/crypto.h"
#include "coordinator/http/route.h"

struct tp_idempotency {
    const char *key; /* NULL: the caller gave none, and nothing is kept */
    const char *user_id;
    const char *path;
    uint8_t body_hash[TP_HASH_BYTES];
};

/* TP_INPUT "idempotency.bad_key" beyond 64 printable characters. */
TP_MUST_USE struct tp_status tp_idempotency_of(const struct tp_call *call,
                                               struct tp_idempotency *idempotency,
                                               struct tp_error *error);

/* What was made before; *found false when nothing. TP_CONFLICT "idempotency.key_reused" when the
 * key stood for another body or call. */
TP_MUST_USE struct tp_status tp_idempotency_find(struct tp_db *db,
                                                 const struct tp_idempotency *idempotency,
                                                 char made_id[TP_ID_BYTES], bool *found,
                                                 struct tp_error *error);

/* Inside the write that made it. */
TP_MUST_USE struct tp_status tp_idempotency_keep(struct tp_db *db,
                                                 const struct tp_idempotency *idempotency,
                                                 const char *made_id, int64_t now_ms,
                                                 struct tp_error *error);

#endif
