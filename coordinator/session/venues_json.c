#include "coordinator/session/venues_json.h"

#include <string.h>

#include "base/json.h"

typedef bool (*take_row)(json_t *venues, const struct tp_query *query);

static bool take_venue(json_t *venues, const struct tp_query *query)
{
    json_t *venue =
        json_pack("{s:s, s:s, s:b, s:s, s:[], s:[], s:i, s:[]}", "center_id",
                  tp_query_text(query, 1), "center_name", tp_query_text(query, 2), "main",
                  tp_query_int(query, 0) == 0, "state", tp_query_text(query, 3), "room_ids",
                  "seats", "representatives", (int)tp_query_int(query, 5), "experts");
    if (venue != NULL && !tp_query_is_null(query, 4)) {
        json_object_set_new(venue, "refusal", json_string(tp_query_text(query, 4)));
    }
    return json_array_append_new(venues, venue) == 0;
}

static void add_room(json_t *venue, const char *room_id)
{
    json_t *rooms = json_object_get(venue, "room_ids");
    size_t index;
    json_t *room;
    json_array_foreach(rooms, index, room)
    {
        if (strcmp(json_string_value(room), room_id) == 0) {
            return;
        }
    }
    json_array_append_new(rooms, json_string(room_id));
}

static bool take_seat(json_t *venues, const struct tp_query *query)
{
    json_t *venue = json_array_get(venues, (size_t)tp_query_int(query, 0));
    if (venue == NULL) {
        return true;
    }
    add_room(venue, tp_query_text(query, 3));
    json_t *seat = json_pack("{s:s, s:s, s:s}", "id", tp_query_text(query, 1), "name",
                             tp_query_text(query, 2), "room_id", tp_query_text(query, 3));
    return json_array_append_new(json_object_get(venue, "seats"), seat) == 0;
}

static bool take_experts(json_t *venues, const struct tp_query *query)
{
    json_t *venue = json_array_get(venues, (size_t)tp_query_int(query, 0));
    if (venue == NULL) {
        return true;
    }
    /* The stage that knows the specialties (drawing/) puts the name in place of the code. */
    json_t *experts = json_pack("{s:s, s:s, s:i}", "specialty", tp_query_text(query, 1), "name",
                                tp_query_text(query, 1), "count", (int)tp_query_int(query, 2));
    return json_array_append_new(json_object_get(venue, "experts"), experts) == 0;
}

static struct tp_status take_all(struct tp_db *db, const char *sql, const char *session_id,
                                 take_row take, json_t *venues, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(db, &query, error, sql, "t", session_id);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row && !take(venues, query)) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for a session");
        }
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_session_venues_json(struct tp_db *db, const char *session_id, json_t **venues,
                                        struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *made = json_array();
    struct tp_status status =
        take_all(db,
                 "SELECT position, center_id, center_name, state, refusal, representatives"
                 " FROM session_venues WHERE session_id = $1 ORDER BY position",
                 session_id, take_venue, made, error);
    if (tp_ok(status)) {
        status = take_all(db,
                          "SELECT venue_position, seat_id, seat_name, room_id FROM session_seats"
                          " WHERE session_id = $1 ORDER BY venue_position, position",
                          session_id, take_seat, made, error);
    }
    if (tp_ok(status)) {
        status = take_all(db,
                          "SELECT venue_position, specialty, count FROM session_experts"
                          " WHERE session_id = $1 ORDER BY venue_position, position",
                          session_id, take_experts, made, error);
    }
    if (tp_ok(status)) {
        *venues = tp_steal(&made);
    }
    return status;
}
