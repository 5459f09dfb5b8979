#include "coordinator/todo/todo_module.h"

#include "coordinator/http/route.h"
#include "coordinator/job/job.h"
#include "coordinator/todo/sms.h"

#define LIST_MOST 200
/* What was done stays in the list for a day. */
#define DONE_SHOWN_MS (24 * 60 * 60 * 1000LL)

struct listing {
    const struct tp_user *user;
    int64_t done_since_ms;
    json_t *items;
};

static json_t *todo_json(const struct tp_query *query)
{
    json_t *todo = json_pack("{s:s, s:s, s:s, s:I}", "id", tp_query_text(query, 0), "kind",
                             tp_query_text(query, 1), "title", tp_query_text(query, 4),
                             "created_at", (json_int_t)tp_query_int(query, 5));
    if (todo == NULL) {
        return NULL;
    }
    if (!tp_query_is_null(query, 2)) {
        json_object_set_new(todo, "session_id", json_string(tp_query_text(query, 2)));
    }
    if (!tp_query_is_null(query, 3)) {
        json_object_set_new(todo, "subject_id", json_string(tp_query_text(query, 3)));
    }
    if (!tp_query_is_null(query, 6)) {
        json_object_set_new(todo, "done_at", json_integer(tp_query_int(query, 6)));
    }
    return todo;
}

/* One branch per kind of addressee, so that each uses its index. */
#define BRANCH(condition)                                                                          \
    "SELECT id, kind, session_id, subject_id, title, created_at, done_at FROM todos "              \
    "WHERE " condition " AND (done_at IS NULL OR done_at >= $5)"

static struct tp_status list(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    const struct tp_user *user = listing->user;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT * FROM (" BRANCH("center_id = $1") " UNION ALL " BRANCH(
            "agency_code = $2") " UNION ALL " BRANCH("role = $3") " UNION ALL " BRANCH("user_id = "
                                                                                       "$4") ") AS "
                                                                                             "own "
                                                                                             "ORDER"
                                                                                             " BY "
                                                                                             "done_"
                                                                                             "at "
                                                                                             "IS "
                                                                                             "NOT "
                                                                                             "NULL,"
                                                                                             " id "
                                                                                             "DESC "
                                                                                             "LIMIT"
                                                                                             " $6",
        "ttttii", user->center_id[0] == '\0' ? NULL : user->center_id,
        user->agency_code[0] == '\0' ? NULL : user->agency_code, tp_role_name(user->role), user->id,
        listing->done_since_ms, (int64_t)LIST_MOST);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row && json_array_append_new(listing->items, todo_json(query)) != 0) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the to-dos");
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_todos(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    struct listing listing = {.user = call->user,
                              .done_since_ms = tp_clock_now_ms(call->app->clock) - DONE_SHOWN_MS,
                              .items = items};
    struct tp_status status = tp_store_read(call->app->store, list, &listing, error);
    if (tp_failed(status)) {
        return status;
    }
    return tp_call_answer_items_take(call, tp_steal(&items), NULL, error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/todos", TP_ACCESS_USER, TP_ACT_SELF, TP_BODY_NONE, list_todos},
};

static const struct tp_job jobs[] = {
    {"sms.send", 1000, tp_sms_send_due},
};

const struct tp_module tp_todo_module = {
    .name = "todo",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};
