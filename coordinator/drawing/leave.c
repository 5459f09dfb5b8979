#include "coordinator/drawing/leave.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/drawing/draw_steps.h"
#include "coordinator/drawing/draw_view.h"
#include "coordinator/http/route.h"
#include "coordinator/record/record.h"
#include "coordinator/session/session.h"

struct asking {
    const struct tp_user *user;
    const char *session_id;
    int64_t version;
    const char *handle;
    const char *reason;
};

static struct tp_status check_member(const struct tp_draw_row *row, const struct asking *asking,
                                     struct tp_error *error)
{
    const json_t *member = tp_draw_view_member(row->view, asking->handle);
    if (member == NULL)
        return tp_fail(error, TP_NOT_FOUND, "draw.no_such_expert",
                       "the draw has no expert of this handle");
    const char *state = json_string_value(json_object_get(member, "state"));
    if (state == NULL || strcmp(state, "accepted") != 0)
        return tp_fail(error, TP_CONFLICT, "draw.not_accepted",
                       "this expert is not of the committee");
    const char *venue = json_string_value(json_object_get(member, "venue"));
    if (asking->user->role == TP_ROLE_STAFF &&
        (venue == NULL || strcmp(venue, asking->user->center_id) != 0))
        return tp_fail(error, TP_DENIED, "permission.denied",
                       "this expert belongs to another venue");
    return TP_STATUS_OK;
}

static struct tp_status insert_leave(struct tp_write *write, const struct asking *asking,
                                     struct tp_error *error)
{
    char id[TP_ID_BYTES];
    tp_id_make(write->app->random, write->now_ms, "lve", id);
    return tp_db_run(write->db, error,
                     "INSERT INTO draw_leaves (id, session_id, handle, reason, state, asked_by,"
                     " created_at) VALUES ($1, $2, $3, $4, 'asked', $5, $6)",
                     "tttt"
                     "ti",
                     id, asking->session_id, asking->handle, asking->reason, asking->user->id,
                     write->now_ms);
}

static struct tp_status ask_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct asking *asking = argument;
    TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
    bool found = false;
    struct tp_status status =
        tp_permit(write->db, asking->user, TP_ACT_SESSION_LEAVE, asking->session_id, error);
    if (tp_ok(status))
        status = tp_draw_row_read(write->db, asking->session_id, &row, &found, error);
    if (tp_ok(status) && !found)
        status = tp_fail(error, TP_CONFLICT, "session.wrong_state", "the draw is not open");
    if (tp_ok(status))
        status = check_member(&row, asking, error);
    if (tp_ok(status))
        status = insert_leave(write, asking, error);
    if (tp_failed(status))
        return status;
    /* The reason stays out of the log: it may say more of a person than the log should keep. */
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:s}", "draw_id", row.draw_id, "handle", asking->handle);
    return tp_session_apply(write, asking->session_id, asking->version, TP_EVENT_LEAVE,
                            asking->user->id, data, NULL, error);
}

struct tp_status tp_draw_leave(struct tp_app *app, const struct tp_user *user,
                               const char *session_id, int64_t version, const char *handle,
                               const char *reason, struct tp_error *error)
{
    struct asking asking = {user, session_id, version, handle, reason};
    struct tp_error later;
    tp_draw_client_take_turn(app->draw, session_id);
    struct tp_status status = tp_write_run(app, ask_work, &asking, error);
    if (tp_ok(status) && tp_failed(tp_draw_leaves_go_on(app, session_id, &later)))
        tp_log_error(TP_LOG_WARN, "draw.leave_waits", &later);
    tp_draw_client_give_turn(app->draw, session_id);
    return status;
}

struct waiting_leave {
    const char *session_id;
    bool found;
    char id[TP_ID_BYTES];
    char handle[64];
    char reason[1024];
    char draw_id[TP_ID_BYTES];
    const char *outcome;
    const json_t *view;
};

static struct tp_status find_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct waiting_leave *leave = argument;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT l.id, l.handle, l.reason, d.draw_id FROM draw_leaves l JOIN draws d ON"
                    " d.session_id = l.session_id WHERE l.session_id = $1 AND l.state = 'asked'"
                    " ORDER BY l.id LIMIT 1",
                    "t", leave->session_id);
    if (tp_ok(status))
        status = tp_query_next(query, &leave->found, error);
    if (tp_ok(status) && leave->found) {
        snprintf(leave->id, sizeof(leave->id), "%s", tp_query_text(query, 0));
        snprintf(leave->handle, sizeof(leave->handle), "%s", tp_query_text(query, 1));
        snprintf(leave->reason, sizeof(leave->reason), "%s", tp_query_text(query, 2));
        snprintf(leave->draw_id, sizeof(leave->draw_id), "%s", tp_query_text(query, 3));
    }
    tp_query_end(query);
    return status;
}

static struct tp_status outcome_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct waiting_leave *leave = argument;
    struct tp_status status =
        tp_db_run(write->db, error, "UPDATE draw_leaves SET state = $1 WHERE id = $2", "tt",
                  leave->outcome, leave->id);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:s, s:s}", "draw_id", leave->draw_id, "handle", leave->handle,
                             "outcome", leave->outcome);
    status = tp_record_append(write, "draw", "draw.leave", leave->session_id, data, error);
    if (tp_failed(status) || leave->view == NULL)
        return status;
    return tp_draw_keep_view(write, leave->session_id, leave->view, error);
}

static struct tp_status tell_leave(struct tp_app *app, struct waiting_leave *leave,
                                   struct tp_error *error)
{
    char path[96];
    TP_AUTO(tp_json) json_t *answer = NULL;
    TP_AUTO(tp_json) json_t *view = NULL;
    TP_AUTO(tp_json)
    json_t *body = json_pack("{s:s, s:s}", "handle", leave->handle, "reason", leave->reason);
    snprintf(path, sizeof(path), "/v1/draws/%s/leave", leave->draw_id);
    struct tp_status status =
        tp_draw_client_call(app->draw, "POST", path, body, TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    if (status.class == TP_PEER || status.class == TP_LIMIT || status.class == TP_NOMEM)
        return status;
    /* A repeated call after a lost answer is refused, too: what the draw says then decides. */
    leave->outcome = tp_ok(status) ? "done" : "refused";
    if (tp_ok(status)) {
        status = tp_draw_view_of(answer, &view, error);
        if (tp_failed(status))
            return status;
        leave->view = view;
        return tp_write_run(app, outcome_work, leave, error);
    }
    return tp_draw_refresh(app, leave->session_id, outcome_work, leave, error);
}

struct tp_status tp_draw_leaves_go_on(struct tp_app *app, const char *session_id,
                                      struct tp_error *error)
{
    for (;;) {
        struct waiting_leave leave = {.session_id = session_id};
        struct tp_status status = tp_store_read(app->store, find_work, &leave, error);
        if (tp_failed(status) || !leave.found)
            return status;
        status = tell_leave(app, &leave, error);
        if (tp_failed(status))
            return status;
    }
}
