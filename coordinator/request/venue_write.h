/*
 * Writing venues of a session into the store, for a request and for a choice anew.
 * Internal to request/.
 */
#ifndef TP_COORDINATOR_REQUEST_VENUE_WRITE_H
#define TP_COORDINATOR_REQUEST_VENUE_WRITE_H

#include "coordinator/allocation/allocation.h"
#include "coordinator/record/write.h"
#include "coordinator/request/request_body.h"

struct tp_time_rules;

/* The policy's rules about times. */
void tp_request_time_rules(const struct tp_app *app, struct tp_time_rules *rules);

/* Writes what experts the venue needs, in place of what stood there. */
TP_MUST_USE struct tp_status tp_venue_experts_write(struct tp_write *write, const char *session_id,
                                                    int position,
                                                    const struct tp_venue_request *venue,
                                                    struct tp_error *error);

/* Writes the venue's row (new or in place of a refused one), its seats and bookings, and asks its
 * staff (A5: to-do and SMS at once). `representatives` is read for a new row only. */
TP_MUST_USE struct tp_status tp_venue_write(struct tp_write *write, const char *session_id,
                                            const struct tp_venue_place *place,
                                            int64_t representatives, struct tp_slots slots,
                                            const char *title, struct tp_error *error);

#endif
