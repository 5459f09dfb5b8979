/*
 * The count of a reduced problem and, by going back through the same tables (each factor's rest is
 * the product without it), in how many committees each person sits in each of his cells.
 */
#ifndef TP_ODDS_COUNT_H
#define TP_ODDS_COUNT_H

#include "expert-draw/odds/network.h"

struct tp_count {
    size_t limbs;
    mpz_t committees;
    size_t *first; /* by part: index of its first number; one for each of its cells follows */
    mp_limb_t *numbers;
};

/*
 * `wanted`: the reduced cells for which people's numbers are computed; those of parts without such
 * a cell stay zero. TP_LIMIT "odds.too_large", TP_NOMEM.
 */
TP_MUST_USE struct tp_status tp_count_new(const struct tp_reduced *reduced, tp_cell_set wanted,
                                          const struct tp_odds_limits *limits,
                                          struct tp_count **count, struct tp_error *error);
void tp_count_free(struct tp_count *count);
TP_DEFINE_CLEANUP(tp_count, tp_count_free)

/* The number of committees in which one given person of a part sits in a reduced cell. */
void tp_count_member(const struct tp_count *count, const struct tp_reduced *reduced, uint32_t part,
                     size_t cell, mpz_t out);

#endif
