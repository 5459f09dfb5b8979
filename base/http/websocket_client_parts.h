/*
 * What the two files of the outgoing WebSocket share: websocket_client.c (making and sending) and
 * websocket_client_loop.c (connecting, and what happens on the loop thread and the worker).
 */
#ifndef TP_BASE_HTTP_WEBSOCKET_CLIENT_PARTS_H
#define TP_BASE_HTTP_WEBSOCKET_CLIENT_PARTS_H

#include <openssl/ssl.h>

#include "base/bytes.h"
#include "base/http/loop.h"
#include "base/http/websocket_client.h"
#include "base/http/worker_pool.h"

struct outgoing {
    struct outgoing *next;
    size_t bytes;
    bool binary;
    uint8_t data[]; /* LWS_PRE bytes for the frame's header come first */
};

struct tp_websocket_client {
    struct tp_loop loop; /* first: the loop is how callbacks find the client */
    struct tp_worker_pool *worker;
    struct tp_websocket_client_config config; /* its texts are copies below */
    char *url;
    char *ca_path;
    char *host;
    char *path;
    int port;
    bool tls;
    SSL_CTX *tls_context;

    /* loop thread */
    struct lws *wsi;
    lws_sorted_usec_list_t retry;
    lws_sorted_usec_list_t limit;
    struct tp_post start_post;
    struct tp_post stop_post;
    struct tp_post wake_post;
    struct tp_bytes message;
    int64_t delay_ms;
    int64_t connected_at_ms;
    bool proven; /* this connection brought a message: the next failure starts the back-off anew */
    bool attempting;
    bool reading_paused;

    pthread_mutex_t mutex;
    bool stopping;
    bool drop_asked;
    bool connected; /* `connected` was called for this connection */
    bool wake_posted;
    uint64_t connection_number;
    struct outgoing *first;
    struct outgoing **last_next;
    size_t outgoing_count;
    size_t outgoing_bytes;
    size_t incoming_bytes;
};

extern const struct lws_protocols tp_websocket_client_protocols[];

/* Posts of the client. */
void tp_websocket_client_run_start(struct tp_post *post);
void tp_websocket_client_run_stop(struct tp_post *post);
void tp_websocket_client_run_wake(struct tp_post *post);

/* These two under the mutex. */
void tp_websocket_client_wake(struct tp_websocket_client *client);
void tp_websocket_client_drop_outgoing(struct tp_websocket_client *client);

#endif
