#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/http/test_server.h"
#include "base/http/websocket_client.h"

#define PATIENCE_S 15

/* What the client's calls told. */
struct seen {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int connected;
    int disconnected;
    int messages;
    int out_of_order;
    size_t last_bytes;
    char last[64];
    struct tp_error why;
    int64_t lost_at_ms[8];
};

static struct tp_test_server test;
static struct seen seen;

static void on_connected(void *context)
{
    struct seen *of = context;
    pthread_mutex_lock(&of->mutex);
    of->connected++;
    pthread_cond_broadcast(&of->changed);
    pthread_mutex_unlock(&of->mutex);
}

static void on_message(void *context, const uint8_t *data, size_t bytes, bool binary)
{
    struct seen *of = context;
    (void)binary;
    pthread_mutex_lock(&of->mutex);
    if (bytes < sizeof(of->last)) {
        memcpy(of->last, data, bytes);
        of->last[bytes] = '\0';
        if (atoi(of->last) != of->messages)
            of->out_of_order++;
    }
    of->last_bytes = bytes;
    of->messages++;
    pthread_cond_broadcast(&of->changed);
    pthread_mutex_unlock(&of->mutex);
}

static void on_disconnected(void *context, const struct tp_error *why)
{
    struct seen *of = context;
    pthread_mutex_lock(&of->mutex);
    if (of->disconnected < 8)
        of->lost_at_ms[of->disconnected] = tp_clock_monotonic_ms(tp_clock_system());
    of->disconnected++;
    of->why = *why;
    pthread_cond_broadcast(&of->changed);
    pthread_mutex_unlock(&of->mutex);
}

static void await(const int *count, int least)
{
    struct timespec until;
    int failed = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&seen.mutex);
    while (*count < least && failed == 0)
        failed = pthread_cond_timedwait(&seen.changed, &seen.mutex, &until);
    pthread_mutex_unlock(&seen.mutex);
    assert_int_equal(failed, 0);
}

static int set_up(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    pthread_mutex_init(&seen.mutex, NULL);
    pthread_cond_init(&seen.changed, NULL);
    tp_test_server_start(&test, TP_TEST_TLS, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_test_server_release(&test);
    tp_test_server_stop(&test);
    pthread_mutex_destroy(&seen.mutex);
    pthread_cond_destroy(&seen.changed);
    return 0;
}

static struct tp_websocket_client *make(const char *path, const char *ca_path)
{
    char url[128];
    struct tp_websocket_client *client = NULL;
    struct tp_error error = {0};
    snprintf(url, sizeof(url), "wss://127.0.0.1:%u%s", test.port, path);
    struct tp_websocket_client_config config = {
        .url = url,
        .ca_path = ca_path,
        .message_limit_bytes = 100000,
        .reconnect_first_ms = 20,
        .reconnect_most_ms = 200,
        .context = &seen,
        .connected = on_connected,
        .message = on_message,
        .disconnected = on_disconnected,
    };
    if (tp_failed(tp_websocket_client_new(&config, &client, &error)))
        fail_msg("%s: %s", error.code, error.message);
    return client;
}

static void connect__server_there__messages_both_ways(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    await(&seen.connected, 1);
    assert_true(tp_ok(tp_websocket_client_send(client, "hello", 5, true)));
    await(&seen.messages, 1);
    assert_string_equal(seen.last, "hello");
    assert_int_equal(seen.disconnected, 0);
    tp_websocket_client_free(client);
}

static void send__ten_thousand__echoed_in_order(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    await(&seen.connected, 1);
    for (int i = 0; i < 10000; i++) {
        char text[16];
        int length = snprintf(text, sizeof(text), "%d", i);
        if (i >= 500)
            await(&seen.messages, i - 499);
        assert_true(tp_ok(tp_websocket_client_send(client, text, (size_t)length, false)));
    }
    await(&seen.messages, 10000);
    assert_int_equal(seen.out_of_order, 0);
    tp_websocket_client_free(client);
}

static void receive__large_message__whole(void **state)
{
    (void)state;
    static char data[100000];
    memset(data, 'a', sizeof(data));
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    await(&seen.connected, 1);
    assert_true(tp_ok(tp_websocket_client_send(client, data, sizeof(data), true)));
    await(&seen.messages, 1);
    assert_int_equal(seen.last_bytes, sizeof(data));
    tp_websocket_client_free(client);
}

static void receive__over_limit__dropped_and_back(void **state)
{
    (void)state;
    static char data[100001];
    memset(data, 'a', sizeof(data));
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    await(&seen.connected, 1);
    assert_true(tp_ok(tp_websocket_client_send(client, data, sizeof(data), true)));
    await(&seen.disconnected, 1);
    assert_int_equal(seen.messages, 0);
    await(&seen.connected, 2);
    tp_websocket_client_free(client);
}

static void server__gone_and_back__reconnected(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    struct tp_http_server_config config = {
        .address = "127.0.0.1",
        .port = test.port,
        .certificate_path = test.certificates.server,
        .private_key_path = test.certificates.server_key,
    };
    await(&seen.connected, 1);
    tp_http_server_free(test.server);
    test.server = NULL;
    await(&seen.disconnected, 3);
    assert_int_equal(tp_websocket_client_send(client, "x", 1, true).class, TP_PEER);
    assert_true(tp_ok(tp_http_server_new(&config, &test.server, NULL)));
    tp_test_server_add_routes(&test);
    assert_true(tp_ok(tp_http_server_start(test.server, NULL)));
    await(&seen.connected, 2);
    assert_true(tp_ok(tp_websocket_client_send(client, "again", 5, false)));
    await(&seen.messages, 1);
    assert_string_equal(seen.last, "again");
    tp_websocket_client_free(client);
}

static void server__refuses__told_and_backs_off(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/refusing-socket", test.certificates.ca);
    await(&seen.disconnected, 7);
    assert_int_equal(seen.connected, 0);
    assert_string_equal(seen.why.code, "http.refused");
    assert_int_equal(seen.why.class, TP_PEER);
    /* 20, 40, 80, 160, 200, 200 with at least half of each. */
    assert_true(seen.lost_at_ms[6] - seen.lost_at_ms[0] >= 350);
    assert_true(seen.lost_at_ms[5] - seen.lost_at_ms[4] >= 100);
    tp_websocket_client_free(client);
}

static void server__of_another_ca__not_connected(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.other_ca);
    await(&seen.disconnected, 2);
    assert_int_equal(seen.connected, 0);
    assert_string_equal(seen.why.code, "http.tls");
    tp_websocket_client_free(client);
}

static void server__of_another_name__not_connected(void **state)
{
    (void)state;
    struct tp_http_server_config config = {
        .address = "127.0.0.1",
        .port = test.port,
        .certificate_path = test.certificates.misnamed,
        .private_key_path = test.certificates.misnamed_key,
    };
    tp_http_server_free(test.server);
    assert_true(tp_ok(tp_http_server_new(&config, &test.server, NULL)));
    tp_test_server_add_routes(&test);
    assert_true(tp_ok(tp_http_server_start(test.server, NULL)));
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    await(&seen.disconnected, 2);
    assert_int_equal(seen.connected, 0);
    assert_string_equal(seen.why.code, "http.tls");
    tp_websocket_client_free(client);
}

static void drop__connected__reconnects(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    for (int i = 1; i <= 5; i++) {
        await(&seen.connected, i);
        tp_websocket_client_drop(client);
        await(&seen.disconnected, i);
    }
    await(&seen.connected, 6);
    tp_websocket_client_free(client);
    tp_test_server_await(&test, &test.closed, 6);
}

static void server__closes__told_and_reconnected(void **state)
{
    (void)state;
    struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
    await(&seen.connected, 1);
    assert_true(tp_ok(tp_websocket_client_send(client, "close", 5, false)));
    await(&seen.disconnected, 1);
    assert_string_equal(seen.why.code, "http.closed");
    await(&seen.connected, 2);
    tp_websocket_client_free(client);
}

static void send__too_many__limit(void **state)
{
    (void)state;
    static char data[60000];
    struct tp_websocket_client *client = make("/wait-socket", test.certificates.ca);
    await(&seen.connected, 1);
    enum tp_class class = TP_OK;
    for (int i = 0; i < 5000 && class == TP_OK; i++)
        class = tp_websocket_client_send(client, data, sizeof(data), true).class;
    assert_int_equal(class, TP_LIMIT);
    tp_test_server_release(&test);
    tp_websocket_client_free(client);
}

static void free__at_any_moment__ends(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        struct tp_websocket_client *client = make("/echo-socket", test.certificates.ca);
        struct timespec moment = {.tv_nsec = i * 500000};
        nanosleep(&moment, NULL);
        (void)tp_websocket_client_send(client, "x", 1, true).class;
        tp_websocket_client_free(client);
    }
}

static void new__bad_url__refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"https://localhost/", "localhost", "wss:///x", ""};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct tp_websocket_client *client = NULL;
        struct tp_websocket_client_config config = {.url = urls[i]};
        assert_int_equal(tp_websocket_client_new(&config, &client, NULL).class, TP_INPUT);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(connect__server_there__messages_both_ways),
        CASE(send__ten_thousand__echoed_in_order),
        CASE(receive__large_message__whole),
        CASE(receive__over_limit__dropped_and_back),
        CASE(server__gone_and_back__reconnected),
        CASE(server__refuses__told_and_backs_off),
        CASE(server__of_another_ca__not_connected),
        CASE(server__of_another_name__not_connected),
        CASE(drop__connected__reconnects),
        CASE(server__closes__told_and_reconnected),
        CASE(send__too_many__limit),
        CASE(free__at_any_moment__ends),
        CASE(new__bad_url__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
