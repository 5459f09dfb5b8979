#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/http/client.h"
#include "base/http/test_server.h"

static struct tp_test_server test;

static int set_up(void **state)
{
    (void)state;
    tp_test_server_start(&test, TP_TEST_TLS, NULL, NULL);
    return 0;
}

static int set_up_mutual(void **state)
{
    (void)state;
    tp_test_server_start(&test, TP_TEST_MUTUAL_TLS, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_test_server_release(&test);
    tp_test_server_stop(&test);
    return 0;
}

static struct tp_http_client *make(const char *ca, const char *certificate, const char *key)
{
    struct tp_http_client *client = NULL;
    struct tp_http_client_config config = {
        .base_url = test.url,
        .ca_path = ca,
        .certificate_path = certificate,
        .private_key_path = key,
        .connect_timeout_ms = 20000, /* a busy machine is no failure */
        .answer_limit_bytes = 2 << 20,
    };
    assert_true(tp_ok(tp_http_client_new(&config, &client, NULL)));
    return client;
}

static void expect_text(struct tp_http_client *client, const char *path, int status,
                        const char *text)
{
    struct tp_http_answer answer;
    struct tp_error error = {0};
    if (tp_failed(
            tp_http_client_request(client, "GET", path, NULL, NULL, 0, 5000, &answer, &error)))
        fail_msg("%s: %s", error.code, error.message);
    assert_int_equal(answer.status, status);
    if (text != NULL)
        assert_string_equal((const char *)answer.body, text);
    tp_http_answer_fini(&answer);
}

static void expect_failure(struct tp_http_client *client, const char *path, int64_t timeout_ms,
                           const char *code)
{
    struct tp_http_answer answer;
    struct tp_error error = {0};
    assert_int_equal(
        tp_http_client_request(client, "GET", path, NULL, NULL, 0, timeout_ms, &answer, &error)
            .class,
        TP_PEER);
    assert_string_equal(error.code, code);
}

static void request__any_status__answer(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.ca, NULL, NULL);
    expect_text(client, "/hello", 200, "hello");
    expect_text(client, "/error", 409, NULL);
    expect_text(client, "/nothing", 404, NULL);
    expect_text(client, "/who", 200, "nobody");
    tp_http_client_free(client);
}

static void request__post__body_and_type_come_back(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.ca, NULL, NULL);
    struct tp_http_answer answer;
    const char *const headers[] = {"Content-Type: application/json", "Tongping-Key: a", NULL};
    static uint8_t data[1 << 20];
    memset(data, 'z', sizeof(data));
    for (size_t bytes = 0; bytes <= sizeof(data); bytes = bytes * 8 + 16) {
        assert_true(tp_ok(tp_http_client_request(client, "POST", "/echo", headers, data, bytes,
                                                 5000, &answer, NULL)));
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer.body_bytes, bytes);
        assert_memory_equal(answer.body, data, bytes);
        assert_string_equal(answer.content_type, "application/octet-stream");
        tp_http_answer_fini(&answer);
    }
    tp_http_client_free(client);
}

static void request__no_answer_in_time__timeout(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.ca, NULL, NULL);
    expect_failure(client, "/wait", 100, "http.timeout");
    expect_text(client, "/hello", 200, "hello");
    tp_http_client_free(client);
}

static void request__answer_too_large__refused(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.ca, NULL, NULL);
    expect_failure(client, "/large", 5000, "http.answer_too_large");
    tp_http_client_free(client);
}

static void request__server_of_another_ca__tls(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.other_ca, NULL, NULL);
    expect_failure(client, "/hello", 5000, "http.tls");
    tp_http_client_free(client);
}

static void request__nobody_listens__unreachable(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.ca, NULL, NULL);
    expect_text(client, "/hello", 200, "hello");
    tp_http_server_free(test.server);
    test.server = NULL;
    expect_failure(client, "/hello", 5000, "http.unreachable");
    tp_http_client_free(client);
}

static void mutual__own_certificate__name_known(void **state)
{
    (void)state;
    struct tp_http_client *client =
        make(test.certificates.ca, test.certificates.client, test.certificates.client_key);
    for (int i = 0; i < 3; i++)
        expect_text(client, "/who", 200, "coordinator");
    tp_http_client_free(client);
}

/* In TLS 1.3 the client learns of the refusal only when it reads. */
static void expect_refusal(struct tp_http_client *client)
{
    struct tp_http_answer answer;
    struct tp_error error = {0};
    assert_int_equal(
        tp_http_client_request(client, "GET", "/who", NULL, NULL, 0, 5000, &answer, &error).class,
        TP_PEER);
    assert_true(strcmp(error.code, "http.tls") == 0 || strcmp(error.code, "http.unreachable") == 0);
}

static void mutual__no_certificate__refused(void **state)
{
    (void)state;
    struct tp_http_client *client = make(test.certificates.ca, NULL, NULL);
    expect_refusal(client);
    tp_http_client_free(client);
}

static void mutual__certificate_of_another_ca__refused(void **state)
{
    (void)state;
    struct tp_http_client *client =
        make(test.certificates.ca, test.certificates.stranger, test.certificates.stranger_key);
    expect_refusal(client);
    tp_http_client_free(client);
}

#define THREAD_COUNT 50
#define REQUESTS_PER_THREAD 40

struct crowd {
    struct tp_http_client *client;
    atomic_int right;
    atomic_int next;
};

static void *ask(void *argument)
{
    struct crowd *crowd = argument;
    int number = atomic_fetch_add(&crowd->next, 1);
    for (int i = 0; i < REQUESTS_PER_THREAD; i++) {
        char path[64];
        char wanted[64];
        struct tp_http_answer answer;
        snprintf(path, sizeof(path), "/lots/%d/rooms/%d", number, i);
        snprintf(wanted, sizeof(wanted), "%d %d", number, i);
        if (tp_failed(tp_http_client_request(crowd->client, "GET", path, NULL, NULL, 0, 20000,
                                             &answer, NULL)))
            continue;
        if (answer.status == 200 && strcmp((const char *)answer.body, wanted) == 0)
            atomic_fetch_add(&crowd->right, 1);
        tp_http_answer_fini(&answer);
    }
    return NULL;
}

static void requests__two_thousand_over_fifty_connections__each_its_own_answer(void **state)
{
    (void)state;
    struct crowd crowd = {.client = make(test.certificates.ca, NULL, NULL)};
    pthread_t threads[THREAD_COUNT];
    for (int i = 0; i < THREAD_COUNT; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &crowd), 0);
    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.right, THREAD_COUNT * REQUESTS_PER_THREAD);
    tp_http_client_free(crowd.client);
}

static void *ask_until_gone(void *argument)
{
    struct crowd *crowd = argument;
    struct tp_http_answer answer;
    while (tp_ok(tp_http_client_request(crowd->client, "GET", "/hello", NULL, NULL, 0, 20000,
                                        &answer, NULL))) {
        assert_int_equal(answer.status, 200);
        assert_string_equal((const char *)answer.body, "hello");
        tp_http_answer_fini(&answer);
        atomic_fetch_add(&crowd->right, 1);
    }
    return NULL;
}

static void *ask_to_wait(void *argument)
{
    struct crowd *crowd = argument;
    struct tp_http_answer answer;
    if (tp_ok(tp_http_client_request(crowd->client, "GET", "/wait", NULL, NULL, 0, 20000, &answer,
                                     NULL))) {
        if (answer.status == 200)
            atomic_fetch_add(&crowd->next, 1);
        tp_http_answer_fini(&answer);
    }
    return NULL;
}

static void *stop_server(void *argument)
{
    struct tp_test_server *of = argument;
    tp_http_server_free(of->server);
    of->server = NULL;
    return NULL;
}

static void server__stopped_under_load__running_requests_are_answered(void **state)
{
    (void)state;
    struct crowd crowd = {.client = make(test.certificates.ca, NULL, NULL)};
    pthread_t asking[8];
    pthread_t waiting[4];
    pthread_t stopping;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&waiting[i], NULL, ask_to_wait, &crowd), 0);
    tp_test_server_await(&test, &test.waiting, 4);
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&asking[i], NULL, ask_until_gone, &crowd), 0);
    while (crowd.right < 100)
        expect_text(crowd.client, "/hello", 200, "hello");
    assert_int_equal(pthread_create(&stopping, NULL, stop_server, &test), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(asking[i], NULL);
    assert_int_equal(test.waiting, 4);
    tp_test_server_release(&test);
    for (int i = 0; i < 4; i++)
        pthread_join(waiting[i], NULL);
    pthread_join(stopping, NULL);
    assert_int_equal(crowd.next, 4);
    tp_http_client_free(crowd.client);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define MUTUAL(name) cmocka_unit_test_setup_teardown(name, set_up_mutual, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(request__any_status__answer),
        CASE(request__post__body_and_type_come_back),
        CASE(request__no_answer_in_time__timeout),
        CASE(request__answer_too_large__refused),
        CASE(request__server_of_another_ca__tls),
        CASE(request__nobody_listens__unreachable),
        MUTUAL(mutual__own_certificate__name_known),
        MUTUAL(mutual__no_certificate__refused),
        MUTUAL(mutual__certificate_of_another_ca__refused),
        CASE(requests__two_thousand_over_fifty_connections__each_its_own_answer),
        CASE(server__stopped_under_load__running_requests_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
