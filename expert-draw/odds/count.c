#include "expert-draw/odds/count.h"

#include <assert.h>
#include <string.h>

#define TOTAL_TABLES 8 /* times the limit of one table, for all together */
#define TERM_BYTES 64  /* what a term takes beside its number */

/* What is known of a node during the count. */
struct state {
    struct tp_table product;
    struct tp_table base; /* without the messages of eliminated variables; only if there are any */
    struct tp_poly message;
    struct tp_table rest; /* what the others multiply the message's terms by */
    bool wanted;
};

struct counting {
    const struct tp_reduced *reduced;
    const struct tp_network *network;
    const struct tp_odds_limits *limits;
    struct tp_count *count;
    struct state *states;
    tp_cell_set wanted;
    uint64_t work;
    uint64_t bytes;
};

static struct tp_status no_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static bool charge(uint64_t *sum, uint64_t amount, uint64_t limit)
{
    return !__builtin_add_overflow(*sum, amount, sum) && *sum <= limit;
}

static struct tp_status charge_work(struct counting *counting, const struct tp_table *table,
                                    const struct tp_poly *poly, struct tp_error *error)
{
    uint64_t amount = times(times(table->entries, poly->term_count + 1), table->limbs);
    if (!charge(&counting->work, amount, counting->limits->work))
        return tp_fail(error, TP_LIMIT, "odds.too_large",
                       "counting the committees would take too much work");
    return TP_STATUS_OK;
}

static struct tp_status make_table(struct counting *counting, const struct tp_scope *scope,
                                   struct tp_table *table, struct tp_error *error)
{
    uint64_t bytes = times(tp_scope_entries(scope), counting->count->limbs * sizeof(mp_limb_t));
    if (bytes > counting->limits->table_bytes ||
        !charge(&counting->bytes, bytes, times(counting->limits->table_bytes, TOTAL_TABLES)))
        return tp_fail(error, TP_LIMIT, "odds.too_large",
                       "counting the committees would take too much memory");
    return tp_table_init(table, scope, counting->count->limbs) ? TP_STATUS_OK : no_memory(error);
}

static void forget(struct counting *counting, struct tp_table *table)
{
    if (table->values != NULL)
        counting->bytes -= table->entries * table->limbs * sizeof(mp_limb_t);
    tp_table_fini(table);
}

static struct tp_status make_unit_poly(const struct counting *counting,
                                       const struct tp_source *source, struct tp_unit_poly *made,
                                       struct tp_error *error)
{
    size_t limbs = counting->count->limbs;
    uint64_t terms = tp_unit_poly_terms(counting->reduced, source);
    *made = (struct tp_unit_poly){0};
    if (times(terms, limbs * sizeof(mp_limb_t) + TERM_BYTES) > counting->limits->table_bytes)
        return tp_fail(error, TP_LIMIT, "odds.too_large",
                       "counting the committees would take too much memory");
    if (!tp_unit_poly_init(made, counting->reduced, source, limbs)) {
        tp_unit_poly_fini(made);
        return no_memory(error);
    }
    return TP_STATUS_OK;
}

enum change { MULTIPLY, DIVIDE };

static struct tp_status apply(struct counting *counting, struct tp_table *table,
                              const struct tp_poly *poly, enum change change, uint32_t copies,
                              struct tp_error *error)
{
    struct tp_shifts *shifts = tp_shifts_new(table, poly);
    struct tp_status status = shifts != NULL ? TP_STATUS_OK : no_memory(error);
    for (uint32_t copy = 0; tp_ok(status) && copy < copies; copy++) {
        status = charge_work(counting, table, poly, error);
        if (tp_ok(status) && change == MULTIPLY)
            tp_table_multiply(table, shifts);
        else if (tp_ok(status))
            tp_table_divide(table, shifts);
    }
    tp_shifts_free(shifts);
    return status;
}

static bool is_message(const struct counting *counting, const struct tp_factor *factor)
{
    return factor->is_node && counting->network->nodes[factor->node].eliminated != TP_NETWORK_NONE;
}

static struct tp_status multiply_factor(struct counting *counting, struct tp_table *table,
                                        const struct tp_factor *factor, struct tp_error *error)
{
    if (factor->is_node)
        return apply(counting, table, &counting->states[factor->node].message, MULTIPLY, 1, error);
    struct tp_unit_poly unit;
    struct tp_status status = make_unit_poly(counting, &factor->source, &unit, error);
    if (tp_ok(status))
        status = apply(counting, table, &unit.poly, MULTIPLY, factor->copies, error);
    tp_unit_poly_fini(&unit);
    return status;
}

/* The scope without the eliminated variable, and where that stood (count: nowhere). */
static size_t message_scope(const struct tp_node *node, struct tp_scope *scope)
{
    size_t at = node->scope.count;
    *scope = (struct tp_scope){0};
    for (size_t v = 0; v < node->scope.count; v++) {
        if (node->scope.variables[v] == node->eliminated) {
            at = v;
            continue;
        }
        scope->variables[scope->count] = node->scope.variables[v];
        scope->sizes[scope->count++] = node->scope.sizes[v];
    }
    return at;
}

/* A walk over the product that meets each pair of a product's entry and its message's entry. */
static size_t message_entry(const struct tp_table *product, size_t at, size_t entry)
{
    if (at == product->scope.count)
        return entry;
    size_t stride = product->strides[at];
    return entry / (stride * product->scope.sizes[at]) * stride + entry % stride;
}

/* A cell must be full; an employer may have any load up to its cap. */
static bool counts(const struct tp_node *node, const struct tp_table *product, size_t at,
                   size_t entry)
{
    if (at == product->scope.count || node->eliminated >= TP_NETWORK_FIRST_LOAD)
        return true;
    return entry / product->strides[at] % product->scope.sizes[at] == product->scope.sizes[at] - 1U;
}

static bool table_to_poly(const struct tp_table *table, struct tp_poly *poly)
{
    size_t limbs = table->limbs;
    size_t terms = 0;
    for (size_t e = 0; e < table->entries; e++)
        terms += !mpn_zero_p(&table->values[e * limbs], (mp_size_t)limbs);
    if (!tp_poly_init(poly, &table->scope, terms, limbs))
        return false;
    size_t t = 0;
    for (size_t e = 0; e < table->entries; e++) {
        if (mpn_zero_p(&table->values[e * limbs], (mp_size_t)limbs))
            continue;
        memcpy(&poly->values[t * limbs], &table->values[e * limbs], limbs * sizeof(mp_limb_t));
        tp_table_exponents(table, e, &poly->exponents[t * table->scope.count]);
        t++;
    }
    return true;
}

static struct tp_status make_message(struct counting *counting, const struct tp_node *node,
                                     struct state *state, struct tp_error *error)
{
    struct tp_scope scope;
    size_t at = message_scope(node, &scope);
    struct tp_table message = {0};
    struct tp_status status = make_table(counting, &scope, &message, error);
    if (tp_failed(status))
        return status;
    size_t limbs = message.limbs;
    for (size_t e = 0; e < state->product.entries; e++) {
        if (!counts(node, &state->product, at, e))
            continue;
        mp_limb_t *to = &message.values[message_entry(&state->product, at, e) * limbs];
        mpn_add_n(to, to, &state->product.values[e * limbs], (mp_size_t)limbs);
    }
    status = table_to_poly(&message, &state->message) ? TP_STATUS_OK : no_memory(error);
    forget(counting, &message);
    return status;
}

static bool is_wanted(const struct counting *counting, const struct tp_factor *factor)
{
    if (factor->is_node)
        return counting->states[factor->node].wanted;
    tp_cell_set cells = factor->source.part == TP_NO_PART
                            ? counting->reduced->units[factor->source.unit].scope
                            : counting->reduced->parts[factor->source.part].cells;
    return (cells & counting->wanted) != 0;
}

static struct tp_status count_forward(struct counting *counting, size_t index,
                                      struct tp_error *error)
{
    const struct tp_node *node = &counting->network->nodes[index];
    struct state *state = &counting->states[index];
    struct tp_status status = make_table(counting, &node->scope, &state->product, error);
    if (tp_failed(status))
        return status;
    tp_table_set_one(&state->product);
    for (size_t f = 0; tp_ok(status) && f < node->factor_count; f++) {
        if (is_message(counting, &node->factors[f]) && state->base.values == NULL) {
            status = make_table(counting, &node->scope, &state->base, error);
            if (tp_failed(status))
                return status;
            tp_table_copy(&state->base, &state->product);
        }
        status = multiply_factor(counting, &state->product, &node->factors[f], error);
        state->wanted = state->wanted || is_wanted(counting, &node->factors[f]);
    }
    if (tp_ok(status))
        status = make_message(counting, node, state, error);
    return status;
}

/* What the message's rest means for each entry of the product. */
static void spread_rest(const struct tp_node *node, const struct state *state,
                        struct tp_table *weights)
{
    struct tp_scope scope;
    size_t at = message_scope(node, &scope);
    size_t limbs = weights->limbs;
    for (size_t e = 0; e < weights->entries; e++) {
        if (counts(node, weights, at, e))
            memcpy(&weights->values[e * limbs],
                   &state->rest.values[message_entry(weights, at, e) * limbs],
                   limbs * sizeof(mp_limb_t));
    }
}

/* By term of the poly: in how many ways everything else completes it. */
static struct tp_status complete(struct counting *counting, const struct tp_table *weights,
                                 const struct tp_table *others, const struct tp_poly *poly,
                                 mp_limb_t **out, struct tp_error *error)
{
    *out = calloc(poly->term_count * poly->limbs + 1, sizeof(**out));
    struct tp_shifts *shifts = tp_shifts_new(others, poly);
    struct tp_status status = *out != NULL && shifts != NULL ? TP_STATUS_OK : no_memory(error);
    if (tp_ok(status))
        status = charge_work(counting, others, poly, error);
    if (tp_ok(status))
        tp_table_correlate(weights, others, shifts, *out);
    tp_shifts_free(shifts);
    return status;
}

static size_t rank_of(tp_cell_set cells, size_t cell)
{
    tp_cell_set below = cells & (tp_cell_bit(cell) - 1);
    return (size_t)__builtin_popcountll((uint64_t)below) +
           (size_t)__builtin_popcountll((uint64_t)(below >> 64));
}

static bool keep_members(struct counting *counting, const struct tp_source *source,
                         const struct tp_unit_poly *made, const mp_limb_t *rest)
{
    const struct tp_unit *unit = &counting->reduced->units[source->unit];
    bool whole = source->part == TP_NO_PART;
    uint32_t first = whole ? unit->first_part : source->part;
    uint32_t count = whole ? unit->part_count : 1;
    size_t limbs = counting->count->limbs;
    TP_AUTO_FREE mp_limb_t *numbers = malloc(TP_ODDS_OPEN_LIMIT * limbs * sizeof(*numbers));
    if (numbers == NULL)
        return false;
    for (uint32_t p = first; p < first + count; p++) {
        const struct tp_part *part = &counting->reduced->parts[p];
        if ((part->cells & counting->wanted) == 0)
            continue;
        if (!tp_unit_poly_member(made, part, rest, numbers))
            return false;
        for (size_t c = 0; c < counting->reduced->cell_count; c++) {
            size_t to = counting->count->first[p] + rank_of(part->cells, c);
            if (tp_cell_set_has(part->cells, c))
                memcpy(&counting->count->numbers[to * limbs], &numbers[c * limbs],
                       limbs * sizeof(mp_limb_t));
        }
    }
    return true;
}

static struct tp_status visit_unit(struct counting *counting, const struct state *state,
                                   const struct tp_table *weights, struct tp_table *others,
                                   const struct tp_factor *factor, struct tp_error *error)
{
    struct tp_unit_poly unit;
    mp_limb_t *rest = NULL;
    struct tp_status status = make_unit_poly(counting, &factor->source, &unit, error);
    if (tp_ok(status)) {
        tp_table_copy(others, &state->product);
        status = apply(counting, others, &unit.poly, DIVIDE, 1, error);
    }
    if (tp_ok(status))
        status = complete(counting, weights, others, &unit.poly, &rest, error);
    if (tp_ok(status) && !keep_members(counting, &factor->source, &unit, rest))
        status = no_memory(error);
    free(rest);
    tp_unit_poly_fini(&unit);
    return status;
}

/* The product without one child: by division where the child can be divided by, else anew. */
static struct tp_status leave_out(struct counting *counting, const struct tp_node *node,
                                  const struct state *state, const struct tp_factor *child,
                                  struct tp_table *others, struct tp_error *error)
{
    if (!is_message(counting, child)) {
        tp_table_copy(others, &state->product);
        return apply(counting, others, &counting->states[child->node].message, DIVIDE, 1, error);
    }
    tp_table_copy(others, &state->base);
    struct tp_status status = TP_STATUS_OK;
    for (size_t f = 0; tp_ok(status) && f < node->factor_count; f++) {
        const struct tp_factor *factor = &node->factors[f];
        if (factor != child && is_message(counting, factor))
            status = multiply_factor(counting, others, factor, error);
    }
    return status;
}

static struct tp_status visit_child(struct counting *counting, const struct tp_node *node,
                                    const struct state *state, const struct tp_table *weights,
                                    struct tp_table *others, const struct tp_factor *factor,
                                    struct tp_error *error)
{
    struct state *child = &counting->states[factor->node];
    struct tp_status status = leave_out(counting, node, state, factor, others, error);
    mp_limb_t *rest = NULL;
    if (tp_ok(status))
        status = complete(counting, weights, others, &child->message, &rest, error);
    if (tp_ok(status))
        status = make_table(counting, &child->message.scope, &child->rest, error);
    size_t limbs = counting->count->limbs;
    for (size_t t = 0; tp_ok(status) && t < child->message.term_count; t++) {
        size_t entry = 0;
        for (size_t v = 0; v < child->message.scope.count; v++)
            entry += child->message.exponents[t * child->message.scope.count + v] *
                     child->rest.strides[v];
        memcpy(&child->rest.values[entry * limbs], &rest[t * limbs], limbs * sizeof(mp_limb_t));
    }
    free(rest);
    return status;
}

static struct tp_status count_backward(struct counting *counting, size_t index,
                                       struct tp_error *error)
{
    const struct tp_node *node = &counting->network->nodes[index];
    struct state *state = &counting->states[index];
    struct tp_table weights = {0};
    struct tp_table others = {0};
    struct tp_status status = make_table(counting, &node->scope, &weights, error);
    if (tp_ok(status))
        status = make_table(counting, &node->scope, &others, error);
    if (tp_ok(status))
        spread_rest(node, state, &weights);
    for (size_t f = 0; tp_ok(status) && f < node->factor_count; f++) {
        const struct tp_factor *factor = &node->factors[f];
        if (!is_wanted(counting, factor))
            continue;
        if (factor->is_node)
            status = visit_child(counting, node, state, &weights, &others, factor, error);
        else
            status = visit_unit(counting, state, &weights, &others, factor, error);
    }
    forget(counting, &weights);
    forget(counting, &others);
    forget(counting, &state->product);
    forget(counting, &state->base);
    forget(counting, &state->rest);
    return status;
}

static struct tp_status go_back(struct counting *counting, struct tp_error *error)
{
    size_t last = counting->network->node_count - 1;
    struct state *whole = &counting->states[last];
    struct tp_status status = make_table(counting, &whole->message.scope, &whole->rest, error);
    if (tp_failed(status))
        return status;
    tp_table_set_one(&whole->rest);
    for (size_t n = last + 1; n-- > 0;) {
        if (!counting->states[n].wanted)
            continue;
        status = count_backward(counting, n, error);
        if (tp_failed(status))
            return status;
    }
    return TP_STATUS_OK;
}

static struct tp_status count_all(struct counting *counting, struct tp_error *error)
{
    size_t last = counting->network->node_count - 1;
    for (size_t n = 0; n <= last; n++) {
        struct tp_status status = count_forward(counting, n, error);
        if (tp_failed(status))
            return status;
    }
    const struct tp_poly *whole = &counting->states[last].message;
    assert(whole->scope.count == 0);
    if (whole->term_count == 0) /* no committee */
        return TP_STATUS_OK;
    mpz_import(counting->count->committees, counting->count->limbs, -1, sizeof(mp_limb_t), 0, 0,
               whole->values);
    return go_back(counting, error);
}

/*
 * No number that is counted exceeds the ways to choose up to the needs for each cell by itself.
 */
static size_t limbs_needed(const struct tp_reduced *reduced)
{
    uint64_t people[TP_ODDS_OPEN_LIMIT] = {0};
    for (size_t u = 0; u < reduced->unit_count; u++) {
        const struct tp_unit *unit = &reduced->units[u];
        for (uint32_t p = unit->first_part; p < unit->first_part + unit->part_count; p++) {
            for (size_t c = 0; c < reduced->cell_count; c++)
                people[c] += tp_cell_set_has(reduced->parts[p].cells, c)
                                 ? (uint64_t)reduced->parts[p].count * unit->copies
                                 : 0;
        }
    }
    mpz_t bound, choose;
    mpz_init_set_ui(bound, 1);
    mpz_init(choose);
    for (size_t c = 0; c < reduced->cell_count; c++) {
        uint64_t chosen = reduced->needed[c] < people[c] / 2 ? reduced->needed[c] : people[c] / 2;
        mpz_bin_uiui(choose, people[c], chosen);
        mpz_mul(bound, bound, choose);
    }
    size_t limbs = mpz_size(bound);
    mpz_clears(bound, choose, NULL);
    return limbs;
}

static struct tp_status make_numbers(const struct tp_reduced *reduced, struct tp_count *count,
                                     struct tp_error *error)
{
    count->limbs = limbs_needed(reduced);
    if (count->limbs > TP_TABLE_LIMBS)
        return tp_fail(error, TP_LIMIT, "odds.too_large", "the count has too many digits");
    count->first = malloc((reduced->part_count + 1) * sizeof(*count->first));
    if (count->first == NULL)
        return no_memory(error);
    size_t total = 0;
    for (size_t p = 0; p < reduced->part_count; p++) {
        count->first[p] = total;
        total += rank_of(reduced->parts[p].cells, TP_ODDS_OPEN_LIMIT - 1) +
                 tp_cell_set_has(reduced->parts[p].cells, TP_ODDS_OPEN_LIMIT - 1);
    }
    count->numbers = calloc(total * count->limbs + 1, sizeof(*count->numbers));
    return count->numbers != NULL ? TP_STATUS_OK : no_memory(error);
}

static void counting_fini(struct counting *counting)
{
    for (size_t n = 0; counting->states != NULL && n < counting->network->node_count; n++) {
        struct state *state = &counting->states[n];
        tp_table_fini(&state->product);
        tp_table_fini(&state->base);
        tp_table_fini(&state->rest);
        tp_poly_fini(&state->message);
    }
    free(counting->states);
}

struct tp_status tp_count_new(const struct tp_reduced *reduced, tp_cell_set wanted,
                              const struct tp_odds_limits *limits, struct tp_count **count,
                              struct tp_error *error)
{
    TP_AUTO(tp_count) struct tp_count *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return no_memory(error);
    mpz_init(made->committees);
    struct tp_status status = make_numbers(reduced, made, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_network) struct tp_network *network = NULL;
    status = tp_network_new(reduced, limits->table_bytes / (made->limbs * sizeof(mp_limb_t)),
                            &network, error);
    if (tp_failed(status))
        return status;
    struct counting counting = {
        .reduced = reduced, .network = network, .limits = limits, .count = made, .wanted = wanted};
    counting.states = calloc(network->node_count, sizeof(*counting.states));
    status = counting.states != NULL ? count_all(&counting, error) : no_memory(error);
    counting_fini(&counting);
    if (tp_failed(status))
        return status;
    *count = tp_steal(&made);
    return TP_STATUS_OK;
}

void tp_count_free(struct tp_count *count)
{
    if (count == NULL)
        return;
    mpz_clear(count->committees);
    free(count->first);
    free(count->numbers);
    free(count);
}

void tp_count_member(const struct tp_count *count, const struct tp_reduced *reduced, uint32_t part,
                     size_t cell, mpz_t out)
{
    size_t at = count->first[part] + rank_of(reduced->parts[part].cells, cell);
    mpz_import(out, count->limbs, -1, sizeof(mp_limb_t), 0, 0, &count->numbers[at * count->limbs]);
}
