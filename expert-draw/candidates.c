#include "expert-draw/candidates.h"

#include <string.h>

enum ground { GROUND_NONE, GROUND_EMPLOYER, GROUND_PERSON, GROUND_DRAWN, GROUND_COUNT };

static const char *const ground_texts[GROUND_COUNT] = {
    [GROUND_EMPLOYER] = "of an employer that the plan excludes",
    [GROUND_PERSON] = "named by the plan as excluded",
    [GROUND_DRAWN] = "drawn before in this draw",
};

void tp_candidates_fini(struct tp_candidates *candidates)
{
    free(candidates->lot_cells);
    free(candidates->odds_cells);
    free(candidates->exclusions);
    free(candidates->experts);
    free(candidates->employers);
    free(candidates->seated);
    memset(candidates, 0, sizeof(*candidates));
}

/* The ground of each expert; the later of several counts. */
static void mark_grounds(const struct tp_plan *plan, const struct tp_pool *pool,
                         const struct tp_seated *drawn, size_t drawn_count, uint8_t *grounds)
{
    size_t index;
    json_t *text;
    json_array_foreach(plan->exclude_employers, index, text)
    {
        uint32_t employer = tp_pool_employer(pool, json_string_value(text));
        for (size_t i = 0; i < pool->count && employer != UINT32_MAX; i++)
            if (pool->experts[i].employer == employer)
                grounds[i] = GROUND_EMPLOYER;
    }
    json_array_foreach(plan->exclude_ids, index, text)
    {
        size_t expert = tp_pool_find(pool, json_string_value(text));
        if (expert != SIZE_MAX)
            grounds[expert] = GROUND_PERSON;
    }
    for (size_t i = 0; i < drawn_count; i++)
        grounds[drawn[i].expert] = GROUND_DRAWN;
}

static bool fits(const struct tp_pool_expert *expert, const struct tp_plan_seat *seat)
{
    return strcmp(expert->city, seat->city) == 0 && tp_pool_expert_has(expert, seat->specialty);
}

/* `out` NULL: only counts. */
static size_t find_cell(const struct tp_plan_seat *seat, const struct tp_pool *pool,
                        const uint8_t *grounds, uint32_t *out,
                        struct tp_odds_exclusion exclusions[GROUND_COUNT])
{
    size_t count = 0;
    for (size_t i = 0; i < pool->count; i++) {
        if (!fits(&pool->experts[i], seat))
            continue;
        if (grounds[i] != GROUND_NONE)
            exclusions[grounds[i]].count++;
        else if (out != NULL)
            out[count++] = (uint32_t)i;
        else
            count++;
    }
    return count;
}

static uint32_t vacant_seats(const struct tp_plan *plan, size_t cell, const struct tp_seated *drawn,
                             size_t drawn_count)
{
    uint32_t vacant = plan->seats[cell].count;
    for (size_t i = 0; i < drawn_count; i++)
        vacant -= drawn[i].seated && drawn[i].cell == cell;
    return vacant;
}

/* Only grounds that hold for somebody are told, first ones first. */
static size_t pack_exclusions(struct tp_odds_exclusion exclusions[GROUND_COUNT])
{
    size_t count = 0;
    for (size_t ground = GROUND_EMPLOYER; ground < GROUND_COUNT; ground++)
        if (exclusions[ground].count > 0)
            exclusions[count++] = (struct tp_odds_exclusion){.ground = ground_texts[ground],
                                                             .count = exclusions[ground].count};
    return count;
}

static bool fill_cells(struct tp_candidates *candidates, const struct tp_plan *plan,
                       const struct tp_pool *pool, const uint8_t *grounds)
{
    size_t total = 0;
    for (size_t c = 0; c < plan->seat_count; c++) {
        struct tp_odds_exclusion ignored[GROUND_COUNT] = {0};
        candidates->lot_cells[c].candidate_count =
            find_cell(&plan->seats[c], pool, grounds, NULL, ignored);
        total += candidates->lot_cells[c].candidate_count;
    }
    candidates->experts = malloc((total + 1) * sizeof(uint32_t));
    uint32_t *at = candidates->experts;
    for (size_t c = 0; at != NULL && c < plan->seat_count; c++) {
        struct tp_odds_exclusion *exclusions = &candidates->exclusions[c * GROUND_COUNT];
        struct tp_lot_cell *cell = &candidates->lot_cells[c];
        find_cell(&plan->seats[c], pool, grounds, at, exclusions);
        cell->candidates = at;
        at += cell->candidate_count;
        candidates->odds_cells[c] = (struct tp_odds_cell){
            .needed = cell->needed,
            .candidates = cell->candidates,
            .candidate_count = cell->candidate_count,
            .venue = plan->seats[c].venue,
            .specialty = plan->seats[c].specialty,
            .exclusions = exclusions,
            .exclusion_count = pack_exclusions(exclusions),
        };
    }
    return candidates->experts != NULL;
}

static bool allocate(struct tp_candidates *candidates, size_t cells, size_t experts, size_t drawn)
{
    candidates->lot_cells = calloc(cells + 1, sizeof(*candidates->lot_cells));
    candidates->odds_cells = calloc(cells + 1, sizeof(*candidates->odds_cells));
    candidates->exclusions = calloc(cells * GROUND_COUNT + 1, sizeof(*candidates->exclusions));
    candidates->employers = calloc(experts + 1, sizeof(uint32_t));
    candidates->seated = calloc(drawn + 1, sizeof(uint32_t));
    return candidates->lot_cells != NULL && candidates->odds_cells != NULL &&
           candidates->exclusions != NULL && candidates->employers != NULL &&
           candidates->seated != NULL;
}

static void make_views(struct tp_candidates *candidates, const struct tp_plan *plan,
                       const struct tp_pool *pool, size_t seated_count)
{
    candidates->lot = (struct tp_lot){
        .pool = pool,
        .cells = candidates->lot_cells,
        .cell_count = plan->seat_count,
        .employer_cap = plan->max_per_employer,
        .seated = candidates->seated,
        .seated_count = seated_count,
    };
    candidates->odds = (struct tp_odds_plan){
        .cells = candidates->odds_cells,
        .cell_count = plan->seat_count,
        .employers = candidates->employers,
        .expert_count = pool->count,
        .max_per_employer = plan->max_per_employer,
        .seated = candidates->seated,
        .seated_count = seated_count,
    };
}

struct tp_status tp_candidates_init(struct tp_candidates *candidates, const struct tp_plan *plan,
                                    const struct tp_pool *pool, const struct tp_seated *drawn,
                                    size_t drawn_count, struct tp_error *error)
{
    memset(candidates, 0, sizeof(*candidates));
    TP_AUTO_FREE uint8_t *grounds = calloc(pool->count + 1, 1);
    bool ready =
        grounds != NULL && allocate(candidates, plan->seat_count, pool->count, drawn_count);
    size_t seated_count = 0;
    if (ready) {
        mark_grounds(plan, pool, drawn, drawn_count, grounds);
        for (size_t c = 0; c < plan->seat_count; c++)
            candidates->lot_cells[c] = (struct tp_lot_cell){
                .number = (uint16_t)c, .needed = vacant_seats(plan, c, drawn, drawn_count)};
        for (size_t i = 0; i < pool->count; i++)
            candidates->employers[i] = pool->experts[i].employer;
        for (size_t i = 0; i < drawn_count; i++)
            if (drawn[i].seated)
                candidates->seated[seated_count++] = drawn[i].expert;
        ready = fill_cells(candidates, plan, pool, grounds);
    }
    if (!ready) {
        tp_candidates_fini(candidates);
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the candidates");
    }
    make_views(candidates, plan, pool, seated_count);
    return TP_STATUS_OK;
}
