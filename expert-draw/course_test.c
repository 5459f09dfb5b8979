#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "expert-draw/lot_fixture.h"
#include "expert-draw/parties.h"

#define COMMITTEES_MOST 100

static struct tp_plan *make_plan(uint32_t number)
{
    char text[512];
    TP_AUTO(tp_json) json_t *body = NULL;
    struct tp_plan *plan = NULL;
    snprintf(text, sizeof(text),
             "{\"draw_id\":\"d%u\",\"seats\":[{\"venue\":\"v\",\"city\":\"city\",\"specialty\":"
             "\"A\",\"count\":3}],\"max_per_employer\":1}",
             number);
    assert_true(tp_ok(tp_json_parse(text, strlen(text), &body, NULL)));
    assert_true(tp_ok(tp_plan_new_offline(body, &plan, NULL)));
    return plan;
}

/* Keys that are the same in every run of the test. */
static void make_parties(struct tp_parties *parties, size_t count)
{
    memset(parties, 0, sizeof(*parties));
    for (; parties->count < count; parties->count++) {
        uint8_t seed[TP_VRF_SEED_BYTES] = {(uint8_t)(parties->count + 1)};
        assert_true(tp_ok(tp_vrf_key_new(seed, &parties->keys[parties->count], NULL)));
    }
}

static void begin(struct tp_course *course, const struct tp_parties *parties,
                  const struct tp_plan *plan, const struct tp_pool *pool)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    json_t *body = NULL;
    *course = (struct tp_course){.plan = plan, .pool = pool, .party_count = parties->count};
    for (size_t i = 0; i < parties->count; i++)
        memcpy(course->parties[i], tp_vrf_key_public(parties->keys[i]), TP_VRF_PUBLIC_BYTES);
    assert_true(tp_ok(tp_course_commit(course, &body, NULL)));
    assert_true(tp_ok(tp_course_append(course, "commit", body, &text, NULL)));
}

static void draw_round(struct tp_course *course, const struct tp_parties *parties)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    json_t *body = NULL;
    assert_true(tp_ok(tp_parties_round(parties, course, &body, NULL)));
    assert_true(tp_ok(tp_course_append(course, "round", body, &text, NULL)));
}

static void decline(struct tp_course *course, size_t drawn)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    char handle[TP_COURSE_HANDLE_BYTES];
    json_t *body = NULL;
    tp_course_handle(course, course->drawn[drawn].expert, handle);
    assert_true(tp_ok(tp_course_decline(course, handle, &body, NULL)));
    assert_true(tp_ok(tp_course_append(course, "reply", body, &text, NULL)));
    body = NULL;
    assert_int_equal(tp_course_decline(course, handle, &body, NULL).class, TP_INPUT);
}

static uint64_t committee_of(const struct tp_course *course)
{
    uint64_t set = 0;
    for (size_t i = 0; i < course->drawn_count; i++)
        if (course->drawn[i].seated)
            set |= UINT64_C(1) << course->drawn[i].expert;
    return set;
}

struct tally {
    uint64_t committees[COMMITTEES_MOST];
    uint64_t hits[COMMITTEES_MOST];
    size_t count;
};

static void add_committee(void *context, const uint32_t *experts, size_t count)
{
    struct tally *tally = context;
    assert_true(tally->count < COMMITTEES_MOST);
    for (size_t i = 0; i < count; i++)
        tally->committees[tally->count] |= UINT64_C(1) << experts[i];
    tally->count++;
}

static double deviation(const struct tally *tally, uint64_t draws)
{
    double expected = (double)draws / (double)tally->count;
    double sum = 0;
    for (size_t i = 0; i < tally->count; i++)
        sum += ((double)tally->hits[i] - expected) * ((double)tally->hits[i] - expected) / expected;
    double freedom = (double)(tally->count - 1);
    double spread = 2.0 / (9.0 * freedom);
    return (cbrt(sum / freedom) - (1.0 - spread)) / sqrt(spread);
}

static void course__many_draw_ids__committees_uniform(void **state)
{
    (void)state;
    enum { DRAWS = 2200 };
    TP_AUTO(tp_pool) struct tp_pool *pool = tp_lot_fixture_pool("AAABCABD");
    TP_AUTO(tp_parties) struct tp_parties parties;
    struct tally tally = {.count = 0};
    const uint32_t everyone[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const struct tp_lot_cell cell = {.needed = 3, .candidates = everyone, .candidate_count = 8};
    const struct tp_lot lot = {.pool = pool, .cells = &cell, .cell_count = 1, .employer_cap = 1};
    tp_lot_fixture_enumerate(&lot, add_committee, &tally);
    make_parties(&parties, 1);
    for (uint32_t i = 0; i < DRAWS; i++) {
        TP_AUTO(tp_plan) struct tp_plan *plan = make_plan(i);
        TP_AUTO(tp_course) struct tp_course course;
        begin(&course, &parties, plan, pool);
        draw_round(&course, &parties);
        size_t at = 0;
        while (at < tally.count && tally.committees[at] != committee_of(&course))
            at++;
        assert_true(at < tally.count);
        tally.hits[at]++;
    }
    assert_true(fabs(deviation(&tally, DRAWS)) < 4.0);
}

static void course__decline__others_stay_and_nobody_comes_twice(void **state)
{
    (void)state;
    TP_AUTO(tp_pool) struct tp_pool *pool = tp_lot_fixture_pool("ABCDEFGH");
    TP_AUTO(tp_plan) struct tp_plan *plan = make_plan(1);
    TP_AUTO(tp_parties) struct tp_parties parties;
    TP_AUTO(tp_course) struct tp_course course;
    make_parties(&parties, 2);
    begin(&course, &parties, plan, pool);
    draw_round(&course, &parties);
    for (int round = 2; round <= 6; round++) {
        uint64_t before = committee_of(&course);
        size_t last = course.drawn_count - 1;
        uint64_t gone = UINT64_C(1) << course.drawn[last].expert;
        decline(&course, last);
        assert_int_equal(tp_course_vacancies(&course), 1);
        draw_round(&course, &parties);
        uint64_t after = committee_of(&course);
        assert_int_equal(after & before, before & ~gone);
        assert_int_equal(__builtin_popcountll(after), 3);
        assert_int_equal(course.round, round);
    }
}

static void course__proof_of_another_round__refused(void **state)
{
    (void)state;
    TP_AUTO(tp_pool) struct tp_pool *pool = tp_lot_fixture_pool("ABCDEFGH");
    TP_AUTO(tp_plan) struct tp_plan *plan = make_plan(1);
    TP_AUTO(tp_parties) struct tp_parties parties;
    TP_AUTO(tp_course) struct tp_course course;
    uint8_t alpha[TP_COURSE_ALPHA_BYTES];
    uint8_t proofs[TP_COURSE_PARTY_LIMIT][TP_VRF_PROOF_BYTES];
    json_t *body = NULL;
    struct tp_error error;
    make_parties(&parties, 2);
    begin(&course, &parties, plan, pool);
    tp_course_alpha(&course, alpha);
    for (size_t i = 0; i < parties.count; i++)
        assert_true(tp_ok(tp_vrf_prove(parties.keys[i], alpha, sizeof(alpha), proofs[i], NULL)));
    draw_round(&course, &parties);
    decline(&course, 0);
    assert_int_equal(
        tp_course_round(&course, (const uint8_t(*)[TP_VRF_PROOF_BYTES])proofs, &body, &error).class,
        TP_CRYPTO);
    assert_string_equal(error.field, "proofs[0]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(course__many_draw_ids__committees_uniform),
        cmocka_unit_test(course__decline__others_stay_and_nobody_comes_twice),
        cmocka_unit_test(course__proof_of_another_round__refused),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
