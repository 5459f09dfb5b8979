/*
 * The outgoing WebSocket (libwebsockets) that a node's link runs on. Own loop thread; callbacks
 * come in order, one at a time, on a worker thread of its own and may block.
 */
#ifndef TP_BASE_HTTP_WEBSOCKET_CLIENT_H
#define TP_BASE_HTTP_WEBSOCKET_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tp_websocket_client;

struct tp_websocket_client_config {
    const char *url;            /* "wss://host:port/link" */
    const char *ca_path;        /* PEM; NULL: the system's */
    size_t message_limit_bytes; /* 0: 1 MiB; a larger message drops the connection */
    int64_t reconnect_first_ms; /* back-off doubles with jitter from here ... */
    int64_t reconnect_most_ms;  /* ... to here; 0, 0: 200 and 10,000 */
    void *context;
    /* These three may be NULL. A message's bytes are valid for the call, NUL-terminated beyond. */
    void (*connected)(void *context);
    void (*message)(void *context, const uint8_t *data, size_t bytes, bool binary);
    /* After each lost or failed connection ("http.unreachable", "http.tls", "http.refused",
     * "http.closed"); the client goes on trying by itself. */
    void (*disconnected)(void *context, const struct tp_error *why);
};

/* Starts connecting at once. */
TP_MUST_USE struct tp_status
tp_websocket_client_new(const struct tp_websocket_client_config *config,
                        struct tp_websocket_client **client, struct tp_error *error);
/* No call is under way or follows when it returns. Not from one of the calls. NULL is allowed. */
void tp_websocket_client_free(struct tp_websocket_client *client);

/* From any thread; TP_PEER when not connected, TP_LIMIT when 1,024 messages wait. */
TP_MUST_USE struct tp_status tp_websocket_client_send(struct tp_websocket_client *client,
                                                      const void *data, size_t bytes, bool binary);

/* Drops the connection (the peer broke the protocol); reconnects with back-off. */
void tp_websocket_client_drop(struct tp_websocket_client *client);

#endif
