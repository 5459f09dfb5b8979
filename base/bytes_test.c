#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void append__many_pieces__stand_in_order_and_end_with_nul(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    for (int i = 0; i < 1000; i++)
        tp_bytes_append_format(&bytes, "%03d,", i);
    assert_true(tp_ok(tp_bytes_check(&bytes, NULL)));
    assert_int_equal(bytes.length, 4000);
    assert_int_equal(bytes.data[bytes.length], 0);
    for (int i = 0; i < 1000; i++) {
        char wanted[16];
        snprintf(wanted, sizeof(wanted), "%03d,", i);
        assert_memory_equal(bytes.data + 4 * i, wanted, 4);
    }
}

static void append__numbers__are_big_endian(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                     0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F};
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    tp_bytes_append_u8(&bytes, 0x01);
    tp_bytes_append_u16(&bytes, 0x0203);
    tp_bytes_append_u32(&bytes, 0x04050607);
    tp_bytes_append_u64(&bytes, 0x08090A0B0C0D0E0F);
    assert_int_equal(bytes.length, sizeof(wanted));
    assert_memory_equal(bytes.data, wanted, sizeof(wanted));
}

static void append__nothing__still_ends_with_nul(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    tp_bytes_append(&bytes, NULL, 0);
    assert_non_null(bytes.data);
    assert_string_equal((const char *)bytes.data, "");
}

static void reserve__more_than_memory__fails_and_stays_failed_until_cleared(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    tp_bytes_append_text(&bytes, "kept");
    tp_bytes_reserve(&bytes, SIZE_MAX - 2);
    tp_bytes_append_text(&bytes, "lost");
    struct tp_error error = {0};
    assert_int_equal(tp_bytes_check(&bytes, &error).class, TP_NOMEM);
    assert_string_equal((const char *)bytes.data, "kept");
    tp_bytes_clear(&bytes);
    tp_bytes_append_text(&bytes, "new");
    assert_true(tp_ok(tp_bytes_check(&bytes, &error)));
    assert_string_equal((const char *)bytes.data, "new");
}

static void wipe__filled__is_empty_and_can_be_used_again(void **state)
{
    (void)state;
    TP_AUTO(tp_secret_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    tp_bytes_append_text(&bytes, "secret");
    tp_bytes_wipe(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.length, 0);
    tp_bytes_append_text(&bytes, "again");
    assert_string_equal((const char *)bytes.data, "again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__many_pieces__stand_in_order_and_end_with_nul),
        cmocka_unit_test(append__numbers__are_big_endian),
        cmocka_unit_test(append__nothing__still_ends_with_nul),
        cmocka_unit_test(reserve__more_than_memory__fails_and_stays_failed_until_cleared),
        cmocka_unit_test(wipe__filled__is_empty_and_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
