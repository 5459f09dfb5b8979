/*
 * One connection: reads requests, has them handled, writes answers; or carries a WebSocket. All of
 * it on the loop thread, except where said.
 */
#ifndef TP_BASE_HTTP_CONNECTION_H
#define TP_BASE_HTTP_CONNECTION_H

#include "base/http/body.h"
#include "base/http/exchange.h"
#include "base/http/files.h"
#include "base/http/frame.h"
#include "base/http/loop.h"
#include "base/http/router.h"
#include "base/http/websocket.h"
#include "base/http/worker_pool.h"

struct tp_http_server {
    struct tp_loop loop; /* first: the loop is how callbacks find the server */
    struct tp_worker_pool *pool;
    struct tp_router router;
    struct tp_files *files;
    char *address;
    char *certificate_path;
    char *private_key_path;
    char *client_ca_path;
    uint16_t port;
    size_t body_limit_bytes;
    size_t message_limit_bytes;
    int64_t request_timeout_ms;
    bool started;
    bool tls_failed;

    struct tp_post stop_post;
    lws_sorted_usec_list_t sweep;
    bool sweeping;
    bool stopping;
    struct tp_connection *connections;
    size_t exchange_count; /* at workers */
    size_t socket_count;   /* not yet released */
};

enum tp_connection_state {
    TP_CONNECTION_HEAD,
    TP_CONNECTION_BODY,
    TP_CONNECTION_BUSY,    /* a worker has the request */
    TP_CONNECTION_ANSWER,  /* the answer is being written */
    TP_CONNECTION_DISCARD, /* refused: what still comes is not read, so that the answer arrives */
    TP_CONNECTION_WEBSOCKET,
};

struct tp_connection {
    struct tp_http_server *server;
    struct lws *wsi;
    struct tp_connection *previous;
    struct tp_connection *next;
    enum tp_connection_state state;
    struct tp_bytes input;
    size_t taken_bytes;    /* of the input: dealt with */
    size_t searched_bytes; /* of what waits: no end of a head there */
    struct tp_bytes output;
    size_t written_bytes;         /* of the output */
    struct tp_exchange *exchange; /* while BODY or BUSY */
    struct tp_body_reader body;
    struct tp_websocket *socket;
    struct tp_frame_reader frames;
    int64_t deadline_ms;
    bool heard; /* anything was received */
    bool keep_alive;
    bool reading_paused;
    bool ping_sent;
    bool end_when_written; /* in DISCARD */
    bool end_asked;        /* to be closed as soon as the library lets us */
    char peer_address[TP_HTTP_ADDRESS_BYTES];
    char client_name[TP_HTTP_NAME_BYTES];
    bool client_known;
};

/* NULL: no memory or the server is stopping. */
struct tp_connection *tp_connection_new(struct tp_http_server *server, struct lws *wsi);
/* The library has closed it. */
void tp_connection_closed(struct tp_connection *connection);
/* False from these two: the library must close the connection now. */
bool tp_connection_received(struct tp_connection *connection, const void *data, size_t bytes);
bool tp_connection_writable(struct tp_connection *connection);
/* A worker has finished. Frees the exchange. */
void tp_connection_answered(struct tp_exchange *exchange);
/* The socket has something to send or can be read again. */
void tp_connection_wake(struct tp_connection *connection);
/* Closes what is late. */
void tp_connection_check(struct tp_connection *connection, int64_t now_ms);
/* The server is stopping: ends it as soon as nothing is lost. */
void tp_connection_stop(struct tp_connection *connection);

/* In server.c: a socket was freed. */
void tp_connection_socket_released(struct tp_http_server *server);
/* In server.c: a connection or an exchange has gone; the stopping server may be done. */
void tp_server_settle(struct tp_http_server *server);

#endif
