/*
 * What a terminal shows: the answer of GET /api/terminal/state.
 */
#ifndef TP_VENUE_NODE_SEAT_STATE_H
#define TP_VENUE_NODE_SEAT_STATE_H

#include "base/bytes.h"
#include "venue-node/venue.h"

/* Appends the JSON. The login is shown to the terminal it was made at only. */
TP_MUST_USE struct tp_status tp_seat_state_write(struct tp_venue *venue, const char *seat_id,
                                                 const uint8_t token_hash[TP_HASH_BYTES],
                                                 struct tp_bytes *out, struct tp_error *error);

#endif
