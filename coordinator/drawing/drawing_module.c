#include "coordinator/drawing/drawing_module.h"

#include <string.h>

#include "coordinator/config/config.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/drawing/draw_events.h"
#include "coordinator/drawing/draw_steps.h"
#include "coordinator/drawing/draw_view.h"
#include "coordinator/drawing/leave.h"
#include "coordinator/http/route.h"
#include "coordinator/job/job.h"
#include "coordinator/session/session.h"

#define EMPLOYERS_MOST 200
#define EMPLOYER_CHARACTERS_MOST 200

static struct tp_status check_employers(const json_t *employers, struct tp_error *error)
{
    for (size_t i = 0; i < json_array_size(employers); i++) {
        const json_t *employer = json_array_get(employers, i);
        if (json_is_string(employer) && json_string_length(employer) > 0 &&
            json_string_length(employer) <= (size_t)EMPLOYER_CHARACTERS_MOST * 4)
            continue;
        struct tp_status status =
            tp_fail(error, TP_INPUT, "draw.bad_employer", "not an employer's name");
        tp_error_set_field(error, "exclude_employers[%zu]", i);
        return status;
    }
    return TP_STATUS_OK;
}

/* What tp-draw's pool holds: specialties with the number of experts per city, no more. */
static struct tp_status handle_specialties(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *answer = NULL;
    struct tp_status status = tp_draw_client_call(call->app->draw, "GET", "/v1/specialties", NULL,
                                                  TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    if (tp_failed(status))
        return status;
    json_t *items = json_object_get(answer, "specialties");
    if (!json_is_array(items))
        return tp_fail(error, TP_PEER, "draw.malformed_answer", "tp-draw gave no specialties");
    return tp_call_answer_items_take(call, json_incref(items), NULL, error);
}

static struct tp_status handle_draw(struct tp_call *call, struct tp_error *error)
{
    const char *session_id = NULL;
    int64_t version = 0;
    TP_AUTO(tp_json) json_t *no_employers = json_array();
    json_t *employers = no_employers;
    struct tp_draw_wish wish = {0};
    const struct tp_json_field fields[] = {
        {.name = "version", .type = TP_JSON_INT, .value = &version, .maximum = INT64_MAX},
        {.name = "exclude_employers",
         .type = TP_JSON_ARRAY,
         .value = &employers,
         .optional = true,
         .maximum = EMPLOYERS_MOST},
        {.name = "max_per_employer",
         .type = TP_JSON_INT,
         .value = &wish.max_per_employer,
         .optional = true,
         .minimum = 1,
         .maximum = 100},
    };
    struct tp_status status = tp_call_id(call, "session_id", &session_id, error);
    if (tp_ok(status))
        status = tp_json_read(call->body, NULL, fields, sizeof(fields) / sizeof(fields[0]), error);
    if (tp_ok(status))
        status = check_employers(employers, error);
    if (tp_failed(status))
        return status;
    wish.exclude_employers = employers;
    status = tp_draw_open(call->app, call->user, session_id, version, &wish, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_session(call, 200, session_id, error);
}

static struct tp_status handle_leave(struct tp_call *call, struct tp_error *error)
{
    const char *session_id = NULL;
    const char *handle = NULL;
    const char *reason = NULL;
    int64_t version = TP_VERSION_ANY;
    const struct tp_json_field fields[] = {
        {.name = "version",
         .type = TP_JSON_INT,
         .value = &version,
         .optional = true,
         .maximum = INT64_MAX},
        {.name = "handle", .type = TP_JSON_TEXT, .value = &handle, .minimum = 1, .maximum = 40},
        {.name = "reason", .type = TP_JSON_TEXT, .value = &reason, .minimum = 1, .maximum = 200},
    };
    struct tp_status status = tp_call_id(call, "session_id", &session_id, error);
    if (tp_ok(status))
        status = tp_json_read(call->body, NULL, fields, sizeof(fields) / sizeof(fields[0]), error);
    if (tp_ok(status))
        status = tp_draw_leave(call->app, call->user, session_id, version, handle, reason, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_session(call, 200, session_id, error);
}

/* In the session's transitions ----------------------------------------------------------------- */

static struct tp_status session_changed(struct tp_write *write,
                                        const struct tp_session_change *change,
                                        struct tp_error *error)
{
    if (change->event != TP_EVENT_CANCEL)
        return TP_STATUS_OK;
    return tp_db_run(write->db, error,
                     "UPDATE draws SET step = 'cancelling' WHERE session_id = $1 AND step <>"
                     " 'cancelled'",
                     "t", change->session_id);
}

/* Members are for those who may have to name one (A9); a regulator sees labels at the seats. */
static bool sees_members(const struct tp_user *viewer)
{
    return viewer->role == TP_ROLE_AGENCY || viewer->role == TP_ROLE_STAFF;
}

static json_t *draw_json(const struct tp_draw_row *row, const struct tp_user *viewer)
{
    const char *waiting_state = strcmp(row->step, "planned") == 0 ? "planned" : "committed";
    TP_AUTO(tp_json)
    json_t *draw =
        json_pack("{s:s, s:I, s:s, s:i, s:i, s:i, s:i, s:i, s:[], s:[]}", "draw_id", row->draw_id,
                  "opens_at", (json_int_t)row->opens_at_ms, "state", waiting_state, "needed", 0,
                  "accepted", 0, "declined", 0, "waiting", 0, "rounds", 0, "cells", "members");
    if (draw == NULL || (row->view != NULL && json_object_update(draw, row->view) != 0))
        return NULL;
    if (strcmp(row->step, "cancelling") == 0 || strcmp(row->step, "cancelled") == 0)
        json_object_set_new(draw, "state", json_string("cancelled"));
    if (!sees_members(viewer))
        json_object_set_new(draw, "members", json_array());
    return tp_steal(&draw);
}

static struct tp_status session_json(struct tp_app *app, struct tp_db *db, const char *session_id,
                                     const struct tp_user *viewer, json_t *session,
                                     struct tp_error *error)
{
    TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
    bool found = false;
    (void)app;
    struct tp_status status = tp_draw_row_read(db, session_id, &row, &found, error);
    if (tp_failed(status))
        return status;
    if (json_object_set_new(session, "draw", found ? draw_json(&row, viewer) : json_null()) != 0)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a session's draw");
    return TP_STATUS_OK;
}

/* Life ------------------------------------------------------------------------------------------
 */

static const char *given(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static struct tp_status start(struct tp_app *app, struct tp_error *error)
{
    const struct tp_http_client_config config = {
        .base_url = app->config->draw_url,
        .ca_path = given(app->config->draw_ca_path),
        .certificate_path = given(app->config->draw_certificate_path),
        .private_key_path = given(app->config->draw_private_key_path),
    };
    struct tp_public_key key;
    struct tp_status status = tp_draw_client_new(&config, &app->draw, error);
    if (tp_failed(status) || app->config->draw_public_key_path[0] == '\0')
        return status;
    status = tp_public_key_load(app->config->draw_public_key_path, &key, error);
    if (tp_ok(status))
        tp_draw_client_pin(app->draw, key.sign);
    return status;
}

static void stop(struct tp_app *app)
{
    tp_draw_client_free(app->draw);
    app->draw = NULL;
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/specialties", TP_ACCESS_USER, TP_ACT_SPECIALTY_READ, TP_BODY_NONE,
     handle_specialties},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/draw", TP_ACCESS_USER, TP_ACT_SESSION_DRAW,
     TP_BODY_JSON, handle_draw},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/leave", TP_ACCESS_USER, TP_ACT_SESSION_LEAVE,
     TP_BODY_JSON, handle_leave},
};

static const struct tp_job jobs[] = {
    {"draw.events", 1000, tp_draw_events_run},
    {"draw.steps", 3000, tp_draw_steps_run},
};

const struct tp_module tp_drawing_module = {
    .name = "drawing",
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .jobs = jobs,
    .job_count = sizeof(jobs) / sizeof(jobs[0]),
    .start = start,
    .stop = stop,
    .session_changed = session_changed,
    .session_json = session_json,
};
