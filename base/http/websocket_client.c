#include "base/http/websocket_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/http/websocket_client_parts.h"

#define MESSAGE_LIMIT_DEFAULT (1u << 20)
#define RECONNECT_FIRST_DEFAULT_MS 200
#define RECONNECT_MOST_DEFAULT_MS 10000
#define OUTGOING_COUNT_MAX 1024
#define OUTGOING_BYTES_MAX (32u << 20)
#define CONNECT_TIMEOUT_S 10

static struct tp_status read_url(struct tp_websocket_client *client, struct tp_error *error)
{
    const char *scheme = NULL;
    const char *host = NULL;
    const char *path = NULL;
    char *url = strdup(client->url);
    struct tp_status status = TP_STATUS_OK;
    if (url == NULL)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the client");
    if (lws_parse_uri(url, &scheme, &host, &client->port, &path) != 0 || host[0] == '\0' ||
        (strcmp(scheme, "wss") != 0 && strcmp(scheme, "ws") != 0)) {
        status = tp_fail(error, TP_INPUT, "http.url", "not a WebSocket URL");
    } else {
        client->tls = strcmp(scheme, "wss") == 0;
        client->host = strdup(host);
        if (client->host == NULL || asprintf(&client->path, "/%s", path) < 0) {
            client->path = NULL;
            status = tp_fail(error, TP_NOMEM, "http.memory", "no memory for the client");
        }
    }
    free(url);
    return status;
}

/* A CA that was named is the only one trusted; the library would add the system's. */
static struct tp_status make_tls(struct tp_websocket_client *client, struct tp_error *error)
{
    if (!client->tls)
        return TP_STATUS_OK;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    client->tls_context = context;
    if (context == NULL)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for TLS");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    int loaded = client->ca_path != NULL
                     ? SSL_CTX_load_verify_locations(context, client->ca_path, NULL)
                     : SSL_CTX_set_default_verify_paths(context);
    if (loaded != 1)
        return tp_fail(error, TP_IO, "http.ca", "cannot read the CA's certificate");
    return TP_STATUS_OK;
}

static struct tp_status start(struct tp_websocket_client *client, struct tp_error *error)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = tp_websocket_client_protocols,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .provided_client_ssl_ctx = client->tls_context,
        .connect_timeout_secs = CONNECT_TIMEOUT_S,
    };
    struct tp_status status = tp_worker_pool_new(1, &client->worker, error);
    if (tp_failed(status))
        return status;
    status = tp_loop_init(&client->loop, &info, error);
    if (tp_failed(status))
        return status;
    status = tp_loop_start(&client->loop, error);
    if (tp_failed(status)) {
        tp_loop_fini(&client->loop);
        return status;
    }
    tp_loop_post(&client->loop, &client->start_post);
    return TP_STATUS_OK;
}

static void free_parts(struct tp_websocket_client *client)
{
    tp_worker_pool_free(client->worker);
    tp_bytes_fini(&client->message);
    tp_websocket_client_drop_outgoing(client);
    SSL_CTX_free(client->tls_context);
    pthread_mutex_destroy(&client->mutex);
    free(client->url);
    free(client->ca_path);
    free(client->host);
    free(client->path);
    free(client);
}

static struct tp_status copy_config(struct tp_websocket_client *client,
                                    const struct tp_websocket_client_config *given,
                                    struct tp_error *error)
{
    struct tp_websocket_client_config *config = &client->config;
    *config = *given;
    client->url = strdup(given->url);
    client->ca_path = given->ca_path != NULL ? strdup(given->ca_path) : NULL;
    config->url = client->url;
    config->ca_path = client->ca_path;
    if (client->url == NULL || (given->ca_path != NULL && client->ca_path == NULL))
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the client");
    if (config->message_limit_bytes == 0)
        config->message_limit_bytes = MESSAGE_LIMIT_DEFAULT;
    if (config->reconnect_first_ms == 0)
        config->reconnect_first_ms = RECONNECT_FIRST_DEFAULT_MS;
    if (config->reconnect_most_ms == 0)
        config->reconnect_most_ms = RECONNECT_MOST_DEFAULT_MS;
    if (config->reconnect_most_ms < config->reconnect_first_ms)
        config->reconnect_most_ms = config->reconnect_first_ms;
    client->delay_ms = config->reconnect_first_ms;
    return TP_STATUS_OK;
}

struct tp_status tp_websocket_client_new(const struct tp_websocket_client_config *config,
                                         struct tp_websocket_client **client_out,
                                         struct tp_error *error)
{
    assert(config->url != NULL);
    struct tp_websocket_client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the client");
    pthread_mutex_init(&client->mutex, NULL);
    client->last_next = &client->first;
    client->start_post.run = tp_websocket_client_run_start;
    client->stop_post.run = tp_websocket_client_run_stop;
    client->wake_post.run = tp_websocket_client_run_wake;
    struct tp_status status = copy_config(client, config, error);
    if (tp_ok(status))
        status = read_url(client, error);
    if (tp_ok(status))
        status = make_tls(client, error);
    if (tp_ok(status))
        status = start(client, error);
    if (tp_failed(status)) {
        free_parts(client);
        return status;
    }
    *client_out = client;
    return TP_STATUS_OK;
}

void tp_websocket_client_free(struct tp_websocket_client *client)
{
    if (client == NULL)
        return;
    pthread_mutex_lock(&client->mutex);
    client->stopping = true;
    client->connected = false;
    tp_loop_post(&client->loop, &client->stop_post);
    pthread_mutex_unlock(&client->mutex);
    tp_loop_fini(&client->loop);
    free_parts(client);
}

struct tp_status tp_websocket_client_send(struct tp_websocket_client *client, const void *data,
                                          size_t bytes, bool binary)
{
    struct outgoing *message = malloc(sizeof(*message) + LWS_PRE + bytes);
    if (message == NULL)
        return tp_status_of(TP_NOMEM);
    message->next = NULL;
    message->bytes = bytes;
    message->binary = binary;
    if (bytes > 0)
        memcpy(message->data + LWS_PRE, data, bytes);
    enum tp_class class = TP_OK;
    pthread_mutex_lock(&client->mutex);
    if (!client->connected) {
        class = TP_PEER;
    } else if (client->outgoing_count >= OUTGOING_COUNT_MAX ||
               client->outgoing_bytes + bytes > OUTGOING_BYTES_MAX) {
        class = TP_LIMIT;
    } else {
        *client->last_next = message;
        client->last_next = &message->next;
        client->outgoing_count++;
        client->outgoing_bytes += bytes;
        tp_websocket_client_wake(client);
    }
    pthread_mutex_unlock(&client->mutex);
    if (class != TP_OK)
        free(message);
    return tp_status_of(class);
}

void tp_websocket_client_drop(struct tp_websocket_client *client)
{
    pthread_mutex_lock(&client->mutex);
    if (client->connected) {
        client->connected = false;
        client->drop_asked = true;
        tp_websocket_client_wake(client);
    }
    pthread_mutex_unlock(&client->mutex);
}
