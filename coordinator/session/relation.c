#include "coordinator/session/relation.h"

#include <string.h>

struct tp_status tp_relation_find(struct tp_db *db, const struct tp_user *user,
                                  const char *session_id, unsigned *relations, bool *found,
                                  struct tp_error *error)
{
    *relations = TP_RELATION_NONE;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT s.agency_code, (SELECT MIN(v.position) FROM session_venues v WHERE"
                    " v.session_id = s.id AND v.center_id = $2) FROM sessions s WHERE s.id = $1",
                    "tt", session_id, user->center_id);
    *found = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, found, error);
    }
    if (tp_ok(status) && *found) {
        if (user->role == TP_ROLE_AGENCY &&
            strcmp(tp_query_text(query, 0), user->agency_code) == 0) {
            *relations |= TP_RELATION_OWNER;
        }
        if (user->role == TP_ROLE_STAFF && !tp_query_is_null(query, 1)) {
            *relations |= TP_RELATION_VENUE;
            *relations |= tp_query_int(query, 1) == 0 ? TP_RELATION_MAIN_VENUE : 0;
        }
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_permit(struct tp_db *db, const struct tp_user *user, enum tp_act act,
                           const char *session_id, struct tp_error *error)
{
    unsigned relations = 0;
    bool found = false;
    struct tp_status status = tp_relation_find(db, user, session_id, &relations, &found, error);
    if (tp_failed(status)) {
        return status;
    }
    if (!found || !tp_permission_relation(user->role, TP_ACT_SESSION_READ, relations)) {
        return tp_fail(error, TP_NOT_FOUND, "session.not_found", "there is no such session");
    }
    if (!tp_permission_relation(user->role, act, relations)) {
        return tp_fail(error, TP_DENIED, "permission.denied", "%s is not for %s standing so to it",
                       tp_act_name(act), tp_role_name(user->role));
    }
    return TP_STATUS_OK;
}
