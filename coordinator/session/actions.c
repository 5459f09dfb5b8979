#include "coordinator/session/actions.h"

#include "base/json.h"
#include "coordinator/session/facts.h"
#include "coordinator/session/relation.h"

struct action {
    const char *name;
    enum tp_act act;
    enum tp_session_event event;
    bool of_held_venue; /* only while the user's own venue has not answered */
    bool after_refusal; /* only while a venue is refused */
};

static const struct action actions[] = {
    {"confirm", TP_ACT_SESSION_CONFIRM, TP_EVENT_CONFIRM, true, false},
    {"refuse", TP_ACT_SESSION_REFUSE, TP_EVENT_REFUSE, true, false},
    {"venues", TP_ACT_SESSION_CHOOSE, TP_EVENT_CHOOSE, false, true},
    {"draw", TP_ACT_SESSION_DRAW, TP_EVENT_DRAW, false, false},
    {"leave", TP_ACT_SESSION_LEAVE, TP_EVENT_LEAVE, false, false},
    {"open-entry", TP_ACT_SESSION_OPEN_ENTRY, TP_EVENT_OPEN_ENTRY, false, false},
    {"start", TP_ACT_SESSION_START, TP_EVENT_START, false, false},
    {"finish", TP_ACT_SESSION_FINISH, TP_EVENT_FINISH, false, false},
    {"cancel", TP_ACT_SESSION_CANCEL, TP_EVENT_CANCEL, false, false},
};

static struct tp_status own_venue_is_held(struct tp_db *db, const char *session_id,
                                          const struct tp_user *user, bool *held,
                                          struct tp_error *error)
{
    int64_t found = 0;
    return tp_db_ask_int(db, &found, held, error,
                         "SELECT 1 FROM session_venues WHERE session_id = $1 AND center_id = $2"
                         " AND state = 'held'",
                         "tt", session_id, user->center_id);
}

static bool possible(const struct action *action, const struct tp_session_row *row,
                     const struct tp_session_facts *facts, bool held)
{
    if ((action->of_held_venue && !held) || (action->after_refusal && facts->refused_count == 0)) {
        return false;
    }
    /* The guard of a choice asks for what the choice itself will mend. */
    struct tp_session_facts after = *facts;
    if (action->after_refusal) {
        after.refused_count = 0;
    }
    const struct tp_session_transition *transition = NULL;
    return tp_ok(tp_session_decide(row->state, action->event, &after, &transition, NULL));
}

struct tp_status tp_session_actions(struct tp_app *app, struct tp_db *db,
                                    const struct tp_session_row *row, const struct tp_user *user,
                                    json_t **out, struct tp_error *error)
{
    unsigned relations = 0;
    bool found = false;
    bool held = false;
    struct tp_session_facts facts;
    struct tp_status status = tp_relation_find(db, user, row->id, &relations, &found, error);
    if (tp_ok(status)) {
        status = own_venue_is_held(db, row->id, user, &held, error);
    }
    if (tp_ok(status)) {
        status = tp_session_facts_read(app, db, row, tp_clock_now_ms(app->clock), &facts, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    TP_AUTO(tp_json) json_t *made = json_array();
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (tp_permission_relation(user->role, actions[i].act, relations) &&
            possible(&actions[i], row, &facts, held) &&
            json_array_append_new(made, json_string(actions[i].name)) != 0) {
            return tp_fail(error, TP_NOMEM, "memory.none", "no memory for a session");
        }
    }
    *out = tp_steal(&made);
    return TP_STATUS_OK;
}
