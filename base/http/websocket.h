/*
 * The server's end of one WebSocket: what is to be sent, under a lock and from any thread, and what
 * arrived, handled by one worker at a time in order. Everything else belongs to the loop thread.
 */
#ifndef TP_BASE_HTTP_WEBSOCKET_H
#define TP_BASE_HTTP_WEBSOCKET_H

#include "base/bytes.h"
#include "base/http/frame.h"
#include "base/http/loop.h"
#include "base/http/server.h"
#include "base/http/worker_pool.h"

struct tp_connection;
struct tp_incoming;

struct tp_websocket {
    struct tp_http_server *server;
    struct tp_loop *loop;
    struct tp_worker_pool *pool;
    struct tp_websocket_handler handler;
    void *user;
    struct tp_connection *connection; /* loop thread only; NULL once it ended */
    struct tp_work work;
    struct tp_post wake_post;
    struct tp_post release_post;

    pthread_mutex_t mutex; /* guards everything below */
    struct tp_bytes outgoing;
    size_t outgoing_count;
    size_t handed_count; /* taken by the loop, not yet written */
    size_t handed_bytes;
    bool closing; /* a close frame is queued, or the connection ended */
    bool wake_posted;
    struct tp_incoming *first;
    struct tp_incoming **last_next;
    size_t incoming_count;
    size_t incoming_bytes;
    bool scheduled; /* a worker has it */
    bool opened_due;
    bool closed_due;
    bool paused; /* the loop reads no more until a worker has caught up */
};

/* NULL: no memory. */
struct tp_websocket *tp_websocket_new(struct tp_http_server *server, struct tp_loop *loop,
                                      struct tp_worker_pool *pool,
                                      const struct tp_websocket_handler *handler);
/* Only before tp_websocket_begin. */
void tp_websocket_discard(struct tp_websocket *socket);

/* The calls below are the loop thread's. */
void tp_websocket_begin(struct tp_websocket *socket, struct tp_connection *connection);
/* Queues a message for the handler. False: no memory. */
bool tp_websocket_deliver(struct tp_websocket *socket, const struct tp_frame *frame);
/* True while the handler is so far behind that no more should be read. */
bool tp_websocket_paused(struct tp_websocket *socket);
/* The connection is gone; `closed` follows, then the server is told and the socket freed. */
void tp_websocket_end(struct tp_websocket *socket);
/* Swaps what waits to be sent into the empty `out`; what was taken before counts as written. False:
 * nothing waits. */
bool tp_websocket_take(struct tp_websocket *socket, struct tp_bytes *out);
bool tp_websocket_closing(struct tp_websocket *socket);
/* Queues a ping or pong, unless it is closing or the peer does not read. */
void tp_websocket_control(struct tp_websocket *socket, uint8_t opcode, const void *data,
                          size_t bytes);

#endif
