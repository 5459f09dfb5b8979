/*
 * The course of a session, read from the log. Internal to session/.
 */
#ifndef TP_COORDINATOR_SESSION_TIMELINE_H
#define TP_COORDINATOR_SESSION_TIMELINE_H

#include "coordinator/session/session.h"

/* The last 500 entries, oldest first. */
TP_MUST_USE struct tp_status tp_session_timeline(struct tp_db *db, const char *session_id,
                                                 json_t **timeline, struct tp_error *error);

#endif
