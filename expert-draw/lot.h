/*
 * The lot: a whole committee at a time, every lawful committee equally likely.
 *
 * In an attempt each candidate of each cell gets a ticket, the keyed BLAKE2b-256 under the round's
 * seed of suite ‖ u8 length of domain ‖ "tongping.lot.ticket.v1" ‖ u32 attempt ‖ u16 cell ‖ leaf
 * and the `needed` smallest tickets of a cell are its part of the committee. A committee that
 * breaks a rule (a person twice, an employer over the cap) is thrown away whole and the next
 * attempt number is taken, from 1. To take the next candidate instead would not be uniform once
 * there is a cap. Tickets of one person in two cells differ, so the cells' choices are independent.
 */
#ifndef TP_DRAW_LOT_H
#define TP_DRAW_LOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "expert-draw/pool.h"

#define TP_LOT_SEED_BYTES 32
#define TP_LOT_COMMITTEE_LIMIT 101
#define TP_LOT_CELL_LIMIT 400
#define TP_LOT_ATTEMPT_LIMIT 100000
#define TP_LOT_NO_CAP UINT32_MAX

struct tp_lot_cell {
    uint16_t number;            /* in the plan; goes into the ticket */
    uint32_t needed;            /* may be 0 */
    const uint32_t *candidates; /* indexes into the pool, each once */
    size_t candidate_count;
};

struct tp_lot {
    const struct tp_pool *pool;
    const struct tp_lot_cell *cells;
    size_t cell_count;
    uint32_t employer_cap;  /* TP_LOT_NO_CAP: none */
    const uint32_t *seated; /* experts already on the committee; they count for the cap */
    size_t seated_count;
};

struct tp_lot_choice {
    uint32_t expert; /* index into the pool */
    uint16_t cell;   /* the cell's number */
};

struct tp_lot_result {
    uint32_t attempts; /* the one that gave the committee */
    size_t count;
    struct tp_lot_choice choices[TP_LOT_COMMITTEE_LIMIT]; /* by cell, then by ticket */
};

/*
 * Whether a lawful committee exists, exactly (a flow through employers and cells). When not:
 * TP_CONFLICT "draw.infeasible"; *short_cell is the index of a cell that cannot be filled.
 */
TP_MUST_USE struct tp_status tp_lot_check_feasible(const struct tp_lot *lot, size_t *short_cell,
                                                   struct tp_error *error);

/* Draws. TP_LIMIT "draw.attempts" when no attempt up to `attempt_limit` is lawful. */
TP_MUST_USE struct tp_status tp_lot_draw(const struct tp_lot *lot,
                                         const uint8_t seed[TP_LOT_SEED_BYTES],
                                         uint32_t attempt_limit, struct tp_lot_result *result,
                                         struct tp_error *error);

#endif
