/*
 * The lot of venues and its record: {"seed", "domain", "candidates":[{"position","center_id",
 * "ticket"}], "chosen":[{"position","center_id"}]}, hex, in the order of drawing: enough for
 * anybody to draw it again. Internal to allocation/.
 */
#ifndef TP_COORDINATOR_ALLOCATION_VENUE_LOT_H
#define TP_COORDINATOR_ALLOCATION_VENUE_LOT_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"
#include "coordinator/domain/lot_ticket.h"

#define TP_LOT_CANDIDATES_MOST 256

struct tp_venue_lot {
    uint8_t seed[TP_LOT_SEED_BYTES];
    json_t *candidates;
    json_t *chosen;
};

TP_MUST_USE struct tp_status tp_venue_lot_init(struct tp_venue_lot *lot,
                                               const uint8_t seed[TP_LOT_SEED_BYTES],
                                               struct tp_error *error);
void tp_venue_lot_fini(struct tp_venue_lot *lot);

/* The candidate with the smallest ticket; `count` is at least 1. */
const char *tp_venue_lot_draw(struct tp_venue_lot *lot, uint32_t position,
                              const char *const *candidates, size_t count);

/* *record is NULL when nothing was drawn. */
TP_MUST_USE struct tp_status tp_venue_lot_record(const struct tp_venue_lot *lot, json_t **record,
                                                 struct tp_error *error);

#endif
