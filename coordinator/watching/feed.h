/*
 * Which feeds a session has: by convention of ids (docs/interfaces.md section 1) one of each room
 * in use, and camera and desktop of each booked seat.
 */
#ifndef TP_COORDINATOR_WATCHING_FEED_H
#define TP_COORDINATOR_WATCHING_FEED_H

#include <jansson.h>

#include "coordinator/account/user.h"
#include "coordinator/app.h"

/* Items as of GET /sessions/{id}/feeds; for staff those of the own center. */
TP_MUST_USE struct tp_status tp_feeds_list(struct tp_app *app, struct tp_db *db,
                                           const char *session_id, const struct tp_user *viewer,
                                           json_t **items, struct tp_error *error);

/* The center whose node serves the feed of this session to this viewer, and the session running:
 * TP_NOT_FOUND "feed.not_found", TP_CONFLICT "feed.not_running". */
TP_MUST_USE struct tp_status tp_feed_check(struct tp_app *app, struct tp_db *db,
                                           const char *session_id, const char *feed_id,
                                           const struct tp_user *viewer,
                                           char center_id[TP_NAME_BYTES], struct tp_error *error);

#endif
