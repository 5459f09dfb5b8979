/*
 * The venues of a session as JSON. Internal to session/.
 */
#ifndef TP_COORDINATOR_SESSION_VENUES_JSON_H
#define TP_COORDINATOR_SESSION_VENUES_JSON_H

#include "coordinator/session/session.h"

TP_MUST_USE struct tp_status tp_session_venues_json(struct tp_db *db, const char *session_id,
                                                    json_t **venues, struct tp_error *error);

#endif
