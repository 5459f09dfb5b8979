#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static void system_clock__read__agrees_with_the_system(void **state)
{
    (void)state;
    int64_t before_s = time(NULL);
    int64_t now_ms = tp_clock_now_ms(tp_clock_system());
    assert_in_range(now_ms, before_s * 1000, (before_s + 60) * 1000);
    int64_t first_ms = tp_clock_monotonic_ms(tp_clock_system());
    assert_true(tp_clock_monotonic_ms(tp_clock_system()) >= first_ms);
}

static void manual_clock__turned__moves_both_and_stands_otherwise(void **state)
{
    (void)state;
    struct tp_manual_clock manual;
    tp_manual_clock_init(&manual, 5000);
    assert_int_equal(tp_clock_now_ms(&manual.clock), 5000);
    tp_manual_clock_turn(&manual, 250);
    assert_int_equal(tp_clock_now_ms(&manual.clock), 5250);
    assert_int_equal(tp_clock_monotonic_ms(&manual.clock), 5250);
}

static void format__known_times__read_right(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ms;
        const char *utc;
        const char *chinese;
    } known[] = {
        {0, "1970-01-01T00:00:00.000Z", "1月1日 08:00"},
        {-1, "1969-12-31T23:59:59.999Z", "1月1日 07:59"},
        {1795219200000, "2026-11-21T00:00:00.000Z", "11月21日 08:00"},
        {1795276799999, "2026-11-21T15:59:59.999Z", "11月21日 23:59"},
        {1795276800000, "2026-11-21T16:00:00.000Z", "11月22日 00:00"},
        {1709164800123, "2024-02-29T00:00:00.123Z", "2月29日 08:00"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        char text[TP_TIME_TEXT_BYTES];
        tp_time_format(known[i].time_ms, text);
        assert_string_equal(text, known[i].utc);
        tp_time_format_chinese(known[i].time_ms, text);
        assert_string_equal(text, known[i].chinese);
    }
}

static void format__extreme_times__stay_in_the_buffer(void **state)
{
    (void)state;
    char text[TP_TIME_TEXT_BYTES];
    tp_time_format(INT64_MAX, text);
    tp_time_format_chinese(INT64_MAX, text);
    tp_time_format(INT64_MIN, text);
    tp_time_format_chinese(INT64_MIN, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system_clock__read__agrees_with_the_system),
        cmocka_unit_test(manual_clock__turned__moves_both_and_stands_otherwise),
        cmocka_unit_test(format__known_times__read_right),
        cmocka_unit_test(format__extreme_times__stay_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
