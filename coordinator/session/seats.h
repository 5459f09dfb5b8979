/*
 * The bookings of a session: one row per seat and slot under a UNIQUE key.
 */
#ifndef TP_COORDINATOR_SESSION_SEATS_H
#define TP_COORDINATOR_SESSION_SEATS_H

#include "coordinator/domain/slots.h"
#include "coordinator/session/session.h"

#define TP_ALL_VENUES (-1)
#define TP_SESSION_TITLE_BYTES 600

/* Writes the bookings of one seat. TP_CONFLICT "request.seats_taken" when one slot is another's. */
TP_MUST_USE struct tp_status tp_session_book_seat(struct tp_write *write, const char *session_id,
                                                  const char *seat_id, struct tp_slots slots,
                                                  struct tp_error *error);

/* Frees what is booked and not over, of one venue or all. Who sat where stays in session_seats. */
TP_MUST_USE struct tp_status tp_session_free_seats(struct tp_write *write,
                                                   const struct tp_session_row *row, int position,
                                                   struct tp_error *error);

/* `before` and the lot's name, for to-dos and messages. */
TP_MUST_USE struct tp_status tp_session_title(struct tp_db *db, const char *lot_id,
                                              const char *before,
                                              char title[TP_SESSION_TITLE_BYTES],
                                              struct tp_error *error);

#endif
