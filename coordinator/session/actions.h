/*
 * What a user may do with a session now: permission table and state table asked together.
 * Internal to session/.
 */
#ifndef TP_COORDINATOR_SESSION_ACTIONS_H
#define TP_COORDINATOR_SESSION_ACTIONS_H

#include "coordinator/session/session.h"

/* An array of "confirm", "refuse", "venues", "draw", "leave", "open-entry", "start", "finish",
 * "cancel": the last part of the path of the call. */
TP_MUST_USE struct tp_status tp_session_actions(struct tp_app *app, struct tp_db *db,
                                                const struct tp_session_row *row,
                                                const struct tp_user *user, json_t **actions,
                                                struct tp_error *error);

#endif
