#include "coordinator/sealing/delivery.h"

#include <string.h>

#include "base/json.h"
#include "coordinator/session/session.h"

int64_t tp_delivery_pause_ms(const struct tp_random *random, int64_t tries)
{
    int64_t pause_ms = TP_DELIVERY_FIRST_PAUSE_MS;
    for (int64_t i = 1; i < tries && pause_ms < TP_DELIVERY_LONGEST_PAUSE_MS; i++)
        pause_ms *= 2;
    if (pause_ms > TP_DELIVERY_LONGEST_PAUSE_MS)
        pause_ms = TP_DELIVERY_LONGEST_PAUSE_MS;
    return pause_ms - pause_ms / 4 + tp_random_below(random, (uint32_t)(pause_ms / 2 + 1));
}

struct tp_status tp_delivery_void(struct tp_write *write, const char *session_id,
                                  struct tp_error *error)
{
    return tp_db_run(write->db, error,
                     "UPDATE deliveries SET state = 'superseded', sealed = NULL WHERE session_id ="
                     " $1 AND state IN ('sealing', 'waiting')",
                     "t", session_id);
}

struct tp_status tp_delivery_begin(struct tp_write *write, const char *session_id,
                                   struct tp_error *error)
{
    struct tp_session_row session;
    struct tp_status status = tp_delivery_void(write, session_id, error);
    if (tp_ok(status))
        status = tp_session_row_read(write->db, session_id, &session, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(
        write->db, error,
        "INSERT INTO deliveries (session_id, version, draw_id, trading_system_id, state, next_at,"
        " created_at) SELECT $1, 1 + coalesce((SELECT max(version) FROM deliveries WHERE session_id"
        " = $1), 0), draw_id, $2, 'sealing', $3, $3 FROM draws WHERE session_id = $1",
        "tti", session_id, session.trading_system_id, write->now_ms);
}

static json_t *delivery_of(const struct tp_query *query)
{
    const bool delivered = strcmp(tp_query_text(query, 0), "delivered") == 0;
    json_t *json = json_pack("{s:s, s:I, s:I}", "state", delivered ? "delivered" : "waiting",
                             "tries", (json_int_t)tp_query_int(query, 1), "version",
                             (json_int_t)tp_query_int(query, 4));
    if (json == NULL)
        return NULL;
    if (delivered)
        json_object_set_new(json, "delivered_at", json_integer(tp_query_int(query, 2)));
    if (!tp_query_is_null(query, 3) && !delivered)
        json_object_set_new(json, "last_error", json_string(tp_query_text(query, 3)));
    return json;
}

struct tp_status tp_delivery_json(struct tp_db *db, const char *session_id, json_t **json,
                                  struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT state, tries, delivered_at, last_error, version FROM deliveries WHERE"
                    " session_id = $1 AND state <> 'superseded' ORDER BY version DESC LIMIT 1",
                    "t", session_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status))
        *json = row ? delivery_of(query) : json_null();
    tp_query_end(query);
    return status;
}

static json_t *push_of(const struct tp_query *query)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s?, s:I}", "session_id",
                     tp_query_text(query, 0), "lot_code", tp_query_text(query, 1),
                     "trading_system_id", tp_query_text(query, 2), "state", tp_query_text(query, 3),
                     "version", (json_int_t)tp_query_int(query, 4), "tries",
                     (json_int_t)tp_query_int(query, 5), "last_error", tp_query_text(query, 6),
                     "next_at", (json_int_t)tp_query_int(query, 7));
}

struct tp_status tp_delivery_list(struct tp_db *db, json_t **out, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *pushes = json_array();
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT d.session_id, l.code, d.trading_system_id, d.state, d.version, d.tries,"
        " d.last_error, d.next_at FROM deliveries d JOIN sessions s ON s.id = d.session_id JOIN"
        " lots l ON l.id = s.lot_id WHERE d.state IN ('sealing', 'waiting') ORDER BY d.next_at"
        " LIMIT 200",
        "");
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        if (json_array_append_new(pushes, push_of(query)) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for the pushes");
    }
    tp_query_end(query);
    if (tp_ok(status))
        *out = tp_steal(&pushes);
    return status;
}
