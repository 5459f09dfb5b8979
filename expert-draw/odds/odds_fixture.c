#include "expert-draw/odds/odds_fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint64_t tp_fixture_random_next(struct tp_fixture_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint32_t tp_fixture_random_below(struct tp_fixture_random *random, uint32_t bound)
{
    return (uint32_t)(((unsigned __int128)tp_fixture_random_next(random) * bound) >> 64);
}

static void read_bytes(void *context, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(tp_fixture_random_next(context) >> 56);
}

struct tp_odds_stream tp_fixture_stream(struct tp_fixture_random *random)
{
    return (struct tp_odds_stream){.read = read_bytes, .context = random};
}

static void *room_for(size_t count, size_t size)
{
    void *room = calloc(count + 1, size);
    if (room == NULL)
        abort();
    return room;
}

void tp_fixture_plan_init(struct tp_fixture_plan *made, size_t experts, size_t cells)
{
    *made = (struct tp_fixture_plan){.cells = room_for(cells, sizeof(*made->cells)),
                                     .candidates = room_for(cells, sizeof(*made->candidates)),
                                     .employers = room_for(experts, sizeof(*made->employers))};
    for (size_t c = 0; c < cells; c++) {
        made->candidates[c] = room_for(experts, sizeof(uint32_t));
        made->cells[c].candidates = made->candidates[c];
    }
    for (size_t e = 0; e < experts; e++)
        made->employers[e] = TP_ODDS_NO_EMPLOYER;
    made->plan = (struct tp_odds_plan){.cells = made->cells,
                                       .cell_count = cells,
                                       .employers = made->employers,
                                       .expert_count = experts,
                                       .max_per_employer = TP_ODDS_NO_CAP,
                                       .seated = made->seated};
}

void tp_fixture_plan_fini(struct tp_fixture_plan *made)
{
    for (size_t c = 0; c < made->plan.cell_count; c++)
        free(made->candidates[c]);
    free(made->candidates);
    free(made->cells);
    free(made->employers);
}

void tp_fixture_plan_add(struct tp_fixture_plan *made, size_t cell, uint32_t expert)
{
    made->candidates[cell][made->cells[cell].candidate_count++] = expert;
}

void tp_fixture_plan_random(struct tp_fixture_plan *made, uint64_t seed)
{
    struct tp_fixture_random random = {.state = seed * UINT64_C(0x5851F42D4C957F2D) + 1};
    uint32_t experts = 2 + tp_fixture_random_below(&random, 9);
    uint32_t cells = 1 + tp_fixture_random_below(&random, 5);
    uint32_t density = 15 + tp_fixture_random_below(&random, 70);
    uint32_t employers = 1 + tp_fixture_random_below(&random, 6);
    tp_fixture_plan_init(made, experts, cells);
    bool same = cells > 1 && tp_fixture_random_below(&random, 3) == 0;
    bool disjoint = tp_fixture_random_below(&random, 3) == 0;
    for (uint32_t e = 0; e < experts; e++) {
        uint32_t only = tp_fixture_random_below(&random, cells);
        bool last = false;
        for (uint32_t c = 0; c < cells; c++) {
            bool in = disjoint ? c == only : tp_fixture_random_below(&random, 100) < density;
            in = same && c > 0 && c == cells - 1 ? last : in;
            last = in;
            if (in)
                tp_fixture_plan_add(made, c, e);
        }
        if (tp_fixture_random_below(&random, 4) > 0)
            made->employers[e] = 7 + 3 * tp_fixture_random_below(&random, employers);
    }
    for (uint32_t c = 0; c < cells; c++)
        made->cells[c].needed = tp_fixture_random_below(&random, experts / cells + 2);
    uint32_t cap = tp_fixture_random_below(&random, 4);
    made->plan.max_per_employer = cap == 0 ? TP_ODDS_NO_CAP : cap;
    for (uint32_t s = 0; tp_fixture_random_below(&random, 4) == 0 && s < 2; s++)
        made->seated[made->plan.seated_count++] = s;
}

struct brute {
    const struct tp_odds_plan *plan;
    struct tp_fixture_truth truth;
    uint32_t left[TP_FIXTURE_BRUTE_CELLS];
    uint32_t cell_of[TP_FIXTURE_BRUTE_EXPERTS]; /* UINT32_MAX: not on the committee */
    uint32_t seats_left;
};

static bool is_candidate(const struct tp_odds_cell *cell, uint32_t expert)
{
    for (size_t i = 0; i < cell->candidate_count; i++) {
        if (cell->candidates[i] == expert)
            return true;
    }
    return false;
}

static bool is_seated(const struct tp_odds_plan *plan, uint32_t expert)
{
    for (size_t i = 0; i < plan->seated_count; i++) {
        if (plan->seated[i] == expert)
            return true;
    }
    return false;
}

static bool within_caps(const struct brute *brute)
{
    const struct tp_odds_plan *plan = brute->plan;
    for (uint32_t e = 0; e < plan->expert_count; e++) {
        uint32_t colleagues = 0;
        for (uint32_t o = 0; o < plan->expert_count; o++)
            colleagues += plan->employers[o] == plan->employers[e] &&
                          (brute->cell_of[o] != UINT32_MAX || is_seated(plan, o));
        /* An employer that is over the cap with those seated before forbids nothing by itself. */
        if (plan->employers[e] != TP_ODDS_NO_EMPLOYER && brute->cell_of[e] != UINT32_MAX &&
            colleagues > plan->max_per_employer)
            return false;
    }
    return true;
}

static void try_expert(struct brute *brute, uint32_t expert)
{
    const struct tp_odds_plan *plan = brute->plan;
    if (expert == plan->expert_count) {
        if (brute->seats_left > 0 || !within_caps(brute))
            return;
        brute->truth.committees++;
        for (uint32_t e = 0; e < plan->expert_count; e++) {
            if (brute->cell_of[e] != UINT32_MAX)
                brute->truth.in[e][brute->cell_of[e]]++;
        }
        return;
    }
    brute->cell_of[expert] = UINT32_MAX;
    if (plan->expert_count - expert > brute->seats_left)
        try_expert(brute, expert + 1);
    for (uint32_t c = 0; c < plan->cell_count && !is_seated(plan, expert); c++) {
        if (brute->left[c] == 0 || !is_candidate(&plan->cells[c], expert))
            continue;
        brute->left[c]--;
        brute->seats_left--;
        brute->cell_of[expert] = c;
        try_expert(brute, expert + 1);
        brute->cell_of[expert] = UINT32_MAX;
        brute->left[c]++;
        brute->seats_left++;
    }
}

struct tp_fixture_truth tp_fixture_brute(const struct tp_odds_plan *plan)
{
    struct brute brute = {.plan = plan};
    assert(plan->expert_count <= TP_FIXTURE_BRUTE_EXPERTS);
    assert(plan->cell_count <= TP_FIXTURE_BRUTE_CELLS);
    for (size_t c = 0; c < plan->cell_count; c++) {
        brute.left[c] = plan->cells[c].needed;
        brute.seats_left += plan->cells[c].needed;
    }
    try_expert(&brute, 0);
    return brute.truth;
}

static uint32_t province_employer(struct tp_fixture_random *random,
                                  const struct tp_fixture_province *province, uint32_t city)
{
    if (tp_fixture_random_below(random, 100) < province->national_share && province->nationals > 0)
        return tp_fixture_random_below(random, province->nationals);
    uint32_t number = tp_fixture_random_below(random, province->employers);
    return province->nationals + number + (province->local ? city * province->employers : 0);
}

void tp_fixture_plan_province(struct tp_fixture_plan *made,
                              const struct tp_fixture_province *province, uint64_t seed)
{
    struct tp_fixture_random random = {.state = seed};
    uint32_t per_city = province->specialties;
    tp_fixture_plan_init(made, province->experts, (size_t)province->cities * per_city);
    for (size_t c = 0; c < made->plan.cell_count; c++)
        made->cells[c].needed = province->needed;
    for (uint32_t e = 0; e < province->experts; e++) {
        uint32_t city = tp_fixture_random_below(&random, province->cities);
        uint64_t specialties = 0;
        uint32_t tries = 1 + tp_fixture_random_below(&random, province->specialties_each);
        for (uint32_t i = 0; i < tries; i++)
            specialties |= (uint64_t)1 << tp_fixture_random_below(&random, per_city);
        for (uint32_t s = 0; s < per_city; s++) {
            if ((specialties >> s & 1) != 0)
                tp_fixture_plan_add(made, (size_t)city * per_city + s, e);
        }
        made->employers[e] = province_employer(&random, province, city);
    }
    made->plan.max_per_employer = province->cap;
}
