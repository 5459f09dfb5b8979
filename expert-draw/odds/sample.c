#include <assert.h>
#include <string.h>

#include "expert-draw/odds/odds_internal.h"

/* Who was seated makes employers differ that were alike: a later count may cost a little more. */
#define SLACK 4

struct sampling {
    struct tp_odds_limits limits;
    struct tp_odds_stream stream;
    struct tp_problem *problem;       /* what is left to be drawn */
    const struct tp_reduced *reduced; /* for the next seat */
    const struct tp_count *count;
    struct tp_reduced *owned_reduced; /* NULL for the first seat: the odds have it */
    struct tp_count *owned_count;
    mpz_t deals;
    mpz_t ways;   /* to fill all seats that are left */
    mpz_t others; /* of them for the cells that have nothing to do with the one being drawn */
};

/* A candidate of the cell being drawn. */
struct candidate {
    uint32_t expert;
    uint32_t group;
};

/* Uniform below `bound`: as many bits as bound - 1 has, taken again when they are not below. */
static bool draw_below(struct tp_odds_stream stream, const mpz_t bound, mpz_t out)
{
    mpz_t last;
    mpz_init(last);
    mpz_sub_ui(last, bound, 1);
    size_t bits = mpz_sgn(last) == 0 ? 0 : mpz_sizeinbase(last, 2);
    mpz_clear(last);
    size_t count = (bits + 7) / 8;
    uint8_t *bytes = malloc(count + 1);
    if (bytes == NULL)
        return false;
    mpz_set_ui(out, 0);
    while (count > 0) {
        stream.read(stream.context, bytes, count);
        if (bits % 8 != 0)
            bytes[0] &= (uint8_t)((1U << bits % 8) - 1);
        mpz_import(out, count, 1, 1, 1, 0, bytes);
        if (mpz_cmp(out, bound) < 0)
            break;
    }
    free(bytes);
    return true;
}

static uint64_t with_slack(uint64_t limit)
{
    return limit < UINT64_MAX / SLACK ? limit * SLACK : UINT64_MAX;
}

static int by_expert(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    return x->expert < y->expert ? -1 : x->expert > y->expert;
}

static struct candidate *list_candidates(const struct tp_problem *problem, size_t cell,
                                         size_t *count)
{
    struct candidate *candidates = malloc((problem->member_count + 1) * sizeof(*candidates));
    *count = 0;
    if (candidates == NULL)
        return NULL;
    for (uint32_t g = 0; g < problem->group_count; g++) {
        const struct tp_group *group = &problem->groups[g];
        if (!tp_cell_set_has(group->cells, cell))
            continue;
        for (size_t m = group->first; m < group->first + group->count; m++)
            candidates[(*count)++] = (struct candidate){.expert = problem->members[m], .group = g};
    }
    qsort(candidates, *count, sizeof(*candidates), by_expert);
    return candidates;
}

static void remove_member(struct tp_problem *problem, const struct candidate *who, size_t cell)
{
    struct tp_group *group = &problem->groups[who->group];
    size_t at = group->first;
    while (problem->members[at] != who->expert)
        at++;
    memmove(&problem->members[at], &problem->members[at + 1],
            (group->first + group->count - at - 1) * sizeof(*problem->members));
    group->count--;
    problem->needed[cell]--;
    if (group->employer != TP_ODDS_NO_EMPLOYER)
        problem->rooms[group->employer]--;
}

/* The open cells that people or binding employers tie to one cell, directly or by others. */
static tp_cell_set tied_to(const struct tp_problem *problem, const struct tp_reduced *reduced,
                           size_t cell)
{
    tp_cell_set tied = tp_cell_bit(reduced->cell_of[cell]);
    for (tp_cell_set before = 0; before != tied;) {
        before = tied;
        for (size_t u = 0; u < reduced->unit_count; u++)
            tied |= (reduced->units[u].scope & tied) != 0 ? reduced->units[u].scope : 0;
    }
    tp_cell_set open = 0;
    for (size_t c = 0; c < problem->open_count; c++) {
        if (problem->needed[c] > 0 && tp_cell_set_has(tied, reduced->cell_of[c]))
            open |= tp_cell_bit(c);
    }
    return open;
}

/* Counts what is left of the cells tied to the one that is drawn next. */
static struct tp_status recount(struct sampling *sampling, size_t cell, struct tp_error *error)
{
    struct tp_problem *problem = sampling->problem;
    tp_reduced_free(tp_steal(&sampling->owned_reduced));
    tp_count_free(tp_steal(&sampling->owned_count));
    struct tp_status status = tp_reduced_new(problem, &sampling->owned_reduced, error);
    if (tp_failed(status))
        return status;
    uint32_t needed[TP_ODDS_OPEN_LIMIT];
    memcpy(needed, problem->needed, sizeof(needed));
    tp_cell_set tied = tied_to(problem, sampling->owned_reduced, cell);
    tp_reduced_free(tp_steal(&sampling->owned_reduced));
    for (size_t c = 0; c < problem->open_count; c++)
        problem->needed[c] = tp_cell_set_has(tied, c) ? needed[c] : 0;
    status = tp_reduced_new(problem, &sampling->owned_reduced, error);
    if (tp_ok(status)) {
        sampling->reduced = sampling->owned_reduced;
        tp_odds_deals(problem, sampling->reduced, sampling->deals);
        status = tp_count_new(sampling->reduced, tp_cell_bit(sampling->reduced->cell_of[cell]),
                              &sampling->limits, &sampling->owned_count, error);
        sampling->count = sampling->owned_count;
    }
    memcpy(problem->needed, needed, sizeof(needed));
    return status;
}

/* The candidate whose share of 0 .. sum of weights - 1 `left` falls in; his weight goes to ways. */
static size_t find_share(struct sampling *sampling, const struct candidate *candidates,
                         size_t count, size_t cell, mpz_t left)
{
    uint32_t group = UINT32_MAX;
    for (size_t at = 0; at < count; at++) {
        if (candidates[at].group != group) {
            group = candidates[at].group;
            tp_odds_member(sampling->problem, sampling->reduced, sampling->count, group, cell,
                           sampling->deals, sampling->ways);
            mpz_mul(sampling->ways, sampling->ways, sampling->others);
        }
        if (mpz_cmp(left, sampling->ways) < 0)
            return at;
        mpz_sub(left, left, sampling->ways);
    }
    return count;
}

/* One seat: a candidate by his weight, the number of ways to go on with him in it. */
static struct tp_status draw_seat(struct sampling *sampling, size_t cell, struct candidate *drawn,
                                  struct tp_error *error)
{
    size_t count;
    TP_AUTO_FREE struct candidate *candidates = list_candidates(sampling->problem, cell, &count);
    mpz_t bound, left;
    mpz_inits(bound, left, NULL);
    mpz_mul(bound, sampling->count->committees, sampling->deals);
    mpz_divexact(sampling->others, sampling->ways, bound);
    mpz_mul_ui(bound, sampling->ways, sampling->problem->needed[cell]);
    bool ready = candidates != NULL && draw_below(sampling->stream, bound, left);
    size_t at = ready ? find_share(sampling, candidates, count, cell, left) : 0;
    mpz_clears(bound, left, NULL);
    if (!ready)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
    assert(at < count); /* the weights add up to the bound */
    *drawn = candidates[at];
    return TP_STATUS_OK;
}

static struct tp_status draw_all(struct sampling *sampling, struct tp_odds_choice *choices,
                                 size_t *choice_count, struct tp_error *error)
{
    struct tp_problem *problem = sampling->problem;
    for (size_t c = 0; c < problem->open_count; c++) {
        while (problem->needed[c] > 0) {
            struct candidate drawn = {0};
            struct tp_status status = TP_STATUS_OK;
            if (*choice_count > 0)
                status = recount(sampling, c, error);
            if (tp_ok(status))
                status = draw_seat(sampling, c, &drawn, error);
            if (tp_failed(status))
                return status;
            choices[(*choice_count)++] = (struct tp_odds_choice){
                .expert = drawn.expert, .cell = (uint32_t)problem->plan_cell[c]};
            remove_member(problem, &drawn, c);
        }
    }
    return TP_STATUS_OK;
}

struct tp_status tp_odds_sample(const struct tp_odds *odds, const struct tp_odds_limits *limits,
                                struct tp_odds_stream stream, struct tp_odds_choice *choices,
                                size_t *choice_count, struct tp_error *error)
{
    *choice_count = 0;
    if (!tp_odds_feasible(odds))
        return tp_fail(error, TP_CONFLICT, "draw.infeasible", "no lawful committee exists");
    struct tp_odds_limits allowed = limits != NULL ? *limits : tp_odds_default_limits;
    struct sampling sampling = {.limits = {.table_bytes = with_slack(allowed.table_bytes),
                                           .work = with_slack(allowed.work)},
                                .stream = stream,
                                .reduced = odds->reduced,
                                .count = odds->count,
                                .problem = tp_problem_copy(odds->problem)};
    if (sampling.problem == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
    mpz_init_set(sampling.deals, odds->deals);
    mpz_init_set(sampling.ways, odds->committees);
    mpz_init(sampling.others);
    struct tp_status status = draw_all(&sampling, choices, choice_count, error);
    mpz_clears(sampling.deals, sampling.ways, sampling.others, NULL);
    tp_problem_free(sampling.problem);
    tp_reduced_free(sampling.owned_reduced);
    tp_count_free(sampling.owned_count);
    return status;
}
