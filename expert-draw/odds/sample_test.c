#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expert-draw/odds/odds_fixture.h"

enum { SAMPLES = 200000, COMMITTEES = 4096 };

static struct tp_odds *count(const struct tp_fixture_plan *made)
{
    struct tp_odds *odds = NULL;
    assert_true(tp_ok(tp_odds_new(&made->plan, NULL, &odds, NULL)));
    assert_true(tp_odds_feasible(odds));
    return odds;
}

/* A committee of at most 12 people and 6 cells as a number: three bits a person. */
static uint64_t key_of(const struct tp_odds_choice *choices, size_t count)
{
    uint64_t key = 0;
    for (size_t i = 0; i < count; i++)
        key |= (uint64_t)(choices[i].cell + 1) << 3 * choices[i].expert;
    return key;
}

struct tally {
    uint64_t keys[COMMITTEES];
    uint32_t counts[COMMITTEES];
    size_t used;
};

static void note(struct tally *tally, uint64_t key)
{
    size_t at = 0;
    while (at < tally->used && tally->keys[at] != key)
        at++;
    assert_true(at < COMMITTEES);
    if (at == tally->used) {
        tally->keys[tally->used++] = key;
        tally->counts[at] = 0;
    }
    tally->counts[at]++;
}

/*
 * Pearson's statistic against every lawful committee being equally likely. Its mean is the degrees
 * of freedom d and its variance 2 d, so d + 5 sqrt(2 d) is passed by chance once in some 10^5 runs;
 * the stream is fixed, so the test always gives the same figure.
 */
static double chi_square(const struct tally *tally, uint64_t committees, uint32_t samples)
{
    assert_int_equal(tally->used, committees);
    double expected = (double)samples / (double)committees;
    double sum = 0;
    for (size_t i = 0; i < tally->used; i++) {
        double off = tally->counts[i] - expected;
        sum += off * off / expected;
    }
    return sum;
}

static void check_uniform(const struct tp_fixture_plan *made, uint32_t samples)
{
    struct tp_odds *odds = count(made);
    uint64_t committees = tp_fixture_brute(&made->plan).committees;
    struct tp_fixture_random random = {.state = 20260101};
    struct tally *tally = calloc(1, sizeof(*tally));
    assert_non_null(tally);
    for (uint32_t i = 0; i < samples; i++) {
        struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
        size_t chosen;
        assert_true(
            tp_ok(tp_odds_sample(odds, NULL, tp_fixture_stream(&random), choices, &chosen, NULL)));
        note(tally, key_of(choices, chosen));
    }
    double freedom = (double)committees - 1;
    double statistic = chi_square(tally, committees, samples);
    print_message("%llu committees, %u samples: chi-square %.1f, %.0f degrees of freedom\n",
                  (unsigned long long)committees, samples, statistic, freedom);
    assert_true(statistic < freedom + 5 * sqrt(2 * freedom));
    free(tally);
    tp_odds_free(odds);
}

/*
 * Two cells share people, a big employer is in both, another cell's people stand alone: the plan on
 * which "take the next, skip who violates" is visibly not uniform.
 */
static void make_plan(struct tp_fixture_plan *made)
{
    tp_fixture_plan_init(made, 9, 3);
    for (uint32_t e = 0; e < 9; e++) {
        if (e < 5)
            tp_fixture_plan_add(made, 0, e);
        if (e >= 3 && e < 7)
            tp_fixture_plan_add(made, 1, e);
        if (e >= 7)
            tp_fixture_plan_add(made, 2, e);
        made->employers[e] = e == 0 || e == 1 || e == 4 || e == 5 ? 1 : 10 + e / 3;
    }
    made->cells[0].needed = 2;
    made->cells[1].needed = 1;
    made->cells[2].needed = 1;
    made->plan.max_per_employer = 1;
}

static void sample__caps_and_shared_people__is_uniform(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made);
    check_uniform(&made, SAMPLES);
    tp_fixture_plan_fini(&made);
}

static void sample__equal_cells_and_a_seated_colleague__is_uniform(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 9, 2);
    for (uint32_t e = 1; e < 9; e++) {
        tp_fixture_plan_add(&made, 0, e);
        tp_fixture_plan_add(&made, 1, e);
        made.employers[e] = e % 3;
    }
    made.employers[0] = 1;
    made.cells[0].needed = 1;
    made.cells[1].needed = 2;
    made.plan.max_per_employer = 2;
    made.plan.seated_count = 1;
    check_uniform(&made, SAMPLES / 4);
    tp_fixture_plan_fini(&made);
}

/* The naive rule on the same plan, with the same statistic: it must be found out. */
static void sample__take_the_next_who_fits__fails_the_same_test(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made);
    struct tp_fixture_random random = {.state = 20260101};
    struct tally *tally = calloc(1, sizeof(*tally));
    assert_non_null(tally);
    uint32_t samples = 0;
    while (samples < SAMPLES) {
        struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
        size_t chosen = 0;
        uint64_t taken = 0;
        uint64_t employers = 0;
        for (uint32_t c = 0; c < made.plan.cell_count; c++) {
            uint64_t tried = 0;
            for (uint32_t left = made.cells[c].needed; left > 0;) {
                if (tried == (UINT64_C(1) << made.cells[c].candidate_count) - 1)
                    break;
                uint32_t at =
                    tp_fixture_random_below(&random, (uint32_t)made.cells[c].candidate_count);
                uint32_t expert = made.cells[c].candidates[at];
                tried |= UINT64_C(1) << at;
                if ((taken >> expert & 1) != 0 || (employers >> made.employers[expert] & 1) != 0)
                    continue;
                taken |= UINT64_C(1) << expert;
                employers |= UINT64_C(1) << made.employers[expert];
                choices[chosen++] = (struct tp_odds_choice){.expert = expert, .cell = c};
                left--;
            }
        }
        if (chosen < 4)
            continue;
        note(tally, key_of(choices, chosen));
        samples++;
    }
    uint64_t committees = tp_fixture_brute(&made.plan).committees;
    double freedom = (double)committees - 1;
    double statistic = chi_square(tally, committees, samples);
    print_message("naive: chi-square %.1f, %.0f degrees of freedom\n", statistic, freedom);
    assert_true(statistic > freedom + 50 * sqrt(2 * freedom));
    free(tally);
    tp_fixture_plan_fini(&made);
}

static void sample__random_plans__are_lawful_and_only_these(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct tp_fixture_plan made;
        tp_fixture_plan_random(&made, seed);
        struct tp_odds *odds = NULL;
        assert_true(tp_ok(tp_odds_new(&made.plan, NULL, &odds, NULL)));
        uint64_t committees = tp_fixture_brute(&made.plan).committees;
        struct tp_fixture_random random = {.state = seed};
        struct tally *tally = calloc(1, sizeof(*tally));
        assert_non_null(tally);
        for (uint32_t i = 0; i < 12 * committees && committees <= 60; i++) {
            struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
            size_t chosen;
            assert_true(tp_ok(
                tp_odds_sample(odds, NULL, tp_fixture_stream(&random), choices, &chosen, NULL)));
            note(tally, key_of(choices, chosen));
        }
        assert_true(tally->used <= committees);
        if (committees <= 60)
            assert_true(tally->used >= committees - committees / 20);
        free(tally);
        tp_odds_free(odds);
        tp_fixture_plan_fini(&made);
    }
}

static void sample__same_stream__gives_the_same_committee(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made);
    struct tp_odds *odds = count(&made);
    struct tp_odds_choice first[TP_ODDS_SEAT_LIMIT];
    struct tp_odds_choice second[TP_ODDS_SEAT_LIMIT];
    size_t count_first, count_second;
    struct tp_fixture_random random = {.state = 5};
    assert_true(
        tp_ok(tp_odds_sample(odds, NULL, tp_fixture_stream(&random), first, &count_first, NULL)));
    random.state = 5;
    assert_true(
        tp_ok(tp_odds_sample(odds, NULL, tp_fixture_stream(&random), second, &count_second, NULL)));
    assert_int_equal(count_first, 4);
    assert_int_equal(count_first, count_second);
    assert_memory_equal(first, second, count_first * sizeof(*first));
    for (size_t i = 1; i < count_first; i++)
        assert_true(first[i - 1].cell <= first[i].cell);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

/* Bytes as they are given, to follow the rule of docs/odds.md by hand. */
struct script {
    const uint8_t *bytes;
    size_t used;
};

static void read_script(void *context, uint8_t *out, size_t count)
{
    struct script *script = context;
    memcpy(out, script->bytes + script->used, count);
    script->used += count;
}

/*
 * One cell, two of five people, nobody excludes anybody: 10 committees, so the first number is
 * below 20 (5 bits), each person weighs 4; the second is below 4 (2 bits), each weighs 1.
 */
static void sample__scripted_bytes__follow_the_documented_rule(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 5, 1);
    for (uint32_t e = 0; e < 5; e++)
        tp_fixture_plan_add(&made, 0, e);
    made.cells[0].needed = 2;
    struct tp_odds *odds = count(&made);
    /* 0xFF -> 31, not below 20, again; 0xE8 -> 8: the third; 0x03 -> 3: the last of the others */
    const uint8_t bytes[] = {0xFF, 0xE8, 0x03};
    struct script script = {.bytes = bytes};
    struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
    size_t chosen;
    struct tp_odds_stream stream = {.read = read_script, .context = &script};
    assert_true(tp_ok(tp_odds_sample(odds, NULL, stream, choices, &chosen, NULL)));
    assert_int_equal(script.used, sizeof(bytes));
    assert_int_equal(chosen, 2);
    assert_int_equal(choices[0].expert, 2);
    assert_int_equal(choices[1].expert, 4);
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

static void sample__no_committee__is_a_conflict(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 1, 1);
    made.cells[0].needed = 1;
    struct tp_odds *odds = NULL;
    assert_true(tp_ok(tp_odds_new(&made.plan, NULL, &odds, NULL)));
    struct tp_fixture_random random = {.state = 1};
    struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
    size_t chosen;
    struct tp_error error = {0};
    struct tp_status status =
        tp_odds_sample(odds, NULL, tp_fixture_stream(&random), choices, &chosen, &error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "draw.infeasible");
    tp_odds_free(odds);
    tp_fixture_plan_fini(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample__caps_and_shared_people__is_uniform),
        cmocka_unit_test(sample__equal_cells_and_a_seated_colleague__is_uniform),
        cmocka_unit_test(sample__take_the_next_who_fits__fails_the_same_test),
        cmocka_unit_test(sample__random_plans__are_lawful_and_only_these),
        cmocka_unit_test(sample__same_stream__gives_the_same_committee),
        cmocka_unit_test(sample__scripted_bytes__follow_the_documented_rule),
        cmocka_unit_test(sample__no_committee__is_a_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
