/*
 * Is there a lawful committee at all? Employers (capacity: the cap) supply experts (capacity 1),
 * which fill cells. Seats are filled one by one along augmenting paths: when a seat stays empty
 * although every rearrangement was tried, no committee exists (Ford and Fulkerson).
 */
#include "expert-draw/lot.h"

#include <assert.h>
#include <string.h>

#define NOBODY UINT16_MAX

struct filling {
    const struct tp_lot *lot;
    uint32_t *employer_load;
    uint16_t *owner;        /* by expert: index of the cell, or NOBODY */
    uint8_t *expert_seen;   /* in this search */
    uint8_t *employer_seen; /* in this search */
    uint8_t cell_seen[TP_LOT_CELL_LIMIT];
    uint32_t placed[TP_LOT_COMMITTEE_LIMIT];
    size_t placed_count;
};

static bool fill_seat(struct filling *filling, size_t cell);

static void place(struct filling *filling, uint32_t expert, size_t cell)
{
    assert(filling->placed_count < TP_LOT_COMMITTEE_LIMIT);
    filling->owner[expert] = (uint16_t)cell;
    filling->placed[filling->placed_count++] = expert;
    filling->employer_load[filling->lot->pool->experts[expert].employer]++;
}

static void displace(struct filling *filling, uint32_t expert)
{
    size_t at = 0;
    while (filling->placed[at] != expert)
        at++;
    filling->placed[at] = filling->placed[--filling->placed_count];
    filling->owner[expert] = NOBODY;
    filling->employer_load[filling->lot->pool->experts[expert].employer]--;
}

/* Finds another expert for one seat held by `employer`'s people, which frees one of its places. */
static bool relieve_employer(struct filling *filling, uint32_t employer)
{
    for (size_t i = 0; i < filling->placed_count; i++) {
        uint32_t expert = filling->placed[i];
        if (filling->lot->pool->experts[expert].employer != employer)
            continue;
        if (fill_seat(filling, filling->owner[expert])) {
            displace(filling, expert);
            return true;
        }
    }
    return false;
}

static bool take(struct filling *filling, uint32_t expert, size_t cell)
{
    if (filling->owner[expert] != NOBODY) {
        if (!fill_seat(filling, filling->owner[expert]))
            return false;
        filling->owner[expert] = (uint16_t)cell;
        return true;
    }
    uint32_t employer = filling->lot->pool->experts[expert].employer;
    if (filling->employer_load[employer] >= filling->lot->employer_cap) {
        if (filling->employer_seen[employer])
            return false;
        filling->employer_seen[employer] = 1;
        if (!relieve_employer(filling, employer))
            return false;
    }
    place(filling, expert, cell);
    return true;
}

static bool fill_seat(struct filling *filling, size_t cell)
{
    if (filling->cell_seen[cell])
        return false;
    filling->cell_seen[cell] = 1;
    const struct tp_lot_cell *of = &filling->lot->cells[cell];
    for (size_t i = 0; i < of->candidate_count; i++) {
        uint32_t expert = of->candidates[i];
        if (filling->expert_seen[expert] || filling->owner[expert] == cell)
            continue;
        filling->expert_seen[expert] = 1;
        if (take(filling, expert, cell))
            return true;
    }
    return false;
}

static bool fill_all(struct filling *filling, size_t *short_cell)
{
    const struct tp_lot *lot = filling->lot;
    for (size_t cell = 0; cell < lot->cell_count; cell++) {
        for (uint32_t i = 0; i < lot->cells[cell].needed; i++) {
            memset(filling->expert_seen, 0, lot->pool->count);
            memset(filling->employer_seen, 0, lot->pool->employer_count);
            memset(filling->cell_seen, 0, sizeof(filling->cell_seen));
            for (size_t s = 0; s < lot->seated_count; s++)
                filling->expert_seen[lot->seated[s]] = 1;
            if (!fill_seat(filling, cell)) {
                *short_cell = cell;
                return false;
            }
        }
    }
    return true;
}

struct tp_status tp_lot_check_feasible(const struct tp_lot *lot, size_t *short_cell,
                                       struct tp_error *error)
{
    assert(lot->cell_count <= TP_LOT_CELL_LIMIT);
    struct filling filling = {.lot = lot};
    filling.employer_load = calloc(lot->pool->employer_count + 1, sizeof(uint32_t));
    filling.owner = malloc((lot->pool->count + 1) * sizeof(uint16_t));
    filling.expert_seen = malloc(lot->pool->count + 1);
    filling.employer_seen = malloc(lot->pool->employer_count + 1);
    bool ready = filling.employer_load != NULL && filling.owner != NULL &&
                 filling.expert_seen != NULL && filling.employer_seen != NULL;
    bool full = false;
    if (ready) {
        memset(filling.owner, 0xFF, lot->pool->count * sizeof(uint16_t));
        for (size_t i = 0; i < lot->seated_count; i++)
            filling.employer_load[lot->pool->experts[lot->seated[i]].employer]++;
        full = fill_all(&filling, short_cell);
    }
    free(filling.employer_load);
    free(filling.owner);
    free(filling.expert_seen);
    free(filling.employer_seen);
    if (!ready)
        return tp_fail(error, TP_NOMEM, "memory", "no memory to check a plan");
    if (!full)
        return tp_fail(error, TP_CONFLICT, "draw.infeasible",
                       "no lawful committee exists: cell %zu cannot be filled", *short_cell);
    return TP_STATUS_OK;
}
