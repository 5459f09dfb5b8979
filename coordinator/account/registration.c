#include "coordinator/account/registration.h"

#include <stdio.h>
#include <string.h>

#include "coordinator/account/account.h"
#include "coordinator/record/record.h"
#include "coordinator/todo/todo.h"

#define PER_ADDRESS_MOST 60
#define WINDOW_MS (60 * 60 * 1000LL)
#define WAITING_MOST 1000
#define LIST_MOST 200

static struct tp_status check_room(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    int64_t waiting = 0;
    bool found = false;
    struct tp_status status = tp_db_ask_int(
        db, &waiting, &found, error, "SELECT COUNT(*) FROM users WHERE state = 'waiting'", "");
    if (tp_ok(status) && waiting >= WAITING_MOST) {
        status = tp_fail(error, TP_LIMIT, "registration.too_many", "too many wait for approval");
    }
    return status;
}

static struct tp_status check_limits(struct tp_call *call, struct tp_error *error)
{
    char key[96];
    snprintf(key, sizeof key, "register:%.80s", tp_http_request_peer_address(call->request));
    struct tp_limiter *limiter = call->app->accounts->limiter;
    int64_t now_ms = tp_clock_now_ms(call->app->clock);
    if (!tp_limiter_allows(limiter, key, PER_ADDRESS_MOST, WINDOW_MS, now_ms)) {
        return tp_fail(error, TP_LIMIT, "registration.too_many", "too many registrations; wait");
    }
    tp_limiter_mark(limiter, key, now_ms);
    return tp_store_read(call->app->store, check_room, NULL, error);
}

static struct tp_status read_body(struct tp_call *call, struct tp_new_user *user,
                                  struct tp_error *error)
{
    const char *role = NULL;
    const struct tp_json_field fields[] = {
        {"name", TP_JSON_TEXT, &user->name, false, 2, 64},
        {"password", TP_JSON_TEXT, &user->password, false, 1, TP_PASSWORD_MOST},
        {"display", TP_JSON_TEXT, &user->display, false, 1, 64},
        {"unit", TP_JSON_TEXT, &user->unit, false, 1, 100},
        {"phone", TP_JSON_TEXT, &user->phone, false, 5, 20},
        {"role", TP_JSON_TEXT, &role, false, 1, 20},
    };
    struct tp_status status =
        tp_json_read(call->body, NULL, fields, sizeof fields / sizeof fields[0], error);
    if (tp_ok(status) && strcmp(role, "regulator") != 0) {
        status = tp_fail(error, TP_INPUT, "registration.bad_role", "only regulators register");
        tp_error_set_field(error, "role");
    }
    user->role = TP_ROLE_REGULATOR;
    return status;
}

struct tp_status tp_registration_add(struct tp_call *call, struct tp_error *error)
{
    struct tp_new_user user = {0};
    char id[TP_ID_BYTES];
    struct tp_status status = read_body(call, &user, error);
    if (tp_ok(status)) {
        status = tp_new_user_check(&user, error);
    }
    if (tp_ok(status)) {
        status = check_limits(call, error);
    }
    if (tp_ok(status)) {
        status = tp_user_add(call->app, &user, id, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    return tp_call_answer_take(call, 201, json_pack("{s:s, s:s}", "id", id, "state", "waiting"),
                               error);
}

static json_t *registration_json(const struct tp_query *query)
{
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s, s:s, s:I}", "id", tp_query_text(query, 0),
                     "name", tp_query_text(query, 1), "display", tp_query_text(query, 2), "unit",
                     tp_query_text(query, 3), "phone", tp_query_text(query, 4), "role",
                     tp_query_text(query, 5), "state", tp_query_text(query, 6), "created_at",
                     (json_int_t)tp_query_int(query, 7));
}

static struct tp_status list_waiting(struct tp_db *db, void *argument, struct tp_error *error)
{
    json_t *items = argument;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT id, name, display, unit, phone, role, state, created_at FROM users"
                    " WHERE state = 'waiting' ORDER BY created_at LIMIT $1",
                    "i", (int64_t)LIST_MOST);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row && json_array_append_new(items, registration_json(query)) != 0) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the list");
        }
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_registration_list(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    struct tp_status status = tp_store_read(call->app->store, list_waiting, items, error);
    if (tp_failed(status)) {
        return status;
    }
    return tp_call_answer_items_take(call, tp_steal(&items), NULL, error);
}

struct decision {
    const char *user_id;
    const char *decided_by;
    const char *reason; /* NULL: approved */
};

static struct tp_status decide(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct decision *decision = argument;
    bool approved = decision->reason == NULL;
    int64_t changed = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &changed, error,
        "UPDATE users SET state = $2, decided_at = $3, decided_by = $4, decision_reason = $5"
        " WHERE id = $1 AND state = 'waiting'",
        "ttitt", decision->user_id, approved ? "active" : "refused", write->now_ms,
        decision->decided_by, decision->reason);
    if (tp_ok(status) && changed == 0) {
        status = tp_fail(error, TP_NOT_FOUND, "registration.not_found",
                         "no such registration waits for approval");
    }
    if (tp_ok(status)) {
        status = tp_todo_done(write, "approve_registration", NULL, decision->user_id, NULL, error);
    }
    if (tp_ok(status)) {
        json_t *data = json_pack("{s:s}", "user_id", decision->user_id);
        status =
            tp_record_append(write, decision->decided_by,
                             approved ? "account.approve" : "account.refuse", NULL, data, error);
        json_decref(data);
    }
    return status;
}

static struct tp_status run_decision(struct tp_call *call, const char *reason,
                                     struct tp_error *error)
{
    struct decision decision = {.decided_by = call->user->id, .reason = reason};
    struct tp_status status = tp_call_id(call, "registration_id", &decision.user_id, error);
    if (tp_ok(status)) {
        status = tp_write_run(call->app, decide, &decision, error);
    }
    return status;
}

struct tp_status tp_registration_approve(struct tp_call *call, struct tp_error *error)
{
    return run_decision(call, NULL, error);
}

struct tp_status tp_registration_refuse(struct tp_call *call, struct tp_error *error)
{
    const char *reason = NULL;
    const struct tp_json_field fields[] = {{"reason", TP_JSON_TEXT, &reason, false, 1, 500}};
    struct tp_status status = tp_json_read(call->body, NULL, fields, 1, error);
    return tp_ok(status) ? run_decision(call, reason, error) : status;
}
