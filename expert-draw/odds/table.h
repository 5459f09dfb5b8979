/*
 * Polynomials in the cells' variables, truncated at the needs, with exact coefficients.
 *
 * A table is dense: one coefficient for each vector of exponents. A poly is a list of terms, often
 * few. Coefficients are non-negative integers of `limbs` 64-bit words, a width chosen so that no
 * number that is counted can be larger; therefore a sum never carries out of its entry.
 */
#ifndef TP_ODDS_TABLE_H
#define TP_ODDS_TABLE_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_TABLE_VARIABLES 32
#define TP_TABLE_LIMBS 160 /* of a coefficient */
#define TP_TABLE_ENTRY_LIMIT ((uint64_t)1 << 31)

/* The variables a table or poly is in; `size` is the largest exponent plus one, at least 2. */
struct tp_scope {
    size_t count;
    uint16_t variables[TP_TABLE_VARIABLES]; /* ascending */
    uint16_t sizes[TP_TABLE_VARIABLES];
};

struct tp_table {
    struct tp_scope scope;
    size_t strides[TP_TABLE_VARIABLES]; /* the last variable's is 1 */
    size_t entries;
    size_t limbs;
    mp_limb_t *values;
};

struct tp_poly {
    struct tp_scope scope;
    size_t term_count;
    size_t limbs;
    uint8_t *exponents; /* term after term, one byte a variable */
    mp_limb_t *values;
};

/* The number of entries; UINT64_MAX when it is larger than can be said. */
uint64_t tp_scope_entries(const struct tp_scope *scope);

/* Zero everywhere. False: no memory. */
bool tp_table_init(struct tp_table *table, const struct tp_scope *scope, size_t limbs);
void tp_table_fini(struct tp_table *table);
void tp_table_set_one(struct tp_table *table);
void tp_table_copy(struct tp_table *to, const struct tp_table *from);
/* The exponents of an entry, by the scope's order. */
void tp_table_exponents(const struct tp_table *table, size_t entry, uint8_t *exponents);

bool tp_poly_init(struct tp_poly *poly, const struct tp_scope *scope, size_t term_count,
                  size_t limbs);
void tp_poly_fini(struct tp_poly *poly);
/* Whether the term without any variable is there and is 1: then the poly can be divided by. */
bool tp_poly_is_unit(const struct tp_poly *poly);

/* A poly made ready to be moved over a table whose scope contains its own. */
struct tp_shifts;
struct tp_shifts *tp_shifts_new(const struct tp_table *table, const struct tp_poly *poly);
void tp_shifts_free(struct tp_shifts *shifts);

/* table = table * poly, and table = table / poly (a unit poly that is a factor of it). */
void tp_table_multiply(struct tp_table *table, const struct tp_shifts *shifts);
void tp_table_divide(struct tp_table *table, const struct tp_shifts *shifts);
/* out[t] += sum over entries a of weights[a] * table[a - exponents of term t]. */
void tp_table_correlate(const struct tp_table *weights, const struct tp_table *table,
                        const struct tp_shifts *shifts, mp_limb_t *out);

/* to += a * b, all of `limbs` words. */
void tp_limbs_add_product(mp_limb_t *to, const mp_limb_t *a, const mp_limb_t *b, size_t limbs);

#endif
