#include "coordinator/drawing/draw_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/drawing/draw_steps.h"
#include "coordinator/drawing/draw_view.h"
#include "coordinator/drawing/leave.h"
#include "coordinator/job/job.h"
#include "coordinator/record/record.h"

/* Short enough that the process ends soon, long enough that an idle poll costs nothing. */
#define POLL_WAIT_MS 1500
#define BATCH_MOST 64

/* Events --------------------------------------------------------------------------------------- */

/* A run of events of one draw (or of none, the gateway's). */
struct batch {
    const json_t *events;
    size_t first;
    size_t count;
    const char *draw_id; /* NULL: of no draw */
    char session_id[TP_ID_BYTES];
};

static struct tp_status cursor_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    bool found = false;
    return tp_db_ask_int(db, argument, &found, error, "SELECT after_n FROM draw_cursor", "");
}

static struct tp_status find_session_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct batch *batch = argument;
    struct tp_query *query = NULL;
    bool row = false;
    batch->session_id[0] = '\0';
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT session_id FROM draws WHERE draw_id = $1", "t", batch->draw_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row)
        snprintf(batch->session_id, sizeof(batch->session_id), "%s", tp_query_text(query, 0));
    tp_query_end(query);
    return status;
}

static struct tp_status record_event(struct tp_write *write, const struct batch *batch,
                                     const json_t *event, struct tp_error *error)
{
    const char *type = json_string_value(json_object_get(event, "type"));
    const bool of_gateway = batch->draw_id == NULL;
    if (type == NULL || (!of_gateway && batch->session_id[0] == '\0'))
        return TP_STATUS_OK;
    if (of_gateway) {
        tp_news_roles(write, TP_EVENT_TYPE_NODE, TP_ROLE_BIT(TP_ROLE_OPERATOR), "gateway");
        return tp_record_append(write, "draw", type, NULL, NULL, error);
    }
    TP_AUTO(tp_json)
    json_t *data = tp_draw_event_data(batch->draw_id, json_object_get(event, "data"));
    if (data == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a draw's event");
    return tp_record_append(write, "draw", type, batch->session_id, data, error);
}

static struct tp_status batch_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct batch *batch = argument;
    int64_t last = 0;
    for (size_t i = batch->first; i < batch->first + batch->count; i++) {
        const json_t *event = json_array_get(batch->events, i);
        struct tp_status status = record_event(write, batch, event, error);
        if (tp_failed(status))
            return status;
        last = json_integer_value(json_object_get(event, "n"));
    }
    return tp_db_run(write->db, error, "UPDATE draw_cursor SET after_n = $1 WHERE after_n < $1",
                     "i", last);
}

static struct tp_status take_batch(struct tp_app *app, struct batch *batch, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    if (batch->draw_id != NULL)
        status = tp_store_read(app->store, find_session_work, batch, error);
    if (tp_failed(status))
        return status;
    if (batch->session_id[0] == '\0')
        return tp_write_run(app, batch_work, batch, error);
    tp_draw_client_take_turn(app->draw, batch->session_id);
    status = tp_draw_refresh(app, batch->session_id, batch_work, batch, error);
    tp_draw_client_give_turn(app->draw, batch->session_id);
    return status;
}

static const char *draw_id_of(const json_t *events, size_t index)
{
    return json_string_value(json_object_get(json_array_get(events, index), "draw_id"));
}

static bool same_draw(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static struct tp_status take_events(struct tp_app *app, const json_t *events,
                                    struct tp_error *error)
{
    const size_t count = json_array_size(events);
    struct tp_status status = TP_STATUS_OK;
    struct batch batch = {.events = events};
    while (tp_ok(status) && batch.first < count) {
        batch.draw_id = draw_id_of(events, batch.first);
        batch.session_id[0] = '\0';
        batch.count = 1;
        while (batch.first + batch.count < count && batch.count < BATCH_MOST &&
               same_draw(draw_id_of(events, batch.first + batch.count), batch.draw_id))
            batch.count++;
        status = take_batch(app, &batch, error);
        batch.first += batch.count;
    }
    return status;
}

struct tp_status tp_draw_events_run(struct tp_app *app, struct tp_error *error)
{
    while (!tp_jobs_ending(app->jobs)) {
        int64_t after = 0;
        char path[80];
        TP_AUTO(tp_json) json_t *answer = NULL;
        struct tp_status status = tp_store_read(app->store, cursor_work, &after, error);
        if (tp_failed(status))
            return status;
        snprintf(path, sizeof(path), "/v1/events?after=%" PRId64 "&wait_ms=%d", after,
                 POLL_WAIT_MS);
        status = tp_draw_client_call(app->draw, "GET", path, NULL,
                                     POLL_WAIT_MS + TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
        if (tp_ok(status))
            status = take_events(app, json_object_get(answer, "events"), error);
        if (tp_failed(status))
            return status;
    }
    return TP_STATUS_OK;
}

/* Half-done steps ------------------------------------------------------------------------------ */

#define SESSIONS_AT_ONCE 64

struct half_done {
    char sessions[SESSIONS_AT_ONCE][TP_ID_BYTES];
    char after[TP_ID_BYTES];
    size_t count;
};

static struct tp_status half_done_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct half_done *list = argument;
    struct tp_query *query = NULL;
    bool row = false;
    list->count = 0;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT d.session_id FROM draws d JOIN sessions s ON s.id = d.session_id WHERE"
        " d.session_id > $1 AND (d.step IN ('planned', 'committed', 'cancelling') OR (d.step ="
        " 'started' AND s.state = 'drawing')) ORDER BY d.session_id LIMIT $2",
        "ti", list->after, (int64_t)SESSIONS_AT_ONCE);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row)
        snprintf(list->sessions[list->count++], TP_ID_BYTES, "%s", tp_query_text(query, 0));
    tp_query_end(query);
    return status;
}

static struct tp_status lead_on(struct tp_app *app, const char *session_id, struct tp_error *error)
{
    TP_AUTO(tp_draw_row) struct tp_draw_row row = {0};
    struct tp_status status = tp_draw_go_on(app, session_id, error);
    if (tp_ok(status))
        status = tp_draw_leaves_go_on(app, session_id, error);
    if (tp_ok(status))
        status = tp_draw_row_load(app, session_id, &row, error);
    if (tp_failed(status) || strcmp(row.step, "started") != 0)
        return status;
    return tp_draw_refresh(app, session_id, NULL, NULL, error);
}

struct tp_status tp_draw_steps_run(struct tp_app *app, struct tp_error *error)
{
    struct half_done list = {.count = 0};
    do {
        struct tp_status status = tp_store_read(app->store, half_done_work, &list, error);
        if (tp_failed(status))
            return status;
        for (size_t i = 0; i < list.count && !tp_jobs_ending(app->jobs); i++) {
            tp_draw_client_take_turn(app->draw, list.sessions[i]);
            status = lead_on(app, list.sessions[i], error);
            tp_draw_client_give_turn(app->draw, list.sessions[i]);
            /* One that fails must not hold up the others; without tp-draw none can go on. */
            if (status.class == TP_PEER)
                return status;
            if (tp_failed(status))
                tp_log_error(TP_LOG_WARN, "draw.step_failed", error);
            memcpy(list.after, list.sessions[i], TP_ID_BYTES);
        }
    } while (list.count == SESSIONS_AT_ONCE && !tp_jobs_ending(app->jobs));
    return TP_STATUS_OK;
}
