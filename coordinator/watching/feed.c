#include "coordinator/watching/feed.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/link/link_server.h"
#include "coordinator/session/session.h"

/* A place that feeds come from: a room (seat_id "") or a seat. */
struct place {
    const char *center_id;
    const char *center_name;
    const char *room_id;
    const char *room_name;
    const char *seat_id;
    const char *seat_name;
    const char *label;
};

static json_t *feed_of(struct tp_app *app, const struct place *place, const char *kind,
                       const char *suffix)
{
    char feed_id[TP_NAME_BYTES + 8];
    char state[TP_FEED_STATE_BYTES];
    uint32_t viewer_count = 0;
    const bool of_seat = place->seat_id != NULL;
    snprintf(feed_id, sizeof(feed_id), "%s-%s", of_seat ? place->seat_id : place->room_id, suffix);
    tp_link_server_feed_state(app->link, place->center_id, feed_id, state, &viewer_count);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s, s:i}", "feed_id",
                     feed_id, "kind", kind, "center_id", place->center_id, "center_name",
                     place->center_name, "room_id", place->room_id, "room_name", place->room_name,
                     "seat_id", place->seat_id, "seat_name", place->seat_name, "label",
                     place->label, "state", state, "viewer_count", (int)viewer_count);
}

static int append_place(struct tp_app *app, const struct place *place, json_t *items)
{
    if (place->seat_id == NULL)
        return json_array_append_new(items, feed_of(app, place, "room", "env"));
    return json_array_append_new(items, feed_of(app, place, "camera", "cam")) |
           json_array_append_new(items, feed_of(app, place, "desktop", "desk"));
}

static struct tp_status append_rows(struct tp_app *app, struct tp_query *query, json_t *items,
                                    struct tp_error *error)
{
    bool row = false;
    struct tp_status status = TP_STATUS_OK;
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        const struct place place = {
            .center_id = tp_query_text(query, 0),
            .center_name = tp_query_text(query, 1),
            .room_id = tp_query_text(query, 2),
            .room_name = tp_query_text(query, 3),
            .seat_id = tp_query_text(query, 4),
            .seat_name = tp_query_text(query, 5),
            .label = tp_query_text(query, 6),
        };
        if (append_place(app, &place, items) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for the feeds");
    }
    tp_query_end(query);
    return status;
}

/* Rooms first, then seats, venue by venue; $2 is a center's id or '' for all. */
#define PLACES                                                                                     \
    "SELECT v.center_id, v.center_name, r.id, r.name, NULL, NULL, NULL, v.position AS place, -1 "  \
    "AS"                                                                                           \
    " seat_place, r.position AS room_place FROM session_venues v JOIN rooms r ON r.id IN (SELECT"  \
    " room_id FROM session_seats t WHERE t.session_id = v.session_id AND t.venue_position ="       \
    " v.position) WHERE v.session_id = $1 AND v.state = 'confirmed' AND ($2 = '' OR v.center_id =" \
    " $2) UNION ALL SELECT v.center_id, v.center_name, t.room_id, r.name, t.seat_id, t.seat_name," \
    " e.label, v.position, t.position, r.position FROM session_seats t JOIN session_venues v ON"   \
    " v.session_id = t.session_id AND v.position = t.venue_position JOIN rooms r ON r.id ="        \
    " t.room_id LEFT JOIN seat_experts e ON e.session_id = t.session_id AND e.seat_id = t.seat_id" \
    " AND e.state = 'in' WHERE t.session_id = $1 AND v.state = 'confirmed' AND ($2 = '' OR"        \
    " v.center_id = $2) ORDER BY place, seat_place, room_place"

static const char *own_center(const struct tp_user *viewer)
{
    return viewer->role == TP_ROLE_STAFF ? viewer->center_id : "";
}

struct tp_status tp_feeds_list(struct tp_app *app, struct tp_db *db, const char *session_id,
                               const struct tp_user *viewer, json_t **out, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, PLACES, "tt", session_id, own_center(viewer));
    if (tp_ok(status))
        status = append_rows(app, query, items, error);
    if (tp_ok(status))
        *out = tp_steal(&items);
    return status;
}

struct tp_status tp_feed_check(struct tp_app *app, struct tp_db *db, const char *session_id,
                               const char *feed_id, const struct tp_user *viewer,
                               char center_id[TP_NAME_BYTES], struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = NULL;
    struct tp_session_row session;
    size_t index = 0;
    json_t *item = NULL;
    struct tp_status status = tp_session_row_read(db, session_id, &session, error);
    if (tp_ok(status))
        status = tp_feeds_list(app, db, session_id, viewer, &items, error);
    if (tp_failed(status))
        return status;
    json_array_foreach(items, index, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "feed_id")), feed_id) != 0)
            continue;
        snprintf(center_id, TP_NAME_BYTES, "%s",
                 json_string_value(json_object_get(item, "center_id")));
        if (session.state != TP_SESSION_ENTRY && session.state != TP_SESSION_EVALUATING)
            return tp_fail(error, TP_CONFLICT, "feed.not_running",
                           "feeds can be watched from the entry to the end of the evaluation");
        return TP_STATUS_OK;
    }
    return tp_fail(error, TP_NOT_FOUND, "feed.not_found", "the session has no such feed for you");
}
