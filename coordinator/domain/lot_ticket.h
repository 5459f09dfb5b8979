/*
 * The lot: one ticket per candidate, the smallest wins.
 *
 *     ticket = BLAKE2b-256(key = seed, suite ‖ u8 length ‖ domain ‖ u32 attempt ‖ id)
 *
 * (RFC 7693, integers big-endian, id in UTF-8.) Whoever has seed, domain, attempt and the
 * candidates' ids recomputes it. For secondary venues the domain is "tongping.venue-lot.v1" and the
 * attempt is the place of the venue in the request (1, 2, ...).
 */
#ifndef TP_COORDINATOR_DOMAIN_LOT_TICKET_H
#define TP_COORDINATOR_DOMAIN_LOT_TICKET_H

#include <stddef.h>
#include <stdint.h>

#define TP_LOT_SEED_BYTES 32
#define TP_LOT_TICKET_BYTES 32
#define TP_VENUE_LOT_DOMAIN "tongping.venue-lot.v1"

void tp_lot_ticket(const uint8_t seed[TP_LOT_SEED_BYTES], const char *domain, uint32_t attempt,
                   const char *id, uint8_t ticket[TP_LOT_TICKET_BYTES]);

#endif
