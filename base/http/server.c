#include "base/http/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/connection.h"
#include "base/http/tls.h"
#include "base/log.h"

#define WORKER_COUNT_DEFAULT 16
#define BODY_LIMIT_DEFAULT (1u << 20)
#define MESSAGE_LIMIT_DEFAULT (256u << 10)
#define REQUEST_TIMEOUT_DEFAULT_MS 30000
#define SWEEP_MAX_MS 1000
#define SWEEP_MIN_MS 10
#define PROTOCOL_NAME "tongping"

/* ---- library callbacks, on the loop thread ---- */

static void sweep(lws_sorted_usec_list_t *entry)
{
    struct tp_http_server *server =
        (void *)((char *)entry - offsetof(struct tp_http_server, sweep));
    int64_t now_ms = tp_clock_monotonic_ms(tp_clock_system());
    struct tp_connection *next = NULL;
    for (struct tp_connection *at = server->connections; at != NULL; at = next) {
        next = at->next;
        tp_connection_check(at, now_ms);
    }
    server->sweeping = false;
    if (server->connections == NULL)
        return;
    int64_t interval_ms = server->request_timeout_ms / 16;
    if (interval_ms > SWEEP_MAX_MS)
        interval_ms = SWEEP_MAX_MS;
    if (interval_ms < SWEEP_MIN_MS)
        interval_ms = SWEEP_MIN_MS;
    server->sweeping = true;
    lws_sul_schedule(server->loop.context, 0, &server->sweep, sweep, interval_ms * LWS_US_PER_MS);
}

static int adopt(struct lws *wsi, struct tp_http_server *server, struct tp_connection **kept)
{
    *kept = tp_connection_new(server, wsi);
    if (*kept == NULL)
        return -1;
    if (!server->sweeping)
        sweep(&server->sweep);
    return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t bytes)
{
    struct tp_connection **kept = user;
    tp_loop_callback(wsi, reason);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: {
        struct tp_http_server *server = (struct tp_http_server *)tp_loop_of(wsi);
        if (!tp_tls_prepare(user, server->client_ca_path))
            server->tls_failed = true;
        return server->tls_failed;
    }
    case LWS_CALLBACK_RAW_ADOPT:
        return adopt(wsi, (struct tp_http_server *)tp_loop_of(wsi), kept);
    case LWS_CALLBACK_RAW_RX:
        return *kept != NULL && tp_connection_received(*kept, in, bytes) ? 0 : -1;
    case LWS_CALLBACK_RAW_WRITEABLE:
        return *kept != NULL && tp_connection_writable(*kept) ? 0 : -1;
    case LWS_CALLBACK_RAW_CLOSE:
        if (kept != NULL && *kept != NULL)
            tp_connection_closed(*kept);
        if (kept != NULL)
            *kept = NULL;
        return 0;
    default:
        return 0;
    }
#pragma GCC diagnostic pop
}

static const struct lws_protocols protocols[] = {
    {.name = PROTOCOL_NAME,
     .callback = on_event,
     .per_session_data_size = sizeof(struct tp_connection *)},
    {.name = NULL},
};

/* ---- stopping ---- */

void tp_server_settle(struct tp_http_server *server)
{
    if (server->stopping && server->connections == NULL && server->exchange_count == 0 &&
        server->socket_count == 0)
        tp_loop_stop(&server->loop);
}

void tp_connection_socket_released(struct tp_http_server *server)
{
    server->socket_count--;
    tp_server_settle(server);
}

static void run_stop(struct tp_post *post)
{
    struct tp_http_server *server =
        (void *)((char *)post - offsetof(struct tp_http_server, stop_post));
    server->stopping = true;
    struct tp_connection *next = NULL;
    for (struct tp_connection *at = server->connections; at != NULL; at = next) {
        next = at->next;
        tp_connection_stop(at);
    }
    tp_server_settle(server);
}

/* ---- public ---- */

static bool copy_text(const char *text, char **copy)
{
    *copy = text != NULL ? strdup(text) : NULL;
    return text == NULL || *copy != NULL;
}

struct tp_status tp_http_server_new(const struct tp_http_server_config *config,
                                    struct tp_http_server **server_out, struct tp_error *error)
{
    assert((config->certificate_path == NULL) == (config->private_key_path == NULL));
    assert(config->client_ca_path == NULL || config->certificate_path != NULL);
    struct tp_http_server *server = calloc(1, sizeof(*server));
    if (server == NULL)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the server");
    server->port = config->port;
    server->body_limit_bytes =
        config->body_limit_bytes != 0 ? config->body_limit_bytes : BODY_LIMIT_DEFAULT;
    server->message_limit_bytes =
        config->message_limit_bytes != 0 ? config->message_limit_bytes : MESSAGE_LIMIT_DEFAULT;
    server->request_timeout_ms =
        config->request_timeout_ms != 0 ? config->request_timeout_ms : REQUEST_TIMEOUT_DEFAULT_MS;
    server->stop_post.run = run_stop;
    int worker_count = config->worker_count != 0 ? config->worker_count : WORKER_COUNT_DEFAULT;
    struct tp_status status = TP_STATUS_OK;
    if (!copy_text(config->address, &server->address) ||
        !copy_text(config->certificate_path, &server->certificate_path) ||
        !copy_text(config->private_key_path, &server->private_key_path) ||
        !copy_text(config->client_ca_path, &server->client_ca_path))
        status = tp_fail(error, TP_NOMEM, "http.memory", "no memory for the server");
    if (tp_ok(status))
        status = tp_worker_pool_new(worker_count, &server->pool, error);
    if (tp_failed(status)) {
        tp_http_server_free(server);
        return status;
    }
    *server_out = server;
    return TP_STATUS_OK;
}

struct tp_status tp_http_server_route(struct tp_http_server *server, enum tp_http_method method,
                                      const char *pattern, tp_http_handler handler, void *context,
                                      struct tp_error *error)
{
    assert(!server->started);
    return tp_router_add(&server->router, method, pattern, handler, context, error);
}

struct tp_status tp_http_server_websocket(struct tp_http_server *server, const char *pattern,
                                          const struct tp_websocket_handler *handler,
                                          struct tp_error *error)
{
    assert(!server->started);
    return tp_router_add_websocket(&server->router, pattern, handler, error);
}

struct tp_status tp_http_server_files(struct tp_http_server *server, const char *prefix,
                                      const char *folder, struct tp_error *error)
{
    assert(!server->started);
    struct tp_files *files = NULL;
    struct tp_status status = tp_files_new(prefix, folder, &files, error);
    if (tp_failed(status))
        return status;
    files->next = server->files;
    server->files = files;
    return TP_STATUS_OK;
}

static void describe(const struct tp_http_server *server, struct lws_context_creation_info *info)
{
    memset(info, 0, sizeof(*info));
    info->port = server->port;
    info->iface = server->address;
    info->protocols = protocols;
    info->vhost_name = PROTOCOL_NAME;
    info->timeout_secs = (unsigned)((server->request_timeout_ms + 999) / 1000);
    info->listen_accept_role = "raw-skt";
    info->listen_accept_protocol = PROTOCOL_NAME;
    info->options = LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG |
                    LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
    if (server->certificate_path == NULL)
        return;
    info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info->ssl_cert_filepath = server->certificate_path;
    info->ssl_private_key_filepath = server->private_key_path;
    info->alpn = "http/1.1";
}

struct tp_status tp_http_server_start(struct tp_http_server *server, struct tp_error *error)
{
    assert(!server->started);
    struct lws_context_creation_info info;
    describe(server, &info);
    struct tp_status status = tp_loop_init(&server->loop, &info, error);
    if (tp_failed(status))
        return status;
    int port = lws_get_vhost_listen_port(server->loop.host);
    if (server->tls_failed)
        status = tp_fail(error, TP_IO, "http.client_ca", "cannot read the clients' CA");
    else if (port <= 0)
        status = tp_fail(error, TP_IO, "http.listen", "cannot listen");
    else
        status = tp_loop_start(&server->loop, error);
    if (tp_failed(status)) {
        tp_loop_fini(&server->loop);
        return status;
    }
    server->port = (uint16_t)port;
    server->started = true;
    return TP_STATUS_OK;
}

uint16_t tp_http_server_port(const struct tp_http_server *server)
{
    return server->port;
}

void tp_http_server_free(struct tp_http_server *server)
{
    if (server == NULL)
        return;
    if (server->started) {
        tp_loop_post(&server->loop, &server->stop_post);
        tp_loop_fini(&server->loop);
    }
    tp_worker_pool_free(server->pool);
    tp_router_fini(&server->router);
    tp_files_free(server->files);
    free(server->address);
    free(server->certificate_path);
    free(server->private_key_path);
    free(server->client_ca_path);
    free(server);
}
