#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/http/frame.h"
#include "base/http/test_peer.h"
#include "base/http/test_server.h"

static struct tp_test_server test;
static struct tp_test_peer peer;
static struct tp_bytes payload;

static int start(enum tp_test_tls tls)
{
    tp_test_server_start(&test, tls, NULL, NULL);
    tp_test_peer_connect(&peer, test.port, tls == TP_TEST_TLS ? test.certificates.ca : NULL);
    payload = TP_BYTES_INIT;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return start(TP_TEST_TLS);
}

static int set_up_plain(void **state)
{
    (void)state;
    return start(TP_TEST_PLAIN);
}

static int set_up_impatient(void **state)
{
    (void)state;
    struct tp_http_server_config config = {.request_timeout_ms = 300};
    tp_test_server_start(&test, TP_TEST_TLS, &config, NULL);
    tp_test_peer_connect(&peer, test.port, test.certificates.ca);
    payload = TP_BYTES_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_test_peer_close(&peer);
    tp_test_server_release(&test);
    tp_test_server_stop(&test);
    tp_bytes_fini(&payload);
    return 0;
}

static void upgrade(void)
{
    assert_int_equal(tp_test_peer_upgrade(&peer, "/echo-socket"), 101);
}

static void send_text(const char *text)
{
    assert_true(tp_test_peer_send_frame(&peer, 0x81, text, strlen(text)));
}

static void expect_text(const char *text)
{
    assert_int_equal(tp_test_peer_frame(&peer, &payload), TP_OPCODE_TEXT);
    assert_string_equal((const char *)payload.data, text);
}

static void expect_close(int code)
{
    int opcode = tp_test_peer_frame(&peer, &payload);
    while (opcode == TP_OPCODE_TEXT)
        opcode = tp_test_peer_frame(&peer, &payload);
    assert_int_equal(opcode, TP_OPCODE_CLOSE);
    assert_true(payload.length >= 2);
    assert_int_equal(payload.data[0] << 8 | payload.data[1], code);
}

static void upgrade__refused_by_open__its_status(void **state)
{
    (void)state;
    assert_int_equal(tp_test_peer_upgrade(&peer, "/refusing-socket"), 403);
    assert_int_equal(tp_test_peer_upgrade(&peer, "/nothing"), 404);
    assert_int_equal(tp_test_peer_upgrade(&peer, "/hello"), 200);
    upgrade();
}

static void upgrade__malformed__refused(void **state)
{
    (void)state;
#define HANDSHAKE                                                                                  \
    "GET /echo-socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    assert_true(tp_test_peer_write_text(&peer,
                                        HANDSHAKE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                                  "Sec-WebSocket-Version: 8\r\n\r\n"));
    assert_int_equal(tp_test_peer_answer(&peer, NULL), 426);
    assert_true(tp_test_peer_write_text(
        &peer, HANDSHAKE "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n"));
    assert_int_equal(tp_test_peer_answer(&peer, NULL), 400);
}

static void messages__ten_thousand__echoed_in_order(void **state)
{
    (void)state;
    upgrade();
    int received = 0;
    for (int sent = 0; sent < 10000; sent++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", sent);
        send_text(text);
        /* At most half of what the server lets wait, or it would refuse to send. */
        for (; sent - received >= 500; received++) {
            snprintf(text, sizeof(text), "%d", received);
            expect_text(text);
        }
    }
    for (; received < 10000; received++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", received);
        expect_text(text);
    }
    assert_int_equal(test.refused_sends, 0);
}

static void messages__in_fragments_and_single_bytes__joined(void **state)
{
    (void)state;
    upgrade();
    assert_true(tp_test_peer_send_frame(&peer, 0x01, "ab", 2));
    assert_true(tp_test_peer_send_frame(&peer, 0x89, "are you there", 13));
    assert_true(tp_test_peer_send_frame(&peer, 0x80, "cd", 2));
    assert_int_equal(tp_test_peer_frame(&peer, &payload), TP_OPCODE_PONG);
    assert_string_equal((const char *)payload.data, "are you there");
    expect_text("abcd");
    static const uint8_t frame[] = {0x81, 0x82, 0, 0, 0, 0, 'h', 'i'};
    for (size_t i = 0; i < sizeof(frame); i++)
        assert_true(tp_test_peer_write(&peer, frame + i, 1));
    expect_text("hi");
}

static void messages__of_the_limit__echoed(void **state)
{
    (void)state;
    size_t bytes = 256 << 10;
    uint8_t *data = malloc(bytes);
    assert_non_null(data);
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(i * 31);
    upgrade();
    for (int i = 0; i < 5; i++) {
        assert_true(tp_test_peer_send_frame(&peer, 0x82, data, bytes));
        assert_int_equal(tp_test_peer_frame(&peer, &payload), TP_OPCODE_BINARY);
        assert_int_equal(payload.length, bytes);
        assert_memory_equal(payload.data, data, bytes);
    }
    free(data);
}

static void message__over_limit__1009(void **state)
{
    (void)state;
    size_t bytes = (256 << 10) + 1;
    uint8_t *data = calloc(1, bytes);
    assert_non_null(data);
    upgrade();
    (void)tp_test_peer_send_frame(&peer, 0x82, data, bytes);
    expect_close(TP_CLOSE_TOO_BIG);
    assert_true(tp_test_peer_ended(&peer));
    tp_test_server_await(&test, &test.closed, 1);
    free(data);
}

static void message__not_utf8__1007(void **state)
{
    (void)state;
    upgrade();
    assert_true(tp_test_peer_send_frame(&peer, 0x81, "\xff\xfe", 2));
    expect_close(TP_CLOSE_BAD_DATA);
}

static void message__not_masked__1002(void **state)
{
    (void)state;
    upgrade();
    assert_true(tp_test_peer_write(&peer, "\x81\x02hi", 4));
    expect_close(TP_CLOSE_PROTOCOL);
}

static void close__by_peer__echoed_and_ended(void **state)
{
    (void)state;
    upgrade();
    send_text("last");
    assert_true(tp_test_peer_send_frame(&peer, 0x88, "\x03\xe9going", 7));
    expect_close(1001);
    assert_true(tp_test_peer_ended(&peer));
    tp_test_server_await(&test, &test.closed, 1);
    assert_int_equal(test.opened, 1);
}

static void close__by_handler__code_and_reason(void **state)
{
    (void)state;
    upgrade();
    send_text("close");
    expect_close(4001);
    assert_string_equal((const char *)payload.data + 2, "as asked");
    assert_true(tp_test_peer_send_frame(&peer, 0x88, "\x0f\xa1", 2));
    assert_true(tp_test_peer_ended(&peer));
    tp_test_server_await(&test, &test.closed, 1);
}

static void close__by_handler_and_peer_silent__ended_all_the_same(void **state)
{
    (void)state;
    upgrade();
    send_text("close");
    expect_close(4001);
    tp_test_server_await(&test, &test.closed, 1);
}

static void connection__lost__closed_called(void **state)
{
    (void)state;
    struct tp_test_peer others[20];
    for (int i = 0; i < 20; i++) {
        tp_test_peer_connect(&others[i], test.port, test.certificates.ca);
        assert_int_equal(tp_test_peer_upgrade(&others[i], "/echo-socket"), 101);
        assert_true(tp_test_peer_send_frame(&others[i], 0x81, "x", 1));
    }
    for (int i = 0; i < 20; i++)
        tp_test_peer_close(&others[i]);
    tp_test_server_await(&test, &test.closed, 20);
}

static void send__peer_does_not_read__limit(void **state)
{
    (void)state;
    upgrade();
    send_text("burst 200000");
    tp_test_server_await(&test, &test.refused_sends, 1);
    /* What was taken arrives, in order and without a gap in what was not refused. */
    int last = -1;
    send_text("close");
    for (;;) {
        int opcode = tp_test_peer_frame(&peer, &payload);
        if (opcode != TP_OPCODE_TEXT)
            break;
        int number = atoi((const char *)payload.data);
        assert_true(number > last);
        last = number;
    }
    assert_true(last >= 1023);
}

static void handler__behind__reading_stops_and_goes_on(void **state)
{
    (void)state;
    struct tp_test_peer slow;
    size_t bytes = 100000;
    char *data = malloc(bytes);
    assert_non_null(data);
    memset(data, 'a', bytes);
    tp_test_peer_connect(&slow, test.port, NULL);
    assert_int_equal(tp_test_peer_upgrade(&slow, "/wait-socket"), 101);
    for (int i = 0; i < 40; i++)
        assert_true(tp_test_peer_send_frame(&slow, 0x82, data, bytes));
    tp_test_server_await(&test, &test.waiting, 1);
    tp_test_server_release(&test);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(tp_test_peer_frame(&slow, &payload), TP_OPCODE_BINARY);
        assert_int_equal(payload.length, bytes);
    }
    tp_test_peer_close(&slow);
    free(data);
}

/* The times for a handshake and a request are none for a socket. */
static void connection__idle__kept(void **state)
{
    (void)state;
    upgrade();
    struct timespec idle = {.tv_sec = 2, .tv_nsec = 500000000};
    nanosleep(&idle, NULL);
    send_text("still here");
    expect_text("still here");
}

static void server__stops__1001(void **state)
{
    (void)state;
    upgrade();
    send_text("x");
    expect_text("x");
    tp_test_server_release(&test);
    tp_http_server_free(test.server);
    test.server = NULL;
    expect_close(TP_CLOSE_GOING_AWAY);
    assert_int_equal(test.closed, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define PLAIN(name) cmocka_unit_test_setup_teardown(name, set_up_plain, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(upgrade__refused_by_open__its_status),
        CASE(upgrade__malformed__refused),
        CASE(messages__ten_thousand__echoed_in_order),
        PLAIN(messages__ten_thousand__echoed_in_order),
        CASE(messages__in_fragments_and_single_bytes__joined),
        CASE(messages__of_the_limit__echoed),
        CASE(message__over_limit__1009),
        CASE(message__not_utf8__1007),
        CASE(message__not_masked__1002),
        CASE(close__by_peer__echoed_and_ended),
        CASE(close__by_handler__code_and_reason),
        CASE(close__by_handler_and_peer_silent__ended_all_the_same),
        CASE(connection__lost__closed_called),
        CASE(send__peer_does_not_read__limit),
        PLAIN(handler__behind__reading_stops_and_goes_on),
        cmocka_unit_test_setup_teardown(connection__idle__kept, set_up_impatient, tear_down),
        CASE(server__stops__1001),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
