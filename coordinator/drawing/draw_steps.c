#include "coordinator/drawing/draw_steps.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "coordinator/config/policy.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/drawing/draw_commit.h"
#include "coordinator/drawing/draw_view.h"
#include "coordinator/http/route.h"
#include "coordinator/record/record.h"
#include "coordinator/session/session.h"

#define ACTOR_DRAW "draw"

/* Opening ------------------------------------------------------------------------------------ */

struct opening {
    const struct tp_user *user;
    const char *session_id;
    int64_t version;
    const struct tp_draw_wish *wish;
    bool allowed; /* the rehearsal went through */
};

/* Asks the state machine without changing anything: the session is "drawing" only once tp-draw has
 * committed itself, but a draw that may not be opened must not reach tp-draw at all. */
static struct tp_status rehearse_work(struct tp_write *write, void *argument,
                                      struct tp_error *error)
{
    struct opening *opening = argument;
    opening->allowed = false;
    struct tp_status status =
        tp_permit(write->db, opening->user, TP_ACT_SESSION_DRAW, opening->session_id, error);
    if (tp_ok(status))
        status = tp_session_apply(write, opening->session_id, opening->version, TP_EVENT_DRAW,
                                  opening->user->id, NULL, NULL, error);
    if (tp_failed(status))
        return status;
    opening->allowed = true;
    return tp_fail(error, TP_CONFLICT, "draw.rehearsed", "rolled back on purpose");
}

static struct tp_status plan_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct opening *opening = argument;
    TP_AUTO(tp_json) json_t *plan = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_session_row session;
    char draw_id[TP_ID_BYTES];
    tp_id_make(write->app->random, write->now_ms, "drw", draw_id);
    struct tp_status status = tp_session_row_read(write->db, opening->session_id, &session, error);
    if (tp_ok(status))
        status = tp_draw_plan_make(write->app, write->db, opening->session_id, draw_id,
                                   opening->wish, &plan, error);
    if (tp_ok(status))
        status = tp_json_write(plan, &text, error);
    if (tp_failed(status))
        return status;
    const int64_t opens_at_ms =
        session.bid_deadline_at_ms -
        tp_policy_value(write->app->policy, TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE);
    status = tp_db_run(write->db, error,
                       "INSERT INTO draws (session_id, draw_id, step, plan, opened_by, opens_at,"
                       " created_at) VALUES ($1, $2, 'planned', $3, $4, $5, $6)",
                       "ttttii", opening->session_id, draw_id, (const char *)text.data,
                       opening->user->id, opens_at_ms, write->now_ms);
    return status;
}

/* An earlier opening that was cut short goes on as it was planned then. *left: one is there. */
static struct tp_status finish_earlier(struct tp_app *app, const char *session_id, bool *left,
                                       struct tp_error *error)
{
    TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
    *left = false;
    struct tp_status status = tp_draw_row_load(app, session_id, &row, NULL);
    if (status.class == TP_NOT_FOUND)
        return TP_STATUS_OK;
    if (tp_ok(status))
        status = tp_draw_go_on(app, session_id, error);
    if (tp_failed(status) && status.class != TP_CONFLICT && status.class != TP_INPUT)
        return status;
    tp_draw_row_fini(&row);
    status = tp_draw_row_load(app, session_id, &row, error);
    *left = tp_ok(status);
    return status.class == TP_NOT_FOUND ? TP_STATUS_OK : status;
}

static struct tp_status open_in_turn(struct tp_app *app, struct opening *opening,
                                     struct tp_error *error)
{
    bool left = false;
    struct tp_status status = tp_write_run(app, rehearse_work, opening, error);
    if (!opening->allowed)
        return status;
    status = finish_earlier(app, opening->session_id, &left, error);
    if (tp_failed(status))
        return status;
    if (left)
        return tp_fail(error, TP_CONFLICT, "draw.opened_already",
                       "the draw of this session was opened before");
    status = tp_write_run(app, plan_work, opening, error);
    if (tp_failed(status))
        return status;
    return tp_draw_go_on(app, opening->session_id, error);
}

struct tp_status tp_draw_open(struct tp_app *app, const struct tp_user *user,
                              const char *session_id, int64_t version,
                              const struct tp_draw_wish *wish, struct tp_error *error)
{
    struct opening opening = {
        .user = user, .session_id = session_id, .version = version, .wish = wish};
    tp_draw_client_take_turn(app->draw, session_id);
    struct tp_status status = open_in_turn(app, &opening, error);
    tp_draw_client_give_turn(app->draw, session_id);
    return status;
}

/* Steps -------------------------------------------------------------------------------------- */

struct stepping {
    const struct tp_draw_row *row;
    const json_t *answer;
    json_t *view;
};

static struct tp_status move_step(struct tp_write *write, const char *session_id, const char *from,
                                  const char *to, struct tp_error *error)
{
    int64_t changed = 0;
    struct tp_status status =
        tp_db_run_count(write->db, &changed, error,
                        "UPDATE draws SET step = $1, tries = 0, next_at = 0, last_error = NULL"
                        " WHERE session_id = $2 AND step = $3",
                        "ttt", to, session_id, from);
    if (tp_ok(status) && changed != 1)
        return tp_fail(error, TP_CONFLICT, "session.stale", "the draw has moved on");
    return status;
}

static struct tp_status committed_work(struct tp_write *write, void *argument,
                                       struct tp_error *error)
{
    const struct stepping *stepping = argument;
    const struct tp_draw_row *row = stepping->row;
    struct tp_record_head head;
    char head_text[2 * TP_HASH_BYTES + 1];
    json_t *commit = json_object_get(stepping->answer, "commit");
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:O?}", "draw_id", row->draw_id, "commit", commit);
    struct tp_status status = move_step(write, row->session_id, "planned", "committed", error);
    if (tp_ok(status))
        status = tp_session_apply(write, row->session_id, TP_VERSION_ANY, TP_EVENT_DRAW,
                                  row->opened_by, NULL, NULL, error);
    if (tp_ok(status))
        status = tp_record_append(write, ACTOR_DRAW, "draw.commit", row->session_id, data, error);
    if (tp_ok(status))
        status = tp_record_head(write->db, &head, error);
    if (tp_failed(status))
        return status;
    tp_hex_encode(head.hash, sizeof(head.hash), head_text);
    return tp_db_run(write->db, error, "UPDATE draws SET log_head = $1 WHERE session_id = $2", "tt",
                     head_text, row->session_id);
}

/* tp-draw has said that it will not: nothing was drawn, the agency may ask otherwise. */
static struct tp_status refused_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct stepping *stepping = argument;
    TP_AUTO(tp_json) json_t *data = json_pack("{s:s}", "draw_id", stepping->row->draw_id);
    struct tp_status status =
        tp_db_run(write->db, error, "DELETE FROM draws WHERE session_id = $1 AND step = 'planned'",
                  "t", stepping->row->session_id);
    if (tp_failed(status))
        return status;
    return tp_record_append(write, ACTOR_DRAW, "draw.infeasible", stepping->row->session_id, data,
                            error);
}

/* The session went another way while tp-draw committed: take the draw back. */
static struct tp_status take_back_work(struct tp_write *write, void *argument,
                                       struct tp_error *error)
{
    const struct stepping *stepping = argument;
    return tp_db_run(write->db, error,
                     "UPDATE draws SET step = 'cancelling' WHERE session_id = $1 AND step ="
                     " 'planned'",
                     "t", stepping->row->session_id);
}

static bool refused_for_good(struct tp_status status)
{
    return status.class == TP_CONFLICT || status.class == TP_INPUT;
}

static struct tp_status step_planned(struct tp_app *app, const struct tp_draw_row *row,
                                     struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *answer = NULL;
    struct stepping stepping = {.row = row};
    struct tp_status status = tp_draw_client_call(app->draw, "POST", "/v1/draws", row->plan,
                                                  TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    if (refused_for_good(status)) {
        struct tp_error ignored;
        if (tp_failed(tp_write_run(app, refused_work, &stepping, &ignored)))
            tp_log_error(TP_LOG_ERROR, "draw.refusal_not_kept", &ignored);
        return status;
    }
    if (tp_failed(status))
        return status;
    const uint8_t *draw_key = tp_draw_client_key(app->draw);
    if (draw_key != NULL)
        status = tp_draw_commit_check(json_object_get(answer, "commit"), draw_key, row->draw_id,
                                      row->session_id, error);
    if (tp_failed(status))
        return status;
    stepping.answer = answer;
    status = tp_write_run(app, committed_work, &stepping, error);
    if (status.class == TP_CONFLICT) {
        struct tp_error ignored;
        if (tp_failed(tp_write_run(app, take_back_work, &stepping, &ignored)))
            tp_log_error(TP_LOG_ERROR, "draw.not_taken_back", &ignored);
    }
    return status;
}

static struct tp_status started_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct stepping *stepping = argument;
    struct tp_status status =
        move_step(write, stepping->row->session_id, "committed", "started", error);
    if (tp_failed(status))
        return status;
    return tp_draw_keep_view(write, stepping->row->session_id, stepping->view, error);
}

static struct tp_status step_committed(struct tp_app *app, const struct tp_draw_row *row,
                                       struct tp_error *error)
{
    char path[96];
    TP_AUTO(tp_json) json_t *answer = NULL;
    TP_AUTO(tp_json) json_t *view = NULL;
    TP_AUTO(tp_json) json_t *body = json_pack("{s:s}", "log_head", row->log_head);
    struct stepping stepping = {.row = row};
    snprintf(path, sizeof(path), "/v1/draws/%s/start", row->draw_id);
    struct tp_status status =
        tp_draw_client_call(app->draw, "POST", path, body, TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    if (tp_ok(status))
        status = tp_draw_view_of(answer, &view, error);
    if (tp_failed(status))
        return status;
    stepping.view = view;
    return tp_write_run(app, started_work, &stepping, error);
}

static struct tp_status cancelled_work(struct tp_write *write, void *argument,
                                       struct tp_error *error)
{
    const struct stepping *stepping = argument;
    return move_step(write, stepping->row->session_id, "cancelling", "cancelled", error);
}

static struct tp_status step_cancelling(struct tp_app *app, const struct tp_draw_row *row,
                                        struct tp_error *error)
{
    char path[96];
    TP_AUTO(tp_json) json_t *answer = NULL;
    TP_AUTO(tp_json) json_t *body = json_pack("{s:s}", "reason", "session cancelled");
    struct stepping stepping = {.row = row};
    snprintf(path, sizeof(path), "/v1/draws/%s/cancel", row->draw_id);
    struct tp_status status =
        tp_draw_client_call(app->draw, "POST", path, body, TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    /* A draw that tp-draw never saw, or has ended already, needs no taking back. */
    if (tp_failed(status) && status.class != TP_NOT_FOUND && status.class != TP_CONFLICT)
        return status;
    return tp_write_run(app, cancelled_work, &stepping, error);
}

struct tp_status tp_draw_go_on(struct tp_app *app, const char *session_id, struct tp_error *error)
{
    static const struct {
        const char *step;
        struct tp_status (*lead)(struct tp_app *app, const struct tp_draw_row *row,
                                 struct tp_error *error);
    } steps[] = {
        {"planned", step_planned}, {"committed", step_committed}, {"cancelling", step_cancelling}};
    for (;;) {
        TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
        struct tp_status status = tp_draw_row_load(app, session_id, &row, error);
        size_t i = 0;
        while (i < 3 && strcmp(steps[i].step, row.step) != 0)
            i++;
        if (tp_failed(status) || i == 3)
            return status;
        status = steps[i].lead(app, &row, error);
        if (tp_failed(status))
            return status;
    }
}

/* What the draw says ------------------------------------------------------------------------- */

/* True when nobody's leave is still to be told to tp-draw: before that its "complete" is old. */
static struct tp_status no_leave_waits(struct tp_db *db, const char *session_id, bool *none,
                                       struct tp_error *error)
{
    int64_t one = 0;
    bool found = false;
    struct tp_status status = tp_db_ask_int(
        db, &one, &found, error,
        "SELECT 1 FROM draw_leaves WHERE session_id = $1 AND state = 'asked'", "t", session_id);
    *none = !found;
    return status;
}

static struct tp_status complete_where_due(struct tp_write *write, const struct tp_draw_row *row,
                                           const json_t *view, struct tp_error *error)
{
    struct tp_session_row session;
    bool none = false;
    if (strcmp(tp_draw_view_state(view), "complete") != 0)
        return TP_STATUS_OK;
    struct tp_status status = tp_session_row_read(write->db, row->session_id, &session, error);
    if (tp_ok(status))
        status = no_leave_waits(write->db, row->session_id, &none, error);
    if (tp_failed(status) || !none || session.state != TP_SESSION_DRAWING)
        return status;
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:O?}", "draw_id", row->draw_id, "accepted",
                             json_object_get(view, "accepted"));
    return tp_session_apply(write, row->session_id, TP_VERSION_ANY, TP_EVENT_DRAW_COMPLETE,
                            ACTOR_DRAW, data, NULL, error);
}

struct tp_status tp_draw_keep_view(struct tp_write *write, const char *session_id,
                                   const json_t *view, struct tp_error *error)
{
    TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
    bool found = false;
    struct tp_status status = tp_draw_row_read(write->db, session_id, &row, &found, error);
    if (tp_failed(status) || !found || strcmp(row.step, "started") != 0)
        return status;
    if (row.view == NULL || !json_equal(row.view, view)) {
        TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
        status = tp_json_write(view, &text, error);
        if (tp_ok(status))
            status = tp_db_run(write->db, error, "UPDATE draws SET view = $1 WHERE session_id = $2",
                               "tt", (const char *)text.data, session_id);
        tp_news_session(write, TP_EVENT_TYPE_SESSION, session_id, NULL);
    }
    if (tp_failed(status))
        return status;
    return complete_where_due(write, &row, view, error);
}

struct refreshing {
    const char *session_id;
    const json_t *view;
    tp_write_work more;
    void *argument;
};

static struct tp_status refresh_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct refreshing *refreshing = argument;
    struct tp_status status = TP_STATUS_OK;
    if (refreshing->more != NULL)
        status = refreshing->more(write, refreshing->argument, error);
    if (tp_failed(status))
        return status;
    return tp_draw_keep_view(write, refreshing->session_id, refreshing->view, error);
}

struct tp_status tp_draw_refresh(struct tp_app *app, const char *session_id, tp_write_work more,
                                 void *argument, struct tp_error *error)
{
    char path[96];
    TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
    TP_AUTO(tp_json) json_t *answer = NULL;
    TP_AUTO(tp_json) json_t *view = NULL;
    struct tp_status status = tp_draw_row_load(app, session_id, &row, error);
    if (tp_failed(status))
        return status;
    snprintf(path, sizeof(path), "/v1/draws/%s", row.draw_id);
    status =
        tp_draw_client_call(app->draw, "GET", path, NULL, TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    if (tp_ok(status))
        status = tp_draw_view_of(answer, &view, error);
    if (tp_failed(status))
        return status;
    struct refreshing refreshing = {session_id, view, more, argument};
    return tp_write_run(app, refresh_work, &refreshing, error);
}
