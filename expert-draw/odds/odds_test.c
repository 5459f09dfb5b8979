#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expert-draw/odds/odds_fixture.h"

static struct tp_odds *count(const struct tp_fixture_plan *made)
{
    struct tp_odds *odds = NULL;
    struct tp_error error = {0};
    struct tp_status status = tp_odds_new(&made->plan, NULL, &odds, &error);
    if (tp_failed(status))
        print_error("%s: %s\n", error.code, error.message);
    assert_true(tp_ok(status));
    return odds;
}

static void assert_number(char *text, uint64_t expected)
{
    char wanted[32];
    (void)snprintf(wanted, sizeof(wanted), "%" PRIu64, expected);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
}

static void assert_text(char *text, const char *expected)
{
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_close(double value, double expected)
{
    if (fabs(value - expected) > 1e-12)
        fail_msg("%.17g is not %.17g", value, expected);
}

static uint64_t choose(uint64_t n, uint64_t k)
{
    uint64_t ways = 1;
    for (uint64_t i = 0; i < k; i++)
        ways = ways * (n - i) / (i + 1);
    return k > n ? 0 : ways;
}

static void compare_with_brute(const struct tp_fixture_plan *made)
{
    struct tp_fixture_truth truth = tp_fixture_brute(&made->plan);
    struct tp_odds *odds = count(made);
    assert_number(tp_odds_committees(odds), truth.committees);
    assert_int_equal(tp_odds_feasible(odds), truth.committees > 0);
    uint64_t attempts = 1;
    for (size_t c = 0; c < made->plan.cell_count; c++)
        attempts *= choose(made->cells[c].candidate_count, made->cells[c].needed);
    assert_number(tp_odds_attempts_possible(odds), attempts);
    double divisor = truth.committees > 0 ? (double)truth.committees : 1;
    assert_close(tp_odds_acceptance(odds),
                 attempts > 0 ? (double)truth.committees / (double)attempts : 0);
    for (uint32_t e = 0; e < made->plan.expert_count; e++) {
        uint64_t anywhere = 0;
        for (size_t c = 0; c < made->plan.cell_count; c++) {
            assert_close(tp_odds_chance_in(odds, e, c), (double)truth.in[e][c] / divisor);
            anywhere += truth.in[e][c];
        }
        assert_number(tp_odds_chance_numerator(odds, e), anywhere);
        assert_close(tp_odds_chance(odds, e), (double)anywhere / divisor);
    }
    tp_odds_free(odds);
    struct tp_odds_shortage shortage;
    struct tp_error error = {0};
    struct tp_status status = tp_odds_check_feasible(&made->plan, &shortage, &error);
    assert_int_equal(tp_ok(status), truth.committees > 0);
    if (truth.committees > 0)
        return;
    assert_string_equal(error.code, "draw.infeasible");
    assert_true(shortage.cell_count > 0 && shortage.fillable < shortage.needed);
    assert_true(strlen(shortage.reason) > 0);
}

/* The cells named must be short by themselves, and not be when one of them is left out. */
static void compare_shortage(struct tp_fixture_plan *made)
{
    struct tp_odds_shortage shortage;
    if (tp_ok(tp_odds_check_feasible(&made->plan, &shortage, NULL)))
        return;
    uint32_t needed[TP_FIXTURE_BRUTE_CELLS];
    for (size_t c = 0; c < made->plan.cell_count; c++)
        needed[c] = made->cells[c].needed;
    for (size_t without = 0; without <= shortage.cell_count; without++) {
        for (size_t c = 0; c < made->plan.cell_count; c++)
            made->cells[c].needed = 0;
        for (size_t i = 0; i < shortage.cell_count; i++) {
            size_t c = shortage.cells[i];
            made->cells[c].needed = i != without ? needed[c] : 0;
        }
        uint64_t committees = tp_fixture_brute(&made->plan).committees;
        assert_int_equal(committees > 0, without < shortage.cell_count);
    }
}

static void odds__hundreds_of_small_plans__equal_brute_force(void **state)
{
    (void)state;
    unsigned feasible = 0;
    enum { PLANS = 1500 };
    for (uint64_t seed = 0; seed < PLANS; seed++) {
        struct tp_fixture_plan made;
        tp_fixture_plan_random(&made, seed);
        compare_with_brute(&made);
        struct tp_odds_shortage shortage;
        feasible += tp_ok(tp_odds_check_feasible(&made.plan, &shortage, NULL));
        compare_shortage(&made);
        tp_fixture_plan_fini(&made);
    }
    assert_in_range(feasible, PLANS / 4, PLANS * 3 / 4);
}

static void odds__no_cap_and_cells_apart__is_a_product_of_binomials(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 300, 2);
    for (uint32_t e = 0; e < 300; e++)
        tp_fixture_plan_add(&made, e < 100 ? 0 : 1, e);
    made.cells[0].needed = 10;
    made.cells[1].needed = 20;
    struct tp_odds *odds = count(&made);
    /* C(100, 10) * C(200, 20) */
    assert_text(tp_odds_committees(odds), "27931703944847321621304159464393988801600");
    assert_true(tp_odds_acceptance(odds) == 1);
    assert_close(tp_odds_chance(odds, 0), 0.1);
    assert_close(tp_odds_chance(odds, 299), 0.1);
    double smallest, largest;
    tp_odds_chance_range(odds, &smallest, &largest);
    assert_close(smallest, 0.1);
    assert_close(largest, 0.1);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

/* 40 employers of 5 people, 12 seats, one of each at most: C(40, 12) * 5^12. */
static void odds__employers_alike__count_by_hand(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 200, 1);
    for (uint32_t e = 0; e < 200; e++) {
        tp_fixture_plan_add(&made, 0, e);
        made.employers[e] = e % 40;
    }
    made.cells[0].needed = 12;
    made.plan.max_per_employer = 1;
    struct tp_odds *odds = count(&made);
    assert_text(tp_odds_committees(odds), "1363977900390625000");
    assert_close(tp_odds_chance(odds, 17), 12.0 / 200);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

/* The sum of all chances is the number of seats: holds at any size. */
static void check_sum(const struct tp_fixture_province *province)
{
    struct tp_fixture_plan made;
    tp_fixture_plan_province(&made, province, 7);
    struct tp_odds *odds = count(&made);
    double sum = 0;
    for (uint32_t e = 0; e < province->experts; e++)
        sum += tp_odds_chance(odds, e);
    if (fabs(sum - province->cities * province->specialties * province->needed) > 1e-9)
        fail_msg("the chances add up to %.12f", sum);
    assert_true(tp_odds_acceptance(odds) > 0 && tp_odds_acceptance(odds) < 1);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

static void odds__larger_plans__chances_add_up_to_the_seats(void **state)
{
    (void)state;
    const struct tp_fixture_province local = {.experts = 3000,
                                              .cities = 8,
                                              .specialties = 3,
                                              .needed = 2,
                                              .specialties_each = 2,
                                              .employers = 12,
                                              .local = true,
                                              .cap = 1};
    const struct tp_fixture_province national = {.experts = 2000,
                                                 .cities = 10,
                                                 .specialties = 2,
                                                 .needed = 2,
                                                 .specialties_each = 2,
                                                 .employers = 20,
                                                 .local = true,
                                                 .nationals = 3,
                                                 .national_share = 30,
                                                 .cap = 2};
    const struct tp_fixture_province mixed = {.experts = 600,
                                              .cities = 2,
                                              .specialties = 3,
                                              .needed = 2,
                                              .specialties_each = 2,
                                              .employers = 80,
                                              .cap = 1};
    check_sum(&local);
    check_sum(&national);
    check_sum(&mixed);
}

static void odds__everything_tied_together__is_refused_and_feasible(void **state)
{
    (void)state;
    const struct tp_fixture_province tied = {.experts = 4000,
                                             .cities = 20,
                                             .specialties = 2,
                                             .needed = 2,
                                             .specialties_each = 2,
                                             .employers = 300,
                                             .cap = 1};
    struct tp_fixture_plan made;
    tp_fixture_plan_province(&made, &tied, 3);
    struct tp_odds *odds = NULL;
    struct tp_error error = {0};
    struct tp_status status = tp_odds_new(&made.plan, NULL, &odds, &error);
    assert_int_equal(status.class, TP_LIMIT);
    assert_string_equal(error.code, "odds.too_large");
    assert_null(odds);
    struct tp_odds_shortage shortage;
    assert_true(tp_ok(tp_odds_check_feasible(&made.plan, &shortage, &error)));
    tp_fixture_plan_fini(&made);
}

static void odds__little_work_allowed__is_refused(void **state)
{
    (void)state;
    const struct tp_fixture_province province = {.experts = 600,
                                                 .cities = 1,
                                                 .specialties = 3,
                                                 .needed = 2,
                                                 .specialties_each = 2,
                                                 .employers = 80,
                                                 .cap = 1};
    const struct tp_odds_limits little = {.table_bytes = 1 << 20, .work = 1000};
    const struct tp_odds_limits small = {.table_bytes = 64, .work = UINT64_C(1) << 40};
    struct tp_fixture_plan made;
    tp_fixture_plan_province(&made, &province, 3);
    struct tp_odds *odds = NULL;
    assert_int_equal(tp_odds_new(&made.plan, &little, &odds, NULL).class, TP_LIMIT);
    assert_int_equal(tp_odds_new(&made.plan, &small, &odds, NULL).class, TP_LIMIT);
    tp_fixture_plan_fini(&made);
}

static void odds__broken_plan__is_an_input_error(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 3, 1);
    made.cells[0].needed = 1;
    struct tp_odds *odds = NULL;
    tp_fixture_plan_add(&made, 0, 2);
    tp_fixture_plan_add(&made, 0, 1);
    assert_int_equal(tp_odds_new(&made.plan, NULL, &odds, NULL).class, TP_INPUT);
    made.cells[0].candidate_count = 0;
    tp_fixture_plan_add(&made, 0, 3);
    assert_int_equal(tp_odds_new(&made.plan, NULL, &odds, NULL).class, TP_INPUT);
    made.cells[0].candidate_count = 0;
    made.cells[0].needed = TP_ODDS_SEAT_LIMIT + 1;
    assert_int_equal(tp_odds_new(&made.plan, NULL, &odds, NULL).class, TP_LIMIT);
    tp_fixture_plan_fini(&made);
}

static void odds__nothing_needed__is_one_committee(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 2, 1);
    tp_fixture_plan_add(&made, 0, 0);
    struct tp_odds *odds = count(&made);
    assert_number(tp_odds_committees(odds), 1);
    assert_close(tp_odds_chance(odds, 0), 0);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

static void odds__rule_of_one_percent__is_decided_exactly(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 100, 2); /* the same person is not to sit twice: 1/100 is lost */
    for (uint32_t e = 0; e < 100; e++) {
        tp_fixture_plan_add(&made, 0, e);
        tp_fixture_plan_add(&made, 1, e);
    }
    made.cells[0].needed = 1;
    made.cells[1].needed = 1;
    struct tp_odds *odds = count(&made);
    assert_number(tp_odds_committees(odds), 9900);
    assert_false(tp_odds_acceptance_below(odds, 99, 100));
    assert_true(tp_odds_acceptance_below(odds, 9901, 10000));
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odds__hundreds_of_small_plans__equal_brute_force),
        cmocka_unit_test(odds__no_cap_and_cells_apart__is_a_product_of_binomials),
        cmocka_unit_test(odds__employers_alike__count_by_hand),
        cmocka_unit_test(odds__larger_plans__chances_add_up_to_the_seats),
        cmocka_unit_test(odds__everything_tied_together__is_refused_and_feasible),
        cmocka_unit_test(odds__little_work_allowed__is_refused),
        cmocka_unit_test(odds__broken_plan__is_an_input_error),
        cmocka_unit_test(odds__nothing_needed__is_one_committee),
        cmocka_unit_test(odds__rule_of_one_percent__is_decided_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
