#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/http/frame.h"

static struct tp_frame_reader reader;
static struct tp_bytes wire;
static struct tp_frame frame;

static int set_up(void **state)
{
    (void)state;
    reader = (struct tp_frame_reader){.limit_bytes = 100000};
    wire = TP_BYTES_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_frame_reader_fini(&reader);
    tp_bytes_fini(&wire);
    return 0;
}

static void put(uint8_t first, const void *data, size_t bytes)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    tp_bytes_append_u8(&wire, first);
    if (bytes < 126) {
        tp_bytes_append_u8(&wire, 0x80 | (uint8_t)bytes);
    } else {
        tp_bytes_append_u8(&wire, 0x80 | 127);
        tp_bytes_append_u64(&wire, bytes);
    }
    tp_bytes_append(&wire, mask, 4);
    for (size_t i = 0; i < bytes; i++)
        tp_bytes_append_u8(&wire, ((const uint8_t *)data)[i] ^ mask[i % 4]);
}

static enum tp_frame_result next(void)
{
    return tp_frame_read(&reader, wire.data, wire.length, &frame);
}

static void drop(void)
{
    memmove(wire.data, wire.data + frame.consumed, wire.length - frame.consumed);
    wire.length -= frame.consumed;
}

static void frame__whole_message__unmasked(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof(text));
    text[999] = 'y';
    put(0x81, text, sizeof(text));
    assert_int_equal(next(), TP_FRAME_MESSAGE);
    assert_int_equal(frame.opcode, TP_OPCODE_TEXT);
    assert_int_equal(frame.bytes, sizeof(text));
    assert_memory_equal(frame.data, text, sizeof(text));
    assert_int_equal(frame.consumed, wire.length);
}

static void frame__in_pieces__more_until_complete(void **state)
{
    (void)state;
    put(0x82, "hello", 5);
    size_t all = wire.length;
    for (size_t i = 0; i < all; i++)
        assert_int_equal(tp_frame_read(&reader, wire.data, i, &frame), TP_FRAME_MORE);
    assert_int_equal(next(), TP_FRAME_MESSAGE);
    assert_memory_equal(frame.data, "hello", 5);
}

static void frame__fragments__joined_around_ping(void **state)
{
    (void)state;
    put(0x01, "\xe4\xb8", 2);
    put(0x89, "p", 1);
    put(0x80, "\xad!", 2);
    assert_int_equal(next(), TP_FRAME_PARTIAL);
    drop();
    assert_int_equal(next(), TP_FRAME_MESSAGE);
    assert_int_equal(frame.opcode, TP_OPCODE_PING);
    drop();
    assert_int_equal(next(), TP_FRAME_MESSAGE);
    assert_int_equal(frame.opcode, TP_OPCODE_TEXT);
    assert_int_equal(frame.bytes, 4);
    assert_memory_equal(frame.data, "中!", 4);
}

static void expect_broken(int code)
{
    assert_int_equal(next(), TP_FRAME_BROKEN);
    assert_int_equal(frame.close_code, code);
}

static void frame__not_masked__1002(void **state)
{
    (void)state;
    tp_frame_append(&wire, TP_OPCODE_TEXT, "a", 1);
    expect_broken(TP_CLOSE_PROTOCOL);
}

static void frame__reserved_bits__1002(void **state)
{
    (void)state;
    put(0xC1, "a", 1);
    expect_broken(TP_CLOSE_PROTOCOL);
}

static void frame__unknown_opcode__1002(void **state)
{
    (void)state;
    put(0x83, "a", 1);
    expect_broken(TP_CLOSE_PROTOCOL);
}

static void frame__continuation_of_nothing__1002(void **state)
{
    (void)state;
    put(0x80, "a", 1);
    expect_broken(TP_CLOSE_PROTOCOL);
}

static void frame__new_message_within_another__1002(void **state)
{
    (void)state;
    put(0x01, "a", 1);
    put(0x81, "b", 1);
    assert_int_equal(next(), TP_FRAME_PARTIAL);
    drop();
    expect_broken(TP_CLOSE_PROTOCOL);
}

static void frame__control_in_fragments_or_long__1002(void **state)
{
    (void)state;
    char text[126] = {0};
    put(0x09, "a", 1);
    expect_broken(TP_CLOSE_PROTOCOL);
    tp_bytes_clear(&wire);
    put(0x89, text, sizeof(text));
    expect_broken(TP_CLOSE_PROTOCOL);
}

static void frame__not_utf8__1007(void **state)
{
    (void)state;
    put(0x81, "\xff", 1);
    expect_broken(TP_CLOSE_BAD_DATA);
}

static void frame__nul_in_text__taken(void **state)
{
    (void)state;
    put(0x81, "a\0b", 3);
    assert_int_equal(next(), TP_FRAME_MESSAGE);
    assert_int_equal(frame.bytes, 3);
}

static void frame__over_limit__1009_from_header_alone(void **state)
{
    (void)state;
    reader.limit_bytes = 10;
    tp_bytes_append(&wire, "\x82\x8b", 2);
    tp_bytes_append(&wire, "mask", 4);
    expect_broken(TP_CLOSE_TOO_BIG);
}

static void frame__fragments_over_limit__1009(void **state)
{
    (void)state;
    reader.limit_bytes = 10;
    put(0x02, "123456", 6);
    put(0x80, "78901", 5);
    assert_int_equal(next(), TP_FRAME_PARTIAL);
    drop();
    expect_broken(TP_CLOSE_TOO_BIG);
}

static void frame__size_of_all_ones__1009(void **state)
{
    (void)state;
    tp_bytes_append(&wire, "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffmask", 14);
    expect_broken(TP_CLOSE_TOO_BIG);
}

static void close_code__forms__checked(void **state)
{
    (void)state;
    int code = 0;
    assert_true(tp_frame_close_code(NULL, 0, &code));
    assert_int_equal(code, TP_CLOSE_NO_STATUS);
    assert_false(tp_frame_close_code((const uint8_t *)"\x03", 1, &code));
    assert_true(tp_frame_close_code((const uint8_t *)"\x03\xe8ok", 4, &code));
    assert_int_equal(code, 1000);
    assert_false(tp_frame_close_code((const uint8_t *)"\x03\xed", 2, &code)); /* 1005 */
    assert_false(tp_frame_close_code((const uint8_t *)"\x03\xe8\xff", 3, &code));
    assert_true(tp_frame_close_code((const uint8_t *)"\x0f\xa0", 2, &code)); /* 4000 */
}

static void append_close__long_reason__cut_at_a_character(void **state)
{
    (void)state;
    char reason[200];
    memset(reason, 'a', sizeof(reason));
    memcpy(reason + 122, "中", 3);
    reason[199] = '\0';
    tp_frame_append_close(&wire, 1000, reason);
    assert_int_equal(wire.data[1], 124);
    assert_int_equal(wire.length, 126);
}

static void accept__example_of_the_standard__same(void **state)
{
    (void)state;
    char out[TP_ACCEPT_BYTES];
    assert_true(tp_frame_accept("dGhlIHNhbXBsZSBub25jZQ==", out));
    assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_false(tp_frame_accept("short", out));
    assert_false(tp_frame_accept("dGhlIHNhbXBsZSBub25jZQ=", out));
    assert_false(tp_frame_accept("dGhlIHNhbXBsZSBub2\njZQ==", out));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(frame__whole_message__unmasked),
        CASE(frame__in_pieces__more_until_complete),
        CASE(frame__fragments__joined_around_ping),
        CASE(frame__not_masked__1002),
        CASE(frame__reserved_bits__1002),
        CASE(frame__unknown_opcode__1002),
        CASE(frame__continuation_of_nothing__1002),
        CASE(frame__new_message_within_another__1002),
        CASE(frame__control_in_fragments_or_long__1002),
        CASE(frame__not_utf8__1007),
        CASE(frame__nul_in_text__taken),
        CASE(frame__over_limit__1009_from_header_alone),
        CASE(frame__fragments_over_limit__1009),
        CASE(frame__size_of_all_ones__1009),
        CASE(close_code__forms__checked),
        CASE(append_close__long_reason__cut_at_a_character),
        CASE(accept__example_of_the_standard__same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
