#include "coordinator/http/idempotency.h"

#include <stdio.h>
#include <string.h>

#define KEY_BYTES_MOST 64

struct tp_status tp_idempotency_of(const struct tp_call *call, struct tp_idempotency *idempotency,
                                   struct tp_error *error)
{
    memset(idempotency, 0, sizeof *idempotency);
    const char *key = tp_http_request_header(call->request, "idempotency-key");
    if (key == NULL) {
        return TP_STATUS_OK;
    }
    size_t length = strlen(key);
    for (size_t i = 0; i < length; i++) {
        if (key[i] < 0x21 || key[i] > 0x7e) {
            length = 0;
        }
    }
    if (length == 0 || length > KEY_BYTES_MOST) {
        return tp_fail(error, TP_INPUT, "idempotency.bad_key", "1 to 64 printable characters");
    }
    size_t bytes = 0;
    const uint8_t *body = tp_http_request_body(call->request, &bytes);
    tp_hash("tongping.body.v1", body, bytes, idempotency->body_hash);
    idempotency->key = key;
    idempotency->user_id = call->user->id;
    idempotency->path = tp_http_request_path(call->request);
    return TP_STATUS_OK;
}

static bool same_call(const struct tp_query *query, const struct tp_idempotency *idempotency)
{
    size_t bytes = 0;
    const void *hash = tp_query_blob(query, 2, &bytes);
    return strcmp(tp_query_text(query, 1), idempotency->path) == 0 && hash != NULL &&
           bytes == TP_HASH_BYTES && memcmp(hash, idempotency->body_hash, TP_HASH_BYTES) == 0;
}

struct tp_status tp_idempotency_find(struct tp_db *db, const struct tp_idempotency *idempotency,
                                     char made_id[TP_ID_BYTES], bool *found, struct tp_error *error)
{
    *found = false;
    if (idempotency->key == NULL) {
        return TP_STATUS_OK;
    }
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT made_id, path, body_hash FROM idempotency WHERE user_id = $1 AND key = $2", "tt",
        idempotency->user_id, idempotency->key);
    if (tp_ok(status)) {
        status = tp_query_next(query, found, error);
    }
    if (tp_ok(status) && *found) {
        if (same_call(query, idempotency)) {
            snprintf(made_id, TP_ID_BYTES, "%s", tp_query_text(query, 0));
        } else {
            status = tp_fail(error, TP_CONFLICT, "idempotency.key_reused",
                             "the key was used for another request");
        }
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_idempotency_keep(struct tp_db *db, const struct tp_idempotency *idempotency,
                                     const char *made_id, int64_t now_ms, struct tp_error *error)
{
    if (idempotency->key == NULL) {
        return TP_STATUS_OK;
    }
    return tp_db_run(db, error,
                     "INSERT INTO idempotency (user_id, key, path, body_hash, made_id, created_at)"
                     " VALUES ($1, $2, $3, $4, $5, $6)",
                     "tttbti", idempotency->user_id, idempotency->key, idempotency->path,
                     (const void *)idempotency->body_hash, sizeof idempotency->body_hash, made_id,
                     now_ms);
}
