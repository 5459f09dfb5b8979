/*
 * What the venues' nodes are told of a session, through the link's durable outbox.
 */
#ifndef TP_COORDINATOR_EVALUATION_SESSION_POST_H
#define TP_COORDINATOR_EVALUATION_SESSION_POST_H

#include "coordinator/session/session.h"
#include "proto/link.pb-c.h"

/* Inside a transition's write: a SessionPlan for every venue. */
TP_MUST_USE struct tp_status tp_session_post_plan(struct tp_write *write,
                                                  const struct tp_session_change *change,
                                                  Tongping__Link__SessionPhase phase,
                                                  struct tp_error *error);

/* Inside a write: a SessionView, of the next version, for every venue. */
TP_MUST_USE struct tp_status tp_session_post_view(struct tp_write *write, const char *session_id,
                                                  struct tp_error *error);

/* Whether any plan was posted for the session. */
TP_MUST_USE struct tp_status tp_session_was_posted(struct tp_db *db, const char *session_id,
                                                   bool *posted, struct tp_error *error);

/* The common start was given now. */
TP_MUST_USE struct tp_status tp_session_note_start(struct tp_write *write, const char *session_id,
                                                   struct tp_error *error);

#endif
