#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/http/response.h"

static struct tp_http_response response;
static struct tp_bytes out;

static int set_up(void **state)
{
    (void)state;
    response = (struct tp_http_response){0};
    out = TP_BYTES_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_http_response_fini(&response);
    tp_bytes_fini(&out);
    return 0;
}

static const char *encode(const struct tp_http_wire *wire)
{
    assert_true(tp_http_response_encode(&response, wire, &out));
    return (const char *)out.data;
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static int count(const char *text, const char *part)
{
    int times = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        times++;
    return times;
}

static void encode__nothing_set__204(void **state)
{
    (void)state;
    const char *text = encode(&(struct tp_http_wire){.keep_alive = true});
    assert_memory_equal(text, "HTTP/1.1 204 No Content\r\n", 25);
    assert_false(has(text, "Content-Length"));
    assert_true(has(text, "Cache-Control: no-store\r\n"));
    assert_true(has(text, "X-Content-Type-Options: nosniff\r\n"));
    assert_true(has(text, "Referrer-Policy: no-referrer\r\n"));
    assert_true(has(text, "X-Frame-Options: DENY\r\n"));
    assert_true(has(text, "frame-ancestors 'none'\r\n"));
    assert_false(has(text, "Strict-Transport-Security"));
}

static void encode__tls__hsts(void **state)
{
    (void)state;
    const char *text = encode(&(struct tp_http_wire){.tls = true});
    assert_true(has(text, "Strict-Transport-Security: max-age="));
    assert_true(has(text, "Connection: close\r\n"));
}

static void encode__body__with_its_length(void **state)
{
    (void)state;
    tp_http_response_body(&response, "text/plain", "hello", 5);
    const char *text = encode(&(struct tp_http_wire){.keep_alive = true});
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
    assert_true(has(text, "Content-Type: text/plain\r\n"));
    assert_true(has(text, "Content-Length: 5\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n") + 4, "hello");
}

static void encode__head__length_without_body(void **state)
{
    (void)state;
    tp_http_response_body(&response, "text/plain", "hello", 5);
    const char *text = encode(&(struct tp_http_wire){.head_only = true});
    assert_true(has(text, "Content-Length: 5\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n") + 4, "");
}

static void header__default_given__replaced(void **state)
{
    (void)state;
    tp_http_response_header(&response, "cache-control", "no-cache");
    tp_http_response_header(&response, "Set-Cookie", "a=1");
    tp_http_response_header(&response, "Set-Cookie", "b=2");
    const char *text = encode(&(struct tp_http_wire){0});
    assert_false(has(text, "no-store"));
    assert_true(has(text, "cache-control: no-cache\r\n"));
    assert_int_equal(count(text, "Set-Cookie: "), 2);
}

static void header__line_break__answers_500(void **state)
{
    (void)state;
    tp_http_response_header(&response, "Location", "/a\r\nSet-Cookie: evil=1");
    tp_http_response_body(&response, "text/plain", "secret", 6);
    const char *text = encode(&(struct tp_http_wire){0});
    assert_memory_equal(text, "HTTP/1.1 500 ", 13);
    assert_false(has(text, "evil"));
    assert_false(has(text, "secret"));
    assert_true(has(text, "http.internal"));
}

static void error__all_parts__in_json(void **state)
{
    (void)state;
    struct tp_error error;
    tp_fail(&error, TP_CONFLICT, "request.seats_taken", "taken \"now\"");
    tp_error_set_field(&error, "seats[1]");
    tp_error_set_source(&error, "甘肃手册 一.3");
    tp_http_response_error(&response, &error);
    const char *text = encode(&(struct tp_http_wire){0});
    assert_memory_equal(text, "HTTP/1.1 409 Conflict\r\n", 23);
    assert_string_equal(strstr(text, "\r\n\r\n") + 4,
                        "{\"error\":{\"code\":\"request.seats_taken\",\"message\":\"taken "
                        "\\\"now\\\"\",\"field\":\"seats[1]\",\"source\":\"甘肃手册 一.3\"}}");
}

static void status_of__each_class(void **state)
{
    (void)state;
    assert_int_equal(tp_http_status_of(TP_INPUT), 400);
    assert_int_equal(tp_http_status_of(TP_DENIED), 403);
    assert_int_equal(tp_http_status_of(TP_NOT_FOUND), 404);
    assert_int_equal(tp_http_status_of(TP_CONFLICT), 409);
    assert_int_equal(tp_http_status_of(TP_LIMIT), 429);
    assert_int_equal(tp_http_status_of(TP_IO), 500);
    assert_int_equal(tp_http_status_of(TP_PEER), 502);
    assert_int_equal(tp_http_status_of(TP_CRYPTO), 422);
    assert_int_equal(tp_http_status_of(TP_NOMEM), 503);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(encode__nothing_set__204),        CASE(encode__tls__hsts),
        CASE(encode__body__with_its_length),   CASE(encode__head__length_without_body),
        CASE(header__default_given__replaced), CASE(header__line_break__answers_500),
        CASE(error__all_parts__in_json),       CASE(status_of__each_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
