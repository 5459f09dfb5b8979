#include "coordinator/center/center.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/center/province.h"
#include "coordinator/config/config.h"
#include "coordinator/http/route.h"
#include "coordinator/record/record.h"

static struct tp_status write_center(struct tp_write *write, const struct tp_center_entry *center,
                                     int64_t position, int64_t *changed, struct tp_error *error)
{
    int64_t rows = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &rows, error,
        "INSERT INTO centers (id, name, city, district, longitude, latitude, position)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
        " city = excluded.city, district = excluded.district, longitude = excluded.longitude,"
        " latitude = excluded.latitude, position = excluded.position WHERE name <> excluded.name"
        " OR city <> excluded.city OR district <> excluded.district OR longitude <>"
        " excluded.longitude OR latitude <> excluded.latitude OR position <> excluded.position",
        "ttttt"
        "ti",
        center->id, center->name, center->city, center->district, center->longitude,
        center->latitude, position);
    *changed += rows;
    return status;
}

static struct tp_status write_seat(struct tp_write *write, const struct tp_seat_entry *seat,
                                   int64_t position, int64_t *changed, struct tp_error *error)
{
    int64_t rows = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &rows, error,
        "INSERT INTO seats (id, room_id, center_id, name, position) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position"
        " WHERE name <> excluded.name OR position <> excluded.position",
        "tttti", seat->id, seat->room_id, seat->center_id, seat->name, position);
    *changed += rows;
    return status;
}

static struct tp_status write_room(struct tp_write *write, const struct tp_room_entry *room,
                                   int64_t position, int64_t *changed, struct tp_error *error)
{
    int64_t rows = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &rows, error,
        "INSERT INTO rooms (id, center_id, name, position) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position"
        " WHERE name <> excluded.name OR position <> excluded.position",
        "ttti", room->id, room->center_id, room->name, position);
    *changed += rows;
    return status;
}

static struct tp_status import(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct tp_province *province = argument;
    struct tp_status status = TP_STATUS_OK;
    int64_t changed = 0;
    for (size_t i = 0; tp_ok(status) && i < province->center_count; i++) {
        status = write_center(write, &province->centers[i], (int64_t)i, &changed, error);
    }
    for (size_t i = 0; tp_ok(status) && i < province->room_count; i++) {
        status = write_room(write, &province->rooms[i], (int64_t)i, &changed, error);
    }
    for (size_t i = 0; tp_ok(status) && i < province->seat_count; i++) {
        status = write_seat(write, &province->seats[i], (int64_t)i, &changed, error);
    }
    if (tp_ok(status) && changed > 0) {
        json_t *data = json_pack("{s:I, s:I, s:I, s:I}", "seats", (json_int_t)province->seat_count,
                                 "centers", (json_int_t)province->center_count, "rooms",
                                 (json_int_t)province->room_count, "changed", (json_int_t)changed);
        status = tp_record_append(write, TP_ACTOR_SYSTEM, "province.read", NULL, data, error);
        json_decref(data);
    }
    return status;
}

static struct tp_status start(struct tp_app *app, struct tp_error *error)
{
    struct tp_province *province = NULL;
    struct tp_status status = tp_province_read(app->config->province_path, &province, error);
    if (tp_ok(status)) {
        status = tp_write_run(app, import, province, error);
    }
    tp_province_free(province);
    return status;
}

static json_t *last(json_t *array)
{
    size_t count = json_array_size(array);
    return count == 0 ? NULL : json_array_get(array, count - 1);
}

static bool is_of(const json_t *object, const char *id)
{
    return object != NULL && strcmp(json_string_value(json_object_get(object, "id")), id) == 0;
}

static json_t *center_json(const struct tp_query *query)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:f, s:f, s:{s:s, s:I}, s:[]}", "id", tp_query_text(query, 0), "name",
        tp_query_text(query, 1), "city", tp_query_text(query, 2), "district",
        tp_query_text(query, 3), "longitude", strtod(tp_query_text(query, 4), NULL), "latitude",
        strtod(tp_query_text(query, 5), NULL), "node", "state", tp_query_text(query, 6), "since_at",
        (json_int_t)tp_query_int(query, 7), "rooms");
}

/* One row per seat, in order; a center or room without seats has one row with NULLs. */
static bool take(json_t *centers, const struct tp_query *query)
{
    if (!is_of(last(centers), tp_query_text(query, 0)) &&
        json_array_append_new(centers, center_json(query)) != 0) {
        return false;
    }
    if (tp_query_is_null(query, 8)) {
        return true;
    }
    json_t *rooms = json_object_get(last(centers), "rooms");
    if (!is_of(last(rooms), tp_query_text(query, 8)) &&
        json_array_append_new(rooms, json_pack("{s:s, s:s, s:[]}", "id", tp_query_text(query, 8),
                                               "name", tp_query_text(query, 9), "seats")) != 0) {
        return false;
    }
    if (tp_query_is_null(query, 10)) {
        return true;
    }
    return json_array_append_new(json_object_get(last(rooms), "seats"),
                                 json_pack("{s:s, s:s}", "id", tp_query_text(query, 10), "name",
                                           tp_query_text(query, 11))) == 0;
}

static struct tp_status list(struct tp_db *db, void *argument, struct tp_error *error)
{
    json_t *items = argument;
    struct tp_query *query = NULL;
    /* nodes is the link's table: its state is shown, never written here. */
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT c.id, c.name, c.city, c.district, c.longitude, c.latitude,"
        " COALESCE(n.state, 'down'), COALESCE(n.since_at, 0), r.id, r.name, s.id, s.name"
        " FROM centers c LEFT JOIN nodes n ON n.center_id = c.id"
        " LEFT JOIN rooms r ON r.center_id = c.id LEFT JOIN seats s ON s.room_id = r.id AND"
        " s.center_id = c.id ORDER BY c.position, c.id, r.position, r.id, s.position",
        "");
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row && !take(items, query)) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the centers");
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_centers(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    struct tp_status status = tp_store_read(call->app->store, list, items, error);
    if (tp_failed(status)) {
        return status;
    }
    return tp_call_answer_items_take(call, tp_steal(&items), NULL, error);
}

static struct tp_status list_trading_systems(struct tp_call *call, struct tp_error *error)
{
    const struct tp_config *config = call->app->config;
    TP_AUTO(tp_json) json_t *items = json_array();
    for (size_t i = 0; i < config->trading_system_count; i++) {
        json_array_append_new(items, json_pack("{s:s, s:s}", "id", config->trading_systems[i].id,
                                               "name", config->trading_systems[i].name));
    }
    return tp_call_answer_items_take(call, tp_steal(&items), NULL, error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/centers", TP_ACCESS_USER, TP_ACT_CENTER_READ, TP_BODY_NONE,
     list_centers},
    {TP_HTTP_GET, "/api/v1/trading-systems", TP_ACCESS_USER, TP_ACT_TRADING_SYSTEM_READ,
     TP_BODY_NONE, list_trading_systems},
};

const struct tp_module tp_center_module = {
    .name = "center",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .start = start,
};
