#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "coordinator/link/node_store.h"
#include "coordinator/link/registry.h"

static void tell_changed(struct tp_link_server *server, const char *center_id, bool up)
{
    for (size_t i = 0; i < server->subscriber_count; i++) {
        if (server->subscribers[i]->node_changed != NULL)
            server->subscribers[i]->node_changed(server->app, center_id, up);
    }
}

/* Two connections of one node may end and begin in one moment, and their writes pass each other: so
 * what was written is held against what is. */
static void write_state(struct tp_link_server *server, const char *center_id, bool up,
                        const char *version)
{
    struct tp_error error;
    if (tp_failed(tp_node_set_state(server->app, center_id, up, version, &error)))
        tp_log_error(TP_LOG_ERROR, "node.state_not_written", &error);
    const bool now_up = tp_link_server_up(server, center_id);
    if (now_up != up && tp_failed(tp_node_set_state(server->app, center_id, now_up, NULL, &error)))
        tp_log_error(TP_LOG_ERROR, "node.state_not_written", &error);
    tell_changed(server, center_id, up);
}

/* The connection does not stand for its node any more. */
static void connection_lost(struct tp_link_connection *connection)
{
    struct tp_link_server *server = connection->server;
    char center_id[TP_LINK_NODE_ID_BYTES] = "";
    pthread_mutex_lock(&server->lock);
    struct tp_link_node *node = connection->center_id[0] != '\0'
                                    ? tp_link_node_of(server, connection->center_id, false)
                                    : NULL;
    if (node != NULL && node->connection == connection) {
        node->connection = NULL;
        tp_node_status_free(node->status);
        node->status = NULL;
        memcpy(center_id, node->center_id, sizeof(center_id));
    }
    pthread_mutex_unlock(&server->lock);
    if (center_id[0] == '\0')
        return;
    tp_log(TP_LOG_WARN, "node.down", "center=%s", center_id);
    write_state(server, center_id, false, NULL);
}

static void on_send(void *context, const uint8_t *frame, size_t bytes)
{
    struct tp_link_connection *connection = context;
    if (tp_failed(tp_websocket_send(connection->socket, frame, bytes, true)))
        tp_websocket_close(connection->socket, 1008, "too slow");
}

static void on_failed(void *context, const struct tp_error *error)
{
    struct tp_link_connection *connection = context;
    tp_log_error(TP_LOG_INFO, "link.ended", error);
    connection_lost(connection);
    tp_websocket_close(connection->socket, 1000, error->code);
}

static struct tp_status on_identify(void *context, const char *node_id,
                                    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                    struct tp_error *error)
{
    const struct tp_link_connection *connection = context;
    return tp_node_key(connection->server->app->store, node_id, sign_public, error);
}

static void end_older(struct tp_link_runner *older)
{
    struct tp_error error;
    if (older == NULL)
        return;
    if (tp_failed(tp_fail(&error, TP_CONFLICT, "link.replaced", "the node has connected anew")))
        tp_link_runner_fail(older, &error);
    tp_link_runner_unref(older);
}

static void on_established(void *context, const char *node_id, const char *version)
{
    struct tp_link_connection *connection = context;
    struct tp_link_server *server = connection->server;
    struct tp_link_runner *older = tp_link_runner_of(server, node_id);
    pthread_mutex_lock(&server->lock);
    struct tp_link_node *node = tp_link_node_of(server, node_id, true);
    if (node != NULL) {
        snprintf(connection->center_id, sizeof(connection->center_id), "%s", node_id);
        node->connection = connection;
        node->seen_seq = 0;
    }
    pthread_mutex_unlock(&server->lock);
    end_older(older);
    tp_log(TP_LOG_INFO, "node.up", "center=%s version=%s", node_id, version);
    write_state(server, node_id, true, version);
}

static struct tp_status on_apply(void *context, struct tp_db *db, const char *node_id,
                                 const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    struct tp_link_connection *connection = context;
    struct tp_link_server *server = connection->server;
    connection->write.app = server->app;
    connection->write.db = db;
    connection->write.now_ms = tp_clock_now_ms(server->app->clock);
    connection->write.news_count = 0;
    for (size_t i = 0; i < server->subscriber_count; i++) {
        if (server->subscribers[i]->apply == NULL)
            continue;
        struct tp_status status =
            server->subscribers[i]->apply(&connection->write, node_id, message, error);
        if (tp_failed(status))
            return status;
    }
    return TP_STATUS_OK;
}

static void on_applied(void *context, const char *node_id,
                       const Tongping__Link__LinkMessage *message)
{
    struct tp_link_connection *connection = context;
    (void)node_id;
    (void)message;
    for (size_t i = 0; i < connection->write.news_count; i++)
        tp_events_publish(connection->server->app->events, &connection->write.news[i]);
    connection->write.news_count = 0;
    tp_link_server_wake(connection->server);
}

static void on_call(void *context, const char *node_id, const Tongping__Link__LinkMessage *message)
{
    struct tp_link_connection *connection = context;
    struct tp_link_server *server = connection->server;
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_NODE_STATUS)
        tp_link_take_status(server, node_id, message->node_status);
    for (size_t i = 0; i < server->subscriber_count; i++) {
        if (server->subscribers[i]->call != NULL)
            server->subscribers[i]->call(server->app, node_id, message);
    }
}

/* The WebSocket ------------------------------------------------------------------------------ */

static struct tp_status on_open(void *context, const struct tp_http_request *request, void **user,
                                struct tp_error *error)
{
    struct tp_link_server *server = context;
    (void)request;
    pthread_mutex_lock(&server->lock);
    bool full = server->connection_count >= TP_LINK_CONNECTIONS_MOST;
    pthread_mutex_unlock(&server->lock);
    if (full)
        return tp_fail(error, TP_LIMIT, "link.too_many", "too many nodes are connected");
    struct tp_link_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a connection");
    connection->server = server;
    *user = connection;
    return TP_STATUS_OK;
}

static struct tp_status make_runner(struct tp_link_connection *connection, struct tp_error *error)
{
    const struct tp_app *app = connection->server->app;
    const struct tp_link_config config = {
        .role = TP_LINK_COORDINATOR,
        .keypair = app->keypair,
        .clock = app->clock,
        .random = app->random,
    };
    const struct tp_link_runner_handler handler = {
        .context = connection,
        .send = on_send,
        .failed = on_failed,
        .identify = on_identify,
        .established = on_established,
        .apply = on_apply,
        .applied = on_applied,
        .call = on_call,
    };
    return tp_link_runner_new(&config, app->store, &handler, &connection->runner, error);
}

static void on_opened(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_link_server *server = context;
    struct tp_link_connection *connection = user;
    struct tp_error error;
    connection->socket = socket;
    if (tp_failed(make_runner(connection, &error))) {
        tp_log_error(TP_LOG_ERROR, "link.no_runner", &error);
        tp_websocket_close(socket, 1011, "no memory");
        return;
    }
    pthread_mutex_lock(&server->lock);
    connection->next = server->connections;
    server->connections = connection;
    server->connection_count++;
    pthread_mutex_unlock(&server->lock);
    tp_link_runner_start(connection->runner);
}

static void on_message(void *context, void *user, struct tp_websocket *socket, const uint8_t *data,
                       size_t bytes, bool binary)
{
    struct tp_link_connection *connection = user;
    struct tp_error error;
    (void)context;
    (void)socket;
    if (connection->runner == NULL)
        return;
    if (binary)
        tp_link_runner_received(connection->runner, data, bytes);
    else if (tp_failed(tp_fail(&error, TP_PEER, "link.not_binary", "frames are binary")))
        tp_link_runner_fail(connection->runner, &error);
}

static void on_closed(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_link_server *server = context;
    struct tp_link_connection *connection = user;
    (void)socket;
    pthread_mutex_lock(&server->lock);
    struct tp_link_connection **place = &server->connections;
    while (*place != NULL && *place != connection)
        place = &(*place)->next;
    if (*place == connection) {
        *place = connection->next;
        server->connection_count--;
    }
    pthread_mutex_unlock(&server->lock);
    if (connection->runner != NULL) {
        tp_link_runner_end(connection->runner);
        connection_lost(connection);
        tp_link_runner_unref(connection->runner);
    }
    free(connection);
}

const struct tp_websocket_handler tp_link_websocket_handler = {
    .open = on_open,
    .opened = on_opened,
    .message = on_message,
    .closed = on_closed,
};
