#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/crypto.h"
#include "coordinator/account/limiter.h"

static struct tp_limiter *make(void)
{
    struct tp_limiter *limiter = NULL;
    assert_true(tp_ok(tp_crypto_init(NULL)));
    assert_true(tp_ok(tp_limiter_new(&limiter, NULL)));
    return limiter;
}

static void limiter__marks_in_the_window__block_and_pass(void **state)
{
    (void)state;
    struct tp_limiter *limiter = make();
    for (int i = 0; i < 5; i++) {
        assert_true(tp_limiter_allows(limiter, "name:a", 5, 1000, 100 + i));
        tp_limiter_mark(limiter, "name:a", 100 + i);
    }
    assert_false(tp_limiter_allows(limiter, "name:a", 5, 1000, 105));
    assert_true(tp_limiter_allows(limiter, "name:b", 5, 1000, 105));
    assert_false(tp_limiter_allows(limiter, "name:a", 5, 1000, 1099));
    assert_true(tp_limiter_allows(limiter, "name:a", 5, 1000, 1100));
    tp_limiter_free(limiter);
}

static void limiter_forget__after_success__starts_anew(void **state)
{
    (void)state;
    struct tp_limiter *limiter = make();
    for (int i = 0; i < 5; i++) {
        tp_limiter_mark(limiter, "name:a", 100);
    }
    tp_limiter_forget(limiter, "name:a");
    assert_true(tp_limiter_allows(limiter, "name:a", 1, 1000, 101));
    tp_limiter_free(limiter);
}

/* A flood of other keys must not end in unbounded memory, and a recent key survives a few. */
static void limiter_mark__many_keys__stays_bounded(void **state)
{
    (void)state;
    struct tp_limiter *limiter = make();
    for (int i = 0; i < 100000; i++) {
        char key[32];
        snprintf(key, sizeof key, "address:%d", i);
        tp_limiter_mark(limiter, key, 100 + i);
    }
    tp_limiter_mark(limiter, "name:a", 200000);
    assert_false(tp_limiter_allows(limiter, "name:a", 1, 1000, 200001));
    tp_limiter_free(limiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limiter__marks_in_the_window__block_and_pass),
        cmocka_unit_test(limiter_forget__after_success__starts_anew),
        cmocka_unit_test(limiter_mark__many_keys__stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
