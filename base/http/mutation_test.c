/* Readers of bytes from the network, fed what almost is right: nothing may be read or written out
 * of bounds (the sanitizers see it), and what is taken must keep its promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/http/body.h"
#include "base/http/frame.h"
#include "base/http/request.h"
#include "base/random.h"

#define ROUNDS 40000

static struct tp_seeded_random seeded;

static uint32_t below(uint32_t bound)
{
    return tp_random_below(&seeded.random, bound);
}

static int set_up(void **state)
{
    (void)state;
    tp_seeded_random_init(&seeded, 20261121);
    return 0;
}

/* A copy of exactly its length, so that one byte too far is seen; changed in up to six places. */
static uint8_t *mutate(const char *text, size_t bytes, size_t *out_bytes)
{
    static const char interesting[] = "\r\n\0 :;,%/?&=+\x7f\x80\xff\xc3.0aA-{\t#";
    uint8_t *copy = malloc(bytes + 8);
    assert_non_null(copy);
    memcpy(copy, text, bytes);
    for (uint32_t i = below(7); i > 0 && bytes > 1; i--) {
        uint32_t at = below((uint32_t)bytes);
        switch (below(4)) {
        case 0:
            copy[at] = (uint8_t)below(256);
            break;
        case 1:
            copy[at] = (uint8_t)interesting[below(sizeof(interesting) - 1)];
            break;
        case 2:
            memmove(copy + at, copy + at + 1, bytes - at - 1);
            bytes--;
            break;
        default:
            bytes = at + 1;
            break;
        }
    }
    uint8_t *exact = malloc(bytes);
    assert_non_null(exact);
    memcpy(exact, copy, bytes);
    free(copy);
    *out_bytes = bytes;
    return exact;
}

static void check_request(const struct tp_http_request *request)
{
    assert_true(request->path[0] == '/');
    assert_true(tp_utf8_valid(request->path, strlen(request->path)));
    for (int i = 0; i < request->segment_count; i++) {
        assert_true(request->segments[i][0] != '\0');
        assert_string_not_equal(request->segments[i], "..");
        assert_string_not_equal(request->segments[i], ".");
    }
    for (int i = 0; i < request->header_count; i++)
        assert_true(request->headers[i].name[0] != '\0' &&
                    strpbrk(request->headers[i].value, "\r\n") == NULL);
    assert_false(request->chunked && request->content_bytes > 0);
}

static void request__mutated__refused_or_right(void **state)
{
    (void)state;
    static const char head[] =
        "POST /api/%E4%B8%AD/lots?a=1&b=%20x+y&c HTTP/1.1\r\nHost: a\r\nX-CSRF: t\r\n"
        "Content-Length: 12\r\nCookie: tp_session=abc; b=c\r\nConnection: keep-alive, Upgrade\r\n"
        "Upgrade: websocket\r\nExpect: 100-continue\r\n\r\n";
    int taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        size_t bytes = 0;
        int status = 0;
        uint8_t *text = mutate(head, sizeof(head) - 1, &bytes);
        struct tp_http_request request = {0};
        size_t length = tp_http_head_length((const char *)text, bytes, 0);
        if (length > 0 &&
            tp_ok(tp_http_request_read(&request, (const char *)text, length, &status, NULL))) {
            check_request(&request);
            taken++;
        }
        tp_http_request_fini(&request);
        free(text);
    }
    assert_true(taken > ROUNDS / 10 && taken < ROUNDS);
}

static void body__mutated__never_over_limit(void **state)
{
    (void)state;
    static const char chunks[] = "5\r\nhello\r\n1f;ext=1\r\n0123456789012345678901234567890\r\n"
                                 "0\r\nTrailer: x\r\n\r\n";
    for (int i = 0; i < ROUNDS; i++) {
        size_t bytes = 0;
        size_t at = 0;
        size_t end = 0;
        uint8_t *text = mutate(chunks, sizeof(chunks) - 1, &bytes);
        struct tp_bytes out = TP_BYTES_INIT;
        struct tp_body_reader reader;
        enum tp_body_result result = TP_BODY_MORE;
        tp_body_reader_init(&reader, true, 0, 64);
        while (result == TP_BODY_MORE && end < bytes) {
            size_t consumed = 0;
            end += 1 + below((uint32_t)(bytes - end));
            result = tp_body_read(&reader, text + at, end - at, &out, &consumed);
            at += consumed;
            assert_true(at <= end && out.length <= 64);
        }
        tp_bytes_fini(&out);
        free(text);
    }
}

static void frame__mutated__never_over_limit(void **state)
{
    (void)state;
    static const char frames[] = "\x01\x83mask\x05\x04\x10\x80\x82mask\x01\x02"
                                 "\x89\x80mask\x82\xfe\x00\x05maskhello\x88\x82mask\x6e\x89";
    for (int i = 0; i < ROUNDS; i++) {
        size_t bytes = 0;
        size_t at = 0;
        uint8_t *data = mutate(frames, sizeof(frames) - 1, &bytes);
        struct tp_frame_reader reader = {.limit_bytes = 7};
        enum tp_frame_result result = TP_FRAME_PARTIAL;
        while (result == TP_FRAME_PARTIAL || result == TP_FRAME_MESSAGE) {
            struct tp_frame frame;
            result = tp_frame_read(&reader, data + at, bytes - at, &frame);
            at += frame.consumed;
            assert_true(at <= bytes);
            bool control = (frame.opcode & 8) != 0;
            assert_true(frame.bytes <= (control ? TP_CONTROL_PAYLOAD_MAX_BYTES : 7));
            if (result == TP_FRAME_BROKEN)
                assert_true(frame.close_code >= 1002 && frame.close_code <= 1009);
        }
        tp_frame_reader_fini(&reader);
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(request__mutated__refused_or_right, set_up),
        cmocka_unit_test_setup(body__mutated__never_over_limit, set_up),
        cmocka_unit_test_setup(frame__mutated__never_over_limit, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
