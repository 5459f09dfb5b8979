#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "venue-node/rate_limit.h"

static void take__burst_spent__one_more_per_refill(void **state)
{
    (void)state;
    struct tp_manual_clock clock;
    tp_manual_clock_init(&clock, 1000000);
    TP_AUTO(tp_rate_limit) struct tp_rate_limit *limit = NULL;
    assert_true(tp_ok(tp_rate_limit_new(&clock.clock, 3, 1000, &limit, NULL)));
    for (int i = 0; i < 3; i++)
        assert_true(tp_rate_limit_take(limit, "a"));
    assert_false(tp_rate_limit_take(limit, "a"));
    assert_true(tp_rate_limit_take(limit, "b"));
    tp_manual_clock_turn(&clock, 999);
    assert_false(tp_rate_limit_take(limit, "a"));
    tp_manual_clock_turn(&clock, 1);
    assert_true(tp_rate_limit_take(limit, "a"));
    assert_false(tp_rate_limit_take(limit, "a"));
    tp_manual_clock_turn(&clock, 3600000);
    for (int i = 0; i < 3; i++)
        assert_true(tp_rate_limit_take(limit, "a"));
    assert_false(tp_rate_limit_take(limit, "a"));
}

static void take__more_keys_than_are_kept__a_spent_one_stays_spent(void **state)
{
    (void)state;
    struct tp_manual_clock clock;
    tp_manual_clock_init(&clock, 1000000);
    TP_AUTO(tp_rate_limit) struct tp_rate_limit *limit = NULL;
    assert_true(tp_ok(tp_rate_limit_new(&clock.clock, 2, 1000, &limit, NULL)));
    assert_true(tp_rate_limit_take(limit, "spent"));
    assert_true(tp_rate_limit_take(limit, "spent"));
    for (int i = 0; i < 3000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        assert_true(tp_rate_limit_take(limit, key));
    }
    assert_false(tp_rate_limit_take(limit, "spent"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__burst_spent__one_more_per_refill),
        cmocka_unit_test(take__more_keys_than_are_kept__a_spent_one_stays_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
