/*
 * What the people of a unit can contribute, as a polynomial: the coefficient of a vector of seats
 * is the number of ways the unit can fill them, (1 + sum of the person's cells) multiplied over
 * the people, without terms of more seats than the cap.
 */
#ifndef TP_ODDS_UNIT_H
#define TP_ODDS_UNIT_H

#include "expert-draw/odds/reduce.h"
#include "expert-draw/odds/table.h"

/* A unit, or one part of an employer whose load is counted in a variable of its own. */
struct tp_source {
    uint32_t unit;
    uint32_t part; /* TP_NO_PART: all of them */
    uint16_t load; /* the variable; 0: none, the cap is applied here */
};

struct tp_unit_poly {
    struct tp_poly poly; /* all vectors up to needs and cap, in lexical order */
    size_t cell_count;   /* the first variables; the load follows if there is one */
    uint32_t cap;
    uint32_t *before; /* by term and cell: the term with one seat less there, or UINT32_MAX */
};

/* UINT64_MAX: more than can be said. */
uint64_t tp_unit_poly_terms(const struct tp_reduced *reduced, const struct tp_source *source);

/* False: no memory. The caller has checked the number of terms. */
bool tp_unit_poly_init(struct tp_unit_poly *made, const struct tp_reduced *reduced,
                       const struct tp_source *source, size_t limbs);
void tp_unit_poly_fini(struct tp_unit_poly *made);

/*
 * Given in how many ways the others complete each term (`rest`, by term), the number of committees
 * in which one given person of a part sits in each of the part's cells: out[c] for reduced cell c,
 * `limbs` words each, set. False: no memory.
 */
bool tp_unit_poly_member(const struct tp_unit_poly *made, const struct tp_part *part,
                         const mp_limb_t *rest, mp_limb_t *out);

#endif
