#include "coordinator/request/request.h"

#include <string.h>

#include "coordinator/allocation/free_seats.h"
#include "coordinator/config/policy.h"
#include "coordinator/request/handlers.h"
#include "coordinator/session/session.h"

#define TIME_MOST_MS 253402300800000LL
#define SPAN_MOST_MS (31 * 24 * 60 * 60 * 1000LL)

struct cancelling {
    const struct tp_user *user;
    const char *session_id;
    int64_t version;
    const char *reason;
};

static struct tp_status cancel(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct cancelling *cancelling = argument;
    struct tp_status status = tp_permit(write->db, cancelling->user, TP_ACT_SESSION_CANCEL,
                                        cancelling->session_id, error);
    if (tp_ok(status)) {
        json_t *data = json_pack("{s:s}", "reason", cancelling->reason);
        status = tp_session_apply(write, cancelling->session_id, cancelling->version,
                                  TP_EVENT_CANCEL, cancelling->user->id, data, NULL, error);
        json_decref(data);
    }
    return status;
}

struct tp_status tp_request_cancel(struct tp_call *call, struct tp_error *error)
{
    struct cancelling cancelling = {.user = call->user};
    const struct tp_json_field fields[] = {
        {"version", TP_JSON_INT, &cancelling.version, false, 0, INT32_MAX},
        {"reason", TP_JSON_TEXT, &cancelling.reason, false, 1, 500},
    };
    struct tp_status status = tp_call_id(call, "session_id", &cancelling.session_id, error);
    if (tp_ok(status)) {
        status = tp_json_read(call->body, NULL, fields, 2, error);
    }
    if (tp_ok(status)) {
        status = tp_write_run(call->app, cancel, &cancelling, error);
    }
    return tp_ok(status) ? tp_call_answer_session(call, 200, cancelling.session_id, error) : status;
}

struct looking {
    struct tp_slots slots;
    struct tp_seat_list seats;
};

static struct tp_status look(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct looking *looking = argument;
    return tp_seat_list_read(db, looking->slots, &looking->seats, error);
}

static json_t *availability_json(const struct tp_seat_list *seats)
{
    json_t *items = json_array();
    json_t *item = NULL;
    int64_t busy = 0;
    for (size_t i = 0; i < seats->count; i++) {
        const struct tp_seat_view *seat = &seats->seats[i];
        if (i == 0 || strcmp(seat->center_id, seats->seats[i - 1].center_id) != 0) {
            item = json_pack("{s:s, s:[], s:i}", "center_id", seat->center_id, "free_seats",
                             "busy_count", 0);
            busy = 0;
            json_array_append_new(items, item);
        }
        if (seat->free) {
            json_array_append_new(json_object_get(item, "free_seats"), json_string(seat->id));
        } else {
            json_object_set_new(item, "busy_count", json_integer(++busy));
        }
    }
    return items;
}

struct tp_status tp_request_availability(struct tp_call *call, struct tp_error *error)
{
    int64_t start_at_ms = 0;
    int64_t end_at_ms = 0;
    struct tp_status status =
        tp_call_query_int(call, "start_at", 1, TIME_MOST_MS, &start_at_ms, error);
    if (tp_ok(status)) {
        status = tp_call_query_int(call, "end_at", 1, TIME_MOST_MS, &end_at_ms, error);
    }
    if (tp_ok(status) &&
        (start_at_ms == 0 || end_at_ms <= start_at_ms || end_at_ms - start_at_ms > SPAN_MOST_MS)) {
        status = tp_fail(error, TP_INPUT, "query.bad_span", "start_at and end_at are wanted");
        tp_error_set_field(error, "end_at");
    }
    if (tp_failed(status)) {
        return status;
    }
    struct looking looking = {.slots =
                                  tp_slots_cover(tp_policy_value(call->app->policy, TP_RULE_SLOT),
                                                 start_at_ms, end_at_ms)};
    status = tp_store_read(call->app->store, look, &looking, error);
    if (tp_failed(status)) {
        return status;
    }
    json_t *items = availability_json(&looking.seats);
    tp_seat_list_fini(&looking.seats);
    return tp_call_answer_items_take(call, items, NULL, error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/availability", TP_ACCESS_USER, TP_ACT_AVAILABILITY_READ, TP_BODY_NONE,
     tp_request_availability},
    {TP_HTTP_POST, "/api/v1/sessions", TP_ACCESS_USER, TP_ACT_SESSION_REQUEST, TP_BODY_JSON,
     tp_request_add},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/venues", TP_ACCESS_USER, TP_ACT_SESSION_CHOOSE,
     TP_BODY_JSON, tp_request_choose},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/cancel", TP_ACCESS_USER, TP_ACT_SESSION_CANCEL,
     TP_BODY_JSON, tp_request_cancel},
};

const struct tp_module tp_request_module = {
    .name = "request",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
