#include "expert-draw/odds/problem.h"

#include <string.h>

/* One person who is a candidate somewhere. */
struct person {
    uint32_t expert;
    uint32_t employer; /* the plan's number, later the index of rooms */
    tp_cell_set cells;
};

static struct tp_status check_candidates(const struct tp_odds_plan *plan, size_t cell,
                                         struct tp_error *error)
{
    const struct tp_odds_cell *of = &plan->cells[cell];
    for (size_t i = 0; i < of->candidate_count; i++) {
        if (of->candidates[i] >= plan->expert_count)
            return tp_fail(error, TP_INPUT, "odds.plan", "cell %zu: no such expert", cell);
        if (i > 0 && of->candidates[i - 1] >= of->candidates[i])
            return tp_fail(error, TP_INPUT, "odds.plan", "cell %zu: candidates must ascend", cell);
    }
    return TP_STATUS_OK;
}

static struct tp_status read_cells(const struct tp_odds_plan *plan, struct tp_problem *problem,
                                   size_t *pair_count, struct tp_error *error)
{
    if (plan->cell_count > TP_ODDS_CELL_LIMIT)
        return tp_fail(error, TP_LIMIT, "odds.too_large", "more than %d cells", TP_ODDS_CELL_LIMIT);
    uint64_t seats = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        struct tp_status status = check_candidates(plan, c, error);
        if (tp_failed(status))
            return status;
        if (plan->cells[c].needed == 0)
            continue;
        seats += plan->cells[c].needed;
        if (seats > TP_ODDS_SEAT_LIMIT || problem->open_count == TP_ODDS_OPEN_LIMIT)
            return tp_fail(error, TP_LIMIT, "odds.too_large", "more than %d seats or %d cells",
                           TP_ODDS_SEAT_LIMIT, TP_ODDS_OPEN_LIMIT);
        problem->needed[problem->open_count] = plan->cells[c].needed;
        problem->plan_cell[problem->open_count++] = c;
        *pair_count += plan->cells[c].candidate_count;
    }
    for (size_t i = 0; i < plan->seated_count; i++) {
        if (plan->seated[i] >= plan->expert_count)
            return tp_fail(error, TP_INPUT, "odds.plan", "no such expert is seated");
    }
    return TP_STATUS_OK;
}

static int by_expert(const void *a, const void *b)
{
    const struct person *x = a;
    const struct person *y = b;
    return x->expert < y->expert ? -1 : x->expert > y->expert;
}

static int by_group(const void *a, const void *b)
{
    const struct person *x = a;
    const struct person *y = b;
    if (x->employer != y->employer)
        return x->employer < y->employer ? -1 : 1;
    if (x->cells != y->cells)
        return x->cells < y->cells ? -1 : 1;
    return by_expert(a, b);
}

/* Without a cap employers do not matter. */
static uint32_t employer_of(const struct tp_odds_plan *plan, uint32_t expert)
{
    return plan->max_per_employer == TP_ODDS_NO_CAP ? TP_ODDS_NO_EMPLOYER : plan->employers[expert];
}

/* Each candidate once, with all his cells; who is seated already is left out. */
static size_t gather(const struct tp_odds_plan *plan, const struct tp_problem *problem,
                     struct person *people)
{
    size_t count = 0;
    for (size_t c = 0; c < problem->open_count; c++) {
        const struct tp_odds_cell *cell = &plan->cells[problem->plan_cell[c]];
        for (size_t i = 0; i < cell->candidate_count; i++)
            people[count++] = (struct person){.expert = cell->candidates[i],
                                              .employer = employer_of(plan, cell->candidates[i]),
                                              .cells = tp_cell_bit(c)};
    }
    qsort(people, count, sizeof(*people), by_expert);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && people[kept - 1].expert == people[i].expert)
            people[kept - 1].cells |= people[i].cells;
        else
            people[kept++] = people[i];
    }
    for (size_t s = 0; s < plan->seated_count; s++) {
        struct person seated = {.expert = plan->seated[s]};
        struct person *found = bsearch(&seated, people, kept, sizeof(*people), by_expert);
        if (found != NULL)
            found->cells = 0;
    }
    size_t left = 0;
    for (size_t i = 0; i < kept; i++) {
        if (people[i].cells != 0)
            people[left++] = people[i];
    }
    return left;
}

static uint32_t room_of(const struct tp_odds_plan *plan, uint32_t employer)
{
    uint32_t room = plan->max_per_employer;
    for (size_t s = 0; s < plan->seated_count && room > 0; s++)
        room -= plan->employers[plan->seated[s]] == employer;
    return room;
}

static void make_groups(const struct tp_odds_plan *plan, struct tp_problem *problem,
                        const struct person *people, size_t count)
{
    uint32_t employer = TP_ODDS_NO_EMPLOYER; /* the plan's number of the latest */
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &people[i];
        bool capped = person->employer != TP_ODDS_NO_EMPLOYER;
        bool follows = i > 0 && people[i - 1].employer == person->employer;
        if (capped && !follows) {
            employer = person->employer;
            problem->rooms[problem->employer_count++] = room_of(plan, employer);
        }
        if (!follows || people[i - 1].cells != person->cells)
            problem->groups[problem->group_count++] = (struct tp_group){
                .employer = capped ? (uint32_t)problem->employer_count - 1 : TP_ODDS_NO_EMPLOYER,
                .first = i,
                .cells = person->cells};
        problem->groups[problem->group_count - 1].count++;
        problem->members[problem->member_count++] = person->expert;
    }
}

struct tp_status tp_problem_new(const struct tp_odds_plan *plan, struct tp_problem **problem,
                                struct tp_error *error)
{
    TP_AUTO(tp_problem) struct tp_problem *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    size_t pair_count = 0;
    struct tp_status status = read_cells(plan, made, &pair_count, error);
    if (tp_failed(status))
        return status;
    TP_AUTO_FREE struct person *people = malloc((pair_count + 1) * sizeof(*people));
    if (people == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    size_t count = gather(plan, made, people);
    qsort(people, count, sizeof(*people), by_group);
    made->groups = malloc((count + 1) * sizeof(*made->groups));
    made->rooms = malloc((count + 1) * sizeof(*made->rooms));
    made->members = malloc((count + 1) * sizeof(*made->members));
    if (made->groups == NULL || made->rooms == NULL || made->members == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    make_groups(plan, made, people, count);
    *problem = tp_steal(&made);
    return TP_STATUS_OK;
}

static void *copy_of(const void *from, size_t bytes)
{
    void *copy = malloc(bytes + 1);
    if (copy != NULL)
        memcpy(copy, from, bytes);
    return copy;
}

struct tp_problem *tp_problem_copy(const struct tp_problem *problem)
{
    TP_AUTO(tp_problem) struct tp_problem *copy = malloc(sizeof(*copy));
    if (copy == NULL)
        return NULL;
    *copy = *problem;
    copy->groups = copy_of(problem->groups, problem->group_count * sizeof(*problem->groups));
    copy->rooms = copy_of(problem->rooms, problem->employer_count * sizeof(*problem->rooms));
    copy->members = copy_of(problem->members, problem->member_count * sizeof(*problem->members));
    if (copy->groups == NULL || copy->rooms == NULL || copy->members == NULL)
        return NULL;
    return tp_steal(&copy);
}

void tp_problem_free(struct tp_problem *problem)
{
    if (problem == NULL)
        return;
    free(problem->groups);
    free(problem->rooms);
    free(problem->members);
    free(problem);
}
