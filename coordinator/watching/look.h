/*
 * Looks: who watched which feed of which session, from when to when. Begun before the picture can
 * flow and logged; ended by the viewer, by the end of the login or of the session, or when the
 * center says that nobody watches.
 */
#ifndef TP_COORDINATOR_WATCHING_LOOK_H
#define TP_COORDINATOR_WATCHING_LOOK_H

#include "coordinator/record/write.h"
#include "coordinator/watching/ticket.h"

struct tp_look {
    char id[TP_ID_BYTES]; /* names the look to its viewer and to nobody else */
    char center_id[TP_NAME_BYTES];
};

/* Checks that the ticket's holder is still logged in and may watch the feed now, uses the ticket up
 * (TP_DENIED "ticket.used") and logs the beginning. */
TP_MUST_USE struct tp_status tp_look_begin(struct tp_app *app, const struct tp_ticket *ticket,
                                           struct tp_look *look, struct tp_error *error);
/* The center's own id of the viewer. */
TP_MUST_USE struct tp_status tp_look_watching(struct tp_app *app, const struct tp_look *look,
                                              const char *viewer_id, struct tp_error *error);

/* Ends one look and tells the center; TP_NOT_FOUND "look.not_found". Nothing when it is over. */
TP_MUST_USE struct tp_status tp_look_end(struct tp_app *app, const char *look_id,
                                         const char *feed_id, const char *ended_by,
                                         struct tp_error *error);
/* Ends all looks of a user. */
TP_MUST_USE struct tp_status tp_look_end_user(struct tp_app *app, const char *user_id,
                                              struct tp_error *error);
/* Job: ends the looks that are over without having been told so. */
TP_MUST_USE struct tp_status tp_look_sweep_run(struct tp_app *app, struct tp_error *error);

#endif
