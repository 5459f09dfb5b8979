/*
 * The inside of the link server: its connections and what is known of the nodes. Only for the files
 * of this folder.
 */
#ifndef TP_COORDINATOR_LINK_REGISTRY_H
#define TP_COORDINATOR_LINK_REGISTRY_H

#include <pthread.h>

#include "base/http/server.h"
#include "coordinator/link/link_server.h"
#include "coordinator/link/node_status.h"

#define TP_LINK_SUBSCRIBERS_MOST 8
#define TP_LINK_CONNECTIONS_MOST 4096

struct tp_link_connection {
    struct tp_link_server *server;
    struct tp_websocket *socket;
    struct tp_link_runner *runner;
    char center_id[TP_LINK_NODE_ID_BYTES]; /* "" until established; under the server's lock */
    struct tp_write write;                 /* of the message being applied */
    struct tp_link_connection *next;
};

/* What is known of a center's node since the process began. */
struct tp_link_node {
    char center_id[TP_LINK_NODE_ID_BYTES];
    struct tp_link_connection *connection; /* NULL: down */
    struct tp_node_status *status;
    int64_t seen_seq; /* the outbox's end when the runner was woken last */
    bool grew;        /* since then: to be woken */
    struct tp_link_node *next;
};

struct tp_link_server {
    struct tp_app *app;
    const struct tp_link_subscriber *subscribers[TP_LINK_SUBSCRIBERS_MOST];
    size_t subscriber_count;
    pthread_mutex_t lock; /* never held while a runner or the store is called */
    pthread_cond_t woken;
    struct tp_link_connection *connections;
    size_t connection_count;
    struct tp_link_node *nodes;
    pthread_t ticker;
    bool ticking;
    bool ending;
    bool wake;
};

/* Finds or adds. Call with the lock. NULL: not there, or no memory. */
struct tp_link_node *tp_link_node_of(struct tp_link_server *server, const char *center_id,
                                     bool add);
/* The runner of the node's connection with a reference, or NULL. Call without the lock. */
struct tp_link_runner *tp_link_runner_of(struct tp_link_server *server, const char *center_id);
/* A node has said how it is. */
void tp_link_take_status(struct tp_link_server *server, const char *center_id,
                         const Tongping__Link__NodeStatus *message);
/* The WebSocket's side; `context` is the server. */
extern const struct tp_websocket_handler tp_link_websocket_handler;

#endif
