#include "expert-draw/odds/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * A term moves entries by `offset`, which is allowed where no exponent would fall below zero. Each
 * exponent has a field of bits in one word with a guard bit above it: subtracting the packed
 * vectors clears a guard exactly where an exponent is too small, so one test covers all variables.
 */
struct shift {
    size_t offset;
    uint64_t packed;
    const mp_limb_t *value;
    size_t value_limbs; /* without leading zeros; 0: the term is zero */
    size_t term;
};

struct tp_shifts {
    size_t count;
    struct shift *shifts; /* ascending offsets; the constant term is first if it is there */
    uint64_t guards;
    uint64_t steps[TP_TABLE_VARIABLES]; /* packed 1 of each of the table's variables */
};

uint64_t tp_scope_entries(const struct tp_scope *scope)
{
    uint64_t entries = 1;
    for (size_t v = 0; v < scope->count; v++) {
        if (__builtin_mul_overflow(entries, scope->sizes[v], &entries))
            return UINT64_MAX;
    }
    return entries;
}

bool tp_table_init(struct tp_table *table, const struct tp_scope *scope, size_t limbs)
{
    *table = (struct tp_table){.scope = *scope, .limbs = limbs};
    uint64_t entries = tp_scope_entries(scope);
    assert(entries <= TP_TABLE_ENTRY_LIMIT);
    table->entries = (size_t)entries;
    size_t stride = 1;
    for (size_t v = scope->count; v-- > 0;) {
        table->strides[v] = stride;
        stride *= scope->sizes[v];
    }
    table->values = calloc(table->entries * limbs, sizeof(mp_limb_t));
    return table->values != NULL;
}

void tp_table_fini(struct tp_table *table)
{
    free(table->values);
    table->values = NULL;
}

void tp_table_set_one(struct tp_table *table)
{
    memset(table->values, 0, table->entries * table->limbs * sizeof(mp_limb_t));
    table->values[0] = 1;
}

void tp_table_copy(struct tp_table *to, const struct tp_table *from)
{
    assert(to->entries == from->entries && to->limbs == from->limbs);
    memcpy(to->values, from->values, from->entries * from->limbs * sizeof(mp_limb_t));
}

void tp_table_exponents(const struct tp_table *table, size_t entry, uint8_t *exponents)
{
    for (size_t v = 0; v < table->scope.count; v++) {
        exponents[v] = (uint8_t)(entry / table->strides[v]);
        entry %= table->strides[v];
    }
}

bool tp_poly_init(struct tp_poly *poly, const struct tp_scope *scope, size_t term_count,
                  size_t limbs)
{
    *poly = (struct tp_poly){.scope = *scope, .term_count = term_count, .limbs = limbs};
    poly->exponents = calloc(term_count * scope->count + 1, 1);
    poly->values = calloc(term_count * limbs + 1, sizeof(mp_limb_t));
    return poly->exponents != NULL && poly->values != NULL;
}

void tp_poly_fini(struct tp_poly *poly)
{
    free(poly->exponents);
    free(poly->values);
    poly->exponents = NULL;
    poly->values = NULL;
}

static size_t used_limbs(const mp_limb_t *value, size_t limbs)
{
    while (limbs > 0 && value[limbs - 1] == 0)
        limbs--;
    return limbs;
}

bool tp_poly_is_unit(const struct tp_poly *poly)
{
    for (size_t t = 0; t < poly->term_count; t++) {
        bool constant = true;
        for (size_t v = 0; v < poly->scope.count; v++)
            constant = constant && poly->exponents[t * poly->scope.count + v] == 0;
        const mp_limb_t *value = &poly->values[t * poly->limbs];
        if (constant)
            return value[0] == 1 && used_limbs(value, poly->limbs) == 1;
    }
    return false;
}

static int by_offset(const void *a, const void *b)
{
    const struct shift *x = a;
    const struct shift *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void pack_fields(struct tp_shifts *made, const struct tp_table *table)
{
    unsigned at = 0;
    for (size_t v = 0; v < table->scope.count; v++) {
        unsigned bits = 32 - (unsigned)__builtin_clz(table->scope.sizes[v] - 1U);
        assert(at + bits < 64);
        made->steps[v] = (uint64_t)1 << at;
        made->guards |= (uint64_t)1 << (at + bits);
        at += bits + 1;
    }
}

static void add_exponent(const struct tp_shifts *made, const struct tp_table *table,
                         uint16_t variable, uint8_t exponent, struct shift *shift)
{
    size_t v = 0;
    while (table->scope.variables[v] != variable)
        v++;
    assert(v < table->scope.count);
    shift->offset += exponent * table->strides[v];
    shift->packed += exponent * made->steps[v];
}

struct tp_shifts *tp_shifts_new(const struct tp_table *table, const struct tp_poly *poly)
{
    struct tp_shifts *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return NULL;
    made->shifts = calloc(poly->term_count + 1, sizeof(*made->shifts));
    if (made->shifts == NULL) {
        free(made);
        return NULL;
    }
    made->count = poly->term_count;
    pack_fields(made, table);
    for (size_t t = 0; t < poly->term_count; t++) {
        struct shift *shift = &made->shifts[t];
        shift->term = t;
        shift->value = &poly->values[t * poly->limbs];
        shift->value_limbs = used_limbs(shift->value, poly->limbs);
        for (size_t v = 0; v < poly->scope.count; v++)
            add_exponent(made, table, poly->scope.variables[v],
                         poly->exponents[t * poly->scope.count + v], shift);
    }
    qsort(made->shifts, made->count, sizeof(*made->shifts), by_offset);
    return made;
}

void tp_shifts_free(struct tp_shifts *shifts)
{
    if (shifts == NULL)
        return;
    free(shifts->shifts);
    free(shifts);
}

static bool fits(const struct tp_shifts *shifts, uint64_t packed, const struct shift *shift)
{
    return (((packed | shifts->guards) - shift->packed) & shifts->guards) == shifts->guards;
}

/* Walks through the entries with their packed exponents. */
struct walk {
    const struct tp_table *table;
    const struct tp_shifts *shifts;
    uint16_t digits[TP_TABLE_VARIABLES];
    uint64_t packed;
};

static void walk_up(struct walk *walk)
{
    for (size_t v = walk->table->scope.count; v-- > 0;) {
        walk->packed += walk->shifts->steps[v];
        if (++walk->digits[v] < walk->table->scope.sizes[v])
            return;
        walk->packed -= walk->shifts->steps[v] * walk->digits[v];
        walk->digits[v] = 0;
    }
}

static void walk_down(struct walk *walk)
{
    for (size_t v = walk->table->scope.count; v-- > 0;) {
        if (walk->digits[v] > 0) {
            walk->digits[v]--;
            walk->packed -= walk->shifts->steps[v];
            return;
        }
        walk->digits[v] = walk->table->scope.sizes[v] - 1U;
        walk->packed += walk->shifts->steps[v] * walk->digits[v];
    }
}

/* to += a * value: the width is never exceeded, so what would be cut off is zero. */
static void add_product(mp_limb_t *to, const mp_limb_t *a, size_t limbs, const struct shift *shift)
{
    if (limbs == 1) {
        to[0] += a[0] * shift->value[0];
        return;
    }
    for (size_t i = 0; i < shift->value_limbs; i++) {
        if (shift->value[i] != 0)
            mpn_addmul_1(to + i, a, (mp_size_t)(limbs - i), shift->value[i]);
    }
}

static void subtract_product(mp_limb_t *to, const mp_limb_t *a, size_t limbs,
                             const struct shift *shift)
{
    if (limbs == 1) {
        to[0] -= a[0] * shift->value[0];
        return;
    }
    for (size_t i = 0; i < shift->value_limbs; i++) {
        if (shift->value[i] != 0)
            mpn_submul_1(to + i, a, (mp_size_t)(limbs - i), shift->value[i]);
    }
}

void tp_limbs_add_product(mp_limb_t *to, const mp_limb_t *a, const mp_limb_t *b, size_t limbs)
{
    struct shift shift = {.value = b, .value_limbs = used_limbs(b, limbs)};
    if (shift.value_limbs > 0)
        add_product(to, a, limbs, &shift);
}

/* An entry times the constant term, in place. */
static void scale(mp_limb_t *entry, size_t limbs, const struct shift *constant, mp_limb_t *scratch)
{
    if (constant != NULL && constant->value_limbs == 1 && constant->value[0] == 1)
        return;
    memcpy(scratch, entry, limbs * sizeof(mp_limb_t));
    memset(entry, 0, limbs * sizeof(mp_limb_t));
    if (constant != NULL && constant->value_limbs > 0)
        add_product(entry, scratch, limbs, constant);
}

void tp_table_multiply(struct tp_table *table, const struct tp_shifts *shifts)
{
    size_t limbs = table->limbs;
    assert(limbs <= TP_TABLE_LIMBS);
    mp_limb_t scratch[TP_TABLE_LIMBS];
    bool has_constant = shifts->count > 0 && shifts->shifts[0].offset == 0;
    const struct shift *constant = has_constant ? &shifts->shifts[0] : NULL;
    struct walk walk = {.table = table, .shifts = shifts};
    walk_down(&walk); /* from the first entry to the last */
    for (size_t a = table->entries; a-- > 0; walk_down(&walk)) {
        mp_limb_t *entry = &table->values[a * limbs];
        scale(entry, limbs, constant, scratch);
        for (size_t s = has_constant; s < shifts->count; s++) {
            const struct shift *shift = &shifts->shifts[s];
            if (shift->offset > a)
                break;
            if (shift->value_limbs > 0 && fits(shifts, walk.packed, shift))
                add_product(entry, &table->values[(a - shift->offset) * limbs], limbs, shift);
        }
    }
}

void tp_table_divide(struct tp_table *table, const struct tp_shifts *shifts)
{
    size_t limbs = table->limbs;
    assert(shifts->count > 0 && shifts->shifts[0].offset == 0);
    struct walk walk = {.table = table, .shifts = shifts};
    for (size_t a = 0; a < table->entries; a++, walk_up(&walk)) {
        mp_limb_t *entry = &table->values[a * limbs];
        for (size_t s = 1; s < shifts->count; s++) {
            const struct shift *shift = &shifts->shifts[s];
            if (shift->offset > a)
                break;
            if (shift->value_limbs > 0 && fits(shifts, walk.packed, shift))
                subtract_product(entry, &table->values[(a - shift->offset) * limbs], limbs, shift);
        }
    }
}

void tp_table_correlate(const struct tp_table *weights, const struct tp_table *table,
                        const struct tp_shifts *shifts, mp_limb_t *out)
{
    size_t limbs = table->limbs;
    struct walk walk = {.table = table, .shifts = shifts};
    for (size_t a = 0; a < table->entries; a++, walk_up(&walk)) {
        struct shift weight = {.value = &weights->values[a * limbs]};
        weight.value_limbs = used_limbs(weight.value, limbs);
        if (weight.value_limbs == 0)
            continue;
        for (size_t s = 0; s < shifts->count; s++) {
            const struct shift *shift = &shifts->shifts[s];
            if (shift->offset > a)
                break;
            if (fits(shifts, walk.packed, shift))
                add_product(&out[shift->term * limbs], &table->values[(a - shift->offset) * limbs],
                            limbs, &weight);
        }
    }
}
