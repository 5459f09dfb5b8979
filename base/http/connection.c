#include "base/http/connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/connection_parts.h"

#define INPUT_HIGH_BYTES 65536
#define STOP_TIMEOUT_MS 5000

static void process(struct tp_connection *connection);

int64_t tp_connection_now_ms(void)
{
    return tp_clock_monotonic_ms(tp_clock_system());
}

void tp_connection_set_deadline(struct tp_connection *connection, int64_t from_now_ms)
{
    connection->deadline_ms = tp_connection_now_ms() + from_now_ms;
}

/* An IPv4 peer of a listener for both is shown in its own form. */
static void read_peer_address(struct tp_connection *connection)
{
    static const char mapped[] = "::ffff:";
    char *address = connection->peer_address;
    lws_get_peer_simple(connection->wsi, address, TP_HTTP_ADDRESS_BYTES);
    size_t skipped = strlen(mapped);
    if (strncmp(address, mapped, skipped) == 0 && strchr(address, '.') != NULL)
        memmove(address, address + skipped, strlen(address + skipped) + 1);
}

struct tp_connection *tp_connection_new(struct tp_http_server *server, struct lws *wsi)
{
    struct tp_connection *connection =
        server->stopping ? NULL : calloc(1, sizeof(struct tp_connection));
    if (connection == NULL)
        return NULL;
    connection->server = server;
    connection->wsi = wsi;
    connection->frames.limit_bytes = server->message_limit_bytes;
    connection->next = server->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    server->connections = connection;
    read_peer_address(connection);
    tp_connection_set_deadline(connection,
                               server->request_timeout_ms); /* for the TLS handshake too */
    return connection;
}

void tp_connection_closed(struct tp_connection *connection)
{
    struct tp_http_server *server = connection->server;
    if (connection->exchange != NULL) {
        if (connection->state == TP_CONNECTION_BUSY)
            connection->exchange->connection = NULL;
        else
            tp_exchange_free(connection->exchange);
    }
    if (connection->socket != NULL)
        tp_websocket_end(connection->socket);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    tp_bytes_fini(&connection->input);
    tp_bytes_fini(&connection->output);
    tp_frame_reader_fini(&connection->frames);
    free(connection);
    tp_server_settle(server);
}

void tp_connection_end(struct tp_connection *connection)
{
    connection->end_asked = true;
}

/* At the end of every entry that is not the library's own callback for this connection. */
static void leave(struct tp_connection *connection)
{
    if (connection->end_asked)
        lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

size_t tp_connection_waiting(const struct tp_connection *connection)
{
    return connection->input.length - connection->taken_bytes;
}

uint8_t *tp_connection_waiting_data(const struct tp_connection *connection)
{
    return connection->input.data + connection->taken_bytes;
}

static void control_reading(struct tp_connection *connection)
{
    bool pause = false;
    if (connection->state == TP_CONNECTION_BUSY || connection->state == TP_CONNECTION_ANSWER)
        pause = tp_connection_waiting(connection) > INPUT_HIGH_BYTES;
    else if (connection->state == TP_CONNECTION_WEBSOCKET)
        pause = tp_websocket_paused(connection->socket);
    if (pause != connection->reading_paused && !connection->end_asked) {
        connection->reading_paused = pause;
        lws_rx_flow_control(connection->wsi, pause ? 0 : 1);
    }
}

static void compact(struct tp_connection *connection)
{
    struct tp_bytes *input = &connection->input;
    size_t left = tp_connection_waiting(connection);
    if (connection->taken_bytes == 0)
        return;
    memmove(input->data, tp_connection_waiting_data(connection), left);
    input->length = left;
    input->data[left] = '\0';
    connection->taken_bytes = 0;
    if (left == 0 && input->capacity > TP_CONNECTION_KEPT_BYTES)
        tp_bytes_fini(input);
}

static void process(struct tp_connection *connection)
{
    bool more = true;
    while (more && !connection->end_asked) {
        switch (connection->state) {
        case TP_CONNECTION_HEAD:
            more = tp_connection_process_head(connection);
            break;
        case TP_CONNECTION_BODY:
            more = tp_connection_process_body(connection);
            break;
        case TP_CONNECTION_WEBSOCKET:
            more = tp_connection_process_frame(connection);
            break;
        case TP_CONNECTION_DISCARD:
            connection->taken_bytes = connection->input.length;
            more = false;
            break;
        case TP_CONNECTION_BUSY:
        case TP_CONNECTION_ANSWER:
            more = false;
            break;
        }
    }
    compact(connection);
    control_reading(connection);
}

bool tp_connection_received(struct tp_connection *connection, const void *data, size_t bytes)
{
    if (connection->end_asked)
        return false;
    /* The library's time for the handshake would run on and end the connection; ours holds now. */
    if (!connection->heard) {
        connection->heard = true;
        lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    }
    tp_bytes_append(&connection->input, data, bytes);
    if (connection->input.failed)
        return false;
    if (connection->state == TP_CONNECTION_WEBSOCKET && !tp_websocket_closing(connection->socket)) {
        connection->ping_sent = false;
        tp_connection_set_deadline(connection, TP_CONNECTION_PING_MS);
    }
    process(connection);
    return !connection->end_asked;
}

bool tp_connection_writable(struct tp_connection *connection)
{
    if (connection->end_asked)
        return false;
    tp_connection_flush(connection);
    process(connection);
    return !connection->end_asked;
}

/* The connection went while the worker had its request. */
static void drop_orphan(struct tp_exchange *exchange)
{
    struct tp_http_server *server = exchange->server;
    if (exchange->socket != NULL) {
        server->socket_count++;
        tp_websocket_begin(exchange->socket, NULL);
        tp_websocket_end(exchange->socket);
    }
    tp_exchange_free(exchange);
    tp_server_settle(server);
}

void tp_connection_answered(struct tp_exchange *exchange)
{
    struct tp_connection *connection = exchange->connection;
    exchange->server->exchange_count--;
    if (connection == NULL) {
        drop_orphan(exchange);
        return;
    }
    connection->exchange = NULL;
    if (connection->server->stopping)
        connection->keep_alive = false;
    if (exchange->socket != NULL)
        tp_connection_become_websocket(connection, exchange);
    else
        tp_connection_answer(connection, exchange);
    tp_exchange_free(exchange);
    if (connection->server->stopping && connection->state == TP_CONNECTION_WEBSOCKET)
        tp_connection_stop(connection);
    process(connection);
    leave(connection);
}

void tp_connection_wake(struct tp_connection *connection)
{
    if (connection->end_asked)
        return;
    tp_connection_flush(connection);
    if (connection->state == TP_CONNECTION_WEBSOCKET && tp_websocket_closing(connection->socket) &&
        connection->deadline_ms > tp_connection_now_ms() + TP_CONNECTION_CLOSE_MS)
        tp_connection_set_deadline(connection, TP_CONNECTION_CLOSE_MS);
    process(connection);
    leave(connection);
}

static void ping(struct tp_connection *connection)
{
    if (tp_websocket_closing(connection->socket) || connection->ping_sent) {
        tp_connection_end(connection);
        return;
    }
    tp_connection_set_deadline(connection, TP_CONNECTION_PING_MS);
    if (connection->reading_paused)
        return;
    connection->ping_sent = true;
    tp_websocket_control(connection->socket, TP_OPCODE_PING, NULL, 0);
    tp_connection_flush(connection);
}

void tp_connection_check(struct tp_connection *connection, int64_t time_ms)
{
    if (time_ms < connection->deadline_ms || connection->end_asked)
        return;
    bool begun = connection->state == TP_CONNECTION_BODY ||
                 (connection->state == TP_CONNECTION_HEAD && tp_connection_waiting(connection) > 0);
    if (connection->state == TP_CONNECTION_WEBSOCKET)
        ping(connection);
    else if (begun)
        tp_connection_refuse(connection, 408, "http.timeout",
                             "the request took too long to arrive");
    else
        tp_connection_end(connection);
    leave(connection);
}

void tp_connection_stop(struct tp_connection *connection)
{
    switch (connection->state) {
    case TP_CONNECTION_HEAD:
    case TP_CONNECTION_BODY:
    case TP_CONNECTION_DISCARD:
        tp_connection_end(connection);
        break;
    case TP_CONNECTION_BUSY:
        connection->keep_alive = false;
        break;
    case TP_CONNECTION_ANSWER:
        connection->keep_alive = false;
        tp_connection_set_deadline(connection, STOP_TIMEOUT_MS);
        break;
    case TP_CONNECTION_WEBSOCKET:
        tp_websocket_close(connection->socket, TP_CLOSE_GOING_AWAY, "");
        tp_connection_set_deadline(connection, TP_CONNECTION_CLOSE_MS);
        tp_connection_flush(connection);
        break;
    }
    leave(connection);
}
