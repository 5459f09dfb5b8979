/*
 * Which center and which seats each venue of a session gets: chosen by the agency (A4) or drawn by
 * lot (A3). Pure: from a list of seats and a seed to an allocation, so that it can be recomputed.
 *
 * The lot: for the venue at position p every center that can seat it, is not used in this session
 * and has not refused it gets a ticket (domain/lot_ticket.h, domain "tongping.venue-lot.v1",
 * attempt p); the smallest wins. Positions are drawn in descending order of their seats: a center
 * that can seat more can seat less, so no venue takes the last place that another needs.
 */
#ifndef TP_COORDINATOR_ALLOCATION_ALLOCATION_H
#define TP_COORDINATOR_ALLOCATION_ALLOCATION_H

#include <jansson.h>

#include "coordinator/allocation/free_seats.h"
#include "coordinator/domain/lot_ticket.h"

#define TP_VENUES_MOST 9 /* the main one and eight secondary */
#define TP_VENUE_SEATS_MOST 50
#define TP_VENUE_ROOMS_MOST 16

/* What one venue needs. Texts are borrowed. */
struct tp_venue_wish {
    int position;                           /* in the session; 0 is the main venue */
    const char *center_id;                  /* NULL: by lot */
    const char *rooms[TP_VENUE_ROOMS_MOST]; /* seats only from these; none: from any */
    size_t room_count;
    const char *seats[TP_VENUE_SEATS_MOST]; /* exactly these; none: the first free ones */
    size_t named_seat_count;
    size_t seat_count; /* needed */
};

struct tp_venue_place {
    int position;
    const char *center_id; /* borrowed from the seat list, as the seats */
    const struct tp_seat_view *seats[TP_VENUE_SEATS_MOST];
    size_t seat_count;
};

/*
 * Fills places[i] for wishes[i]. `barred` are centers that no lot may give (used already, or have
 * refused). *lot_record is the record of the lot as in the API, or NULL when nothing was drawn.
 * TP_CONFLICT "request.seats_taken" (named or main), "request.nothing_fits" (lot); TP_INPUT
 * "request.unknown_seat", "request.unknown_room", "request.unknown_center".
 */
TP_MUST_USE struct tp_status
tp_allocate(const struct tp_seat_list *seats, const struct tp_venue_wish *wishes, size_t count,
            const char *const *barred, size_t barred_count, const uint8_t seed[TP_LOT_SEED_BYTES],
            struct tp_venue_place *places, json_t **lot_record, struct tp_error *error);

#endif
