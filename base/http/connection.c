#include "base/http/connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/tls.h"

#define HEAD_MAX_BYTES 16384
#define INPUT_HIGH_BYTES 65536
#define KEPT_BUFFER_BYTES 16384
#define WRITE_BYTES 32768
#define WRITES_PER_TURN 8
#define IDLE_TIMEOUT_MS 75000
#define DISCARD_MS 1500
#define CLOSE_TIMEOUT_MS 3000
#define STOP_TIMEOUT_MS 5000
#define PING_INTERVAL_MS 30000
#define NEVER_MS INT64_MAX

static void process(struct tp_connection *connection);

static int64_t now_ms(void)
{
    return tp_clock_monotonic_ms(tp_clock_system());
}

static void set_deadline(struct tp_connection *connection, int64_t from_now_ms)
{
    connection->deadline_ms = now_ms() + from_now_ms;
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
    set_deadline(connection, server->request_timeout_ms); /* for the TLS handshake too */
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

static void end(struct tp_connection *connection)
{
    connection->end_asked = true;
}

/* At the end of every entry that is not the library's own callback for this connection. */
static void leave(struct tp_connection *connection)
{
    if (connection->end_asked)
        lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* ---- writing ---- */

static void on_written(struct tp_connection *connection)
{
    switch (connection->state) {
    case TP_CONNECTION_ANSWER:
        if (!connection->keep_alive) {
            end(connection);
            break;
        }
        connection->state = TP_CONNECTION_HEAD;
        set_deadline(connection, IDLE_TIMEOUT_MS);
        break;
    case TP_CONNECTION_DISCARD:
        if (connection->end_when_written)
            end(connection);
        else
            tp_tls_half_close(connection->wsi);
        break;
    case TP_CONNECTION_HEAD:
    case TP_CONNECTION_BODY:
    case TP_CONNECTION_BUSY:
    case TP_CONNECTION_WEBSOCKET:
        break;
    }
}

/* True when there is output to write. */
static bool refill(struct tp_connection *connection)
{
    struct tp_bytes *output = &connection->output;
    if (connection->written_bytes < output->length)
        return true;
    connection->written_bytes = 0;
    if (output->capacity > KEPT_BUFFER_BYTES)
        tp_bytes_fini(output);
    else
        tp_bytes_clear(output);
    bool more = connection->socket != NULL && tp_websocket_take(connection->socket, output);
    if (output->failed)
        end(connection);
    return more && !output->failed;
}

static void flush(struct tp_connection *connection)
{
    for (int i = 0; !connection->end_asked; i++) {
        if (lws_partial_buffered(connection->wsi) || i == WRITES_PER_TURN) {
            lws_callback_on_writable(connection->wsi);
            return;
        }
        if (!refill(connection))
            break;
        size_t left = connection->output.length - connection->written_bytes;
        size_t part = left < WRITE_BYTES ? left : WRITE_BYTES;
        uint8_t *data = connection->output.data + connection->written_bytes;
        if (lws_write(connection->wsi, data, part, LWS_WRITE_RAW) < 0) {
            end(connection);
            return;
        }
        connection->written_bytes += part;
        if (connection->state == TP_CONNECTION_ANSWER)
            set_deadline(connection, connection->server->request_timeout_ms);
    }
    if (!connection->end_asked)
        on_written(connection);
}

static void put_output(struct tp_connection *connection, struct tp_bytes *bytes)
{
    if (connection->output.length == 0) {
        struct tp_bytes empty = connection->output;
        connection->output = *bytes;
        *bytes = empty;
    } else {
        tp_bytes_append(&connection->output, bytes->data, bytes->length);
    }
}

/* ---- requests ---- */

static void answer(struct tp_connection *connection, struct tp_exchange *exchange)
{
    connection->exchange = NULL;
    if (exchange->answer.failed) {
        end(connection);
        return;
    }
    put_output(connection, &exchange->answer);
    connection->state = TP_CONNECTION_ANSWER;
    set_deadline(connection, connection->server->request_timeout_ms);
    flush(connection);
}

/* Answers without reading what may still come. */
static void refuse(struct tp_connection *connection, int status, const char *code,
                   const char *message)
{
    struct tp_exchange *exchange = connection->exchange;
    if (exchange == NULL)
        exchange = tp_exchange_new(connection->server);
    connection->exchange = NULL;
    if (exchange == NULL) {
        end(connection);
        return;
    }
    if (code != NULL)
        tp_exchange_refuse(exchange, status, code, message);
    exchange->wire.keep_alive = false;
    bool encoded = tp_exchange_encode(exchange);
    put_output(connection, &exchange->answer);
    tp_exchange_free(exchange);
    if (!encoded) {
        end(connection);
        return;
    }
    connection->state = TP_CONNECTION_DISCARD;
    set_deadline(connection, DISCARD_MS);
    flush(connection);
}

static void dispatch(struct tp_connection *connection)
{
    struct tp_exchange *exchange = connection->exchange;
    struct tp_http_server *server = connection->server;
    connection->keep_alive = exchange->request.keep_alive && !server->stopping;
    exchange->wire.keep_alive = connection->keep_alive;
    if (exchange->kind == TP_EXCHANGE_REFUSED) {
        if (!tp_exchange_encode(exchange))
            exchange->answer.failed = true;
        answer(connection, exchange);
        tp_exchange_free(exchange);
        return;
    }
    exchange->connection = connection;
    connection->state = TP_CONNECTION_BUSY;
    connection->deadline_ms = NEVER_MS;
    server->exchange_count++;
    tp_exchange_submit(exchange);
}

static void begin_body(struct tp_connection *connection)
{
    struct tp_exchange *exchange = connection->exchange;
    const struct tp_http_request *request = &exchange->request;
    size_t limit = connection->server->body_limit_bytes;
    if (!request->chunked && request->content_bytes == 0) {
        dispatch(connection);
        return;
    }
    if (request->content_bytes > limit) {
        refuse(connection, 413, "http.body_too_large", "the body is larger than allowed");
        return;
    }
    tp_body_reader_init(&connection->body, request->chunked, request->content_bytes, limit);
    connection->state = TP_CONNECTION_BODY;
    if (!request->expects_continue)
        return;
    if (exchange->kind == TP_EXCHANGE_REFUSED) {
        refuse(connection, 0, NULL, NULL);
        return;
    }
    tp_bytes_append_text(&connection->output, "HTTP/1.1 100 Continue\r\n\r\n");
    flush(connection);
}

static void read_head(struct tp_connection *connection, const char *head, size_t bytes)
{
    struct tp_http_server *server = connection->server;
    struct tp_exchange *exchange = tp_exchange_new(server);
    if (exchange == NULL) {
        end(connection);
        return;
    }
    connection->exchange = exchange;
    int status = 0;
    struct tp_error error;
    if (tp_failed(tp_http_request_read(&exchange->request, head, bytes, &status, &error))) {
        refuse(connection, status, error.code, error.message);
        return;
    }
    if (!connection->client_known && server->client_ca_path != NULL)
        tp_tls_client_name(connection->wsi, connection->client_name);
    connection->client_known = true;
    memcpy(exchange->request.peer_address, connection->peer_address, TP_HTTP_ADDRESS_BYTES);
    memcpy(exchange->request.client_name, connection->client_name, TP_HTTP_NAME_BYTES);
    tp_exchange_route(exchange);
    begin_body(connection);
}

static size_t waiting(const struct tp_connection *connection)
{
    return connection->input.length - connection->taken_bytes;
}

static uint8_t *waiting_data(const struct tp_connection *connection)
{
    return connection->input.data + connection->taken_bytes;
}

/* These return true when there may be more to do with what was received. */
static bool process_head(struct tp_connection *connection)
{
    size_t bytes = waiting(connection);
    if (bytes == 0)
        return false;
    const char *data = (const char *)waiting_data(connection);
    if (data[0] == '\r' ||
        data[0] == '\n') { /* RFC 9112 2.2: an empty line before is passed over */
        connection->taken_bytes++;
        return true;
    }
    if (connection->searched_bytes == 0) {
        if (data[0] < 'A' || data[0] > 'Z') {
            refuse(connection, 400, "http.malformed", "malformed request: method");
            return true;
        }
        set_deadline(connection, connection->server->request_timeout_ms);
    }
    size_t length = tp_http_head_length(data, bytes, connection->searched_bytes);
    if (length > HEAD_MAX_BYTES || (length == 0 && bytes > HEAD_MAX_BYTES)) {
        refuse(connection, 431, "http.headers_too_large", "the headers are larger than allowed");
        return true;
    }
    if (length == 0) {
        connection->searched_bytes = bytes;
        return false;
    }
    connection->searched_bytes = 0;
    connection->taken_bytes += length;
    read_head(connection, data, length);
    return true;
}

static bool process_body(struct tp_connection *connection)
{
    size_t consumed = 0;
    struct tp_bytes *body = &connection->exchange->request.body;
    enum tp_body_result result = tp_body_read(&connection->body, waiting_data(connection),
                                              waiting(connection), body, &consumed);
    connection->taken_bytes += consumed;
    if (body->failed) {
        refuse(connection, 503, "http.memory", "no memory for the body");
        return true;
    }
    switch (result) {
    case TP_BODY_MORE:
        return false;
    case TP_BODY_DONE:
        dispatch(connection);
        break;
    case TP_BODY_TOO_LARGE:
        refuse(connection, 413, "http.body_too_large", "the body is larger than allowed");
        break;
    case TP_BODY_BROKEN:
        refuse(connection, 400, "http.malformed", "malformed request: chunk");
        break;
    }
    return true;
}

/* ---- WebSocket ---- */

static void fail_socket(struct tp_connection *connection, int code)
{
    tp_websocket_close(connection->socket, code, "");
    connection->state = TP_CONNECTION_DISCARD;
    set_deadline(connection, DISCARD_MS);
    flush(connection);
}

static void take_close(struct tp_connection *connection, const struct tp_frame *frame)
{
    int code = 0;
    bool well_formed = tp_frame_close_code(frame->data, frame->bytes, &code);
    if (code == TP_CLOSE_NO_STATUS)
        code = TP_CLOSE_NORMAL;
    tp_websocket_close(connection->socket, well_formed ? code : TP_CLOSE_PROTOCOL, "");
    connection->state = TP_CONNECTION_DISCARD;
    connection->end_when_written = true;
    set_deadline(connection, CLOSE_TIMEOUT_MS);
    flush(connection);
}

static void take_frame(struct tp_connection *connection, const struct tp_frame *frame)
{
    switch (frame->opcode) {
    case TP_OPCODE_CLOSE:
        take_close(connection, frame);
        break;
    case TP_OPCODE_PING:
        tp_websocket_control(connection->socket, TP_OPCODE_PONG, frame->data, frame->bytes);
        flush(connection);
        break;
    case TP_OPCODE_PONG:
        break;
    default:
        if (!tp_websocket_closing(connection->socket) &&
            !tp_websocket_deliver(connection->socket, frame))
            end(connection);
        break;
    }
}

static bool process_frame(struct tp_connection *connection)
{
    if (waiting(connection) == 0 || tp_websocket_paused(connection->socket))
        return false;
    struct tp_frame frame;
    enum tp_frame_result result =
        tp_frame_read(&connection->frames, waiting_data(connection), waiting(connection), &frame);
    connection->taken_bytes += frame.consumed;
    switch (result) {
    case TP_FRAME_MORE:
        return false;
    case TP_FRAME_PARTIAL:
        break;
    case TP_FRAME_MESSAGE:
        take_frame(connection, &frame);
        break;
    case TP_FRAME_BROKEN:
        fail_socket(connection, frame.close_code);
        break;
    }
    return true;
}

static void become_websocket(struct tp_connection *connection, struct tp_exchange *exchange)
{
    char accept[TP_ACCEPT_BYTES];
    const char *key = tp_http_request_header(&exchange->request, "sec-websocket-key");
    connection->state = TP_CONNECTION_WEBSOCKET;
    connection->socket = exchange->socket;
    connection->server->socket_count++;
    if (!tp_frame_accept(key, accept))
        end(connection);
    tp_bytes_append_format(&connection->output,
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                           accept);
    set_deadline(connection, PING_INTERVAL_MS);
    tp_websocket_begin(connection->socket, connection);
    flush(connection);
}

/* ---- entries ---- */

static void control_reading(struct tp_connection *connection)
{
    bool pause = false;
    if (connection->state == TP_CONNECTION_BUSY || connection->state == TP_CONNECTION_ANSWER)
        pause = waiting(connection) > INPUT_HIGH_BYTES;
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
    size_t left = waiting(connection);
    if (connection->taken_bytes == 0)
        return;
    memmove(input->data, waiting_data(connection), left);
    input->length = left;
    input->data[left] = '\0';
    connection->taken_bytes = 0;
    if (left == 0 && input->capacity > KEPT_BUFFER_BYTES)
        tp_bytes_fini(input);
}

static void process(struct tp_connection *connection)
{
    bool more = true;
    while (more && !connection->end_asked) {
        switch (connection->state) {
        case TP_CONNECTION_HEAD:
            more = process_head(connection);
            break;
        case TP_CONNECTION_BODY:
            more = process_body(connection);
            break;
        case TP_CONNECTION_WEBSOCKET:
            more = process_frame(connection);
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
    tp_bytes_append(&connection->input, data, bytes);
    if (connection->input.failed)
        return false;
    if (connection->state == TP_CONNECTION_WEBSOCKET && !tp_websocket_closing(connection->socket)) {
        connection->ping_sent = false;
        set_deadline(connection, PING_INTERVAL_MS);
    }
    process(connection);
    return !connection->end_asked;
}

bool tp_connection_writable(struct tp_connection *connection)
{
    if (connection->end_asked)
        return false;
    flush(connection);
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
        become_websocket(connection, exchange);
    else
        answer(connection, exchange);
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
    flush(connection);
    if (connection->state == TP_CONNECTION_WEBSOCKET && tp_websocket_closing(connection->socket) &&
        connection->deadline_ms > now_ms() + CLOSE_TIMEOUT_MS)
        set_deadline(connection, CLOSE_TIMEOUT_MS);
    process(connection);
    leave(connection);
}

static void ping(struct tp_connection *connection)
{
    if (tp_websocket_closing(connection->socket) || connection->ping_sent) {
        end(connection);
        return;
    }
    set_deadline(connection, PING_INTERVAL_MS);
    if (connection->reading_paused)
        return;
    connection->ping_sent = true;
    tp_websocket_control(connection->socket, TP_OPCODE_PING, NULL, 0);
    flush(connection);
}

void tp_connection_check(struct tp_connection *connection, int64_t time_ms)
{
    if (time_ms < connection->deadline_ms || connection->end_asked)
        return;
    bool begun = connection->state == TP_CONNECTION_BODY ||
                 (connection->state == TP_CONNECTION_HEAD && waiting(connection) > 0);
    if (connection->state == TP_CONNECTION_WEBSOCKET)
        ping(connection);
    else if (begun)
        refuse(connection, 408, "http.timeout", "the request took too long to arrive");
    else
        end(connection);
    leave(connection);
}

void tp_connection_stop(struct tp_connection *connection)
{
    switch (connection->state) {
    case TP_CONNECTION_HEAD:
    case TP_CONNECTION_BODY:
    case TP_CONNECTION_DISCARD:
        end(connection);
        break;
    case TP_CONNECTION_BUSY:
        connection->keep_alive = false;
        break;
    case TP_CONNECTION_ANSWER:
        connection->keep_alive = false;
        set_deadline(connection, STOP_TIMEOUT_MS);
        break;
    case TP_CONNECTION_WEBSOCKET:
        tp_websocket_close(connection->socket, TP_CLOSE_GOING_AWAY, "");
        set_deadline(connection, CLOSE_TIMEOUT_MS);
        flush(connection);
        break;
    }
    leave(connection);
}
