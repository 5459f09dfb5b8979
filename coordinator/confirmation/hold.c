#include "coordinator/confirmation/hold.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "coordinator/record/record.h"
#include "coordinator/session/seats.h"
#include "coordinator/session/session.h"
#include "coordinator/todo/todo.h"

#define EXPIRED_MOST 100
#define VENUES_MOST 16

static const char refusal_text[] = "保留期限已过，未予确认";

struct expired {
    char ids[EXPIRED_MOST][TP_ID_BYTES];
    size_t count;
    int64_t now_ms;
};

static struct tp_status find_expired(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct expired *expired = argument;
    expired->count = 0;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT id FROM sessions WHERE hold_until_at IS NOT NULL AND hold_until_at <= $1 LIMIT $2",
        "ii", expired->now_ms, (int64_t)EXPIRED_MOST);
    bool row = tp_ok(status);
    while (tp_ok(status) && row && expired->count < EXPIRED_MOST) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            snprintf(expired->ids[expired->count++], TP_ID_BYTES, "%s", tp_query_text(query, 0));
        }
    }
    tp_query_end(query);
    return status;
}

struct venue {
    int position;
    char center_id[TP_NAME_BYTES];
};

static struct tp_status find_venues(struct tp_db *db, const struct tp_session_row *row,
                                    struct venue *venues, size_t *count, struct tp_error *error)
{
    bool all = row->state == TP_SESSION_CHOOSING;
    *count = 0;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT position, center_id FROM session_venues WHERE session_id = $1 AND"
                    " (state = 'held' OR ($2 = 1 AND state = 'confirmed'))",
                    "ti", row->id, (int64_t)all);
    bool more = tp_ok(status);
    while (tp_ok(status) && more && *count < VENUES_MOST) {
        status = tp_query_next(query, &more, error);
        if (tp_ok(status) && more) {
            struct venue *venue = &venues[(*count)++];
            venue->position = (int)tp_query_int(query, 0);
            snprintf(venue->center_id, sizeof venue->center_id, "%s", tp_query_text(query, 1));
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status end_venue(struct tp_write *write, const struct tp_session_row *row,
                                  const struct venue *venue, struct tp_error *error)
{
    struct tp_status status = tp_db_run(write->db, error,
                                        "UPDATE session_venues SET state = 'refused', refusal = $3"
                                        " WHERE session_id = $1 AND position = $2",
                                        "tit", row->id, (int64_t)venue->position, refusal_text);
    if (tp_ok(status)) {
        status = tp_session_free_seats(write, row, venue->position, error);
    }
    if (tp_ok(status)) {
        status = tp_todo_done(write, "confirm_venue", row->id, NULL, venue->center_id, error);
    }
    return status;
}

static struct tp_status expire(struct tp_write *write, void *argument, struct tp_error *error)
{
    const char *session_id = argument;
    struct tp_session_row row;
    struct venue venues[VENUES_MOST];
    size_t count = 0;
    struct tp_status status = tp_session_row_read(write->db, session_id, &row, error);
    if (tp_ok(status)) {
        status = find_venues(write->db, &row, venues, &count, error);
    }
    json_t *centers = json_array();
    for (size_t i = 0; tp_ok(status) && i < count; i++) {
        status = end_venue(write, &row, &venues[i], error);
        json_array_append_new(centers, json_string(venues[i].center_id));
    }
    json_t *data = json_pack("{s:o}", "center_ids", centers);
    if (tp_ok(status)) {
        status = tp_session_apply(write, session_id, TP_VERSION_ANY, TP_EVENT_HOLD_ENDED,
                                  TP_ACTOR_SYSTEM, data, NULL, error);
    }
    json_decref(data);
    return status;
}

struct tp_status tp_hold_expire(struct tp_app *app, struct tp_error *error)
{
    struct expired expired = {.now_ms = tp_clock_now_ms(app->clock)};
    struct tp_status status = tp_store_read(app->store, find_expired, &expired, error);
    for (size_t i = 0; tp_ok(status) && i < expired.count; i++) {
        struct tp_error refusal;
        tp_error_clear(&refusal);
        /* Somebody may have answered in the meantime: then the hold has not ended. */
        if (tp_failed(tp_write_run(app, expire, expired.ids[i], &refusal)) &&
            refusal.class != TP_CONFLICT) {
            tp_log_error(TP_LOG_WARN, "hold.not_ended", &refusal);
        }
    }
    return status;
}
