#include "base/http/connection_parts.h"

static void fail_socket(struct tp_connection *connection, int code)
{
    tp_websocket_close(connection->socket, code, "");
    connection->state = TP_CONNECTION_DISCARD;
    tp_connection_set_deadline(connection, TP_CONNECTION_DISCARD_MS);
    tp_connection_flush(connection);
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
    tp_connection_set_deadline(connection, TP_CONNECTION_CLOSE_MS);
    tp_connection_flush(connection);
}

static void take_frame(struct tp_connection *connection, const struct tp_frame *frame)
{
    switch (frame->opcode) {
    case TP_OPCODE_CLOSE:
        take_close(connection, frame);
        break;
    case TP_OPCODE_PING:
        tp_websocket_control(connection->socket, TP_OPCODE_PONG, frame->data, frame->bytes);
        tp_connection_flush(connection);
        break;
    case TP_OPCODE_PONG:
        break;
    default:
        if (!tp_websocket_closing(connection->socket) &&
            !tp_websocket_deliver(connection->socket, frame))
            tp_connection_end(connection);
        break;
    }
}

bool tp_connection_process_frame(struct tp_connection *connection)
{
    if (tp_connection_waiting(connection) == 0 || tp_websocket_paused(connection->socket))
        return false;
    struct tp_frame frame;
    enum tp_frame_result result =
        tp_frame_read(&connection->frames, tp_connection_waiting_data(connection),
                      tp_connection_waiting(connection), &frame);
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

void tp_connection_become_websocket(struct tp_connection *connection, struct tp_exchange *exchange)
{
    char accept[TP_ACCEPT_BYTES];
    const char *key = tp_http_request_header(&exchange->request, "sec-websocket-key");
    connection->state = TP_CONNECTION_WEBSOCKET;
    connection->socket = exchange->socket;
    connection->server->socket_count++;
    if (!tp_frame_accept(key, accept))
        tp_connection_end(connection);
    tp_bytes_append_format(&connection->output,
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                           accept);
    tp_connection_set_deadline(connection, TP_CONNECTION_PING_MS);
    tp_websocket_begin(connection->socket, connection);
    tp_connection_flush(connection);
}
