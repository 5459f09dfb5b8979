#include "coordinator/session/facts.h"

#include <string.h>

#include "coordinator/config/policy.h"

static struct tp_status count_venues(struct tp_db *db, const char *session_id,
                                     struct tp_session_facts *facts, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'confirmed' THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN state = 'refused' THEN 1 ELSE 0 END), 0)"
        " FROM session_venues WHERE session_id = $1",
        "t", session_id);
    bool row = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
    }
    if (tp_ok(status) && row) {
        facts->venue_count = (int)tp_query_int(query, 0);
        facts->confirmed_count = (int)tp_query_int(query, 1);
        facts->refused_count = (int)tp_query_int(query, 2);
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_session_facts_read(struct tp_app *app, struct tp_db *db,
                                       const struct tp_session_row *row, int64_t now_ms,
                                       struct tp_session_facts *facts, struct tp_error *error)
{
    const struct tp_policy *policy = app->policy;
    memset(facts, 0, sizeof *facts);
    facts->now_ms = now_ms;
    facts->start_at_ms = row->start_at_ms;
    facts->end_at_ms = row->end_at_ms;
    facts->bid_deadline_at_ms = row->bid_deadline_at_ms;
    facts->hold_until_at_ms = row->hold_until_at_ms;
    facts->earliest_draw_before_deadline_ms =
        tp_policy_value(policy, TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE);
    facts->earliest_draw_source = tp_policy_source(policy, TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE);
    facts->entry_before_start_ms = tp_policy_value(policy, TP_RULE_ENTRY_BEFORE_START);
    facts->entry_source = tp_policy_source(policy, TP_RULE_ENTRY_BEFORE_START);
    struct tp_status status = count_venues(db, row->id, facts, error);
    for (size_t i = 0; tp_ok(status) && i < app->module_count; i++) {
        if (app->modules[i]->session_facts != NULL) {
            status = app->modules[i]->session_facts(app, db, row->id, facts, error);
        }
    }
    return status;
}
