#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/http/body.h"

/* Feeds `text` in pieces of `step` bytes, as a connection does. */
static enum tp_body_result feed(bool chunked, uint64_t content_bytes, const char *text, size_t step,
                                struct tp_bytes *out, size_t *used)
{
    struct tp_body_reader reader;
    size_t length = strlen(text);
    size_t at = 0;
    size_t end = 0;
    enum tp_body_result result = TP_BODY_MORE;
    tp_body_reader_init(&reader, chunked, content_bytes, 64);
    while (result == TP_BODY_MORE && end < length) {
        end = end + step < length ? end + step : length;
        size_t consumed = 0;
        result = tp_body_read(&reader, (const uint8_t *)text + at, end - at, out, &consumed);
        at += consumed;
    }
    *used = at;
    return result;
}

static void expect(bool chunked, uint64_t content_bytes, const char *text,
                   enum tp_body_result result, const char *body, size_t used)
{
    for (size_t step = 1; step <= strlen(text); step++) {
        struct tp_bytes out = TP_BYTES_INIT;
        size_t got = 0;
        assert_int_equal(feed(chunked, content_bytes, text, step, &out, &got), result);
        if (result == TP_BODY_DONE) {
            assert_int_equal(got, used);
            assert_int_equal(out.length, strlen(body));
            assert_memory_equal(out.data, body, out.length);
        }
        tp_bytes_fini(&out);
    }
}

static void body__by_length__takes_that_much(void **state)
{
    (void)state;
    expect(false, 5, "helloGET /", TP_BODY_DONE, "hello", 5);
    expect(false, 6, "hello", TP_BODY_MORE, NULL, 0);
    expect(false, 65, "hello", TP_BODY_TOO_LARGE, NULL, 0);
}

static void body__chunked__joined(void **state)
{
    (void)state;
    expect(true, 0, "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\nGET", TP_BODY_DONE, "abcde", 24);
    expect(true, 0, "A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", TP_BODY_DONE, "0123456789", 32);
}

static void body__chunked_broken__refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "x\r\n",  "\r\n",           "3\nabc\n",    "3\r\nabcd\r\n",
        "-1\r\n", "0x3\r\nabc\r\n", "1 \r\na\r\n", "0000000000000001\r\n",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        expect(true, 0, broken[i], TP_BODY_BROKEN, NULL, 0);
}

static void body__chunked_over_limit__too_large(void **state)
{
    (void)state;
    expect(true, 0, "41\r\n", TP_BODY_TOO_LARGE, NULL, 0);
    expect(true, 0, "3\r\nabc\r\n3E\r\n", TP_BODY_TOO_LARGE, NULL, 0);
    expect(true, 0, "FFFFFFFFFFFFFFF\r\n", TP_BODY_TOO_LARGE, NULL, 0);
}

static void body__endless_lines__refused(void **state)
{
    (void)state;
    char text[600];
    memset(text, '1', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    struct tp_bytes out = TP_BYTES_INIT;
    size_t used = 0;
    assert_int_equal(feed(true, 0, text, 7, &out, &used), TP_BODY_BROKEN);
    tp_bytes_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body__by_length__takes_that_much),
        cmocka_unit_test(body__chunked__joined),
        cmocka_unit_test(body__chunked_broken__refused),
        cmocka_unit_test(body__chunked_over_limit__too_large),
        cmocka_unit_test(body__endless_lines__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
