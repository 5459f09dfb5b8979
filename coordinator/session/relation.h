/*
 * How a user stands to a session, and whether it may do an act so (domain/permission.h decides).
 */
#ifndef TP_COORDINATOR_SESSION_RELATION_H
#define TP_COORDINATOR_SESSION_RELATION_H

#include "base/store/store.h"
#include "coordinator/account/user.h"

/* The flags of enum tp_relation; *found is false when there is no such session. */
TP_MUST_USE struct tp_status tp_relation_find(struct tp_db *db, const struct tp_user *user,
                                              const char *session_id, unsigned *relations,
                                              bool *found, struct tp_error *error);

/*
 * TP_NOT_FOUND "session.not_found" when there is no such session or the user may not know of it,
 * TP_DENIED "permission.denied" when it may read it but not do this. Call it inside the write or
 * read of the act.
 */
TP_MUST_USE struct tp_status tp_permit(struct tp_db *db, const struct tp_user *user,
                                       enum tp_act act, const char *session_id,
                                       struct tp_error *error);

#endif
