#include "expert-draw/odds/odds_internal.h"

#include <math.h>
#include <string.h>

const struct tp_odds_limits tp_odds_default_limits = {.table_bytes = (uint64_t)256 << 20,
                                                      .work = UINT64_C(20000000000)};

static struct tp_status no_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
}

/* Chosen people of a merged cell are dealt out to the cells it stands for. */
void tp_odds_deals(const struct tp_problem *problem, const struct tp_reduced *reduced, mpz_t deals)
{
    mpz_t choose;
    mpz_init(choose);
    mpz_set_ui(deals, 1);
    for (size_t c = 0; c < reduced->cell_count; c++) {
        uint32_t left = reduced->needed[c];
        for (size_t o = 0; o < problem->open_count; o++) {
            if (!tp_cell_set_has(reduced->origin[c], o))
                continue;
            mpz_bin_uiui(choose, left, problem->needed[o]);
            mpz_mul(deals, deals, choose);
            left -= problem->needed[o];
        }
    }
    mpz_clear(choose);
}

/* `deals` comes in as the number of deals of all merged cells. */
void tp_odds_member(const struct tp_problem *problem, const struct tp_reduced *reduced,
                    const struct tp_count *count, size_t group, size_t cell, const mpz_t deals,
                    mpz_t out)
{
    mpz_set_ui(out, 0);
    uint32_t part = reduced->part_of[group];
    if (part == TP_NO_PART || problem->needed[cell] == 0 ||
        !tp_cell_set_has(problem->groups[group].cells, cell))
        return;
    size_t merged = reduced->cell_of[cell];
    tp_count_member(count, reduced, part, merged, out);
    mpz_mul(out, out, deals);
    mpz_mul_ui(out, out, problem->needed[cell]);
    mpz_divexact_ui(out, out, reduced->needed[merged]);
}

static int by_expert(const void *a, const void *b)
{
    const struct tp_odds_member *x = a;
    const struct tp_odds_member *y = b;
    return x->expert < y->expert ? -1 : x->expert > y->expert;
}

static bool list_members(struct tp_odds *odds)
{
    const struct tp_problem *problem = odds->problem;
    odds->members = malloc((problem->member_count + 1) * sizeof(*odds->members));
    if (odds->members == NULL)
        return false;
    for (uint32_t g = 0; g < problem->group_count; g++) {
        const struct tp_group *group = &problem->groups[g];
        for (size_t m = group->first; m < group->first + group->count; m++)
            odds->members[m] = (struct tp_odds_member){.expert = problem->members[m], .group = g};
    }
    qsort(odds->members, problem->member_count, sizeof(*odds->members), by_expert);
    return true;
}

static void count_attempts(const struct tp_odds_plan *plan, mpz_t attempts)
{
    mpz_t choose;
    mpz_init(choose);
    mpz_set_ui(attempts, 1);
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (plan->cells[c].needed > plan->cells[c].candidate_count)
            mpz_set_ui(choose, 0);
        else
            mpz_bin_uiui(choose, plan->cells[c].candidate_count, plan->cells[c].needed);
        mpz_mul(attempts, attempts, choose);
    }
    mpz_clear(choose);
}

/* Rounded down by at most one unit in the last place, whatever the sizes. */
static double quotient(const mpz_t numerator, const mpz_t denominator)
{
    if (mpz_sgn(denominator) == 0)
        return 0;
    mpq_t fraction;
    mpq_init(fraction);
    mpz_set(mpq_numref(fraction), numerator);
    mpz_set(mpq_denref(fraction), denominator);
    mpq_canonicalize(fraction);
    double value = mpq_get_d(fraction);
    mpq_clear(fraction);
    return value;
}

/* In how many committees a person of the group sits anywhere. */
static void member_anywhere(const struct tp_odds *odds, size_t group, mpz_t out)
{
    mpz_t one;
    mpz_init(one);
    mpz_set_ui(out, 0);
    for (size_t c = 0; c < odds->problem->open_count; c++) {
        tp_odds_member(odds->problem, odds->reduced, odds->count, group, c, odds->deals, one);
        mpz_add(out, out, one);
    }
    mpz_clear(one);
}

static bool make_chances(struct tp_odds *odds)
{
    odds->chances = calloc(odds->problem->group_count + 1, sizeof(*odds->chances));
    if (odds->chances == NULL)
        return false;
    mpz_t number;
    mpz_init(number);
    for (size_t g = 0; odds->count != NULL && g < odds->problem->group_count; g++) {
        member_anywhere(odds, g, number);
        odds->chances[g] = quotient(number, odds->committees);
    }
    mpz_clear(number);
    return true;
}

static struct tp_status count_committees(struct tp_odds *odds, const struct tp_odds_limits *limits,
                                         struct tp_error *error)
{
    struct tp_status status = tp_reduced_new(odds->problem, &odds->reduced, error);
    if (tp_failed(status))
        return status;
    status = tp_count_new(odds->reduced, ~(tp_cell_set)0, limits, &odds->count, error);
    if (tp_failed(status))
        return status;
    tp_odds_deals(odds->problem, odds->reduced, odds->deals);
    mpz_mul(odds->committees, odds->count->committees, odds->deals);
    return TP_STATUS_OK;
}

struct tp_status tp_odds_new(const struct tp_odds_plan *plan, const struct tp_odds_limits *limits,
                             struct tp_odds **odds, struct tp_error *error)
{
    TP_AUTO(tp_odds) struct tp_odds *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return no_memory(error);
    mpz_inits(made->committees, made->attempts, made->deals, NULL);
    struct tp_status status = tp_problem_new(plan, &made->problem, error);
    if (tp_failed(status))
        return status;
    struct tp_filling filling;
    status = tp_filling_find(made->problem, &filling, error);
    if (tp_failed(status))
        return status;
    count_attempts(plan, made->attempts);
    if (filling.full) {
        status = count_committees(made, limits != NULL ? limits : &tp_odds_default_limits, error);
        if (tp_failed(status))
            return status;
    }
    if (!list_members(made) || !make_chances(made))
        return no_memory(error);
    *odds = tp_steal(&made);
    return TP_STATUS_OK;
}

void tp_odds_free(struct tp_odds *odds)
{
    if (odds == NULL)
        return;
    mpz_clears(odds->committees, odds->attempts, odds->deals, NULL);
    tp_problem_free(odds->problem);
    tp_reduced_free(odds->reduced);
    tp_count_free(odds->count);
    free(odds->members);
    free(odds->chances);
    free(odds);
}

bool tp_odds_feasible(const struct tp_odds *odds)
{
    return mpz_sgn(odds->committees) > 0;
}

static char *decimal(const mpz_t number)
{
    char *text = malloc(mpz_sizeinbase(number, 10) + 2);
    return text != NULL ? mpz_get_str(text, 10, number) : NULL;
}

char *tp_odds_committees(const struct tp_odds *odds)
{
    return decimal(odds->committees);
}

char *tp_odds_attempts_possible(const struct tp_odds *odds)
{
    return decimal(odds->attempts);
}

static const struct tp_odds_member *find_member(const struct tp_odds *odds, uint32_t expert)
{
    struct tp_odds_member key = {.expert = expert};
    return bsearch(&key, odds->members, odds->problem->member_count, sizeof(key), by_expert);
}

double tp_odds_chance(const struct tp_odds *odds, uint32_t expert)
{
    const struct tp_odds_member *member = find_member(odds, expert);
    return member != NULL ? odds->chances[member->group] : 0;
}

double tp_odds_chance_in(const struct tp_odds *odds, uint32_t expert, size_t cell)
{
    const struct tp_odds_member *member = find_member(odds, expert);
    size_t open = 0;
    while (open < odds->problem->open_count && odds->problem->plan_cell[open] != cell)
        open++;
    if (member == NULL || open == odds->problem->open_count || !tp_odds_feasible(odds))
        return 0;
    mpz_t number;
    mpz_init(number);
    tp_odds_member(odds->problem, odds->reduced, odds->count, member->group, open, odds->deals,
                   number);
    double chance = quotient(number, odds->committees);
    mpz_clear(number);
    return chance;
}

char *tp_odds_chance_numerator(const struct tp_odds *odds, uint32_t expert)
{
    const struct tp_odds_member *member = find_member(odds, expert);
    mpz_t number;
    mpz_init(number);
    if (member != NULL && tp_odds_feasible(odds))
        member_anywhere(odds, member->group, number);
    char *text = decimal(number);
    mpz_clear(number);
    return text;
}

void tp_odds_chance_range(const struct tp_odds *odds, double *smallest, double *largest)
{
    *smallest = odds->problem->group_count > 0 ? odds->chances[0] : 0;
    *largest = *smallest;
    for (size_t g = 1; g < odds->problem->group_count; g++) {
        *smallest = fmin(*smallest, odds->chances[g]);
        *largest = fmax(*largest, odds->chances[g]);
    }
}

double tp_odds_acceptance(const struct tp_odds *odds)
{
    return quotient(odds->committees, odds->attempts);
}

bool tp_odds_acceptance_below(const struct tp_odds *odds, uint32_t numerator, uint32_t denominator)
{
    mpz_t left, right;
    mpz_inits(left, right, NULL);
    mpz_mul_ui(left, odds->committees, denominator);
    mpz_mul_ui(right, odds->attempts, numerator);
    bool below = mpz_cmp(left, right) < 0;
    mpz_clears(left, right, NULL);
    return below;
}
