#include "base/http/connection_parts.h"
#include "base/http/tls.h"

#define WRITE_BYTES 32768
#define WRITES_PER_TURN 8
#define IDLE_TIMEOUT_MS 75000

static void on_written(struct tp_connection *connection)
{
    switch (connection->state) {
    case TP_CONNECTION_ANSWER:
        if (!connection->keep_alive) {
            tp_connection_end(connection);
            break;
        }
        connection->state = TP_CONNECTION_HEAD;
        tp_connection_set_deadline(connection, IDLE_TIMEOUT_MS);
        break;
    case TP_CONNECTION_DISCARD:
        if (connection->end_when_written)
            tp_connection_end(connection);
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
    if (output->capacity > TP_CONNECTION_KEPT_BYTES)
        tp_bytes_fini(output);
    else
        tp_bytes_clear(output);
    bool more = connection->socket != NULL && tp_websocket_take(connection->socket, output);
    if (output->failed)
        tp_connection_end(connection);
    return more && !output->failed;
}

void tp_connection_flush(struct tp_connection *connection)
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
            tp_connection_end(connection);
            return;
        }
        connection->written_bytes += part;
        if (connection->state == TP_CONNECTION_ANSWER)
            tp_connection_set_deadline(connection, connection->server->request_timeout_ms);
    }
    if (!connection->end_asked)
        on_written(connection);
}

void tp_connection_put_output(struct tp_connection *connection, struct tp_bytes *bytes)
{
    if (connection->output.length == 0) {
        struct tp_bytes empty = connection->output;
        connection->output = *bytes;
        *bytes = empty;
    } else {
        tp_bytes_append(&connection->output, bytes->data, bytes->length);
    }
}
