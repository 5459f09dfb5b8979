#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void seeded__same_seed__same_stream_however_divided(void **state)
{
    (void)state;
    struct tp_seeded_random whole;
    struct tp_seeded_random pieces;
    tp_seeded_random_init(&whole, 42);
    tp_seeded_random_init(&pieces, 42);
    uint8_t a[500];
    uint8_t b[500];
    tp_random_fill(&whole.random, a, sizeof(a));
    for (size_t at = 0, step = 1; at < sizeof(b); at += step, step = step % 130 + 7) {
        if (step > sizeof(b) - at)
            step = sizeof(b) - at;
        tp_random_fill(&pieces.random, b + at, step);
    }
    assert_memory_equal(a, b, sizeof(a));
    tp_seeded_random_init(&pieces, 43);
    tp_random_fill(&pieces.random, b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

/* Chi-squared over 10 cells, 9 degrees of freedom: 27.9 is passed by one seed in 1,000. */
static void below__many_draws__are_uniform(void **state)
{
    (void)state;
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 7);
    int cells[10] = {0};
    for (int i = 0; i < 100000; i++) {
        uint32_t value = tp_random_below(&random.random, 10);
        assert_true(value < 10);
        cells[value]++;
    }
    double squares = 0;
    for (int i = 0; i < 10; i++)
        squares += (cells[i] - 10000.0) * (cells[i] - 10000.0) / 10000.0;
    assert_true(squares < 27.9);
}

/* Gives fixed words, to meet the values that must be drawn again. */
static void fill_from_words(void *context, void *out, size_t bytes)
{
    const uint32_t **at = context;
    assert_int_equal(bytes, sizeof(uint32_t));
    memcpy(out, (*at)++, bytes);
}

static void below__word_that_would_bias__is_drawn_again(void **state)
{
    (void)state;
    static const uint32_t words[] = {0, 4, 3000000005};
    const uint32_t *at = words;
    struct tp_random random = {.context = &at, .fill = fill_from_words};
    /* 2^32 mod 3,000,000,000 = 1,294,967,296: the first two words lie below it. */
    assert_int_equal(tp_random_below(&random, 3000000000U), 5);
    assert_int_equal(at - words, 3);
}

static void system__two_draws__differ(void **state)
{
    (void)state;
    uint8_t a[32];
    uint8_t b[32];
    tp_random_fill(tp_random_system(), a, sizeof(a));
    tp_random_fill(tp_random_system(), b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

static void id__made__has_its_form_and_sorts_by_time(void **state)
{
    (void)state;
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 3);
    char before[TP_ID_BYTES] = "";
    for (int64_t time_ms = 1795219200000; time_ms < 1795219200200; time_ms++) {
        char id[TP_ID_BYTES];
        tp_id_make(&random.random, time_ms, "seat", id);
        assert_int_equal(strlen(id), 26);
        assert_memory_equal(id, "seat_", 5);
        assert_int_equal(strspn(id + 5, "0123456789abcdefghjkmnpqrstvwxyz"), 21);
        assert_true(strcmp(before, id) < 0);
        memcpy(before, id, sizeof(id));
    }
    char one[TP_ID_BYTES];
    char other[TP_ID_BYTES];
    tp_id_make(&random.random, 0, "u", one);
    tp_id_make(&random.random, 0, "u", other);
    assert_int_equal(strlen(one), 23);
    assert_string_not_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeded__same_seed__same_stream_however_divided),
        cmocka_unit_test(below__many_draws__are_uniform),
        cmocka_unit_test(below__word_that_would_bias__is_drawn_again),
        cmocka_unit_test(system__two_draws__differ),
        cmocka_unit_test(id__made__has_its_form_and_sorts_by_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
