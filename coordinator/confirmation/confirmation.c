#include "coordinator/confirmation/confirmation.h"

#include "coordinator/confirmation/hold.h"
#include "coordinator/http/route.h"
#include "coordinator/job/job.h"
#include "coordinator/session/seats.h"
#include "coordinator/session/session.h"
#include "coordinator/todo/todo.h"

struct answering {
    const struct tp_user *user;
    const char *session_id;
    int64_t version;
    const char *reason; /* NULL: confirmed */
};

static struct tp_status find_position(struct tp_db *db, const struct answering *answering,
                                      int64_t *position, struct tp_error *error)
{
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(db, position, &found, error,
                      "SELECT position FROM session_venues WHERE session_id = $1 AND"
                      " center_id = $2 AND state = 'held'",
                      "tt", answering->session_id, answering->user->center_id);
    if (tp_ok(status) && !found) {
        status = tp_fail(error, TP_CONFLICT, "session.wrong_state",
                         "the venue has answered, or is not asked");
    }
    return status;
}

static struct tp_status write_answer(struct tp_write *write, const struct answering *answering,
                                     const struct tp_session_row *row, int64_t position,
                                     struct tp_error *error)
{
    bool refused = answering->reason != NULL;
    struct tp_status status =
        tp_db_run(write->db, error,
                  "UPDATE session_venues SET state = $3, refusal = $4 WHERE session_id = $1 AND"
                  " position = $2",
                  "titt", row->id, position, refused ? "refused" : "confirmed", answering->reason);
    if (tp_ok(status) && refused) {
        status = tp_session_free_seats(write, row, (int)position, error);
    }
    if (tp_ok(status)) {
        status =
            tp_todo_done(write, "confirm_venue", row->id, NULL, answering->user->center_id, error);
    }
    return status;
}

static struct tp_status apply(struct tp_write *write, const struct answering *answering,
                              struct tp_error *error)
{
    json_t *data = json_pack("{s:s}", "center_id", answering->user->center_id);
    if (answering->reason != NULL) {
        json_object_set_new(data, "reason", json_string(answering->reason));
    }
    struct tp_status status =
        tp_session_apply(write, answering->session_id, answering->version,
                         answering->reason == NULL ? TP_EVENT_CONFIRM : TP_EVENT_REFUSE,
                         answering->user->id, data, NULL, error);
    json_decref(data);
    return status;
}

static struct tp_status answer(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct answering *answering = argument;
    enum tp_act act = answering->reason == NULL ? TP_ACT_SESSION_CONFIRM : TP_ACT_SESSION_REFUSE;
    struct tp_session_row row;
    int64_t position = 0;
    struct tp_status status =
        tp_permit(write->db, answering->user, act, answering->session_id, error);
    if (tp_ok(status)) {
        status = tp_session_row_read(write->db, answering->session_id, &row, error);
    }
    if (tp_ok(status)) {
        status = tp_session_version_check(&row, answering->version, error);
    }
    if (tp_ok(status)) {
        status = find_position(write->db, answering, &position, error);
    }
    if (tp_ok(status)) {
        status = write_answer(write, answering, &row, position, error);
    }
    return tp_ok(status) ? apply(write, answering, error) : status;
}

static struct tp_status run_answer(struct tp_call *call, struct answering *answering,
                                   const struct tp_json_field *fields, size_t field_count,
                                   struct tp_error *error)
{
    answering->user = call->user;
    struct tp_status status = tp_call_id(call, "session_id", &answering->session_id, error);
    if (tp_ok(status)) {
        status = tp_json_read(call->body, NULL, fields, field_count, error);
    }
    if (tp_ok(status)) {
        status = tp_write_run(call->app, answer, answering, error);
    }
    return tp_ok(status) ? tp_call_answer_session(call, 200, answering->session_id, error) : status;
}

static struct tp_status confirm(struct tp_call *call, struct tp_error *error)
{
    struct answering answering = {0};
    const struct tp_json_field fields[] = {
        {"version", TP_JSON_INT, &answering.version, false, 0, INT32_MAX},
    };
    return run_answer(call, &answering, fields, 1, error);
}

static struct tp_status refuse(struct tp_call *call, struct tp_error *error)
{
    struct answering answering = {0};
    const struct tp_json_field fields[] = {
        {"version", TP_JSON_INT, &answering.version, false, 0, INT32_MAX},
        {"reason", TP_JSON_TEXT, &answering.reason, false, 1, 500},
    };
    return run_answer(call, &answering, fields, 2, error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/confirm", TP_ACCESS_USER, TP_ACT_SESSION_CONFIRM,
     TP_BODY_JSON, confirm},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/refuse", TP_ACCESS_USER, TP_ACT_SESSION_REFUSE,
     TP_BODY_JSON, refuse},
};

static const struct tp_job jobs[] = {
    {"hold.expiry", 1000, tp_hold_expire},
};

const struct tp_module tp_confirmation_module = {
    .name = "confirmation",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};
