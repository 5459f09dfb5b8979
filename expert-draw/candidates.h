/*
 * Who may sit in each cell of a plan, and why others may not: the input of the lot and of the odds.
 */
#ifndef TP_DRAW_CANDIDATES_H
#define TP_DRAW_CANDIDATES_H

#include "expert-draw/lot.h"
#include "expert-draw/odds/odds.h"
#include "expert-draw/plan.h"

/* Somebody drawn in an earlier round. */
struct tp_seated {
    uint32_t expert; /* index into the pool */
    uint32_t cell;
    bool seated; /* holds the seat; otherwise he left it and cannot be drawn again */
};

struct tp_candidates {
    struct tp_lot lot;        /* points into this */
    struct tp_odds_plan odds; /* the same for the odds */
    struct tp_lot_cell *lot_cells;
    struct tp_odds_cell *odds_cells;
    struct tp_odds_exclusion *exclusions;
    uint32_t *experts;   /* of all cells, one after another */
    uint32_t *employers; /* by expert */
    uint32_t *seated;
};

/* Candidates of the seats that are vacant beside `drawn`. Plan and pool are borrowed and must stay
 * where they are, as must `candidates`. */
TP_MUST_USE struct tp_status tp_candidates_init(struct tp_candidates *candidates,
                                                const struct tp_plan *plan,
                                                const struct tp_pool *pool,
                                                const struct tp_seated *drawn, size_t drawn_count,
                                                struct tp_error *error);
void tp_candidates_fini(struct tp_candidates *candidates);
TP_DEFINE_FINI_CLEANUP(tp_candidates, tp_candidates_fini)

#endif
