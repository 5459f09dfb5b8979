#include <inttypes.h>
#include <stdio.h>

#include "coordinator/config/policy.h"
#include "coordinator/record/record.h"
#include "coordinator/session/effects.h"
#include "coordinator/session/facts.h"
#include "coordinator/session/session.h"

struct tp_status tp_session_version_check(const struct tp_session_row *row,
                                          int64_t expected_version, struct tp_error *error)
{
    if (expected_version == TP_VERSION_ANY || expected_version == row->version) {
        return TP_STATUS_OK;
    }
    return tp_fail(error, TP_CONFLICT, "session.stale",
                   "the session has moved on to version %" PRId64, row->version);
}

static int64_t hold_after(const struct tp_write *write, const struct tp_session_row *row,
                          unsigned effects)
{
    if ((effects & TP_EFFECT_SET_HOLD) != 0) {
        return write->now_ms + tp_policy_value(write->app->policy, TP_RULE_HOLD);
    }
    return (effects & TP_EFFECT_END_HOLD) != 0 ? 0 : row->hold_until_at_ms;
}

static struct tp_status write_state(struct tp_write *write, const struct tp_session_row *row,
                                    const struct tp_session_transition *transition,
                                    struct tp_error *error)
{
    return tp_db_run(write->db, error,
                     "UPDATE sessions SET state = $2, version = version + 1,"
                     " hold_until_at = NULLIF($3, 0), changed_at = $4 WHERE id = $1",
                     "ttii", row->id, tp_session_state_name(transition->to),
                     hold_after(write, row, transition->effects), write->now_ms);
}

static struct tp_status tell_modules(struct tp_write *write, const struct tp_session_change *change,
                                     struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    const struct tp_app *app = write->app;
    for (size_t i = 0; tp_ok(status) && i < app->module_count; i++) {
        if (app->modules[i]->session_changed != NULL) {
            status = app->modules[i]->session_changed(write, change, error);
        }
    }
    return status;
}

struct tp_status tp_session_apply(struct tp_write *write, const char *session_id,
                                  int64_t expected_version, enum tp_session_event event,
                                  const char *actor, const json_t *data,
                                  struct tp_session_change *change, struct tp_error *error)
{
    struct tp_session_row row;
    struct tp_session_facts facts;
    const struct tp_session_transition *transition = NULL;
    struct tp_status status = tp_session_row_read(write->db, session_id, &row, error);
    if (tp_ok(status)) {
        status = tp_session_version_check(&row, expected_version, error);
    }
    if (tp_ok(status)) {
        status = tp_session_facts_read(write->app, write->db, &row, write->now_ms, &facts, error);
    }
    if (tp_ok(status)) {
        status = tp_session_decide(row.state, event, &facts, &transition, error);
    }
    if (tp_ok(status)) {
        status = write_state(write, &row, transition, error);
    }
    if (tp_ok(status)) {
        status = tp_session_effects(write, &row, transition->effects, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    char act[64];
    snprintf(act, sizeof act, "session.%s", tp_session_event_name(event));
    status = tp_record_append(write, actor, act, row.id, data, error);
    if (tp_failed(status)) {
        return status;
    }
    const struct tp_session_change made = {.session_id = session_id,
                                           .event = event,
                                           .from = row.state,
                                           .to = transition->to,
                                           .version = row.version + 1};
    status = tell_modules(write, &made, error);
    if (tp_ok(status)) {
        tp_news_session(write, TP_EVENT_TYPE_SESSION, session_id, NULL);
        if (change != NULL) {
            *change = made;
        }
    }
    return status;
}
