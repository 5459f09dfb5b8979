/*
 * An expert logs in at a seat: the sealed credential goes over the link to tp-draw, whose signed
 * answer is checked here and kept before the terminal is told.
 */
#ifndef TP_VENUE_NODE_SEAT_LOGIN_H
#define TP_VENUE_NODE_SEAT_LOGIN_H

#include "venue-node/login.h"
#include "venue-node/venue.h"

#define TP_SEALED_LEAST_BYTES (TP_SEAL_OVERHEAD_BYTES + 1)
#define TP_SEALED_MOST_BYTES 2048
#define TP_LOGIN_WAIT_MS 10000

/*
 * Blocks up to TP_LOGIN_WAIT_MS. TP_CONFLICT "login.no_session", "login.not_open", "seat.taken",
 * "login.already_in"; TP_PEER "link.down", "login.timeout"; TP_CRYPTO "login.bad_assertion"; what
 * tp-draw refused ("login.refused", "login.wrong_venue", "login.too_many_tries").
 */
TP_MUST_USE struct tp_status tp_seat_login(struct tp_venue *venue, const char *seat_id,
                                           const uint8_t token_hash[TP_HASH_BYTES],
                                           const struct tp_bytes *sealed, struct tp_login *login,
                                           struct tp_error *error);

#endif
