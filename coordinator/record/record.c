#include "coordinator/record/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define DATA_BYTES_MOST (512 * 1024)
#define RECORD_DOMAIN "tongping.record.v1"

struct entry {
    int64_t n;
    int64_t at_ms;
    const char *actor;
    const char *act;
    const char *session_id; /* "" when there is none */
    const char *data;
};

static void append_field(struct tp_bytes *bytes, const char *text)
{
    size_t length = strlen(text);
    tp_bytes_append_u32(bytes, (uint32_t)length);
    tp_bytes_append(bytes, text, length);
}

static struct tp_status hash_entry(const uint8_t before[TP_HASH_BYTES], const struct entry *entry,
                                   uint8_t hash[TP_HASH_BYTES], struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    tp_bytes_append(&bytes, before, TP_HASH_BYTES);
    tp_bytes_append_u64(&bytes, (uint64_t)entry->n);
    tp_bytes_append_u64(&bytes, (uint64_t)entry->at_ms);
    append_field(&bytes, entry->actor);
    append_field(&bytes, entry->act);
    append_field(&bytes, entry->session_id);
    append_field(&bytes, entry->data);
    struct tp_status status = tp_bytes_check(&bytes, error);
    if (tp_ok(status)) {
        tp_hash(RECORD_DOMAIN, bytes.data, bytes.length, hash);
    }
    return status;
}

static struct tp_status take_hash(const struct tp_query *query, int column,
                                  uint8_t hash[TP_HASH_BYTES], struct tp_error *error)
{
    size_t bytes = 0;
    const void *blob = tp_query_blob(query, column, &bytes);
    if (blob == NULL || bytes != TP_HASH_BYTES) {
        return tp_fail(error, TP_CRYPTO, "record.broken", "a hash of the log has a wrong length");
    }
    memcpy(hash, blob, TP_HASH_BYTES);
    return TP_STATUS_OK;
}

struct tp_status tp_record_head(struct tp_db *db, struct tp_record_head *head,
                                struct tp_error *error)
{
    memset(head, 0, sizeof *head);
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT n, hash FROM record ORDER BY n DESC LIMIT 1", "");
    if (tp_failed(status)) {
        return status;
    }
    bool row = false;
    status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row) {
        head->n = tp_query_int(query, 0);
        status = take_hash(query, 1, head->hash, error);
    }
    tp_query_end(query);
    return status;
}

/* One event per write is enough: the pages read on from the number they have. */
static void tell(struct tp_write *write, int64_t n)
{
    char id[32];
    snprintf(id, sizeof id, "%" PRId64, n);
    for (size_t i = 0; i < write->news_count; i++) {
        if (write->news[i].type == TP_EVENT_TYPE_LOG) {
            snprintf(write->news[i].id, sizeof write->news[i].id, "%s", id);
            return;
        }
    }
    tp_news_roles(write, TP_EVENT_TYPE_LOG,
                  TP_ROLE_BIT(TP_ROLE_REGULATOR) | TP_ROLE_BIT(TP_ROLE_OPERATOR), id);
}

struct tp_status tp_record_append(struct tp_write *write, const char *actor, const char *act,
                                  const char *session_id, const json_t *data,
                                  struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = TP_STATUS_OK;
    if (data == NULL) {
        tp_bytes_append_text(&text, "{}");
    } else {
        status = tp_json_write(data, &text, error);
    }
    if (tp_ok(status)) {
        status = tp_bytes_check(&text, error);
    }
    if (tp_ok(status) && text.length > DATA_BYTES_MOST) {
        status = tp_fail(error, TP_LIMIT, "record.too_large", "the entry's data is too large");
    }
    struct tp_record_head head;
    if (tp_ok(status)) {
        status = tp_record_head(write->db, &head, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    const struct entry entry = {.n = head.n + 1,
                                .at_ms = write->now_ms,
                                .actor = actor,
                                .act = act,
                                .session_id = session_id == NULL ? "" : session_id,
                                .data = (const char *)text.data};
    uint8_t hash[TP_HASH_BYTES];
    status = hash_entry(head.hash, &entry, hash, error);
    if (tp_ok(status)) {
        status = tp_db_run(write->db, error,
                           "INSERT INTO record (n, at, actor, act, session_id, data, hash)"
                           " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                           "iittttb", entry.n, entry.at_ms, actor, act, session_id, entry.data,
                           (const void *)hash, sizeof hash);
    }
    if (tp_ok(status)) {
        tell(write, entry.n);
    }
    return status;
}

static struct tp_status verify_row(const struct tp_query *query, struct tp_record_head *head,
                                   struct tp_error *error)
{
    const char *session_id = tp_query_text(query, 4);
    const struct entry entry = {.n = tp_query_int(query, 0),
                                .at_ms = tp_query_int(query, 1),
                                .actor = tp_query_text(query, 2),
                                .act = tp_query_text(query, 3),
                                .session_id = session_id == NULL ? "" : session_id,
                                .data = tp_query_text(query, 5)};
    uint8_t stored[TP_HASH_BYTES];
    uint8_t hash[TP_HASH_BYTES];
    struct tp_status status = take_hash(query, 6, stored, error);
    if (tp_ok(status)) {
        status = hash_entry(head->hash, &entry, hash, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    if (entry.n != head->n + 1 || memcmp(hash, stored, sizeof hash) != 0) {
        return tp_fail(error, TP_CRYPTO, "record.broken",
                       "entry %" PRId64 " does not follow from the one before", head->n + 1);
    }
    head->n = entry.n;
    memcpy(head->hash, hash, sizeof hash);
    return TP_STATUS_OK;
}

struct tp_status tp_record_verify(struct tp_db *db, struct tp_record_head *head,
                                  struct tp_error *error)
{
    memset(head, 0, sizeof *head);
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT n, at, actor, act, session_id, data, hash FROM record ORDER BY n", "");
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            status = verify_row(query, head, error);
        }
    }
    tp_query_end(query);
    return status;
}
