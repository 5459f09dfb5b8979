#include "expert-draw/odds/filling.h"

#include <assert.h>
#include <string.h>

#define NO_GROUP UINT32_MAX

struct seat {
    size_t cell;
    uint32_t group;
};

/* How a cell was reached: `from` may get one of `group` if `seat`, which is here, is given up. */
struct step {
    size_t from;
    size_t seat;
    uint32_t group;
};

struct filler {
    const struct tp_problem *problem;
    uint32_t *used;     /* by group */
    uint32_t *load;     /* by employer */
    uint32_t *spare_of; /* by employer: a group with somebody left for the cell being looked at */
    struct seat seats[TP_ODDS_SEAT_LIMIT];
    size_t seat_count;
    tp_cell_set reached;
    size_t queue[TP_ODDS_OPEN_LIMIT];
    size_t queue_count;
    struct step steps[TP_ODDS_OPEN_LIMIT];
};

static bool employer_full(const struct filler *filler, uint32_t employer)
{
    return employer != TP_ODDS_NO_EMPLOYER &&
           filler->load[employer] >= filler->problem->rooms[employer];
}

/* Somebody who can simply be seated, or NO_GROUP; notes who could if a colleague got up. */
static uint32_t find_free(struct filler *filler, size_t cell)
{
    const struct tp_problem *problem = filler->problem;
    memset(filler->spare_of, 0xFF, problem->employer_count * sizeof(*filler->spare_of));
    for (uint32_t g = 0; g < problem->group_count; g++) {
        const struct tp_group *group = &problem->groups[g];
        if (!tp_cell_set_has(group->cells, cell) || filler->used[g] >= group->count)
            continue;
        if (!employer_full(filler, group->employer))
            return g;
        filler->spare_of[group->employer] = g;
    }
    return NO_GROUP;
}

/* Reaches the cells from which a seat could be moved to `cell`. */
static void reach(struct filler *filler, size_t cell)
{
    for (size_t s = 0; s < filler->seat_count; s++) {
        const struct seat *seat = &filler->seats[s];
        if (tp_cell_set_has(filler->reached, seat->cell))
            continue;
        const struct tp_group *group = &filler->problem->groups[seat->group];
        uint32_t by = NO_GROUP;
        if (tp_cell_set_has(group->cells, cell))
            by = seat->group;
        else if (group->employer != TP_ODDS_NO_EMPLOYER)
            by = filler->spare_of[group->employer];
        if (by == NO_GROUP)
            continue;
        filler->reached |= tp_cell_bit(seat->cell);
        filler->steps[seat->cell] = (struct step){.from = cell, .seat = s, .group = by};
        filler->queue[filler->queue_count++] = seat->cell;
    }
}

static void sit(struct filler *filler, struct seat *seat, size_t cell, uint32_t group)
{
    uint32_t employer = filler->problem->groups[group].employer;
    *seat = (struct seat){.cell = cell, .group = group};
    filler->used[group]++;
    if (employer != TP_ODDS_NO_EMPLOYER)
        filler->load[employer]++;
}

static void get_up(struct filler *filler, const struct seat *seat)
{
    uint32_t employer = filler->problem->groups[seat->group].employer;
    filler->used[seat->group]--;
    if (employer != TP_ODDS_NO_EMPLOYER)
        filler->load[employer]--;
}

/* A shortest path of moves; it uses each cell, and each employer's change of people, once. */
static bool fill_seat(struct filler *filler, size_t start)
{
    filler->reached = tp_cell_bit(start);
    filler->queue[0] = start;
    filler->queue_count = 1;
    for (size_t q = 0; q < filler->queue_count; q++) {
        size_t cell = filler->queue[q];
        uint32_t group = find_free(filler, cell);
        if (group == NO_GROUP) {
            reach(filler, cell);
            continue;
        }
        for (; cell != start; cell = filler->steps[cell].from) {
            const struct step *step = &filler->steps[cell];
            struct seat *moved = &filler->seats[step->seat];
            get_up(filler, moved);
            sit(filler, moved, cell, group);
            group = step->group;
        }
        assert(filler->seat_count < TP_ODDS_SEAT_LIMIT);
        sit(filler, &filler->seats[filler->seat_count++], start, group);
        return true;
    }
    return false;
}

static void explain_employer(const struct filler *filler, size_t first, size_t end,
                             struct tp_filling *filling)
{
    const struct tp_group *groups = filler->problem->groups;
    uint64_t people = 0;
    for (size_t g = first; g < end; g++)
        people += (groups[g].cells & filling->short_cells) != 0 ? groups[g].count : 0;
    filling->eligible += people;
    uint32_t employer = groups[first].employer;
    if (employer != TP_ODDS_NO_EMPLOYER && people > filler->problem->rooms[employer]) {
        filling->capped++;
        filling->capped_eligible += people;
    }
}

static void explain(const struct filler *filler, struct tp_filling *filling)
{
    const struct tp_problem *problem = filler->problem;
    filling->short_cells = filler->reached;
    for (size_t c = 0; c < problem->open_count; c++)
        filling->needed += tp_cell_set_has(filler->reached, c) ? problem->needed[c] : 0;
    for (size_t s = 0; s < filler->seat_count; s++)
        filling->fillable += tp_cell_set_has(filler->reached, filler->seats[s].cell);
    /* Cells later in the order are not filled yet; none of them is reached, having no seats. */
    for (size_t first = 0, end; first < problem->group_count; first = end) {
        end = first + 1;
        while (end < problem->group_count &&
               problem->groups[end].employer == problem->groups[first].employer)
            end++;
        explain_employer(filler, first, end, filling);
    }
}

static void fill(struct filler *filler, struct tp_filling *filling)
{
    for (size_t c = 0; c < filler->problem->open_count; c++) {
        for (uint32_t i = 0; i < filler->problem->needed[c]; i++) {
            if (!fill_seat(filler, c)) {
                explain(filler, filling);
                return;
            }
        }
    }
    filling->full = true;
}

struct tp_status tp_filling_find(const struct tp_problem *problem, struct tp_filling *filling,
                                 struct tp_error *error)
{
    *filling = (struct tp_filling){0};
    TP_AUTO_FREE struct filler *filler = calloc(1, sizeof(*filler));
    TP_AUTO_FREE uint32_t *used = calloc(problem->group_count + 1, sizeof(*used));
    TP_AUTO_FREE uint32_t *load = calloc(problem->employer_count + 1, sizeof(*load));
    TP_AUTO_FREE uint32_t *spare_of = calloc(problem->employer_count + 1, sizeof(*spare_of));
    if (filler == NULL || used == NULL || load == NULL || spare_of == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    filler->problem = problem;
    filler->used = used;
    filler->load = load;
    filler->spare_of = spare_of;
    fill(filler, filling);
    return TP_STATUS_OK;
}
