#include "base/link/outbox.h"

struct tp_status tp_link_marks_read(struct tp_db *db, const char *peer, struct tp_link_marks *marks,
                                    struct tp_error *error)
{
    *marks = (struct tp_link_marks){0};
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT sent_seq, acked_seq, received_seq FROM link_mark WHERE peer = $1", "t", peer);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row) {
        marks->sent_seq = (uint64_t)tp_query_int(query, 0);
        marks->acked_seq = (uint64_t)tp_query_int(query, 1);
        marks->received_seq = (uint64_t)tp_query_int(query, 2);
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_link_outbox_append(struct tp_db *db, const char *peer, const void *message,
                                       size_t bytes, int64_t now_ms, uint64_t *seq,
                                       struct tp_error *error)
{
    int64_t next = 0;
    bool found = false;
    struct tp_status status = tp_db_ask_int(
        db, &next, &found, error,
        "INSERT INTO link_mark (peer, sent_seq, acked_seq, received_seq) VALUES ($1, 1, 0, 0)"
        " ON CONFLICT (peer) DO UPDATE SET sent_seq = link_mark.sent_seq + 1 RETURNING sent_seq",
        "t", peer);
    if (tp_failed(status))
        return status;
    status = tp_db_run(
        db, error,
        "INSERT INTO link_outbox (peer, seq, message, created_at) VALUES ($1, $2, $3, $4)", "tibi",
        peer, next, bytes == 0 ? "" : message, bytes, now_ms);
    if (tp_ok(status))
        *seq = (uint64_t)next;
    return status;
}

struct tp_status tp_link_mark_applied(struct tp_db *db, const char *peer, uint64_t seq, bool *fresh,
                                      struct tp_error *error)
{
    struct tp_link_marks marks;
    struct tp_status status = tp_link_marks_read(db, peer, &marks, error);
    if (tp_failed(status))
        return status;
    *fresh = seq > marks.received_seq;
    if (!*fresh)
        return TP_STATUS_OK;
    if (seq != marks.received_seq + 1)
        return tp_fail(error, TP_PEER, "link.gap", "a message is missing before this one");
    return tp_db_run(
        db, error,
        "INSERT INTO link_mark (peer, sent_seq, acked_seq, received_seq) VALUES ($1, 0, 0, $2)"
        " ON CONFLICT (peer) DO UPDATE SET received_seq = excluded.received_seq",
        "ti", peer, (int64_t)seq);
}

struct tp_status tp_link_outbox_acknowledge(struct tp_db *db, const char *peer, uint64_t seq,
                                            struct tp_error *error)
{
    struct tp_status status =
        tp_db_run(db, error, "DELETE FROM link_outbox WHERE peer = $1 AND seq <= $2", "ti", peer,
                  (int64_t)seq);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "UPDATE link_mark SET acked_seq = $2 WHERE peer = $1 AND acked_seq < $2", "ti",
                     peer, (int64_t)seq);
}

struct tp_status tp_link_outbox_load(struct tp_db *db, const char *peer, uint64_t after_seq,
                                     uint32_t limit_count, size_t limit_bytes,
                                     tp_link_outbox_visit visit, void *context, bool *more,
                                     struct tp_error *error)
{
    *more = false;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT seq, message FROM link_outbox WHERE peer = $1 AND seq > $2"
                    " ORDER BY seq LIMIT $3",
                    "tii", peer, (int64_t)after_seq, (int64_t)limit_count + 1);
    uint32_t count = 0;
    size_t total = 0;
    bool row = false;
    while (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
        if (tp_failed(status) || !row)
            break;
        size_t bytes = 0;
        const void *message = tp_query_blob(query, 1, &bytes);
        if (count == limit_count || (count > 0 && total + bytes > limit_bytes)) {
            *more = true;
            break;
        }
        visit(context, (uint64_t)tp_query_int(query, 0), message, bytes);
        count++;
        total += bytes;
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_link_outbox_count(struct tp_db *db, const char *peer, uint64_t *count,
                                      struct tp_error *error)
{
    int64_t value = 0;
    bool found = false;
    struct tp_status status = tp_db_ask_int(
        db, &value, &found, error, "SELECT count(*) FROM link_outbox WHERE peer = $1", "t", peer);
    *count = (uint64_t)value;
    return status;
}

struct tp_status tp_link_reset(struct tp_db *db, const char *peer, struct tp_error *error)
{
    struct tp_link_marks marks;
    struct tp_status status = tp_link_marks_read(db, peer, &marks, error);
    /* What is kept is acked_seq + 1 .. sent_seq without gaps, so one subtraction numbers it anew;
     * by way of negative numbers, because the key is checked row by row. */
    if (tp_ok(status))
        status = tp_db_run(db, error, "UPDATE link_outbox SET seq = $2 - seq WHERE peer = $1", "ti",
                           peer, (int64_t)marks.acked_seq);
    if (tp_ok(status))
        status =
            tp_db_run(db, error, "UPDATE link_outbox SET seq = -seq WHERE peer = $1", "t", peer);
    if (tp_ok(status))
        status = tp_db_run(db, error,
                           "UPDATE link_mark SET sent_seq = $2, acked_seq = 0, received_seq = 0"
                           " WHERE peer = $1",
                           "ti", peer, (int64_t)(marks.sent_seq - marks.acked_seq));
    return status;
}
