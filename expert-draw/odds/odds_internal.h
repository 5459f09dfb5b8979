/* What the parts of the library share behind odds.h. */
#ifndef TP_ODDS_ODDS_INTERNAL_H
#define TP_ODDS_ODDS_INTERNAL_H

#include "expert-draw/odds/count.h"
#include "expert-draw/odds/filling.h"

struct tp_odds_member {
    uint32_t expert;
    uint32_t group;
};

struct tp_odds {
    struct tp_problem *problem;
    struct tp_reduced *reduced; /* NULL, as the count, when there is no committee */
    struct tp_count *count;
    mpz_t deals;
    mpz_t committees;
    mpz_t attempts;
    struct tp_odds_member *members; /* ascending experts */
    double *chances;                /* by group */
};

/* In how many ways the people of merged cells can be dealt out to the cells they stand for. */
void tp_odds_deals(const struct tp_problem *problem, const struct tp_reduced *reduced, mpz_t deals);

/* In how many committees one given person of a group sits in an open cell of the problem. */
void tp_odds_member(const struct tp_problem *problem, const struct tp_reduced *reduced,
                    const struct tp_count *count, size_t group, size_t cell, const mpz_t deals,
                    mpz_t out);

#endif
