/*
 * What happened at the seats, as the nodes' journals report it: applied in the transaction of the
 * link's dedup mark, logged, and shown to all venues.
 */
#ifndef TP_COORDINATOR_EVALUATION_SEAT_EVENTS_H
#define TP_COORDINATOR_EVALUATION_SEAT_EVENTS_H

#include "coordinator/record/write.h"
#include "proto/link.pb-c.h"

/* An event that does not hold (wrong center, bad signature, a seat that is taken) is logged as
 * "seat.not_taken" with the reason, and passes. `draw_sign_public` may be NULL: then an entry
 * counts only for an expert whom tp-draw let in through this process ("expected"). */
TP_MUST_USE struct tp_status tp_seat_event_apply(struct tp_write *write, const char *center_id,
                                                 const Tongping__Link__SeatEvent *event,
                                                 const uint8_t *draw_sign_public,
                                                 struct tp_error *error);

#endif
