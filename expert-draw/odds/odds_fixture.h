/* Plans made up from a seed, and the truth about small ones by trying everything. */
#ifndef TP_ODDS_ODDS_FIXTURE_H
#define TP_ODDS_ODDS_FIXTURE_H

#include "expert-draw/odds/odds.h"

#define TP_FIXTURE_BRUTE_EXPERTS 12
#define TP_FIXTURE_BRUTE_CELLS 6

/* SplitMix64 (Steele, Lea, Flood 2014). */
struct tp_fixture_random {
    uint64_t state;
};

uint64_t tp_fixture_random_next(struct tp_fixture_random *random);
uint32_t tp_fixture_random_below(struct tp_fixture_random *random, uint32_t bound);
struct tp_odds_stream tp_fixture_stream(struct tp_fixture_random *random);

/* A plan that owns what it points at. */
struct tp_fixture_plan {
    struct tp_odds_plan plan;
    struct tp_odds_cell *cells;
    uint32_t **candidates;
    uint32_t *employers;
    uint32_t seated[2];
};

/* Empty cells with needs and lists with room for every expert. */
void tp_fixture_plan_init(struct tp_fixture_plan *made, size_t experts, size_t cells);
void tp_fixture_plan_fini(struct tp_fixture_plan *made);
/* Experts must be added to a cell in ascending order. */
void tp_fixture_plan_add(struct tp_fixture_plan *made, size_t cell, uint32_t expert);

/* A small plan in which everything occurs: shared cells, equal cells, caps, seated people. */
void tp_fixture_plan_random(struct tp_fixture_plan *made, uint64_t seed);

struct tp_fixture_truth {
    uint64_t committees;
    uint64_t in[TP_FIXTURE_BRUTE_EXPERTS][TP_FIXTURE_BRUTE_CELLS];
};

struct tp_fixture_truth tp_fixture_brute(const struct tp_odds_plan *plan);

/* A province: specialties in cities, people with 1 to `specialties_each` of them. */
struct tp_fixture_province {
    uint32_t experts;
    uint32_t cities;
    uint32_t specialties; /* per city, each with `needed` seats */
    uint32_t needed;
    uint32_t specialties_each;
    uint32_t employers; /* per city when `local`, else of the province */
    bool local;
    uint32_t nationals; /* beside them: employers with `national_share` % of everyone */
    uint32_t national_share;
    uint32_t cap;
};

void tp_fixture_plan_province(struct tp_fixture_plan *made,
                              const struct tp_fixture_province *province, uint64_t seed);

#endif
