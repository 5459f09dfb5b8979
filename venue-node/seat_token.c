#include "venue-node/seat_token.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "venue-node/login.h"

#define TOKEN_DOMAIN "tongping.seat-token.v1"
#define TOKEN_BYTES 32

void tp_seat_token_hash(const char *token, uint8_t hash[TP_HASH_BYTES])
{
    tp_hash(TOKEN_DOMAIN, token, strlen(token), hash);
}

struct issue_work {
    const char *seat_id;
    int64_t now_ms;
    uint8_t hash[TP_HASH_BYTES];
    bool login_ended;
};

static struct tp_status issue(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct issue_work *work = argument;
    struct tp_status status =
        tp_login_leave_in(db, work->seat_id, work->now_ms, &work->login_ended, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO seat_token (seat_id, token_hash, enrolled_at) VALUES ($1, $2, $3)"
                     " ON CONFLICT (seat_id) DO UPDATE SET token_hash = excluded.token_hash,"
                     " enrolled_at = excluded.enrolled_at",
                     "tbi", work->seat_id, work->hash, sizeof work->hash, work->now_ms);
}

struct tp_status tp_seat_token_issue(struct tp_store *store, const char *seat_id, int64_t now_ms,
                                     char token[TP_SEAT_TOKEN_TEXT_BYTES], bool *login_ended,
                                     struct tp_error *error)
{
    uint8_t random[TOKEN_BYTES];
    tp_random_fill(tp_random_system(), random, sizeof random);
    TP_AUTO(tp_secret_bytes) struct tp_bytes text = TP_BYTES_INIT;
    tp_bytes_reserve(&text, TP_SEAT_TOKEN_TEXT_BYTES);
    tp_base64_append(&text, random, sizeof random);
    struct tp_status status = tp_bytes_check(&text, error);
    if (tp_failed(status))
        return status;
    snprintf(token, TP_SEAT_TOKEN_TEXT_BYTES, "%s", (const char *)text.data);
    struct issue_work work = {.seat_id = seat_id, .now_ms = now_ms};
    tp_seat_token_hash(token, work.hash);
    status = tp_store_write(store, issue, &work, error);
    *login_ended = tp_ok(status) && work.login_ended;
    return status;
}

struct find_work {
    const uint8_t *hash;
    char *seat_id;
};

static struct tp_status find(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct find_work *work = argument;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT seat_id FROM seat_token WHERE token_hash = $1", "b",
                    work->hash, (size_t)TP_HASH_BYTES);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row)
        snprintf(work->seat_id, TP_VENUE_ID_BYTES, "%s", tp_query_text(query, 0));
    else if (tp_ok(status))
        status = tp_fail(error, TP_DENIED, "seat.not_enrolled",
                         "this browser is not the terminal of a seat");
    tp_query_end(query);
    return status;
}

struct tp_status tp_seat_token_find(struct tp_store *store, const uint8_t hash[TP_HASH_BYTES],
                                    char seat_id[TP_VENUE_ID_BYTES], struct tp_error *error)
{
    struct find_work work = {.hash = hash, .seat_id = seat_id};
    return tp_store_read(store, find, &work, error);
}
