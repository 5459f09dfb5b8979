#include <string.h>

#include "expert-draw/engine_internal.h"

void tp_eligible_fini(struct tp_eligible *eligible)
{
    free(eligible->candidates);
    eligible->candidates = NULL;
}

/* 1 for experts who cannot be drawn: excluded by the plan or drawn before. */
static void mark_excluded(const struct tp_plan *plan, const struct tp_pool *pool,
                          const struct tp_draw *draw, uint8_t *excluded)
{
    size_t index;
    json_t *text;
    json_array_foreach(plan->exclude_employers, index, text)
    {
        uint32_t employer = tp_pool_employer(pool, json_string_value(text));
        for (size_t i = 0; i < pool->count && employer != UINT32_MAX; i++)
            excluded[i] |= pool->experts[i].employer == employer;
    }
    json_array_foreach(plan->exclude_ids, index, text)
    {
        size_t expert = tp_pool_find(pool, json_string_value(text));
        if (expert != SIZE_MAX)
            excluded[expert] = 1;
    }
    for (size_t i = 0; draw != NULL && i < draw->member_count; i++) {
        size_t expert = tp_pool_find(pool, draw->members[i].expert_id);
        if (expert != SIZE_MAX)
            excluded[expert] = 1;
    }
}

static bool fits(const struct tp_pool_expert *expert, const struct tp_plan_seat *seat)
{
    return strcmp(expert->city, seat->city) == 0 && tp_pool_expert_has(expert, seat->specialty);
}

static size_t find_cell(const struct tp_plan *plan, const struct tp_pool *pool,
                        const uint8_t *excluded, uint32_t cell, struct tp_eligible *eligible,
                        uint32_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->count; i++) {
        if (!fits(&pool->experts[i], &plan->seats[cell]))
            continue;
        eligible->in_city[cell]++;
        if (!excluded[i])
            out[count++] = (uint32_t)i;
    }
    return count;
}

struct tp_status tp_eligible_find(const struct tp_plan *plan, const struct tp_pool *pool,
                                  const struct tp_draw *draw, struct tp_eligible *eligible,
                                  struct tp_error *error)
{
    memset(eligible, 0, sizeof(*eligible));
    size_t starts[TP_LOT_CELL_LIMIT];
    size_t total = 0;
    size_t capacity = pool->count;
    uint8_t *excluded = calloc(pool->count + 1, 1);
    eligible->candidates = malloc((capacity + 1) * sizeof(uint32_t));
    bool ready = excluded != NULL && eligible->candidates != NULL;
    if (ready)
        mark_excluded(plan, pool, draw, excluded);
    for (uint32_t cell = 0; ready && cell < plan->seat_count; cell++) {
        if (capacity - total < pool->count) {
            capacity = total + 2 * pool->count;
            uint32_t *grown = realloc(eligible->candidates, (capacity + 1) * sizeof(uint32_t));
            ready = grown != NULL;
            eligible->candidates = ready ? grown : eligible->candidates;
        }
        if (!ready)
            break;
        starts[cell] = total;
        size_t count =
            find_cell(plan, pool, excluded, cell, eligible, eligible->candidates + total);
        eligible->cells[cell] = (struct tp_lot_cell){
            .number = (uint16_t)cell,
            .needed = draw == NULL ? plan->seats[cell].count : tp_draw_vacancies(draw, cell),
            .candidate_count = count,
        };
        total += count;
    }
    free(excluded);
    if (!ready) {
        tp_eligible_fini(eligible);
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the eligible experts");
    }
    for (uint32_t cell = 0; cell < plan->seat_count; cell++)
        eligible->cells[cell].candidates = eligible->candidates + starts[cell];
    return TP_STATUS_OK;
}

struct tp_status tp_eligible_explain(const struct tp_plan *plan, const struct tp_eligible *eligible,
                                     size_t cell, struct tp_error *error)
{
    const struct tp_plan_seat *seat = &plan->seats[cell];
    const struct tp_lot_cell *of = &eligible->cells[cell];
    size_t excluded = eligible->in_city[cell] - of->candidate_count;
    struct tp_status status;
    if (of->candidate_count < of->needed)
        status = tp_fail(error, TP_CONFLICT, "draw.infeasible",
                         "specialty %s at %s (%s): %u needed, %zu eligible; %zu were excluded",
                         seat->specialty, seat->venue, seat->city, of->needed, of->candidate_count,
                         excluded);
    else
        status = tp_fail(error, TP_CONFLICT, "draw.infeasible",
                         "specialty %s at %s (%s): %u needed, %zu eligible, but not enough of them "
                         "beside the other seats and under the cap per employer",
                         seat->specialty, seat->venue, seat->city, of->needed, of->candidate_count);
    tp_error_set_field(error, "seats[%zu]", cell);
    return status;
}
