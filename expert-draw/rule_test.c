#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "expert-draw/course.h"
#include "expert-draw/lot_fixture.h"
#include "expert-draw/rule.h"

#define COMMITTEES_MOST 1000

/* A pool of the fixture, whose experts are all of "city" with "A", under a plan with one cell. */
struct fixture {
    struct tp_pool *pool;
    struct tp_plan *plan;
    struct tp_candidates candidates;
};

static void fixture_init(struct fixture *fixture, const char *employers, int count, int cap,
                         const struct tp_seated *drawn, size_t drawn_count)
{
    char text[512];
    TP_AUTO(tp_json) json_t *body = NULL;
    snprintf(text, sizeof(text),
             "{\"draw_id\":\"d\",\"seats\":[{\"venue\":\"v\",\"city\":\"city\",\"specialty\":\"A\","
             "\"count\":%d}],\"max_per_employer\":%d}",
             count, cap);
    fixture->pool = tp_lot_fixture_pool(employers);
    assert_true(tp_ok(tp_json_parse(text, strlen(text), &body, NULL)));
    assert_true(tp_ok(tp_plan_new_offline(body, &fixture->plan, NULL)));
    assert_true(tp_ok(tp_candidates_init(&fixture->candidates, fixture->plan, fixture->pool, drawn,
                                         drawn_count, NULL)));
}

static void fixture_fini(struct fixture *fixture)
{
    tp_candidates_fini(&fixture->candidates);
    tp_plan_free(fixture->plan);
    tp_pool_free(fixture->pool);
}

struct tally {
    uint64_t committees[COMMITTEES_MOST]; /* a bit for each expert */
    uint64_t hits[COMMITTEES_MOST];
    size_t count;
};

static void add_committee(void *context, const uint32_t *experts, size_t count)
{
    struct tally *tally = context;
    assert_true(tally->count < COMMITTEES_MOST);
    uint64_t set = 0;
    for (size_t i = 0; i < count; i++)
        set |= UINT64_C(1) << experts[i];
    tally->committees[tally->count++] = set;
}

static void count_committee(struct tally *tally, uint64_t set)
{
    for (size_t i = 0; i < tally->count; i++) {
        if (tally->committees[i] == set) {
            tally->hits[i]++;
            return;
        }
    }
    fail_msg("a committee that is not lawful was drawn");
}

/* How far chi-square is from its mean, in its standard deviations (Wilson and Hilferty). */
static double deviation(const struct tally *tally, uint64_t draws)
{
    double expected = (double)draws / (double)tally->count;
    double sum = 0;
    for (size_t i = 0; i < tally->count; i++) {
        double off = (double)tally->hits[i] - expected;
        sum += off * off / expected;
    }
    double freedom = (double)(tally->count - 1);
    double spread = 2.0 / (9.0 * freedom);
    return (cbrt(sum / freedom) - (1.0 - spread)) / sqrt(spread);
}

static void seed_of(uint32_t number, uint8_t seed[TP_LOT_SEED_BYTES])
{
    crypto_generichash(seed, TP_LOT_SEED_BYTES, (const uint8_t *)&number, sizeof(number), NULL, 0);
}

static double draw_many(const struct fixture *fixture, uint32_t draws, enum tp_rule_method expected)
{
    struct tally *tally = calloc(1, sizeof(*tally));
    struct tp_lot_result result;
    tp_lot_fixture_enumerate(&fixture->candidates.lot, add_committee, tally);
    assert_true(tally->count > 10);
    for (uint32_t i = 0; i < draws; i++) {
        uint8_t seed[TP_LOT_SEED_BYTES];
        enum tp_rule_method method;
        uint64_t set = 0;
        seed_of(i, seed);
        assert_true(tp_ok(tp_rule_draw(&fixture->candidates, seed, &method, &result, NULL)));
        assert_int_equal(method, expected);
        for (size_t c = 0; c < result.count; c++)
            set |= UINT64_C(1) << result.choices[c].expert;
        count_committee(tally, set);
    }
    double off = deviation(tally, draws);
    free(tally);
    return off;
}

static void rule__capped_pool__uniform_by_rejection(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, "AAABCABD", 3, 1, NULL, 0);
    assert_true(fabs(draw_many(&fixture, 25000, TP_RULE_REJECTION)) < 4.0);
    fixture_fini(&fixture);
}

static void rule__substitutes__uniform_beside_who_stays(void **state)
{
    (void)state;
    const struct tp_seated drawn[] = {{.expert = 3, .seated = true},
                                      {.expert = 4, .seated = false}};
    struct fixture fixture;
    fixture_init(&fixture, "AAABCABDEE", 3, 1, drawn, 2);
    assert_true(fabs(draw_many(&fixture, 25000, TP_RULE_REJECTION)) < 4.0);
    fixture_fini(&fixture);
}

static void rule__lawful_attempts_rare__uniform_by_the_sampler(void **state)
{
    (void)state;
    /* 14 people of one employer beside four single ones: 14 of C(18, 5) = 8,568 are lawful. */
    struct fixture fixture;
    fixture_init(&fixture, "AAAAAAAAAAAAAABCDE", 5, 1, NULL, 0);
    assert_true(fabs(draw_many(&fixture, 8000, TP_RULE_SAMPLER)) < 4.0);
    fixture_fini(&fixture);
}

static void rule__no_committee__infeasible(void **state)
{
    (void)state;
    struct fixture fixture;
    struct tp_error error;
    struct tp_lot_result result;
    enum tp_rule_method method;
    uint8_t seed[TP_LOT_SEED_BYTES] = {0};
    fixture_init(&fixture, "AAAB", 3, 1, NULL, 0);
    assert_int_equal(tp_rule_draw(&fixture.candidates, seed, &method, &result, &error).class,
                     TP_CONFLICT);
    assert_string_equal(error.code, "draw.infeasible");
    fixture_fini(&fixture);
}

static void stream__read_in_pieces__blocks_as_documented(void **state)
{
    (void)state;
    uint8_t seed[TP_LOT_SEED_BYTES];
    uint8_t bytes[100];
    uint8_t block[32];
    seed_of(9, seed);
    struct tp_rule_stream stream = {.seed = seed};
    tp_rule_stream_read(&stream, bytes, 5);
    tp_rule_stream_read(&stream, bytes + 5, 70);
    tp_rule_stream_read(&stream, bytes + 75, 25);
    for (uint8_t k = 0; k < 3; k++) {
        uint8_t message[28] = "\x01\x16tongping.lot.stream.v1";
        message[24] = message[25] = message[26] = 0;
        message[27] = k;
        crypto_generichash(block, sizeof(block), message, sizeof(message), seed, sizeof(seed));
        assert_memory_equal(bytes + 32 * k, block, sizeof(block));
    }
}

static void candidates__exclusions__counted_by_ground(void **state)
{
    (void)state;
    const struct tp_seated drawn[] = {{.expert = 0, .seated = false},
                                      {.expert = 2, .seated = false}};
    struct fixture fixture;
    fixture_init(&fixture, "ABCD", 4, 1, drawn, 2);
    struct tp_odds_shortage shortage;
    assert_int_equal(tp_odds_check_feasible(&fixture.candidates.odds, &shortage, NULL).class,
                     TP_CONFLICT);
    assert_string_equal(
        shortage.reason,
        "specialty A at v: 4 needed, 2 eligible; 2 were excluded: drawn before in this draw");
    fixture_fini(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule__capped_pool__uniform_by_rejection),
        cmocka_unit_test(rule__substitutes__uniform_beside_who_stays),
        cmocka_unit_test(rule__lawful_attempts_rare__uniform_by_the_sampler),
        cmocka_unit_test(rule__no_committee__infeasible),
        cmocka_unit_test(stream__read_in_pieces__blocks_as_documented),
        cmocka_unit_test(candidates__exclusions__counted_by_ground),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
