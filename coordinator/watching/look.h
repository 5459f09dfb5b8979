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
/* The center's own id of the viewer. TP_DENIED "ticket.invalid" when the look was ended while the
 * center made its answer: the center is told, and the viewer must not get the answer. */
TP_MUST_USE struct tp_status tp_look_watching(struct tp_app *app, const struct tp_look *look,
                                              const char *viewer_id, struct tp_error *error);

/* Ends one look and tells the center; TP_NOT_FOUND "look.not_found". Nothing when it is over. */
TP_MUST_USE struct tp_status tp_look_end(struct tp_app *app, const char *look_id,
                                         const char *feed_id, const char *ended_by,
                                         struct tp_error *error);
/* Ends all looks of a user. */
TP_MUST_USE struct tp_status tp_look_end_user(struct tp_app *app, const char *user_id,
                                              struct tp_error *error);
/* A center ends every viewer by itself after this time (TP_VIEWER_LIFE_MS there), with room for
 * clocks that differ. */
#define TP_LOOK_LONGEST_MS ((int64_t)5 * 60 * 60 * 1000)
/* The center's link came up: the ends that may have been lost with it are told again. `count`: how
 * many messages that took. */
TP_MUST_USE struct tp_status tp_look_tell_ends(struct tp_app *app, const char *center_id,
                                               size_t *count, struct tp_error *error);
/* Job: ends the looks that are over without having been told so. */
TP_MUST_USE struct tp_status tp_look_sweep_run(struct tp_app *app, struct tp_error *error);

#endif
