#include "coordinator/evaluation/evaluation_module.h"

#include "coordinator/evaluation/login_queue.h"
#include "coordinator/evaluation/seat_events.h"
#include "coordinator/evaluation/seat_expert.h"
#include "coordinator/evaluation/session_post.h"
#include "coordinator/http/route.h"
#include "coordinator/link/link_server.h"

/* Acts of the main venue's staff -----------------------------------------------------------------
 */

struct act {
    const struct tp_user *user;
    const char *session_id;
    int64_t version;
    enum tp_act act;
    enum tp_session_event event;
};

static struct tp_status act_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct act *act = argument;
    struct tp_status status = tp_permit(write->db, act->user, act->act, act->session_id, error);
    if (tp_failed(status))
        return status;
    return tp_session_apply(write, act->session_id, act->version, act->event, act->user->id, NULL,
                            NULL, error);
}

static struct tp_status handle_act(struct tp_call *call, enum tp_act permission,
                                   enum tp_session_event event, struct tp_error *error)
{
    struct act act = {.user = call->user, .act = permission, .event = event};
    const struct tp_json_field fields[] = {
        {.name = "version", .type = TP_JSON_INT, .value = &act.version, .maximum = INT64_MAX},
    };
    struct tp_status status = tp_call_id(call, "session_id", &act.session_id, error);
    if (tp_ok(status))
        status = tp_json_read(call->body, NULL, fields, 1, error);
    if (tp_ok(status))
        status = tp_write_run(call->app, act_work, &act, error);
    if (tp_failed(status))
        return status;
    tp_link_server_wake(call->app->link);
    return tp_call_answer_session(call, 200, act.session_id, error);
}

static struct tp_status open_entry(struct tp_call *call, struct tp_error *error)
{
    return handle_act(call, TP_ACT_SESSION_OPEN_ENTRY, TP_EVENT_OPEN_ENTRY, error);
}

static struct tp_status give_start(struct tp_call *call, struct tp_error *error)
{
    return handle_act(call, TP_ACT_SESSION_START, TP_EVENT_START, error);
}

static struct tp_status finish(struct tp_call *call, struct tp_error *error)
{
    return handle_act(call, TP_ACT_SESSION_FINISH, TP_EVENT_FINISH, error);
}

/* In the session's transitions -------------------------------------------------------------------
 */

static Tongping__Link__SessionPhase phase_of(enum tp_session_state state)
{
    switch (state) {
    case TP_SESSION_DRAWING: /* a substitute is drawn: the venue stays prepared */
    case TP_SESSION_DRAWN:
    case TP_SESSION_DELIVERED:
        return TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_PREPARED;
    case TP_SESSION_ENTRY:
        return TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENTRY;
    case TP_SESSION_EVALUATING:
        return TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_EVALUATING;
    case TP_SESSION_FINISHED:
        return TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENDED;
    case TP_SESSION_CANCELLED:
        return TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_CANCELLED;
    case TP_SESSION_NONE:
    case TP_SESSION_CHOOSING:
    case TP_SESSION_CONFIRMING:
    case TP_SESSION_CONFIRMED:
    case TP_SESSION_STATE_COUNT:
        break;
    }
    return TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_UNSPECIFIED;
}

static struct tp_status session_changed(struct tp_write *write,
                                        const struct tp_session_change *change,
                                        struct tp_error *error)
{
    bool posted = false;
    struct tp_status status = tp_session_was_posted(write->db, change->session_id, &posted, error);
    if (tp_failed(status))
        return status;
    /* The nodes hear of a session when its committee stands, and from then on of every change. */
    if (!posted && change->to != TP_SESSION_DRAWN)
        return TP_STATUS_OK;
    if (change->event == TP_EVENT_LEAVE)
        status = tp_seat_free_leavers(write, change->session_id, error);
    if (tp_ok(status) && change->event == TP_EVENT_START)
        status = tp_session_note_start(write, change->session_id, error);
    if (tp_ok(status))
        status = tp_session_post_plan(write, change, phase_of(change->to), error);
    if (tp_ok(status))
        status = tp_session_post_view(write, change->session_id, error);
    return status;
}

static struct tp_status session_facts(struct tp_app *app, struct tp_db *db, const char *session_id,
                                      struct tp_session_facts *facts, struct tp_error *error)
{
    int64_t expected = 0;
    int64_t present = 0;
    (void)app;
    struct tp_status status = tp_seat_counts(db, session_id, &expected, &present, error);
    facts->expected_count = (int)expected;
    facts->present_count = (int)present;
    return status;
}

static struct tp_status session_json(struct tp_app *app, struct tp_db *db, const char *session_id,
                                     const struct tp_user *viewer, json_t *session,
                                     struct tp_error *error)
{
    (void)app;
    const bool with_handles = viewer->role == TP_ROLE_AGENCY || viewer->role == TP_ROLE_STAFF;
    return tp_seat_describe(db, session_id, with_handles, session, error);
}

/* From the nodes ---------------------------------------------------------------------------------
 */

static struct tp_status apply(struct tp_write *write, const char *center_id,
                              const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    if (message->kind_case != TONGPING__LINK__LINK_MESSAGE__KIND_SEAT_EVENT)
        return TP_STATUS_OK;
    return tp_seat_event_apply(write, center_id, message->seat_event,
                               tp_login_queue_draw_key(write->app->logins), error);
}

static void take_call(struct tp_app *app, const char *center_id,
                      const Tongping__Link__LinkMessage *message)
{
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_LOGIN_CALL)
        tp_login_queue_add(app->logins, center_id, message->login_call);
}

static const struct tp_link_subscriber subscriber = {.apply = apply, .call = take_call};

static struct tp_status start(struct tp_app *app, struct tp_error *error)
{
    struct tp_status status = tp_login_queue_new(app, &app->logins, error);
    if (tp_failed(status))
        return status;
    return tp_link_server_subscribe(app->link, &subscriber, error);
}

static void stop(struct tp_app *app)
{
    tp_login_queue_free(app->logins);
    app->logins = NULL;
}

static const struct tp_route routes[] = {
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/open-entry", TP_ACCESS_USER,
     TP_ACT_SESSION_OPEN_ENTRY, TP_BODY_JSON, open_entry},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/start", TP_ACCESS_USER, TP_ACT_SESSION_START,
     TP_BODY_JSON, give_start},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/finish", TP_ACCESS_USER, TP_ACT_SESSION_FINISH,
     TP_BODY_JSON, finish},
};

const struct tp_module tp_evaluation_module = {
    .name = "evaluation",
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .start = start,
    .stop = stop,
    .session_changed = session_changed,
    .session_facts = session_facts,
    .session_json = session_json,
};
