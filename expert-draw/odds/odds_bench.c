/*
 * Times of counting and sampling for plans of several sizes, up to what is refused. Prints a table
 * in Markdown; people are made up from a fixed seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "expert-draw/odds/odds_fixture.h"

struct size {
    const char *name;
    struct tp_fixture_province province;
};

static const struct size sizes[] = {
    {"sortition 150/22, 2 groups, cap 1", {150, 1, 2, 11, 1, 60, false, 0, 0, 1}},
    {"sortition 500/75, 3 groups, cap 2", {500, 1, 3, 25, 1, 200, false, 0, 0, 2}},
    {"sortition 2000/200, 2 groups, cap 2", {2000, 1, 2, 100, 1, 800, false, 0, 0, 2}},
    {"sortition 2000/200, 20 local groups, cap 1", {2000, 20, 1, 10, 1, 40, true, 0, 0, 1}},
    {"7 seats: 3 venues, employers of the province, cap 1", {900, 1, 7, 1, 3, 120, false, 0, 0, 1}},
    {"15 seats: 5 venues x 3 specialties, province, cap 1",
     {3000, 5, 3, 1, 2, 150, false, 0, 0, 1}},
    {"16 seats: 4 venues x 2 specialties x 2, province, cap 2",
     {3000, 4, 2, 2, 2, 200, false, 0, 0, 2}},
    {"100 seats: 20 venues x 5, local employers, cap 1", {40000, 20, 5, 1, 2, 300, true, 0, 0, 1}},
    {"80 seats: 20 venues x 4, local + 4 national, cap 2",
     {40000, 20, 4, 1, 2, 200, true, 4, 10, 2}},
    {"40 seats: 20 venues x 2, all employers of the province, cap 1",
     {40000, 20, 2, 1, 2, 3000, false, 0, 0, 1}},
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_refusal(const struct size *size, double taken, const struct tp_error *error)
{
    printf("| %s | %u | refused: %s | | %.3f s | |\n", size->name, size->province.experts,
           error->code, taken);
}

static void measure(const struct size *size)
{
    struct tp_fixture_plan made;
    tp_fixture_plan_province(&made, &size->province, 1);
    struct tp_odds *odds = NULL;
    struct tp_error error = {0};
    double begun = seconds();
    struct tp_status status = tp_odds_new(&made.plan, NULL, &odds, &error);
    double counted = seconds();
    if (tp_failed(status)) {
        print_refusal(size, counted - begun, &error);
        tp_fixture_plan_fini(&made);
        return;
    }
    struct tp_fixture_random random = {.state = 1};
    struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
    size_t chosen;
    status = tp_odds_sample(odds, NULL, tp_fixture_stream(&random), choices, &chosen, &error);
    double sampled = seconds();
    char *committees = tp_odds_committees(odds);
    printf("| %s | %u | %zu digits | %.3g | %.3f s | ", size->name, size->province.experts,
           committees != NULL ? strlen(committees) : 0, tp_odds_acceptance(odds), counted - begun);
    if (tp_ok(status))
        printf("%.3f s |\n", sampled - counted);
    else
        printf("%s |\n", error.code);
    free(committees);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

int main(void)
{
    printf("| plan | people | committees | acceptance | count and chances | one sample |\n"
           "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        measure(&sizes[i]);
        (void)fflush(stdout);
    }
    return 0;
}
