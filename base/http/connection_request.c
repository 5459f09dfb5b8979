#include <string.h>

#include "base/http/connection_parts.h"
#include "base/http/tls.h"

#define HEAD_MAX_BYTES 16384
#define NEVER_MS INT64_MAX

void tp_connection_answer(struct tp_connection *connection, struct tp_exchange *exchange)
{
    connection->exchange = NULL;
    if (exchange->answer.failed) {
        tp_connection_end(connection);
        return;
    }
    tp_connection_put_output(connection, &exchange->answer);
    connection->state = TP_CONNECTION_ANSWER;
    tp_connection_set_deadline(connection, connection->server->request_timeout_ms);
    tp_connection_flush(connection);
}

/* Answers without reading what may still come. */
void tp_connection_refuse(struct tp_connection *connection, int status, const char *code,
                          const char *message)
{
    struct tp_exchange *exchange = connection->exchange;
    if (exchange == NULL)
        exchange = tp_exchange_new(connection->server);
    connection->exchange = NULL;
    if (exchange == NULL) {
        tp_connection_end(connection);
        return;
    }
    if (code != NULL)
        tp_exchange_refuse(exchange, status, code, message);
    exchange->wire.keep_alive = false;
    bool encoded = tp_exchange_encode(exchange);
    tp_connection_put_output(connection, &exchange->answer);
    tp_exchange_free(exchange);
    if (!encoded) {
        tp_connection_end(connection);
        return;
    }
    connection->state = TP_CONNECTION_DISCARD;
    tp_connection_set_deadline(connection, TP_CONNECTION_DISCARD_MS);
    tp_connection_flush(connection);
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
        tp_connection_answer(connection, exchange);
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
        tp_connection_refuse(connection, 413, "http.body_too_large",
                             "the body is larger than allowed");
        return;
    }
    tp_body_reader_init(&connection->body, request->chunked, request->content_bytes, limit);
    connection->state = TP_CONNECTION_BODY;
    if (!request->expects_continue)
        return;
    if (exchange->kind == TP_EXCHANGE_REFUSED) {
        tp_connection_refuse(connection, 0, NULL, NULL);
        return;
    }
    tp_bytes_append_text(&connection->output, "HTTP/1.1 100 Continue\r\n\r\n");
    tp_connection_flush(connection);
}

static void read_head(struct tp_connection *connection, const char *head, size_t bytes)
{
    struct tp_http_server *server = connection->server;
    struct tp_exchange *exchange = tp_exchange_new(server);
    if (exchange == NULL) {
        tp_connection_end(connection);
        return;
    }
    connection->exchange = exchange;
    int status = 0;
    struct tp_error error;
    if (tp_failed(tp_http_request_read(&exchange->request, head, bytes, &status, &error))) {
        tp_connection_refuse(connection, status, error.code, error.message);
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

bool tp_connection_process_head(struct tp_connection *connection)
{
    size_t bytes = tp_connection_waiting(connection);
    if (bytes == 0)
        return false;
    const char *data = (const char *)tp_connection_waiting_data(connection);
    if (data[0] == '\r' ||
        data[0] == '\n') { /* RFC 9112 2.2: an empty line before is passed over */
        connection->taken_bytes++;
        return true;
    }
    if (connection->searched_bytes == 0) {
        if (data[0] < 'A' || data[0] > 'Z') {
            tp_connection_refuse(connection, 400, "http.malformed", "malformed request: method");
            return true;
        }
        tp_connection_set_deadline(connection, connection->server->request_timeout_ms);
    }
    size_t length = tp_http_head_length(data, bytes, connection->searched_bytes);
    if (length > HEAD_MAX_BYTES || (length == 0 && bytes > HEAD_MAX_BYTES)) {
        tp_connection_refuse(connection, 431, "http.headers_too_large",
                             "the headers are larger than allowed");
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

bool tp_connection_process_body(struct tp_connection *connection)
{
    size_t consumed = 0;
    struct tp_bytes *body = &connection->exchange->request.body;
    enum tp_body_result result =
        tp_body_read(&connection->body, tp_connection_waiting_data(connection),
                     tp_connection_waiting(connection), body, &consumed);
    connection->taken_bytes += consumed;
    if (body->failed) {
        tp_connection_refuse(connection, 503, "http.memory", "no memory for the body");
        return true;
    }
    switch (result) {
    case TP_BODY_MORE:
        return false;
    case TP_BODY_DONE:
        dispatch(connection);
        break;
    case TP_BODY_TOO_LARGE:
        tp_connection_refuse(connection, 413, "http.body_too_large",
                             "the body is larger than allowed");
        break;
    case TP_BODY_BROKEN:
        tp_connection_refuse(connection, 400, "http.malformed", "malformed request: chunk");
        break;
    }
    return true;
}
