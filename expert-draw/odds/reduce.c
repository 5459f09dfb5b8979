#include "expert-draw/odds/reduce.h"

#include <string.h>

/* An employer on the way to a unit; `parts` stand together in the scratch. */
struct row {
    const struct tp_part *parts;
    uint32_t part_count;
    uint32_t cap;
    size_t first_group;
    size_t group_count;
};

struct reduction {
    const struct tp_problem *problem;
    struct tp_reduced *reduced;
    tp_cell_set *cells; /* by group, reduced; 0: cannot sit */
    struct tp_part *scratch;
    size_t scratch_count;
    struct row *rows; /* employers under a binding cap */
    size_t row_count;
    struct tp_part *free_parts;
    size_t free_count;
};

static uint32_t room_of(const struct tp_problem *problem, const struct tp_group *group)
{
    return group->employer == TP_ODDS_NO_EMPLOYER ? TP_ODDS_NO_CAP
                                                  : problem->rooms[group->employer];
}

static bool can_sit(const struct tp_problem *problem, const struct tp_group *group)
{
    return group->count > 0 && room_of(problem, group) > 0;
}

static size_t lowest(tp_cell_set set)
{
    uint64_t low = (uint64_t)set;
    return (size_t)(low != 0 ? __builtin_ctzll(low) : 64 + __builtin_ctzll((uint64_t)(set >> 64)));
}

/* Splits cells until those left together have the same candidates. */
static void merge_cells(const struct tp_problem *problem, struct tp_reduced *reduced)
{
    tp_cell_set *blocks = reduced->origin;
    size_t count = 1;
    blocks[0] = 0;
    for (size_t c = 0; c < problem->open_count; c++)
        blocks[0] |= problem->needed[c] > 0 ? tp_cell_bit(c) : 0;
    if (blocks[0] == 0)
        count = 0;
    for (size_t g = 0; g < problem->group_count; g++) {
        if (!can_sit(problem, &problem->groups[g]))
            continue;
        tp_cell_set cells = problem->groups[g].cells;
        size_t before = count;
        for (size_t b = 0; b < before; b++) {
            tp_cell_set inside = blocks[b] & cells;
            if (inside == 0 || inside == blocks[b])
                continue;
            blocks[count++] = blocks[b] & ~cells;
            blocks[b] = inside;
        }
    }
    reduced->cell_count = count;
    for (size_t b = 0; b < count; b++) {
        reduced->needed[b] = 0;
        for (size_t c = 0; c < problem->open_count; c++) {
            if (!tp_cell_set_has(blocks[b], c))
                continue;
            reduced->cell_of[c] = (uint8_t)b;
            reduced->needed[b] += problem->needed[c];
        }
    }
}

static tp_cell_set project(const struct tp_reduced *reduced, tp_cell_set cells)
{
    tp_cell_set projected = 0;
    for (size_t b = 0; b < reduced->cell_count; b++) {
        if (tp_cell_set_has(cells, lowest(reduced->origin[b])))
            projected |= tp_cell_bit(b);
    }
    return projected;
}

static int by_cells(const void *a, const void *b)
{
    const struct tp_part *x = a;
    const struct tp_part *y = b;
    return x->cells < y->cells ? -1 : x->cells > y->cells;
}

/* Sorts parts by their cells and joins equal ones. */
static size_t join_parts(struct tp_part *parts, size_t count)
{
    if (count == 0)
        return 0;
    qsort(parts, count, sizeof(*parts), by_cells);
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (parts[i].cells == parts[kept].cells)
            parts[kept].count += parts[i].count;
        else
            parts[++kept] = parts[i];
    }
    return kept + 1;
}

static bool binds(const struct tp_reduced *reduced, const struct row *row)
{
    uint64_t people = 0;
    tp_cell_set scope = 0;
    for (uint32_t p = 0; p < row->part_count; p++) {
        people += row->parts[p].count;
        scope |= row->parts[p].cells;
    }
    uint64_t seats = 0;
    for (size_t c = 0; c < reduced->cell_count; c++)
        seats += tp_cell_set_has(scope, c) ? reduced->needed[c] : 0;
    return people > row->cap && seats > row->cap;
}

/* One employer, or everyone without one: groups [first, end). */
static void read_employer(struct reduction *work, size_t first, size_t end)
{
    const struct tp_problem *problem = work->problem;
    struct tp_part *parts = work->scratch + work->scratch_count;
    size_t count = 0;
    for (size_t g = first; g < end; g++) {
        if (work->cells[g] != 0)
            parts[count++] =
                (struct tp_part){.cells = work->cells[g], .count = problem->groups[g].count};
    }
    count = join_parts(parts, count);
    struct row row = {.parts = parts,
                      .part_count = (uint32_t)count,
                      .cap = room_of(problem, &problem->groups[first]),
                      .first_group = first,
                      .group_count = end - first};
    if (binds(work->reduced, &row)) {
        work->rows[work->row_count++] = row;
        work->scratch_count += count;
        return;
    }
    for (size_t p = 0; p < count; p++)
        work->free_parts[work->free_count++] = parts[p];
}

static void read_employers(struct reduction *work)
{
    const struct tp_problem *problem = work->problem;
    for (size_t g = 0; g < problem->group_count; g++) {
        work->cells[g] = can_sit(problem, &problem->groups[g])
                             ? project(work->reduced, problem->groups[g].cells)
                             : 0;
        work->reduced->part_of[g] = TP_NO_PART;
    }
    for (size_t first = 0, end; first < problem->group_count; first = end) {
        end = first + 1;
        while (end < problem->group_count &&
               problem->groups[end].employer == problem->groups[first].employer)
            end++;
        read_employer(work, first, end);
    }
    work->free_count = join_parts(work->free_parts, work->free_count);
}

static int by_likeness(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    if (x->cap != y->cap)
        return x->cap < y->cap ? -1 : 1;
    if (x->part_count != y->part_count)
        return x->part_count < y->part_count ? -1 : 1;
    for (uint32_t p = 0; p < x->part_count; p++) {
        int order = by_cells(&x->parts[p], &y->parts[p]);
        if (order != 0)
            return order;
        if (x->parts[p].count != y->parts[p].count)
            return x->parts[p].count < y->parts[p].count ? -1 : 1;
    }
    return 0;
}

static struct tp_unit *add_unit(struct tp_reduced *reduced, const struct tp_part *parts,
                                uint32_t count, uint32_t cap)
{
    struct tp_unit *unit = &reduced->units[reduced->unit_count++];
    *unit = (struct tp_unit){
        .first_part = (uint32_t)reduced->part_count, .part_count = count, .cap = cap};
    for (uint32_t p = 0; p < count; p++) {
        unit->scope |= parts[p].cells;
        reduced->parts[reduced->part_count++] = parts[p];
    }
    return unit;
}

static uint32_t find_part(const struct tp_reduced *reduced, const struct tp_unit *unit,
                          tp_cell_set cells)
{
    for (uint32_t p = 0; p < unit->part_count; p++) {
        if (reduced->parts[unit->first_part + p].cells == cells)
            return unit->first_part + p;
    }
    return TP_NO_PART;
}

static void make_units(struct reduction *work)
{
    struct tp_reduced *reduced = work->reduced;
    size_t free_parts = work->free_count;
    for (size_t p = 0; p < free_parts; p++)
        add_unit(reduced, &work->free_parts[p], 1, TP_ODDS_NO_CAP)->copies = 1;
    for (size_t g = 0; g < work->problem->group_count; g++) {
        struct tp_part key = {.cells = work->cells[g]};
        const struct tp_part *found =
            bsearch(&key, reduced->parts, free_parts, sizeof(key), by_cells);
        if (found != NULL && key.cells != 0)
            reduced->part_of[g] = (uint32_t)(found - reduced->parts);
    }
    qsort(work->rows, work->row_count, sizeof(*work->rows), by_likeness);
    struct tp_unit *unit = NULL;
    for (size_t r = 0; r < work->row_count; r++) {
        const struct row *row = &work->rows[r];
        if (r == 0 || by_likeness(&work->rows[r - 1], row) != 0)
            unit = add_unit(reduced, row->parts, row->part_count, row->cap);
        unit->copies++;
        for (size_t g = row->first_group; g < row->first_group + row->group_count; g++)
            reduced->part_of[g] = find_part(reduced, unit, work->cells[g]);
    }
}

static void reduction_fini(struct reduction *work)
{
    free(work->cells);
    free(work->scratch);
    free(work->rows);
    free(work->free_parts);
}

struct tp_status tp_reduced_new(const struct tp_problem *problem, struct tp_reduced **reduced,
                                struct tp_error *error)
{
    size_t room = problem->group_count + 1;
    TP_AUTO(tp_reduced) struct tp_reduced *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    struct reduction work = {.problem = problem, .reduced = made};
    made->units = malloc(room * sizeof(*made->units));
    made->parts = malloc(room * sizeof(*made->parts));
    made->part_of = malloc(room * sizeof(*made->part_of));
    work.cells = malloc(room * sizeof(*work.cells));
    work.scratch = malloc(room * sizeof(*work.scratch));
    work.rows = malloc(room * sizeof(*work.rows));
    work.free_parts = malloc(room * sizeof(*work.free_parts));
    bool ready = made->units != NULL && made->parts != NULL && made->part_of != NULL &&
                 work.cells != NULL && work.scratch != NULL && work.rows != NULL &&
                 work.free_parts != NULL;
    if (ready) {
        merge_cells(problem, made);
        read_employers(&work);
        make_units(&work);
    }
    reduction_fini(&work);
    if (!ready)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    *reduced = tp_steal(&made);
    return TP_STATUS_OK;
}

void tp_reduced_free(struct tp_reduced *reduced)
{
    if (reduced == NULL)
        return;
    free(reduced->units);
    free(reduced->parts);
    free(reduced->part_of);
    free(reduced);
}
