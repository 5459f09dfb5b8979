#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/http/request.h"

static struct tp_http_request request;

static int status_of(const char *head, size_t bytes)
{
    struct tp_error error = {0};
    int status = 0;
    memset(&request, 0, sizeof(request));
    if (tp_ok(tp_http_request_read(&request, head, bytes, &status, &error)))
        return 0;
    assert_string_equal(error.code, "http.malformed");
    tp_http_request_fini(&request);
    return status;
}

static int read_text(const char *head)
{
    assert_int_equal(tp_http_head_length(head, strlen(head), 0), strlen(head));
    return status_of(head, strlen(head));
}

static void request__complete__all_parts(void **state)
{
    (void)state;
    assert_int_equal(read_text("POST /api/lots/%E4%B8%AD%2F1?a=1&b=x+y%21&c&=v HTTP/1.1\r\n"
                               "Host: example\r\nX-CSRF:  token \r\nContent-Length: 12\r\n"
                               "Cookie: tp_session=abc=; other=1\r\n\r\n"),
                     0);
    assert_int_equal(request.method, TP_HTTP_POST);
    assert_int_equal(request.segment_count, 3);
    assert_string_equal(request.segments[2], "中/1");
    assert_string_equal(tp_http_request_path(&request), "/api/lots/中/1");
    assert_string_equal(tp_http_request_query(&request, "a"), "1");
    assert_string_equal(tp_http_request_query(&request, "b"), "x y!");
    assert_string_equal(tp_http_request_query(&request, "c"), "");
    assert_null(tp_http_request_query(&request, "d"));
    assert_string_equal(tp_http_request_header(&request, "x-csrf"), "token");
    assert_null(tp_http_request_header(&request, "x-other"));
    assert_string_equal(tp_http_request_cookie(&request, "tp_session"), "abc=");
    assert_string_equal(tp_http_request_cookie(&request, "other"), "1");
    assert_null(tp_http_request_cookie(&request, "tp"));
    assert_int_equal(request.content_bytes, 12);
    assert_true(request.keep_alive);
    tp_http_request_fini(&request);
}

static void request__body_empty__not_null(void **state)
{
    (void)state;
    size_t bytes = 1;
    assert_int_equal(read_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    assert_non_null(tp_http_request_body(&request, &bytes));
    assert_int_equal(bytes, 0);
    tp_http_request_fini(&request);
}

static void request__malformed__refused(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int status;
    } cases[] = {
        {"GET /\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", 505},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET / FTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%ed%a0%80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a//b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /?a=%fe HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1,1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", 417},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = status_of(cases[i].head, strlen(cases[i].head));
        if (status != cases[i].status)
            fail_msg("%s: %d", cases[i].head, status);
    }
}

static void request__nul_in_head__refused(void **state)
{
    (void)state;
    static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
    assert_int_equal(status_of(head, sizeof(head) - 1), 400);
}

static void request__too_many_headers__431(void **state)
{
    (void)state;
    char head[8192] = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < TP_HTTP_HEADER_COUNT_MAX; i++)
        strcat(head, "X-A: b\r\n");
    strcat(head, "\r\n");
    assert_int_equal(status_of(head, strlen(head)), 431);
}

static void request__short_query_arguments__fit(void **state)
{
    (void)state;
    char head[512] = "GET /?";
    for (int i = 0; i < TP_HTTP_QUERY_COUNT_MAX; i++)
        strcat(head, i == 0 ? "a" : "&a");
    strcat(head, " HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(status_of(head, strlen(head)), 0);
    assert_int_equal(request.query_count, TP_HTTP_QUERY_COUNT_MAX);
    tp_http_request_fini(&request);
}

static void request__connection_header__keep_alive(void **state)
{
    (void)state;
    assert_int_equal(read_text("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"), 0);
    assert_false(request.keep_alive);
    tp_http_request_fini(&request);
    assert_int_equal(read_text("GET / HTTP/1.0\r\n\r\n"), 0);
    assert_false(request.keep_alive);
    tp_http_request_fini(&request);
    assert_int_equal(read_text("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 0);
    assert_true(request.keep_alive);
    tp_http_request_fini(&request);
}

static void request__websocket__recognised(void **state)
{
    (void)state;
    assert_int_equal(read_text("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n"
                               "Connection: keep-alive, Upgrade\r\n\r\n"),
                     0);
    assert_true(request.websocket_upgrade);
    tp_http_request_fini(&request);
}

static void head_length__in_pieces__found_once_complete(void **state)
{
    (void)state;
    static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
    size_t length = sizeof(head) - 1 - 4;
    for (size_t i = 1; i < length; i++)
        assert_int_equal(tp_http_head_length(head, i, i - 1), 0);
    assert_int_equal(tp_http_head_length(head, length, length - 1), length);
    assert_int_equal(tp_http_head_length(head, sizeof(head) - 1, 0), length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__complete__all_parts),
        cmocka_unit_test(request__body_empty__not_null),
        cmocka_unit_test(request__malformed__refused),
        cmocka_unit_test(request__nul_in_head__refused),
        cmocka_unit_test(request__too_many_headers__431),
        cmocka_unit_test(request__short_query_arguments__fit),
        cmocka_unit_test(request__connection_header__keep_alive),
        cmocka_unit_test(request__websocket__recognised),
        cmocka_unit_test(head_length__in_pieces__found_once_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
