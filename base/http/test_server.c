#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/http/test_server.h"

#define LARGE_BYTES 20000000
#define PATIENCE_S 10

static void answer_text(struct tp_http_response *response, const char *text)
{
    tp_http_response_body(response, "text/plain", text, strlen(text));
}

static void hello(void *context, const struct tp_http_request *request,
                  struct tp_http_response *response)
{
    (void)context;
    (void)request;
    answer_text(response, "hello");
}

static void echo(void *context, const struct tp_http_request *request,
                 struct tp_http_response *response)
{
    (void)context;
    size_t bytes = 0;
    const uint8_t *body = tp_http_request_body(request, &bytes);
    tp_http_response_body(response, "application/octet-stream", body, bytes);
}

static void room(void *context, const struct tp_http_request *request,
                 struct tp_http_response *response)
{
    (void)context;
    char text[256];
    snprintf(text, sizeof(text), "%s %s", tp_http_request_parameter(request, "lot_id"),
             tp_http_request_parameter(request, "id"));
    answer_text(response, text);
}

static void who(void *context, const struct tp_http_request *request,
                struct tp_http_response *response)
{
    (void)context;
    const char *name = tp_http_request_client_name(request);
    answer_text(response, name != NULL ? name : "nobody");
}

static void conflict(void *context, const struct tp_http_request *request,
                     struct tp_http_response *response)
{
    (void)context;
    (void)request;
    struct tp_error error;
    tp_fail(&error, TP_CONFLICT, "test.conflict", "as asked");
    tp_http_response_error(response, &error);
}

static void large(void *context, const struct tp_http_request *request,
                  struct tp_http_response *response)
{
    (void)context;
    (void)request;
    char *data = malloc(LARGE_BYTES);
    if (data == NULL)
        return;
    memset(data, 'x', LARGE_BYTES);
    tp_http_response_body(response, "text/plain", data, LARGE_BYTES);
    free(data);
}

static void count(struct tp_test_server *test, int *what, int by)
{
    pthread_mutex_lock(&test->mutex);
    *what += by;
    pthread_cond_broadcast(&test->changed);
    pthread_mutex_unlock(&test->mutex);
}

static void wait_for_release(struct tp_test_server *test)
{
    pthread_mutex_lock(&test->mutex);
    test->waiting++;
    pthread_cond_broadcast(&test->changed);
    while (!test->released)
        pthread_cond_wait(&test->changed, &test->mutex);
    test->waiting--;
    pthread_mutex_unlock(&test->mutex);
}

static void wait_answer(void *context, const struct tp_http_request *request,
                        struct tp_http_response *response)
{
    (void)request;
    wait_for_release(context);
    answer_text(response, "waited");
}

static struct tp_status open_socket(void *context, const struct tp_http_request *request,
                                    void **user, struct tp_error *error)
{
    (void)context;
    (void)request;
    *user = malloc(1); /* a leak unless `closed` is called exactly once */
    return *user != NULL ? TP_STATUS_OK : tp_fail(error, TP_NOMEM, "test.memory", "memory");
}

static struct tp_status refuse_socket(void *context, const struct tp_http_request *request,
                                      void **user, struct tp_error *error)
{
    (void)context;
    (void)request;
    (void)user;
    return tp_fail(error, TP_DENIED, "test.denied", "not for you");
}

static void socket_opened(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_test_server *test = context;
    (void)user;
    (void)socket;
    count(test, &test->opened, 1);
}

static void socket_closed(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_test_server *test = context;
    assert_int_equal(tp_websocket_send(socket, "late", 4, false).class, TP_PEER);
    tp_websocket_close(socket, 1000, "late");
    free(user);
    count(test, &test->closed, 1);
}

static void burst(struct tp_test_server *test, struct tp_websocket *socket, int times)
{
    for (int i = 0; i < times; i++) {
        char text[16];
        int length = snprintf(text, sizeof(text), "%d", i);
        if (tp_websocket_send(socket, text, (size_t)length, false).class == TP_LIMIT)
            count(test, &test->refused_sends, 1);
    }
}

static void echo_message(void *context, void *user, struct tp_websocket *socket,
                         const uint8_t *data, size_t bytes, bool binary)
{
    struct tp_test_server *test = context;
    (void)user;
    if (bytes == 5 && memcmp(data, "close", 5) == 0)
        tp_websocket_close(socket, 4001, "as asked");
    else if (bytes > 6 && memcmp(data, "burst ", 6) == 0)
        burst(test, socket, atoi((const char *)data + 6));
    else if (tp_websocket_send(socket, data, bytes, binary).class == TP_LIMIT)
        count(test, &test->refused_sends, 1);
}

static void wait_message(void *context, void *user, struct tp_websocket *socket,
                         const uint8_t *data, size_t bytes, bool binary)
{
    wait_for_release(context);
    echo_message(context, user, socket, data, bytes, binary);
}

static void must(struct tp_status status, const struct tp_error *error)
{
    if (tp_failed(status))
        fail_msg("%s: %s", error->code, error->message);
}

void tp_test_server_add_routes(struct tp_test_server *test)
{
    static const struct {
        enum tp_http_method method;
        const char *pattern;
        tp_http_handler handler;
    } routes[] = {
        {TP_HTTP_GET, "/hello", hello},
        {TP_HTTP_POST, "/echo", echo},
        {TP_HTTP_GET, "/who", who},
        {TP_HTTP_GET, "/error", conflict},
        {TP_HTTP_GET, "/large", large},
        {TP_HTTP_GET, "/wait", wait_answer},
        {TP_HTTP_GET, "/lots/{lot_id}/rooms/{id}", room},
    };
    struct tp_websocket_handler handler = {
        .context = test,
        .open = open_socket,
        .opened = socket_opened,
        .message = echo_message,
        .closed = socket_closed,
    };
    struct tp_error error;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        must(tp_http_server_route(test->server, routes[i].method, routes[i].pattern,
                                  routes[i].handler, test, &error),
             &error);
    must(tp_http_server_websocket(test->server, "/echo-socket", &handler, &error), &error);
    handler.message = wait_message;
    must(tp_http_server_websocket(test->server, "/wait-socket", &handler, &error), &error);
    handler.open = refuse_socket;
    must(tp_http_server_websocket(test->server, "/refusing-socket", &handler, &error), &error);
}

void tp_test_server_start(struct tp_test_server *test, enum tp_test_tls tls,
                          const struct tp_http_server_config *given, const char *folder)
{
    struct tp_http_server_config config = {0};
    struct tp_error error;
    memset(test, 0, sizeof(*test));
    pthread_mutex_init(&test->mutex, NULL);
    pthread_cond_init(&test->changed, NULL);
    tp_test_certificates_make(&test->certificates);
    if (given != NULL)
        config = *given;
    config.address = "127.0.0.1";
    if (tls != TP_TEST_PLAIN) {
        config.certificate_path = test->certificates.server;
        config.private_key_path = test->certificates.server_key;
    }
    if (tls == TP_TEST_MUTUAL_TLS)
        config.client_ca_path = test->certificates.ca;
    must(tp_http_server_new(&config, &test->server, &error), &error);
    tp_test_server_add_routes(test);
    if (folder != NULL)
        must(tp_http_server_files(test->server, "/", folder, &error), &error);
    must(tp_http_server_start(test->server, &error), &error);
    test->port = tp_http_server_port(test->server);
    assert_int_not_equal(test->port, 0);
    snprintf(test->url, sizeof(test->url), "%s://127.0.0.1:%u",
             tls == TP_TEST_PLAIN ? "http" : "https", test->port);
}

void tp_test_server_stop(struct tp_test_server *test)
{
    tp_http_server_free(test->server);
    assert_int_equal(test->opened, test->closed);
    tp_test_certificates_remove(&test->certificates);
    pthread_mutex_destroy(&test->mutex);
    pthread_cond_destroy(&test->changed);
}

void tp_test_server_release(struct tp_test_server *test)
{
    pthread_mutex_lock(&test->mutex);
    test->released = true;
    pthread_cond_broadcast(&test->changed);
    pthread_mutex_unlock(&test->mutex);
}

void tp_test_server_await(struct tp_test_server *test, const int *what, int least)
{
    struct timespec until;
    int failed = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&test->mutex);
    while (*what < least && failed == 0)
        failed = pthread_cond_timedwait(&test->changed, &test->mutex, &until);
    pthread_mutex_unlock(&test->mutex);
    assert_int_equal(failed, 0);
}
