/*
 * Whether the cells can be filled at all, by augmenting paths over groups (Ford and Fulkerson).
 * When they cannot, the cells that the last search reached are a set that is short by itself (the
 * cut of the flow): whatever the rest does, these cannot be filled.
 */
#ifndef TP_ODDS_FILLING_H
#define TP_ODDS_FILLING_H

#include "expert-draw/odds/problem.h"

struct tp_filling {
    bool full;
    tp_cell_set short_cells; /* open cells; empty when full */
    uint32_t needed;         /* by the short cells */
    uint32_t fillable;       /* the most of them that can be filled */
    uint64_t eligible;       /* people who could sit in one of them if there were no cap */
    uint32_t capped;         /* employers whose cap is part of the reason */
    uint64_t capped_eligible;
};

TP_MUST_USE struct tp_status tp_filling_find(const struct tp_problem *problem,
                                             struct tp_filling *filling, struct tp_error *error);

#endif
