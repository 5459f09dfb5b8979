/*
 * A plan as the mathematics needs it: people of one employer who may sit in the same cells are one
 * group, because nothing distinguishes them. Cells without need are gone from every group.
 */
#ifndef TP_ODDS_PROBLEM_H
#define TP_ODDS_PROBLEM_H

#include "expert-draw/odds/odds.h"

/* Bit c: open cell c. */
typedef unsigned __int128 tp_cell_set;

static inline tp_cell_set tp_cell_bit(size_t cell)
{
    return (tp_cell_set)1 << cell;
}

static inline bool tp_cell_set_has(tp_cell_set set, size_t cell)
{
    return (set >> cell & 1) != 0;
}

struct tp_group {
    uint32_t employer; /* index of rooms, or TP_ODDS_NO_EMPLOYER */
    uint32_t count;    /* people */
    size_t first;      /* of the members, who stand together, ascending */
    tp_cell_set cells;
};

struct tp_problem {
    size_t open_count; /* cells with need */
    uint32_t needed[TP_ODDS_OPEN_LIMIT];
    size_t plan_cell[TP_ODDS_OPEN_LIMIT];
    struct tp_group *groups; /* those of one employer stand together */
    size_t group_count;
    uint32_t *rooms; /* by employer: how many more of its people may sit */
    size_t employer_count;
    uint32_t *members; /* experts by group */
    size_t member_count;
};

TP_MUST_USE struct tp_status tp_problem_new(const struct tp_odds_plan *plan,
                                            struct tp_problem **problem, struct tp_error *error);
/* A copy whose counts, needs and rooms may be changed. Members are copied too. */
struct tp_problem *tp_problem_copy(const struct tp_problem *problem);
void tp_problem_free(struct tp_problem *problem);
TP_DEFINE_CLEANUP(tp_problem, tp_problem_free)

#endif
