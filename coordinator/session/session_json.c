#include "base/json.h"
#include "coordinator/config/policy.h"
#include "coordinator/lot/lot_json.h"
#include "coordinator/session/actions.h"
#include "coordinator/session/session.h"
#include "coordinator/session/timeline.h"
#include "coordinator/session/venues_json.h"

struct parts {
    json_t *lot;
    json_t *venues;
    json_t *actions;
    json_t *timeline;
};

static void parts_cleanup(struct parts *parts)
{
    json_decref(parts->lot);
    json_decref(parts->venues);
    json_decref(parts->actions);
    json_decref(parts->timeline);
}

static struct tp_status read_parts(struct tp_app *app, struct tp_db *db,
                                   const struct tp_session_row *row, const struct tp_user *viewer,
                                   bool with_timeline, struct parts *parts, struct tp_error *error)
{
    struct tp_status status = tp_lot_json(db, row->lot_id, &parts->lot, error);
    if (tp_ok(status)) {
        status = tp_session_venues_json(db, row->id, &parts->venues, error);
    }
    if (tp_ok(status)) {
        status = tp_session_actions(app, db, row, viewer, &parts->actions, error);
    }
    if (tp_ok(status) && with_timeline) {
        status = tp_session_timeline(db, row->id, &parts->timeline, error);
    }
    return status;
}

/* Choice and record of the lot of venues, which only this JSON shows. */
static struct tp_status add_choice(struct tp_db *db, const char *session_id, json_t *session,
                                   struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT choice, lot_record FROM sessions WHERE id = $1", "t",
                    session_id);
    bool row = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
    }
    if (tp_ok(status) && row) {
        json_object_set_new(session, "choice", json_string(tp_query_text(query, 0)));
        if (!tp_query_is_null(query, 1)) {
            json_object_set_new(session, "lot_record",
                                json_loads(tp_query_text(query, 1), 0, NULL));
        }
    }
    tp_query_end(query);
    return status;
}

static int64_t expert_count(const json_t *venues)
{
    int64_t count = 0;
    size_t index;
    const json_t *venue;
    json_array_foreach(venues, index, venue)
    {
        size_t at;
        const json_t *experts;
        json_array_foreach(json_object_get(venue, "experts"), at, experts)
        {
            count += json_integer_value(json_object_get(experts, "count"));
        }
    }
    return count;
}

static json_t *pack(const struct tp_app *app, const struct tp_session_row *row, struct parts *parts)
{
    json_int_t opens_at = row->bid_deadline_at_ms -
                          tp_policy_value(app->policy, TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE);
    json_t *session = json_pack(
        "{s:s, s:I, s:s, s:O, s:I, s:I, s:O, s:I, s:n, s:n, s:{s:I, s:i}, s:O}", "id", row->id,
        "version", (json_int_t)row->version, "state", tp_session_state_name(row->state), "lot",
        parts->lot, "start_at", (json_int_t)row->start_at_ms, "end_at", (json_int_t)row->end_at_ms,
        "venues", parts->venues, "draw_opens_at", opens_at, "draw", "delivery", "entry", "expected",
        (json_int_t)expert_count(parts->venues), "present", 0, "actions", parts->actions);
    if (session != NULL && row->hold_until_at_ms != 0) {
        json_object_set_new(session, "hold_until_at", json_integer(row->hold_until_at_ms));
    }
    if (session != NULL && parts->timeline != NULL) {
        json_object_set(session, "timeline", parts->timeline);
    }
    return session;
}

struct tp_status tp_session_json(struct tp_app *app, struct tp_db *db, const char *session_id,
                                 const struct tp_user *viewer, bool with_timeline, json_t **json,
                                 struct tp_error *error)
{
    struct tp_session_row row;
    TP_CLEANUP(parts_cleanup) struct parts parts = {0};
    struct tp_status status = tp_session_row_read(db, session_id, &row, error);
    if (tp_ok(status)) {
        status = read_parts(app, db, &row, viewer, with_timeline, &parts, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    TP_AUTO(tp_json) json_t *session = pack(app, &row, &parts);
    if (session == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for a session");
    }
    status = add_choice(db, session_id, session, error);
    for (size_t i = 0; tp_ok(status) && i < app->module_count; i++) {
        if (app->modules[i]->session_json != NULL) {
            status = app->modules[i]->session_json(app, db, session_id, viewer, session, error);
        }
    }
    if (tp_ok(status)) {
        *json = tp_steal(&session);
    }
    return status;
}
