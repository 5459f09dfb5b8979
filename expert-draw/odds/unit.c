#include "expert-draw/odds/unit.h"

#include <stdlib.h>
#include <string.h>

static tp_cell_set cells_of(const struct tp_reduced *reduced, const struct tp_source *source)
{
    return source->part == TP_NO_PART ? reduced->units[source->unit].scope
                                      : reduced->parts[source->part].cells;
}

static size_t list_cells(tp_cell_set set, uint16_t *cells)
{
    size_t count = 0;
    for (uint16_t c = 0; c < TP_ODDS_OPEN_LIMIT; c++) {
        if (tp_cell_set_has(set, c))
            cells[count++] = c;
    }
    return count;
}

/* The cap, or the seats in reach when these are fewer. */
static uint32_t cap_within(const struct tp_reduced *reduced, uint32_t cap, const uint16_t *cells,
                           size_t count)
{
    uint32_t seats = 0;
    for (size_t i = 0; i < count && seats < cap; i++)
        seats += reduced->needed[cells[i]];
    return cap < seats ? cap : seats;
}

/* Vectors by their sum, one cell after another. */
uint64_t tp_unit_poly_terms(const struct tp_reduced *reduced, const struct tp_source *source)
{
    uint16_t cells[TP_ODDS_OPEN_LIMIT];
    size_t count = list_cells(cells_of(reduced, source), cells);
    uint32_t cap = cap_within(reduced, reduced->units[source->unit].cap, cells, count);
    uint64_t ways[TP_ODDS_SEAT_LIMIT + 1];
    memset(ways, 0, (cap + 1) * sizeof(*ways));
    ways[0] = 1;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t sum = cap + 1; sum-- > 0;) {
            for (uint32_t seats = 1; seats <= reduced->needed[cells[i]] && seats <= sum; seats++) {
                if (__builtin_add_overflow(ways[sum], ways[sum - seats], &ways[sum]))
                    return UINT64_MAX;
            }
        }
    }
    uint64_t terms = 0;
    for (uint32_t sum = 0; sum <= cap; sum++) {
        if (__builtin_add_overflow(terms, ways[sum], &terms))
            return UINT64_MAX;
    }
    return terms;
}

/* The next vector in lexical order; `sum` is kept. */
static void step(const struct tp_unit_poly *made, uint8_t *vector, uint32_t *sum)
{
    for (size_t v = made->cell_count; v-- > 0;) {
        if (*sum < made->cap && vector[v] + 1U < made->poly.scope.sizes[v]) {
            vector[v]++;
            ++*sum;
            return;
        }
        *sum -= vector[v];
        vector[v] = 0;
    }
}

static void list_terms(struct tp_unit_poly *made)
{
    size_t width = made->poly.scope.count;
    uint8_t vector[TP_TABLE_VARIABLES + 1] = {0};
    uint32_t sum = 0;
    for (size_t t = 0; t < made->poly.term_count; t++) {
        uint8_t *term = &made->poly.exponents[t * width];
        memcpy(term, vector, made->cell_count);
        if (width > made->cell_count)
            term[made->cell_count] = (uint8_t)sum;
        step(made, vector, &sum);
    }
}

static uint32_t find_term(const struct tp_unit_poly *made, const uint8_t *vector, size_t end)
{
    size_t width = made->poly.scope.count;
    size_t low = 0;
    while (low < end) {
        size_t middle = low + (end - low) / 2;
        int order = memcmp(&made->poly.exponents[middle * width], vector, made->cell_count);
        if (order == 0)
            return (uint32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            end = middle;
    }
    return UINT32_MAX;
}

static void list_before(struct tp_unit_poly *made)
{
    size_t width = made->poly.scope.count;
    for (size_t t = 0; t < made->poly.term_count; t++) {
        uint8_t vector[TP_TABLE_VARIABLES];
        memcpy(vector, &made->poly.exponents[t * width], made->cell_count);
        for (size_t v = 0; v < made->cell_count; v++) {
            uint32_t *before = &made->before[t * made->cell_count + v];
            *before = UINT32_MAX;
            if (vector[v] == 0)
                continue;
            vector[v]--;
            *before = find_term(made, vector, t);
            vector[v]++;
        }
    }
}

/* How many ways `count` people alike fill a vector: choose those of one cell after another. */
static void set_first_part(struct tp_unit_poly *made, const struct tp_part *part)
{
    size_t width = made->poly.scope.count;
    mpz_t ways, choose;
    mpz_inits(ways, choose, NULL);
    for (size_t t = 0; t < made->poly.term_count; t++) {
        const uint8_t *term = &made->poly.exponents[t * width];
        uint32_t left = part->count;
        mpz_set_ui(ways, 1);
        for (size_t v = 0; v < made->cell_count && mpz_sgn(ways) != 0; v++) {
            if (term[v] == 0)
                continue;
            bool may = tp_cell_set_has(part->cells, made->poly.scope.variables[v]);
            mpz_bin_uiui(choose, left, term[v]);
            mpz_mul(ways, ways, choose);
            if (!may || term[v] > left)
                mpz_set_ui(ways, 0);
            else
                left -= term[v];
        }
        memcpy(&made->poly.values[t * made->poly.limbs], mpz_limbs_read(ways),
               mpz_size(ways) * sizeof(mp_limb_t));
    }
    mpz_clears(ways, choose, NULL);
}

/* Once more by (1 + sum of the part's cells). */
static void multiply_person(struct tp_unit_poly *made, const struct tp_part *part)
{
    mp_size_t limbs = (mp_size_t)made->poly.limbs;
    for (size_t t = made->poly.term_count; t-- > 0;) {
        for (size_t v = 0; v < made->cell_count; v++) {
            uint32_t before = made->before[t * made->cell_count + v];
            if (before != UINT32_MAX && tp_cell_set_has(part->cells, made->poly.scope.variables[v]))
                mpn_add_n(&made->poly.values[t * made->poly.limbs],
                          &made->poly.values[t * made->poly.limbs],
                          &made->poly.values[before * made->poly.limbs], limbs);
        }
    }
}

bool tp_unit_poly_init(struct tp_unit_poly *made, const struct tp_reduced *reduced,
                       const struct tp_source *source, size_t limbs)
{
    const struct tp_unit *unit = &reduced->units[source->unit];
    *made = (struct tp_unit_poly){0};
    struct tp_scope scope = {.count = list_cells(cells_of(reduced, source), scope.variables)};
    for (size_t v = 0; v < scope.count; v++)
        scope.sizes[v] = (uint16_t)(reduced->needed[scope.variables[v]] + 1);
    made->cell_count = scope.count;
    made->cap = cap_within(reduced, unit->cap, scope.variables, scope.count);
    if (source->load != 0) {
        scope.variables[scope.count] = source->load;
        scope.sizes[scope.count++] = (uint16_t)(unit->cap + 1);
    }
    size_t terms = (size_t)tp_unit_poly_terms(reduced, source);
    made->before = malloc((terms * made->cell_count + 1) * sizeof(*made->before));
    if (!tp_poly_init(&made->poly, &scope, terms, limbs) || made->before == NULL)
        return false;
    list_terms(made);
    list_before(made);
    bool whole = source->part == TP_NO_PART;
    const struct tp_part *first = &reduced->parts[whole ? unit->first_part : source->part];
    set_first_part(made, first);
    for (uint32_t p = 1; whole && p < unit->part_count; p++) {
        for (uint32_t i = 0; i < first[p].count; i++)
            multiply_person(made, &first[p]);
    }
    return true;
}

void tp_unit_poly_fini(struct tp_unit_poly *made)
{
    tp_poly_fini(&made->poly);
    free(made->before);
    made->before = NULL;
}

/* One person less: the poly divided by (1 + sum of the part's cells). */
static void divide_person(const struct tp_unit_poly *made, const struct tp_part *part,
                          mp_limb_t *values)
{
    mp_size_t limbs = (mp_size_t)made->poly.limbs;
    for (size_t t = 0; t < made->poly.term_count; t++) {
        for (size_t v = 0; v < made->cell_count; v++) {
            uint32_t before = made->before[t * made->cell_count + v];
            if (before != UINT32_MAX && tp_cell_set_has(part->cells, made->poly.scope.variables[v]))
                mpn_sub_n(&values[t * made->poly.limbs], &values[t * made->poly.limbs],
                          &values[before * made->poly.limbs], limbs);
        }
    }
}

bool tp_unit_poly_member(const struct tp_unit_poly *made, const struct tp_part *part,
                         const mp_limb_t *rest, mp_limb_t *out)
{
    size_t limbs = made->poly.limbs;
    size_t bytes = made->poly.term_count * limbs * sizeof(mp_limb_t);
    mp_limb_t *others = malloc(bytes + 1);
    if (others == NULL)
        return false;
    memcpy(others, made->poly.values, bytes);
    divide_person(made, part, others);
    for (size_t v = 0; v < made->cell_count; v++) {
        uint16_t cell = made->poly.scope.variables[v];
        if (!tp_cell_set_has(part->cells, cell))
            continue;
        memset(&out[cell * limbs], 0, limbs * sizeof(mp_limb_t));
        for (size_t t = 0; t < made->poly.term_count; t++) {
            uint32_t before = made->before[t * made->cell_count + v];
            if (before != UINT32_MAX)
                tp_limbs_add_product(&out[cell * limbs], &others[before * limbs], &rest[t * limbs],
                                     limbs);
        }
    }
    free(others);
    return true;
}
