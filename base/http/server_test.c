#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/http/test_peer.h"
#include "base/http/test_server.h"

static struct tp_test_server test;
static struct tp_test_peer peer;
static struct tp_bytes body;

static int set_up(void **state)
{
    (void)state;
    tp_test_server_start(&test, TP_TEST_TLS, NULL, NULL);
    tp_test_peer_connect(&peer, test.port, test.certificates.ca);
    body = TP_BYTES_INIT;
    return 0;
}

static int set_up_plain_impatient(void **state)
{
    (void)state;
    struct tp_http_server_config config = {.request_timeout_ms = 300, .body_limit_bytes = 1000};
    tp_test_server_start(&test, TP_TEST_PLAIN, &config, NULL);
    tp_test_peer_connect(&peer, test.port, NULL);
    body = TP_BYTES_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_test_peer_close(&peer);
    tp_test_server_release(&test);
    tp_test_server_stop(&test);
    tp_bytes_fini(&body);
    return 0;
}

static void expect(int status, const char *text)
{
    assert_int_equal(tp_test_peer_answer(&peer, &body), status);
    if (text != NULL && strstr((const char *)body.data, text) == NULL)
        fail_msg("no %s in: %s", text, (const char *)body.data);
}

static void say(const char *text)
{
    assert_true(tp_test_peer_write_text(&peer, text));
}

#define HOST "Host: localhost\r\n"

static void request__known_path__answered(void **state)
{
    (void)state;
    say("GET /lots/%E6%A0%87%E6%AE%B5/rooms/7 HTTP/1.1\r\n" HOST "\r\n");
    expect(200, "标段 7");
    say("GET /error HTTP/1.1\r\n" HOST "\r\n");
    expect(409, "test.conflict");
}

static void request__unknown_path_or_method__404_405(void **state)
{
    (void)state;
    say("GET /nothing HTTP/1.1\r\n" HOST "\r\n");
    expect(404, "http.not_found");
    say("DELETE /hello HTTP/1.1\r\n" HOST "\r\n");
    expect(405, "http.method_not_allowed");
    say("OPTIONS /hello HTTP/1.1\r\n" HOST "\r\n");
    expect(405, "http.method_not_allowed");
    say("POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody");
    expect(404, "http.not_found");
    say("GET /echo-socket HTTP/1.1\r\n" HOST "\r\n");
    expect(426, "http.upgrade_required");
    say("GET /hello HTTP/1.1\r\n" HOST "\r\n");
    expect(200, "hello");
}

static void request__malformed__400_and_closed(void **state)
{
    (void)state;
    static const char *const garbled[] = {
        "\x16\x03\x01\x02",
        "hello\r\n\r\n",
        "GET /%ff HTTP/1.1\r\n" HOST "\r\n",
        "GET /?q=%c3%28 HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\n" HOST "X: \xc3\x28\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    for (size_t i = 0; i < sizeof(garbled) / sizeof(garbled[0]); i++) {
        struct tp_test_peer other;
        tp_test_peer_connect(&other, test.port, test.certificates.ca);
        assert_true(tp_test_peer_write_text(&other, garbled[i]));
        assert_int_equal(tp_test_peer_answer(&other, &body), 400);
        assert_non_null(strstr((const char *)body.data, "http.malformed"));
        assert_true(tp_test_peer_ended(&other));
        tp_test_peer_close(&other);
    }
}

static void request__header_too_large__431(void **state)
{
    (void)state;
    char filler[20000];
    memset(filler, 'a', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    say("GET / HTTP/1.1\r\n" HOST "X: ");
    say(filler);
    expect(431, "http.headers_too_large");
    assert_true(tp_test_peer_ended(&peer));
}

static void request__body_too_large__413_before_it_is_sent(void **state)
{
    (void)state;
    say("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n");
    expect(413, "http.body_too_large");
    assert_true(tp_test_peer_ended(&peer));
}

static void request__body_too_large_and_sent__answer_still_arrives(void **state)
{
    (void)state;
    struct tp_test_peer other;
    char *filler = calloc(1, 4000000);
    assert_non_null(filler);
    tp_test_peer_connect(&other, test.port, test.certificates.ca);
    assert_true(tp_test_peer_write_text(&other, "POST /echo HTTP/1.1\r\n" HOST
                                                "Content-Length: 4000000\r\n\r\n"));
    assert_true(tp_test_peer_write(&other, filler, 4000000));
    assert_int_equal(tp_test_peer_answer(&other, NULL), 413);
    tp_test_peer_close(&other);
    free(filler);
}

static void request__chunks_too_large__413(void **state)
{
    (void)state;
    say("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n200000\r\n");
    expect(413, "http.body_too_large");
}

static void request__body_of_the_limit__echoed(void **state)
{
    (void)state;
    uint8_t *data = malloc(1 << 20);
    assert_non_null(data);
    for (size_t i = 0; i < 1 << 20; i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    say("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n");
    assert_true(tp_test_peer_write(&peer, data, 1 << 20));
    expect(200, NULL);
    assert_int_equal(body.length, 1 << 20);
    assert_memory_equal(body.data, data, 1 << 20);
    free(data);
}

static void request__in_single_bytes__answered(void **state)
{
    (void)state;
    const char *text =
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (; *text != '\0'; text++)
        assert_true(tp_test_peer_write(&peer, text, 1));
    expect(200, "hello");
}

static void request__many_at_once__answered_in_order(void **state)
{
    (void)state;
    struct tp_bytes all = TP_BYTES_INIT;
    for (int i = 0; i < 500; i++)
        tp_bytes_append_format(&all, "GET /lots/a/rooms/%d HTTP/1.1\r\n" HOST "\r\n", i);
    assert_true(tp_test_peer_write(&peer, all.data, all.length));
    for (int i = 0; i < 500; i++) {
        char wanted[16];
        snprintf(wanted, sizeof(wanted), "a %d", i);
        assert_int_equal(tp_test_peer_answer(&peer, &body), 200);
        assert_string_equal((const char *)body.data, wanted);
    }
    tp_bytes_fini(&all);
}

static void request__expect_continue__continued(void **state)
{
    (void)state;
    say("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    expect(100, NULL);
    say("ok");
    expect(200, "ok");
    say("POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    expect(404, "http.not_found");
    assert_true(tp_test_peer_ended(&peer));
}

static void request__head__no_body(void **state)
{
    (void)state;
    say("HEAD /hello HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST
        "Connection: close\r\n\r\n");
    while (tp_test_peer_read(&peer))
        ;
    const char *first = strstr((const char *)peer.input.data, "Content-Length: 5\r\n");
    assert_non_null(first);
    assert_memory_equal(strstr(first, "\r\n\r\n") + 4, "HTTP/1.1 200", 12);
}

static void request__connection_close__closed_after_answer(void **state)
{
    (void)state;
    say("GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    expect(200, "hello");
    assert_true(tp_test_peer_ended(&peer));
}

static void answer__larger_than_buffers__complete(void **state)
{
    (void)state;
    say("GET /large HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n");
    struct timespec moment = {.tv_nsec = 200000000};
    nanosleep(&moment, NULL); /* a slow reader: the server meets full buffers meanwhile */
    expect(200, NULL);
    assert_int_equal(body.length, 20000000);
    for (size_t i = 0; i < body.length; i++)
        if (body.data[i] != 'x')
            fail_msg("wrong at %zu", i);
    expect(200, "hello");
}

static void client__gone_while_handled__server_goes_on(void **state)
{
    (void)state;
    struct tp_test_peer others[8];
    for (int i = 0; i < 8; i++) {
        tp_test_peer_connect(&others[i], test.port, test.certificates.ca);
        assert_true(tp_test_peer_write_text(&others[i], "GET /wait HTTP/1.1\r\n" HOST "\r\n"));
    }
    tp_test_server_await(&test, &test.waiting, 8);
    for (int i = 0; i < 8; i++)
        tp_test_peer_close(&others[i]);
    say("GET /hello HTTP/1.1\r\n" HOST "\r\n");
    expect(200, "hello");
    tp_test_server_release(&test);
    say("GET /wait HTTP/1.1\r\n" HOST "\r\n");
    expect(200, "waited");
}

static void sender__slow_head__408(void **state)
{
    (void)state;
    say("GET /hello HT");
    expect(408, "http.timeout");
    assert_true(tp_test_peer_ended(&peer));
}

static void sender__slow_body__408(void **state)
{
    (void)state;
    say("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc");
    expect(408, "http.timeout");
    assert_true(tp_test_peer_ended(&peer));
}

static void sender__drips__408_all_the_same(void **state)
{
    (void)state;
    struct timespec moment = {.tv_nsec = 40000000};
    int sent = 0;
    for (; sent < 50 && tp_test_peer_write_text(&peer, sent == 0 ? "GET /" : "a"); sent++)
        nanosleep(&moment, NULL);
    expect(408, "http.timeout");
}

static void sender__says_nothing__closed(void **state)
{
    (void)state;
    assert_true(tp_test_peer_ended(&peer));
}

static void sender__small_limit__413(void **state)
{
    (void)state;
    say("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n");
    expect(413, "http.body_too_large");
}

static void start__port_taken__fails(void **state)
{
    (void)state;
    struct tp_http_server_config config = {.address = "127.0.0.1", .port = test.port};
    struct tp_http_server *second = NULL;
    struct tp_error error;
    assert_true(tp_ok(tp_http_server_new(&config, &second, &error)));
    assert_int_equal(tp_http_server_start(second, &error).class, TP_IO);
    tp_http_server_free(second);
}

static void start__certificate_missing__fails(void **state)
{
    (void)state;
    struct tp_http_server_config config = {.address = "127.0.0.1",
                                           .certificate_path = "/nonexistent/a.pem",
                                           .private_key_path = "/nonexistent/a.key"};
    struct tp_http_server *second = NULL;
    struct tp_error error;
    assert_true(tp_ok(tp_http_server_new(&config, &second, &error)));
    assert_int_equal(tp_http_server_start(second, &error).class, TP_IO);
    tp_http_server_free(second);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define IMPATIENT(name) cmocka_unit_test_setup_teardown(name, set_up_plain_impatient, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(request__known_path__answered),
        CASE(request__unknown_path_or_method__404_405),
        CASE(request__malformed__400_and_closed),
        CASE(request__header_too_large__431),
        CASE(request__body_too_large__413_before_it_is_sent),
        CASE(request__body_too_large_and_sent__answer_still_arrives),
        CASE(request__chunks_too_large__413),
        CASE(request__body_of_the_limit__echoed),
        CASE(request__in_single_bytes__answered),
        CASE(request__many_at_once__answered_in_order),
        CASE(request__expect_continue__continued),
        CASE(request__head__no_body),
        CASE(request__connection_close__closed_after_answer),
        CASE(answer__larger_than_buffers__complete),
        CASE(client__gone_while_handled__server_goes_on),
        IMPATIENT(sender__slow_head__408),
        IMPATIENT(sender__slow_body__408),
        IMPATIENT(sender__drips__408_all_the_same),
        IMPATIENT(sender__says_nothing__closed),
        IMPATIENT(sender__small_limit__413),
        CASE(start__port_taken__fails),
        CASE(start__certificate_missing__fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
