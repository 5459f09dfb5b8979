#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/websocket_client_parts.h"
#include "base/random.h"

#define INCOMING_BYTES_HIGH (4u << 20)
#define INCOMING_BYTES_LOW (1u << 20)
#define PING_AFTER_S 20
#define HANG_UP_AFTER_S 45
/* Longer than the library's own limits on connecting, which do not hold for every way to hang. */
#define ATTEMPT_LIMIT_MS 20000
#define PROTOCOL_NAME "tongping"

enum event_kind { EVENT_CONNECTED, EVENT_MESSAGE, EVENT_DISCONNECTED };

/* What the worker is to call; one worker makes a queue of them. */
struct event {
    struct tp_work work;
    struct tp_websocket_client *client;
    enum event_kind kind;
    struct tp_error why;
    bool binary;
    uint64_t connection_number;
    size_t bytes;
    uint8_t data[];
};

static const lws_retry_bo_t idle_policy = {
    .secs_since_valid_ping = PING_AFTER_S,
    .secs_since_valid_hangup = HANG_UP_AFTER_S,
};

void tp_websocket_client_wake(struct tp_websocket_client *client)
{
    if (client->wake_posted || client->stopping)
        return;
    client->wake_posted = true;
    tp_loop_post(&client->loop, &client->wake_post);
}

static void run_event(struct tp_work *work)
{
    struct event *event = (void *)((char *)work - offsetof(struct event, work));
    struct tp_websocket_client *client = event->client;
    const struct tp_websocket_client_config *config = &client->config;
    pthread_mutex_lock(&client->mutex);
    bool stopping = client->stopping;
    bool current = event->connection_number == client->connection_number;
    if (event->kind == EVENT_CONNECTED && current && !stopping)
        client->connected = true;
    pthread_mutex_unlock(&client->mutex);
    if (!stopping && event->kind == EVENT_CONNECTED && config->connected != NULL)
        config->connected(config->context);
    if (!stopping && event->kind == EVENT_MESSAGE && config->message != NULL)
        config->message(config->context, event->data, event->bytes, event->binary);
    if (!stopping && event->kind == EVENT_DISCONNECTED && config->disconnected != NULL)
        config->disconnected(config->context, &event->why);
    if (event->kind == EVENT_MESSAGE) {
        pthread_mutex_lock(&client->mutex);
        size_t before = client->incoming_bytes;
        client->incoming_bytes -= event->bytes;
        if (before > INCOMING_BYTES_LOW && client->incoming_bytes <= INCOMING_BYTES_LOW)
            tp_websocket_client_wake(client);
        pthread_mutex_unlock(&client->mutex);
    }
    free(event);
}

/* False: no memory. */
static bool call(struct tp_websocket_client *client, enum event_kind kind,
                 const struct tp_error *why, const struct tp_bytes *message, bool binary)
{
    size_t bytes = message != NULL ? message->length : 0;
    struct event *event = calloc(1, sizeof(*event) + bytes + 1);
    if (event == NULL)
        return false;
    event->work.run = run_event;
    event->client = client;
    event->kind = kind;
    event->binary = binary;
    event->bytes = bytes;
    event->connection_number = client->connection_number;
    if (why != NULL)
        event->why = *why;
    if (bytes > 0)
        memcpy(event->data, message->data, bytes);
    pthread_mutex_lock(&client->mutex);
    client->incoming_bytes += bytes;
    pthread_mutex_unlock(&client->mutex);
    tp_worker_pool_submit(client->worker, &event->work);
    return true;
}

/* ---- connecting, on the loop thread ---- */

void tp_websocket_client_drop_outgoing(struct tp_websocket_client *client)
{
    while (client->first != NULL) {
        struct outgoing *message = client->first;
        client->first = message->next;
        free(message);
    }
    client->last_next = &client->first;
    client->outgoing_count = 0;
    client->outgoing_bytes = 0;
}

static void connect_now(lws_sorted_usec_list_t *entry);

/* Between half of the delay and all of it, so that many clients do not come back in one moment. */
static void schedule_retry(struct tp_websocket_client *client)
{
    uint32_t half_ms = (uint32_t)(client->delay_ms / 2);
    int64_t wait_ms = client->delay_ms - half_ms + tp_random_below(tp_random_system(), half_ms + 1);
    client->delay_ms *= 2;
    if (client->delay_ms > client->config.reconnect_most_ms)
        client->delay_ms = client->config.reconnect_most_ms;
    lws_sul_schedule(client->loop.context, 0, &client->retry, connect_now, wait_ms * LWS_US_PER_MS);
}

static void on_lost(struct tp_websocket_client *client, const char *code, const char *text)
{
    int64_t now_ms = tp_clock_monotonic_ms(tp_clock_system());
    bool lasted = client->connected_at_ms != 0 &&
                  now_ms - client->connected_at_ms > client->config.reconnect_most_ms;
    lws_sul_cancel(&client->limit);
    client->wsi = NULL;
    client->attempting = false;
    client->reading_paused = false;
    client->connected_at_ms = 0;
    tp_bytes_fini(&client->message);
    pthread_mutex_lock(&client->mutex);
    bool stopping = client->stopping;
    client->connected = false;
    client->drop_asked = false;
    client->connection_number++;
    tp_websocket_client_drop_outgoing(client);
    pthread_mutex_unlock(&client->mutex);
    if (stopping)
        return;
    if (client->proven || lasted)
        client->delay_ms = client->config.reconnect_first_ms;
    client->proven = false;
    struct tp_error why;
    tp_fail(&why, TP_PEER, code, "%s", text);
    /* Without memory for the call the next connection tells the same. */
    (void)call(client, EVENT_DISCONNECTED, &why, NULL, false);
    schedule_retry(client);
}

/* Not established by now: give the attempt up. */
static void attempt_too_long(lws_sorted_usec_list_t *entry)
{
    struct tp_websocket_client *client =
        (void *)((char *)entry - offsetof(struct tp_websocket_client, limit));
    if (client->attempting && client->connected_at_ms == 0 && client->wsi != NULL)
        lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void connect_now(lws_sorted_usec_list_t *entry)
{
    struct tp_websocket_client *client =
        (void *)((char *)entry - offsetof(struct tp_websocket_client, retry));
    struct lws_client_connect_info info = {
        .context = client->loop.context,
        .vhost = client->loop.host,
        .address = client->host,
        .port = client->port,
        .path = client->path,
        .host = client->host,
        .origin = client->host,
        .ssl_connection = client->tls ? LCCSCF_USE_SSL : 0,
        .local_protocol_name = PROTOCOL_NAME,
        .ietf_version_or_minus_one = -1,
        .pwsi = &client->wsi,
        .alpn = "http/1.1",
        .retry_and_idle_policy = &idle_policy,
    };
    client->attempting = true;
    lws_sul_schedule(client->loop.context, 0, &client->limit, attempt_too_long,
                     ATTEMPT_LIMIT_MS * LWS_US_PER_MS);
    /* The library may have told of the failure already, in its callback. */
    if (lws_client_connect_via_info(&info) == NULL && client->attempting)
        on_lost(client, "http.unreachable", "cannot start connecting");
}

void tp_websocket_client_run_start(struct tp_post *post)
{
    struct tp_websocket_client *client =
        (void *)((char *)post - offsetof(struct tp_websocket_client, start_post));
    connect_now(&client->retry);
}

void tp_websocket_client_run_stop(struct tp_post *post)
{
    struct tp_websocket_client *client =
        (void *)((char *)post - offsetof(struct tp_websocket_client, stop_post));
    lws_sul_cancel(&client->retry);
    lws_sul_cancel(&client->limit);
    tp_loop_stop(&client->loop);
}

void tp_websocket_client_run_wake(struct tp_post *post)
{
    struct tp_websocket_client *client =
        (void *)((char *)post - offsetof(struct tp_websocket_client, wake_post));
    pthread_mutex_lock(&client->mutex);
    client->wake_posted = false;
    bool drop = client->drop_asked;
    bool has_output = client->first != NULL;
    bool caught_up = client->incoming_bytes <= INCOMING_BYTES_LOW;
    pthread_mutex_unlock(&client->mutex);
    if (client->wsi == NULL)
        return;
    if (drop) {
        lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        return;
    }
    if (has_output)
        lws_callback_on_writable(client->wsi);
    if (client->reading_paused && caught_up) {
        client->reading_paused = false;
        lws_rx_flow_control(client->wsi, 1);
    }
}

/* ---- library callbacks, on the loop thread ---- */

static int on_established(struct tp_websocket_client *client)
{
    client->connected_at_ms = tp_clock_monotonic_ms(tp_clock_system());
    return call(client, EVENT_CONNECTED, NULL, NULL, false) ? 0 : -1;
}

static int on_received(struct tp_websocket_client *client, struct lws *wsi, const void *data,
                       size_t bytes)
{
    struct tp_bytes *message = &client->message;
    if (lws_is_first_fragment(wsi))
        tp_bytes_clear(message);
    if (bytes > client->config.message_limit_bytes - message->length) {
        lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
        return -1;
    }
    if (bytes > 0)
        tp_bytes_append(message, data, bytes);
    if (message->failed)
        return -1;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return 0;
    client->proven = true;
    bool called = call(client, EVENT_MESSAGE, NULL, message, lws_frame_is_binary(wsi) != 0);
    tp_bytes_clear(message);
    pthread_mutex_lock(&client->mutex);
    bool behind = client->incoming_bytes > INCOMING_BYTES_HIGH;
    pthread_mutex_unlock(&client->mutex);
    if (behind && !client->reading_paused) {
        client->reading_paused = true;
        lws_rx_flow_control(wsi, 0);
    }
    return called ? 0 : -1;
}

static int on_writable(struct tp_websocket_client *client, struct lws *wsi)
{
    pthread_mutex_lock(&client->mutex);
    struct outgoing *message = client->first;
    bool drop = client->drop_asked;
    bool more = false;
    if (message != NULL) {
        client->first = message->next;
        if (client->first == NULL)
            client->last_next = &client->first;
        client->outgoing_count--;
        client->outgoing_bytes -= message->bytes;
        more = client->first != NULL;
    }
    pthread_mutex_unlock(&client->mutex);
    if (drop) {
        free(message);
        return -1;
    }
    if (message == NULL)
        return 0;
    int written = lws_write(wsi, message->data + LWS_PRE, message->bytes,
                            message->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
    free(message);
    if (written < 0)
        return -1;
    if (more)
        lws_callback_on_writable(wsi);
    return 0;
}

static void on_failed(struct tp_websocket_client *client, const char *text)
{
    bool tls = strstr(text, "tls") != NULL || strstr(text, "cert") != NULL ||
               strstr(text, "SSL") != NULL || strstr(text, "ssl") != NULL;
    bool refused = strncmp(text, "HS:", 3) == 0;
    on_lost(client, tls ? "http.tls" : refused ? "http.refused" : "http.unreachable", text);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t bytes)
{
    (void)user;
    tp_loop_callback(wsi, reason);
    struct tp_websocket_client *client = (struct tp_websocket_client *)tp_loop_of(wsi);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
    switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: {
        char text[TP_ERROR_MESSAGE_MAX_BYTES];
        snprintf(text, sizeof(text), "%.*s", (int)bytes, in != NULL ? (const char *)in : "");
        on_failed(client, text[0] != '\0' ? text : "the connection failed");
        return 0;
    }
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        return on_established(client);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_received(client, wsi, in, bytes);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writable(client, wsi);
    case LWS_CALLBACK_CLIENT_CLOSED:
        on_lost(client, "http.closed", "the connection was closed");
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        /* A connection that ends while it upgrades may be told of by nothing else. */
        if (client->attempting && wsi == client->wsi)
            on_lost(client, "http.closed", "the connection ended");
        return 0;
    default:
        return 0;
    }
#pragma GCC diagnostic pop
}

const struct lws_protocols tp_websocket_client_protocols[] = {
    {.name = PROTOCOL_NAME, .callback = on_event, .rx_buffer_size = 32768},
    {.name = NULL},
};
