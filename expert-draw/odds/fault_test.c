/* Memory that runs out at every allocation in turn: an error, and nothing leaks (run under ASan).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault_allocator.h"
#include "expert-draw/odds/odds_fixture.h"

/* Everything the library does, once. */
static struct tp_status run(const struct tp_odds_plan *plan)
{
    struct tp_odds_shortage shortage;
    struct tp_status status = tp_odds_check_feasible(plan, &shortage, NULL);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_odds) struct tp_odds *odds = NULL;
    status = tp_odds_new(plan, NULL, &odds, NULL);
    if (tp_failed(status))
        return status;
    struct tp_fixture_random random = {.state = 1};
    struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
    size_t chosen;
    return tp_odds_sample(odds, NULL, tp_fixture_stream(&random), choices, &chosen, NULL);
}

static void fail_everywhere(const struct tp_odds_plan *plan, enum tp_class expected)
{
    unsigned failed = 0;
    for (unsigned number = 1; number < 1000000; number++) {
        tp_fault_fail_at(number);
        struct tp_status status = run(plan);
        bool reached = tp_fault_was_reached();
        tp_fault_fail_at(0);
        if (!reached) {
            assert_int_equal(status.class, expected);
            assert_in_range(failed, 10, 1000000);
            return;
        }
        assert_int_equal(status.class, TP_NOMEM);
        failed++;
    }
    fail_msg("no end to the allocations");
}

static void fault__plan_with_everything__is_no_memory_and_no_leak(void **state)
{
    (void)state;
    const struct tp_fixture_province province = {.experts = 60,
                                                 .cities = 3,
                                                 .specialties = 2,
                                                 .needed = 1,
                                                 .specialties_each = 2,
                                                 .employers = 4,
                                                 .local = true,
                                                 .nationals = 2,
                                                 .national_share = 40,
                                                 .cap = 1};
    struct tp_fixture_plan made;
    tp_fixture_plan_province(&made, &province, 2);
    fail_everywhere(&made.plan, TP_OK);
    tp_fixture_plan_fini(&made);
}

static void fault__infeasible_plan__is_no_memory_and_no_leak(void **state)
{
    (void)state;
    struct tp_fixture_plan made;
    tp_fixture_plan_init(&made, 4, 3);
    for (uint32_t e = 0; e < 2; e++) {
        tp_fixture_plan_add(&made, 0, e);
        tp_fixture_plan_add(&made, 1, e);
    }
    tp_fixture_plan_add(&made, 2, 3);
    made.cells[0].needed = 1;
    made.cells[1].needed = 2;
    made.cells[2].needed = 1;
    fail_everywhere(&made.plan, TP_CONFLICT);
    tp_fixture_plan_fini(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault__plan_with_everything__is_no_memory_and_no_leak),
        cmocka_unit_test(fault__infeasible_plan__is_no_memory_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
