#include "coordinator/trading/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct tp_keypair *trading;

static struct tp_receipt sample(void)
{
    return (struct tp_receipt){.session_id = "ses_1",
                               .draw_id = "drw_1",
                               .version = 2,
                               .list_hash = "00ff",
                               .received_at = 1234};
}

static int set_up(void **state)
{
    struct tp_error error;
    (void)state;
    if (tp_failed(tp_crypto_init(&error)) || tp_failed(tp_keypair_new(&trading, &error)))
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_keypair_free(trading);
    return 0;
}

static void check__written_by_the_right_key__gives_its_time(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes answer = TP_BYTES_INIT;
    struct tp_error error;
    struct tp_receipt receipt = sample();
    assert_true(tp_ok(tp_receipt_write(&receipt, trading, &answer, &error)));
    struct tp_receipt expected = sample();
    expected.received_at = 0;
    assert_true(tp_ok(
        tp_receipt_check(answer.data, answer.length, trading->sign_public, &expected, &error)));
    assert_int_equal(expected.received_at, 1234);
}

static void check__any_byte_changed__is_refused(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes answer = TP_BYTES_INIT;
    struct tp_error error;
    struct tp_receipt receipt = sample();
    assert_true(tp_ok(tp_receipt_write(&receipt, trading, &answer, &error)));
    for (size_t i = 0; i < answer.length; i++) {
        struct tp_receipt expected = sample();
        answer.data[i] ^= 1;
        assert_true(tp_failed(
            tp_receipt_check(answer.data, answer.length, trading->sign_public, &expected, &error)));
        answer.data[i] ^= 1;
    }
    for (size_t length = 0; length < answer.length; length++) {
        struct tp_receipt expected = sample();
        assert_true(tp_failed(
            tp_receipt_check(answer.data, length, trading->sign_public, &expected, &error)));
    }
}

static void check__receipt_of_an_older_version__is_refused(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes answer = TP_BYTES_INIT;
    struct tp_error error;
    struct tp_receipt receipt = sample();
    receipt.version = 1;
    assert_true(tp_ok(tp_receipt_write(&receipt, trading, &answer, &error)));
    struct tp_receipt expected = sample();
    struct tp_status status =
        tp_receipt_check(answer.data, answer.length, trading->sign_public, &expected, &error);
    assert_int_equal(status.class, TP_PEER);
    assert_string_equal(error.code, "receipt.other_list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__written_by_the_right_key__gives_its_time),
        cmocka_unit_test(check__any_byte_changed__is_refused),
        cmocka_unit_test(check__receipt_of_an_older_version__is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
