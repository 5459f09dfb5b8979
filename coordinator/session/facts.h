/*
 * What the guards of a session's transitions ask. Internal to session/.
 */
#ifndef TP_COORDINATOR_SESSION_FACTS_H
#define TP_COORDINATOR_SESSION_FACTS_H

#include "coordinator/session/session.h"

/* From the store and from the modules. */
TP_MUST_USE struct tp_status tp_session_facts_read(struct tp_app *app, struct tp_db *db,
                                                   const struct tp_session_row *row, int64_t now_ms,
                                                   struct tp_session_facts *facts,
                                                   struct tp_error *error);

#endif
