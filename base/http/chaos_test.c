/* Many peers that behave badly at once, in ways drawn from a seed, while others go on asking
 * properly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "base/http/client.h"
#include "base/http/test_peer.h"
#include "base/http/test_server.h"
#include "base/random.h"

#define BAD_THREAD_COUNT 6
#define BAD_ACT_COUNT 60
#define GOOD_THREAD_COUNT 4

static struct tp_test_server test;
static atomic_int seed;
static atomic_bool over;
static atomic_int answered;
static atomic_int failed;

static const char *const beginnings[] = {
    "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /hello HT",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\npart",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\npart",
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "\x01\x02\x03 nonsense \r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /lar",
};

static void misbehave_in_http(struct tp_test_peer *peer, const struct tp_random *random)
{
    size_t count = sizeof(beginnings) / sizeof(beginnings[0]);
    const char *text = beginnings[tp_random_below(random, (uint32_t)count)];
    (void)tp_test_peer_write_text(peer, text);
    if (tp_random_below(random, 3) == 0)
        (void)tp_test_peer_read(peer);
}

static void misbehave_in_websocket(struct tp_test_peer *peer, const struct tp_random *random)
{
    if (tp_test_peer_upgrade(peer, "/echo-socket") != 101)
        return;
    for (uint32_t i = tp_random_below(random, 40); i > 0; i--)
        (void)tp_test_peer_send_frame(peer, 0x81, "some text", 9);
    switch (tp_random_below(random, 5)) {
    case 0:
        (void)tp_test_peer_send_frame(peer, 0x81, "burst 5000", 10);
        break;
    case 1:
        (void)tp_test_peer_send_frame(peer, 0x81, "close", 5);
        break;
    case 2:
        (void)tp_test_peer_write(peer, "\xff\xff\xff", 3);
        break;
    case 3:
        (void)tp_test_peer_send_frame(peer, 0x88, "\x03\xe8", 2);
        break;
    default:
        break;
    }
}

static void *misbehave(void *argument)
{
    (void)argument;
    struct tp_seeded_random seeded;
    tp_seeded_random_init(&seeded, (uint64_t)atomic_fetch_add(&seed, 1));
    const struct tp_random *random = &seeded.random;
    for (int i = 0; i < BAD_ACT_COUNT; i++) {
        struct tp_test_peer peer;
        tp_test_peer_connect(&peer, test.port, test.certificates.ca);
        if (tp_random_below(random, 2) == 0)
            misbehave_in_http(&peer, random);
        else
            misbehave_in_websocket(&peer, random);
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        if (tp_random_below(random, 2) == 0)
            setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        tp_test_peer_close(&peer);
    }
    return NULL;
}

static void *behave(void *argument)
{
    struct tp_http_client *client = argument;
    while (!over) {
        struct tp_http_answer answer;
        if (tp_failed(tp_http_client_request(client, "GET", "/lots/1/rooms/2", NULL, NULL, 0, 20000,
                                             &answer, NULL))) {
            atomic_fetch_add(&failed, 1);
            continue;
        }
        bool right = answer.status == 200 && strcmp((const char *)answer.body, "1 2") == 0;
        atomic_fetch_add(right ? &answered : &failed, 1);
        tp_http_answer_fini(&answer);
    }
    return NULL;
}

static void server__bad_peers_beside_good_ones__good_ones_are_served(void **state)
{
    (void)state;
    struct tp_http_server_config config = {.request_timeout_ms = 2000};
    struct tp_http_client *client = NULL;
    pthread_t bad[BAD_THREAD_COUNT];
    pthread_t good[GOOD_THREAD_COUNT];
    tp_test_server_start(&test, TP_TEST_TLS, &config, NULL);
    struct tp_http_client_config client_config = {
        .base_url = test.url, .ca_path = test.certificates.ca, .connect_timeout_ms = 20000};
    assert_true(tp_ok(tp_http_client_new(&client_config, &client, NULL)));
    for (int i = 0; i < GOOD_THREAD_COUNT; i++)
        assert_int_equal(pthread_create(&good[i], NULL, behave, client), 0);
    for (int i = 0; i < BAD_THREAD_COUNT; i++)
        assert_int_equal(pthread_create(&bad[i], NULL, misbehave, NULL), 0);
    for (int i = 0; i < BAD_THREAD_COUNT; i++)
        pthread_join(bad[i], NULL);
    atomic_store(&over, true);
    for (int i = 0; i < GOOD_THREAD_COUNT; i++)
        pthread_join(good[i], NULL);
    tp_http_client_free(client);
    tp_test_server_stop(&test); /* every socket that was opened was closed */
    assert_int_equal(failed, 0);
    assert_true(answered > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server__bad_peers_beside_good_ones__good_ones_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
