#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "expert-draw/odds/odds_fixture.h"

/* Two cities' specialties; tests fill in the people. */
static void make_plan(struct tp_fixture_plan *made, size_t experts)
{
    tp_fixture_plan_init(made, experts, 2);
    made->cells[0].venue = "兰州";
    made->cells[0].specialty = "A0301";
    made->cells[1].venue = "天水";
    made->cells[1].specialty = "A0305";
    made->cells[0].needed = 1;
    made->cells[1].needed = 2;
}

static void assert_reason(const struct tp_fixture_plan *made, const char *reason,
                          struct tp_odds_shortage *shortage)
{
    struct tp_error error = {0};
    struct tp_status status = tp_odds_check_feasible(&made->plan, shortage, &error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "draw.infeasible");
    assert_string_equal(shortage->reason, reason);
}

static void shortage__too_few_people__names_cell_numbers_and_grounds(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made, 3);
    tp_fixture_plan_add(&made, 0, 0);
    tp_fixture_plan_add(&made, 0, 1);
    tp_fixture_plan_add(&made, 1, 2);
    const struct tp_odds_exclusion grounds[] = {
        {"same employer as the tenderer", 4}, {"suspended", 0}, {"busy at that time", 1}};
    made.cells[1].exclusions = grounds;
    made.cells[1].exclusion_count = 3;
    struct tp_odds_shortage shortage;
    assert_reason(
        &made,
        "specialty A0305 at 天水: 2 needed, 1 eligible; 4 were excluded: same employer as "
        "the tenderer; 1 were excluded: busy at that time",
        &shortage);
    assert_int_equal(shortage.cell_count, 1);
    assert_int_equal(shortage.cells[0], 1);
    assert_int_equal(shortage.needed, 2);
    assert_int_equal(shortage.fillable, 1);
    assert_int_equal(shortage.capped, 0);
    tp_fixture_plan_fini(&made);
}

static void shortage__one_employer_has_them_all__names_the_cap(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made, 6);
    tp_fixture_plan_add(&made, 0, 0);
    for (uint32_t e = 1; e < 6; e++) {
        tp_fixture_plan_add(&made, 1, e);
        made.employers[e] = 7;
    }
    made.plan.max_per_employer = 1;
    struct tp_odds_shortage shortage;
    assert_reason(&made,
                  "specialty A0305 at 天水: 2 needed, 5 eligible, but at most 1 of them may sit: 5 "
                  "are with 1 employer, of which at most 1 each may be on the committee",
                  &shortage);
    assert_int_equal(shortage.capped, 1);
    assert_int_equal(shortage.capped_eligible, 5);
    tp_fixture_plan_fini(&made);
}

/* Each cell could be filled by itself; both need the same two people. */
static void shortage__same_people_for_two_cells__names_both(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made, 2);
    for (uint32_t e = 0; e < 2; e++) {
        tp_fixture_plan_add(&made, 0, e);
        tp_fixture_plan_add(&made, 1, e);
    }
    struct tp_odds_shortage shortage;
    assert_reason(&made,
                  "specialty A0301 at 兰州, specialty A0305 at 天水 together: 3 needed, 2 eligible",
                  &shortage);
    assert_int_equal(shortage.cell_count, 2);
    tp_fixture_plan_fini(&made);
}

/* One employer in both cities: enough people everywhere, the cap joins the cells. */
static void shortage__cap_across_cities__names_both(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made, 4);
    tp_fixture_plan_add(&made, 0, 0);
    for (uint32_t e = 1; e < 4; e++)
        tp_fixture_plan_add(&made, 1, e);
    made.employers[0] = 1;
    made.employers[1] = 1;
    made.employers[2] = 1;
    made.plan.max_per_employer = 1;
    struct tp_odds_shortage shortage;
    assert_reason(
        &made,
        "specialty A0301 at 兰州, specialty A0305 at 天水 together: 3 needed, 4 eligible, "
        "but at most 2 of them may sit: 3 are with 1 employer, of which at most 1 each may "
        "be on the committee",
        &shortage);
    tp_fixture_plan_fini(&made);
}

static void shortage__seated_colleagues__count_for_the_cap(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made, 4);
    made.cells[1].needed = 0;
    tp_fixture_plan_add(&made, 0, 1);
    tp_fixture_plan_add(&made, 0, 2);
    for (uint32_t e = 0; e < 3; e++)
        made.employers[e] = 9;
    made.plan.max_per_employer = 2;
    made.seated[0] = 0;
    made.plan.seated_count = 1;
    struct tp_odds_shortage shortage;
    assert_true(tp_ok(tp_odds_check_feasible(&made.plan, &shortage, NULL)));
    made.plan.max_per_employer = 1;
    assert_int_equal(tp_odds_check_feasible(&made.plan, &shortage, NULL).class, TP_CONFLICT);
    tp_fixture_plan_fini(&made);
}

static void shortage__very_long_texts__are_cut_at_a_character(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    make_plan(&made, 1);
    char venue[3000];
    for (size_t i = 0; i + 3 < sizeof(venue); i += 3)
        memcpy(venue + i, "州", 4);
    made.cells[0].venue = venue;
    struct tp_odds_shortage shortage;
    assert_int_equal(tp_odds_check_feasible(&made.plan, &shortage, NULL).class, TP_CONFLICT);
    size_t length = strlen(shortage.reason);
    assert_in_range(length, sizeof(shortage.reason) - 4, sizeof(shortage.reason) - 1);
    assert_memory_equal(shortage.reason + length - 3, "州", 3);
    tp_fixture_plan_fini(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortage__too_few_people__names_cell_numbers_and_grounds),
        cmocka_unit_test(shortage__one_employer_has_them_all__names_the_cap),
        cmocka_unit_test(shortage__same_people_for_two_cells__names_both),
        cmocka_unit_test(shortage__cap_across_cities__names_both),
        cmocka_unit_test(shortage__seated_colleagues__count_for_the_cap),
        cmocka_unit_test(shortage__very_long_texts__are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
