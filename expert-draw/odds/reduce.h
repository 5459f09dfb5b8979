/*
 * A problem made as small as it can be without changing what is counted:
 * - cells with the same candidates become one cell with the sum of their needs (the count of the
 *   plan is the count here times the ways to deal the chosen out, a multinomial);
 * - an employer that cannot break its cap (too few people, or too few seats in reach) sets its
 *   people free, and free people with the same cells are one unit;
 * - employers that look alike (same room, same numbers with the same cells) are one unit with
 *   copies, computed once.
 */
#ifndef TP_ODDS_REDUCE_H
#define TP_ODDS_REDUCE_H

#include "expert-draw/odds/problem.h"

#define TP_NO_PART UINT32_MAX

struct tp_part {
    tp_cell_set cells; /* of the reduced problem */
    uint32_t count;    /* people */
};

/* An employer under a cap, or free people of one kind (one part, no cap). */
struct tp_unit {
    uint32_t first_part;
    uint32_t part_count;
    uint32_t cap; /* TP_ODDS_NO_CAP: free people */
    uint32_t copies;
    tp_cell_set scope; /* of all parts */
};

struct tp_reduced {
    size_t cell_count;
    uint32_t needed[TP_ODDS_OPEN_LIMIT];
    tp_cell_set origin[TP_ODDS_OPEN_LIMIT]; /* open cells of the problem that are one here */
    uint8_t cell_of[TP_ODDS_OPEN_LIMIT];    /* by open cell; meaningless where nothing is needed */
    struct tp_unit *units;
    size_t unit_count;
    struct tp_part *parts;
    size_t part_count;
    uint32_t *part_of; /* by group: TP_NO_PART when its people cannot sit */
};

TP_MUST_USE struct tp_status tp_reduced_new(const struct tp_problem *problem,
                                            struct tp_reduced **reduced, struct tp_error *error);
void tp_reduced_free(struct tp_reduced *reduced);
TP_DEFINE_CLEANUP(tp_reduced, tp_reduced_free)

#endif
