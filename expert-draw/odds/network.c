#include "expert-draw/odds/network.h"

#include <assert.h>
#include <string.h>

#define SATURATED UINT64_MAX

/* A factor that is in no node yet. */
struct live {
    tp_cell_set cells;
    uint64_t loads;
    struct tp_factor factor;
    bool used;
};

/* An employer whose variable was kept; the neighbours it has at the moment. */
struct load {
    tp_cell_set cells;
    uint64_t loads;
    uint32_t size;
    bool eliminated;
};

/* An employer about which nothing is decided yet. */
struct pending {
    uint32_t unit;
    uint64_t weight;
    bool decided;
};

struct planning {
    const struct tp_reduced *reduced;
    struct tp_network *network;
    uint64_t entry_limit;
    struct live *lives;
    size_t live_count;
    size_t live_room;
    struct pending *pendings; /* ascending weight */
    size_t pending_count;
    size_t next_pending;
    struct load loads[TP_NETWORK_LOADS];
    size_t load_count;
    tp_cell_set cell_neighbours[TP_ODDS_OPEN_LIMIT]; /* itself among them */
    uint64_t cell_loads[TP_ODDS_OPEN_LIMIT];
    bool cell_eliminated[TP_ODDS_OPEN_LIMIT];
    uint64_t cell_weights[TP_ODDS_OPEN_LIMIT]; /* 0: to be computed */
};

static struct tp_status no_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
}

static struct tp_status too_large(struct tp_error *error)
{
    return tp_fail(error, TP_LIMIT, "odds.too_large",
                   "too many cells and employers depend on each other to count the committees");
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? SATURATED : product;
}

static uint64_t weight_of(const struct planning *planning, tp_cell_set cells, uint64_t loads)
{
    uint64_t weight = 1;
    for (size_t c = 0; c < planning->reduced->cell_count; c++) {
        if (tp_cell_set_has(cells, c))
            weight = times(weight, planning->reduced->needed[c] + 1);
    }
    for (size_t l = 0; l < planning->load_count; l++) {
        if ((loads >> l & 1) != 0)
            weight = times(weight, planning->loads[l].size);
    }
    return weight;
}

/* Undecided employers of a cell become variables when the cell is eliminated before them. */
static uint64_t cell_weight(const struct planning *planning, size_t cell)
{
    uint64_t weight =
        weight_of(planning, planning->cell_neighbours[cell], planning->cell_loads[cell]);
    for (size_t p = planning->next_pending; p < planning->pending_count; p++) {
        const struct tp_unit *unit = &planning->reduced->units[planning->pendings[p].unit];
        if (planning->pendings[p].decided || !tp_cell_set_has(unit->scope, cell))
            continue;
        for (uint32_t copy = 0; copy < unit->copies && weight < SATURATED; copy++)
            weight = times(weight, (uint64_t)unit->cap + 1);
        if (weight > planning->entry_limit)
            return SATURATED;
    }
    return weight;
}

static bool add_live(struct planning *planning, struct live live)
{
    if (planning->live_count == planning->live_room) {
        size_t room = planning->live_room * 2 + 64;
        struct live *grown = realloc(planning->lives, room * sizeof(*grown));
        if (grown == NULL)
            return false;
        planning->lives = grown;
        planning->live_room = room;
    }
    planning->lives[planning->live_count++] = live;
    return true;
}

static struct tp_node *add_node(struct tp_network *network, size_t factor_room)
{
    if (network->node_count == network->node_room) {
        size_t room = network->node_room * 2 + 64;
        struct tp_node *grown = realloc(network->nodes, room * sizeof(*grown));
        if (grown == NULL)
            return NULL;
        network->nodes = grown;
        network->node_room = room;
    }
    struct tp_node *node = &network->nodes[network->node_count];
    *node = (struct tp_node){.eliminated = TP_NETWORK_NONE};
    node->factors = malloc((factor_room + 1) * sizeof(*node->factors));
    if (node->factors == NULL)
        return NULL;
    network->node_count++;
    return node;
}

static void set_scope(const struct planning *planning, tp_cell_set cells, uint64_t loads,
                      struct tp_scope *scope)
{
    for (size_t c = 0; c < planning->reduced->cell_count; c++) {
        if (!tp_cell_set_has(cells, c))
            continue;
        assert(scope->count < TP_TABLE_VARIABLES);
        scope->variables[scope->count] = (uint16_t)c;
        scope->sizes[scope->count++] = (uint16_t)(planning->reduced->needed[c] + 1);
    }
    for (size_t l = 0; l < planning->load_count; l++) {
        if ((loads >> l & 1) == 0)
            continue;
        assert(scope->count < TP_TABLE_VARIABLES);
        scope->variables[scope->count] = (uint16_t)(TP_NETWORK_FIRST_LOAD + l);
        scope->sizes[scope->count++] = (uint16_t)planning->loads[l].size;
    }
}

static int by_scope(const void *a, const void *b)
{
    const struct live *x = a;
    const struct live *y = b;
    if (x->factor.is_node != y->factor.is_node)
        return x->factor.is_node ? 1 : -1;
    if (x->cells != y->cells)
        return x->cells < y->cells ? -1 : 1;
    if (x->loads != y->loads)
        return x->loads < y->loads ? -1 : 1;
    uint64_t left = x->factor.is_node
                        ? x->factor.node
                        : (uint64_t)x->factor.source.unit << 32 | x->factor.source.part;
    uint64_t right = y->factor.is_node
                         ? y->factor.node
                         : (uint64_t)y->factor.source.unit << 32 | y->factor.source.part;
    return left < right ? -1 : left > right;
}

/*
 * Units of one scope that is smaller than the node's are multiplied in a small table of their own
 * first. Returns false when memory runs out.
 */
static bool gather_group(struct planning *planning, const struct live *group, size_t count,
                         struct tp_factor *factor)
{
    struct tp_node *node = add_node(planning->network, count);
    if (node == NULL)
        return false;
    set_scope(planning, group->cells, group->loads, &node->scope);
    for (size_t i = 0; i < count; i++)
        node->factors[node->factor_count++] = group[i].factor;
    *factor = (struct tp_factor){
        .is_node = true, .node = (uint32_t)planning->network->node_count - 1, .copies = 1};
    return true;
}

/* Makes a node of the taken factors (sorted by scope). */
static bool make_node(struct planning *planning, const struct live *taken, size_t count,
                      tp_cell_set cells, uint64_t loads, uint16_t eliminated)
{
    TP_AUTO_FREE struct tp_factor *factors = malloc((count + 1) * sizeof(*factors));
    if (factors == NULL)
        return false;
    size_t factor_count = 0;
    for (size_t first = 0, end; first < count; first = end) {
        const struct live *group = &taken[first];
        for (end = first + 1; end < count && !group->factor.is_node; end++) {
            if (taken[end].factor.is_node || taken[end].cells != group->cells ||
                taken[end].loads != group->loads)
                break;
        }
        bool whole = group->cells == cells && group->loads == loads;
        bool single = end - first == 1 && group->factor.copies == 1;
        if (group->factor.is_node || whole || single) {
            for (size_t i = first; i < end; i++)
                factors[factor_count++] = taken[i].factor;
        } else if (!gather_group(planning, group, end - first, &factors[factor_count++])) {
            return false;
        }
    }
    struct tp_node *node = add_node(planning->network, factor_count);
    if (node == NULL)
        return false;
    set_scope(planning, cells, loads, &node->scope);
    node->eliminated = eliminated;
    memcpy(node->factors, factors, factor_count * sizeof(*factors));
    node->factor_count = factor_count;
    return true;
}

/* Multiplies the live factors in which the variable is and eliminates it. */
static bool eliminate(struct planning *planning, tp_cell_set cell_bit, uint64_t load_bit,
                      uint16_t variable, tp_cell_set *cells, uint64_t *loads)
{
    TP_AUTO_FREE struct live *taken = malloc((planning->live_count + 1) * sizeof(*taken));
    if (taken == NULL)
        return false;
    size_t count = 0;
    *cells = cell_bit;
    *loads = load_bit;
    for (size_t i = 0; i < planning->live_count; i++) {
        struct live *live = &planning->lives[i];
        bool all = variable == TP_NETWORK_NONE;
        if (live->used || (!all && (live->cells & cell_bit) == 0 && (live->loads & load_bit) == 0))
            continue;
        *cells |= live->cells;
        *loads |= live->loads;
        live->used = true;
        taken[count++] = *live;
    }
    qsort(taken, count, sizeof(*taken), by_scope);
    if (!make_node(planning, taken, count, *cells, *loads, variable))
        return false;
    *cells &= ~cell_bit;
    *loads &= ~load_bit;
    struct tp_factor factor = {
        .is_node = true, .node = (uint32_t)planning->network->node_count - 1, .copies = 1};
    return add_live(planning, (struct live){.cells = *cells, .loads = *loads, .factor = factor});
}

/* The neighbours of what was eliminated become neighbours of each other. */
static void join_neighbours(struct planning *planning, tp_cell_set cells, uint64_t loads,
                            tp_cell_set gone_cell, uint64_t gone_load)
{
    for (size_t c = 0; c < planning->reduced->cell_count; c++) {
        if (!tp_cell_set_has(cells, c))
            continue;
        planning->cell_neighbours[c] = (planning->cell_neighbours[c] | cells) & ~gone_cell;
        planning->cell_loads[c] = (planning->cell_loads[c] | loads) & ~gone_load;
        planning->cell_weights[c] = 0;
    }
    for (size_t l = 0; l < planning->load_count; l++) {
        if ((loads >> l & 1) == 0)
            continue;
        planning->loads[l].cells = (planning->loads[l].cells | cells) & ~gone_cell;
        planning->loads[l].loads = (planning->loads[l].loads | loads) & ~gone_load;
    }
}

/* An undecided employer is eliminated: its polynomial is a factor in its cells. */
static bool close_employer(struct planning *planning, struct pending *pending)
{
    const struct tp_unit *unit = &planning->reduced->units[pending->unit];
    pending->decided = true;
    join_neighbours(planning, unit->scope, 0, 0, 0);
    struct tp_factor factor = {.source = {.unit = pending->unit, .part = TP_NO_PART},
                               .copies = unit->copies};
    return add_live(planning, (struct live){.cells = unit->scope, .factor = factor});
}

/* An undecided employer gets a variable, each copy its own. The weight allowed it before. */
static bool keep_employer(struct planning *planning, struct pending *pending)
{
    const struct tp_unit *unit = &planning->reduced->units[pending->unit];
    pending->decided = true;
    for (uint32_t copy = 0; copy < unit->copies; copy++) {
        if (planning->load_count == TP_NETWORK_LOADS)
            return false;
        size_t l = planning->load_count++;
        uint64_t bit = (uint64_t)1 << l;
        planning->loads[l] =
            (struct load){.cells = unit->scope, .loads = bit, .size = unit->cap + 1};
        for (size_t c = 0; c < planning->reduced->cell_count; c++) {
            if (!tp_cell_set_has(unit->scope, c))
                continue;
            planning->cell_loads[c] |= bit;
            planning->cell_weights[c] = 0;
        }
        for (uint32_t p = unit->first_part; p < unit->first_part + unit->part_count; p++) {
            struct tp_factor factor = {.source = {.unit = pending->unit,
                                                  .part = p,
                                                  .load = (uint16_t)(TP_NETWORK_FIRST_LOAD + l)},
                                       .copies = 1};
            if (!add_live(planning, (struct live){.cells = planning->reduced->parts[p].cells,
                                                  .loads = bit,
                                                  .factor = factor}))
                return false;
        }
    }
    return true;
}

static struct tp_status eliminate_cell(struct planning *planning, size_t cell,
                                       struct tp_error *error)
{
    for (size_t p = planning->next_pending; p < planning->pending_count; p++) {
        struct pending *pending = &planning->pendings[p];
        if (pending->decided ||
            !tp_cell_set_has(planning->reduced->units[pending->unit].scope, cell))
            continue;
        if (planning->load_count + planning->reduced->units[pending->unit].copies >
            TP_NETWORK_LOADS)
            return too_large(error);
        if (!keep_employer(planning, pending))
            return no_memory(error);
    }
    tp_cell_set cells;
    uint64_t loads;
    tp_cell_set bit = tp_cell_bit(cell);
    if (!eliminate(planning, bit, 0, (uint16_t)cell, &cells, &loads))
        return no_memory(error);
    planning->cell_eliminated[cell] = true;
    join_neighbours(planning, cells, loads, bit, 0);
    return TP_STATUS_OK;
}

static struct tp_status eliminate_load(struct planning *planning, size_t load,
                                       struct tp_error *error)
{
    tp_cell_set cells;
    uint64_t loads;
    uint64_t bit = (uint64_t)1 << load;
    if (!eliminate(planning, 0, bit, (uint16_t)(TP_NETWORK_FIRST_LOAD + load), &cells, &loads))
        return no_memory(error);
    planning->loads[load].eliminated = true;
    join_neighbours(planning, cells, loads, 0, bit);
    return TP_STATUS_OK;
}

/* What can be eliminated with the smallest table. */
struct choice {
    enum { CHOICE_NONE, CHOICE_EMPLOYER, CHOICE_LOAD, CHOICE_CELL } kind;
    size_t index;
    uint64_t weight;
};

static struct choice choose(struct planning *planning)
{
    struct choice best = {.kind = CHOICE_NONE};
    while (planning->next_pending < planning->pending_count &&
           planning->pendings[planning->next_pending].decided)
        planning->next_pending++;
    if (planning->next_pending < planning->pending_count)
        best = (struct choice){CHOICE_EMPLOYER, planning->next_pending,
                               planning->pendings[planning->next_pending].weight};
    for (size_t l = 0; l < planning->load_count; l++) {
        if (planning->loads[l].eliminated)
            continue;
        uint64_t weight = weight_of(planning, planning->loads[l].cells, planning->loads[l].loads);
        if (best.kind == CHOICE_NONE || weight < best.weight)
            best = (struct choice){CHOICE_LOAD, l, weight};
    }
    for (size_t c = 0; c < planning->reduced->cell_count; c++) {
        if (planning->cell_eliminated[c])
            continue;
        if (planning->cell_weights[c] == 0)
            planning->cell_weights[c] = cell_weight(planning, c);
        if (best.kind == CHOICE_NONE || planning->cell_weights[c] < best.weight)
            best = (struct choice){CHOICE_CELL, c, planning->cell_weights[c]};
    }
    return best;
}

static struct tp_status eliminate_all(struct planning *planning, struct tp_error *error)
{
    for (struct choice best = choose(planning); best.kind != CHOICE_NONE; best = choose(planning)) {
        if (best.weight > planning->entry_limit)
            return too_large(error);
        struct tp_status status = TP_STATUS_OK;
        if (best.kind == CHOICE_EMPLOYER)
            status = close_employer(planning, &planning->pendings[best.index]) ? TP_STATUS_OK
                                                                               : no_memory(error);
        else if (best.kind == CHOICE_LOAD)
            status = eliminate_load(planning, best.index, error);
        else
            status = eliminate_cell(planning, best.index, error);
        if (tp_failed(status))
            return status;
    }
    tp_cell_set cells;
    uint64_t loads;
    if (!eliminate(planning, 0, 0, TP_NETWORK_NONE, &cells, &loads))
        return no_memory(error);
    return TP_STATUS_OK;
}

static int by_weight(const void *a, const void *b)
{
    const struct pending *x = a;
    const struct pending *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* Free people are factors from the start; people who share cells tie these together anyway. */
static bool begin(struct planning *planning)
{
    const struct tp_reduced *reduced = planning->reduced;
    for (size_t c = 0; c < reduced->cell_count; c++)
        planning->cell_neighbours[c] = tp_cell_bit(c);
    for (size_t p = 0; p < reduced->part_count; p++)
        join_neighbours(planning, reduced->parts[p].cells, 0, 0, 0);
    for (uint32_t u = 0; u < reduced->unit_count; u++) {
        const struct tp_unit *unit = &reduced->units[u];
        if (unit->cap != TP_ODDS_NO_CAP) {
            planning->pendings[planning->pending_count++] =
                (struct pending){.unit = u, .weight = weight_of(planning, unit->scope, 0)};
            continue;
        }
        struct tp_factor factor = {.source = {.unit = u, .part = TP_NO_PART}, .copies = 1};
        if (!add_live(planning, (struct live){.cells = unit->scope, .factor = factor}))
            return false;
    }
    qsort(planning->pendings, planning->pending_count, sizeof(*planning->pendings), by_weight);
    return true;
}

struct tp_status tp_network_new(const struct tp_reduced *reduced, uint64_t entry_limit,
                                struct tp_network **network, struct tp_error *error)
{
    TP_AUTO(tp_network) struct tp_network *made = calloc(1, sizeof(*made));
    TP_AUTO_FREE struct planning *planning = calloc(1, sizeof(*planning));
    TP_AUTO_FREE struct pending *pendings = malloc((reduced->unit_count + 1) * sizeof(*pendings));
    if (made == NULL || planning == NULL || pendings == NULL)
        return no_memory(error);
    planning->reduced = reduced;
    planning->network = made;
    planning->entry_limit = entry_limit < TP_TABLE_ENTRY_LIMIT ? entry_limit : TP_TABLE_ENTRY_LIMIT;
    planning->pendings = pendings;
    struct tp_status status = begin(planning) ? eliminate_all(planning, error) : no_memory(error);
    free(planning->lives);
    if (tp_failed(status))
        return status;
    *network = tp_steal(&made);
    return TP_STATUS_OK;
}

void tp_network_free(struct tp_network *network)
{
    if (network == NULL)
        return;
    for (size_t n = 0; n < network->node_count; n++)
        free(network->nodes[n].factors);
    free(network->nodes);
    free(network);
}
