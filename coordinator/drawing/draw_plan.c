#include "coordinator/drawing/draw_plan.h"

#include "base/json.h"
#include "coordinator/config/policy.h"
#include "coordinator/session/session.h"

/* Appends what `query` gives, a row at a time, as `make` reads it. Ends the query. */
static struct tp_status collect(struct tp_query *query, json_t *(*make)(const struct tp_query *),
                                json_t *list, struct tp_error *error)
{
    bool row = false;
    struct tp_status status = TP_STATUS_OK;
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        if (json_array_append_new(list, make(query)) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for the draw's plan");
    }
    tp_query_end(query);
    return status;
}

static json_t *seat_of(const struct tp_query *query)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "venue", tp_query_text(query, 0), "city",
                     tp_query_text(query, 1), "specialty", tp_query_text(query, 2), "count",
                     (json_int_t)tp_query_int(query, 3));
}

static struct tp_status add_seats(struct tp_db *db, const char *session_id, json_t *seats,
                                  struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT v.center_id, c.city, e.specialty, e.count FROM session_venues v JOIN centers c ON"
        " c.id = v.center_id JOIN session_experts e ON e.session_id = v.session_id AND"
        " e.venue_position = v.position WHERE v.session_id = $1 AND e.count > 0 ORDER BY"
        " v.position, e.position",
        "t", session_id);
    return tp_failed(status) ? status : collect(query, seat_of, seats, error);
}

static json_t *place_of(const struct tp_query *query)
{
    return json_pack("{s:s, s:s++}", "venue", tp_query_text(query, 0), "place_text",
                     tp_query_text(query, 1), " ",
                     tp_query_is_null(query, 2) ? "" : tp_query_text(query, 2));
}

static struct tp_status add_places(struct tp_db *db, const char *session_id, json_t *places,
                                   struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT v.center_id, v.center_name, (SELECT min(r.name) FROM session_seats s JOIN rooms r"
        " ON r.id = s.room_id WHERE s.session_id = v.session_id AND s.venue_position ="
        " v.position) FROM session_venues v WHERE v.session_id = $1 ORDER BY v.position",
        "t", session_id);
    return tp_failed(status) ? status : collect(query, place_of, places, error);
}

struct tp_status tp_draw_plan_make(struct tp_app *app, struct tp_db *db, const char *session_id,
                                   const char *draw_id, const struct tp_draw_wish *wish,
                                   json_t **out, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *seats = json_array();
    TP_AUTO(tp_json) json_t *places = json_array();
    struct tp_session_row session;
    char time_text[TP_TIME_TEXT_BYTES];
    struct tp_status status = tp_session_row_read(db, session_id, &session, error);
    if (tp_ok(status))
        status = add_seats(db, session_id, seats, error);
    if (tp_ok(status))
        status = add_places(db, session_id, places, error);
    if (tp_failed(status))
        return status;
    tp_time_format_chinese(session.start_at_ms, time_text);
    json_t *limit = wish->max_per_employer > 0 ? json_integer(wish->max_per_employer) : json_null();
    *out = json_pack("{s:s, s:s, s:O, s:o, s:{s:O, s:[]}, s:I, s:{s:s, s:O}}", "draw_id", draw_id,
                     "session_id", session_id, "seats", seats, "max_per_employer", limit, "exclude",
                     "employers", wish->exclude_employers, "ids", "reply_window_ms",
                     (json_int_t)tp_policy_value(app->policy, TP_RULE_REPLY_WINDOW), "message",
                     "time_text", time_text, "venues", places);
    return *out != NULL ? TP_STATUS_OK
                        : tp_fail(error, TP_NOMEM, "nomem", "no memory for the draw's plan");
}
