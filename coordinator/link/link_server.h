/*
 * The coordinator's end of the link: WebSocket /link, one connection per center's node, and what is
 * known of the nodes. Stages subscribe to what nodes say; they speak to a node by putting durable
 * messages into its outbox inside their own write (tp_link_post), or by tp_link_server_call for
 * what is worthless after the moment.
 *
 * All functions are safe from any thread unless they say otherwise.
 */
#ifndef TP_COORDINATOR_LINK_LINK_SERVER_H
#define TP_COORDINATOR_LINK_LINK_SERVER_H

#include <jansson.h>

#include "base/link/runner.h"
#include "coordinator/record/write.h"

struct tp_link_server;

/* Every pointer may be NULL. Borrowed for the server's life. */
struct tp_link_subscriber {
    /* A fresh durable message, in the transaction that also moves the dedup mark. May run twice. A
     * message that makes no sense is recorded or logged and let pass with OK: a failure ends the
     * connection and the message comes again. */
    struct tp_status (*apply)(struct tp_write *write, const char *center_id,
                              const Tongping__Link__LinkMessage *message, struct tp_error *error);
    /* A message of seq 0. Must not block for long: it holds up the node's link. */
    void (*call)(struct tp_app *app, const char *center_id,
                 const Tongping__Link__LinkMessage *message);
    /* A node's link came up or was lost. */
    void (*node_changed)(struct tp_app *app, const char *center_id, bool up);
};

TP_MUST_USE struct tp_status tp_link_server_new(struct tp_app *app, struct tp_link_server **server,
                                                struct tp_error *error);
/* Adds WS /link and starts the thread that ticks; before the port listens. */
TP_MUST_USE struct tp_status tp_link_server_start(struct tp_link_server *server,
                                                  struct tp_error *error);
/* After the port is closed. NULL is allowed. */
void tp_link_server_free(struct tp_link_server *server);

/* Before the port listens. */
TP_MUST_USE struct tp_status tp_link_server_subscribe(struct tp_link_server *server,
                                                      const struct tp_link_subscriber *subscriber,
                                                      struct tp_error *error);

/* Inside a write: a durable message for the center's node, whether it is connected or not. */
TP_MUST_USE struct tp_status tp_link_post(struct tp_write *write, const char *center_id,
                                          const Tongping__Link__LinkMessage *message,
                                          struct tp_error *error);
/* After a write with tp_link_post: sends at once instead of with the next tick (100 ms). */
void tp_link_server_wake(struct tp_link_server *server);

/* TP_PEER "link.down" when the node is not connected. */
TP_MUST_USE struct tp_status tp_link_server_call(struct tp_link_server *server,
                                                 const char *center_id,
                                                 const Tongping__Link__LinkMessage *message,
                                                 struct tp_error *error);
/* To every connected node; best effort. */
void tp_link_server_call_all(struct tp_link_server *server,
                             const Tongping__Link__LinkMessage *message);
/* Ends the node's connection: it was enrolled anew. */
void tp_link_server_drop(struct tp_link_server *server, const char *center_id);

bool tp_link_server_up(struct tp_link_server *server, const char *center_id);
size_t tp_link_server_up_count(struct tp_link_server *server);
/* Adds what the node last said of itself and the link's figures to `node`: "round_trip_ms",
 * "clock_offset_ms", "outbox_count", "media_up", "disk_free_bytes", "load_1min", "terminal_count",
 * "feeds". Zeros and an empty list when the node is down. TP_NOMEM. */
TP_MUST_USE struct tp_status tp_link_server_describe(struct tp_link_server *server,
                                                     const char *center_id, json_t *node,
                                                     struct tp_error *error);
#define TP_FEED_STATE_BYTES 16
/* "live", "idle", "starting", "failed" as the node last said, "unknown" when it said nothing,
 * "down" when the node is not connected. */
void tp_link_server_feed_state(struct tp_link_server *server, const char *center_id,
                               const char *feed_id, char state[TP_FEED_STATE_BYTES],
                               uint32_t *viewer_count);

#endif
