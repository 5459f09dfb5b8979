#include "coordinator/link/link_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "coordinator/link/registry.h"

#define TICK_MS 100

struct tp_link_node *tp_link_node_of(struct tp_link_server *server, const char *center_id, bool add)
{
    struct tp_link_node *node = server->nodes;
    while (node != NULL && strcmp(node->center_id, center_id) != 0)
        node = node->next;
    if (node == NULL && add && (node = calloc(1, sizeof(*node))) != NULL) {
        snprintf(node->center_id, sizeof(node->center_id), "%s", center_id);
        node->next = server->nodes;
        server->nodes = node;
    }
    return node;
}

struct tp_link_runner *tp_link_runner_of(struct tp_link_server *server, const char *center_id)
{
    struct tp_link_runner *runner = NULL;
    pthread_mutex_lock(&server->lock);
    const struct tp_link_node *node = tp_link_node_of(server, center_id, false);
    if (node != NULL && node->connection != NULL)
        runner = tp_link_runner_ref(node->connection->runner);
    pthread_mutex_unlock(&server->lock);
    return runner;
}

/* What nodes say of themselves --------------------------------------------------------------- */

struct feed_news {
    struct tp_app *app;
    struct tp_event event;
};

static void publish_feed(void *context, const char *feed_id)
{
    struct feed_news *news = context;
    news->event.type = TP_EVENT_TYPE_FEED;
    snprintf(news->event.id, sizeof(news->event.id), "%s", feed_id);
    tp_events_publish(news->app->events, &news->event);
}

static void tell_status(struct tp_link_server *server, const char *center_id,
                        const struct tp_node_status *before, const struct tp_node_status *after)
{
    struct feed_news news = {.app = server->app};
    news.event.role_bits = TP_ROLE_BIT(TP_ROLE_REGULATOR) | TP_ROLE_BIT(TP_ROLE_OPERATOR);
    snprintf(news.event.centers[0], sizeof(news.event.centers[0]), "%s", center_id);
    news.event.center_count = 1;
    if (!tp_node_status_compare(before, after, publish_feed, &news))
        return;
    news.event.type = TP_EVENT_TYPE_NODE;
    snprintf(news.event.id, sizeof(news.event.id), "%s", center_id);
    tp_events_publish(server->app->events, &news.event);
}

void tp_link_take_status(struct tp_link_server *server, const char *center_id,
                         const Tongping__Link__NodeStatus *message)
{
    struct tp_node_status *after = NULL;
    struct tp_node_status *before = NULL;
    struct tp_error error;
    if (tp_failed(tp_node_status_new(message, &after, &error))) {
        tp_log_error(TP_LOG_WARN, "node.status_refused", &error);
        return;
    }
    /* Compared under the lock: nobody may see the node without a status, or free one in use. */
    pthread_mutex_lock(&server->lock);
    struct tp_link_node *node = tp_link_node_of(server, center_id, false);
    if (node != NULL && node->connection != NULL) {
        tell_status(server, center_id, node->status, after);
        before = node->status;
        node->status = after;
        after = NULL;
    }
    pthread_mutex_unlock(&server->lock);
    tp_node_status_free(before);
    tp_node_status_free(after);
}

struct tp_status tp_link_server_describe(struct tp_link_server *server, const char *center_id,
                                         json_t *node, struct tp_error *error)
{
    struct tp_link_runner *runner = tp_link_runner_of(server, center_id);
    int64_t round_trip_ms = runner != NULL ? tp_link_runner_round_trip_ms(runner) : 0;
    int64_t offset_ms = runner != NULL ? -tp_link_runner_clock_offset_ms(runner) : 0;
    tp_link_runner_unref(runner);
    pthread_mutex_lock(&server->lock);
    const struct tp_link_node *known = tp_link_node_of(server, center_id, false);
    struct tp_status status =
        tp_node_status_describe(known != NULL ? known->status : NULL, node, error);
    pthread_mutex_unlock(&server->lock);
    if (tp_failed(status))
        return status;
    if (json_object_set_new(node, "round_trip_ms", json_integer(round_trip_ms)) != 0 ||
        json_object_set_new(node, "clock_offset_ms", json_integer(offset_ms)) != 0)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a node's figures");
    return TP_STATUS_OK;
}

void tp_link_server_feed_state(struct tp_link_server *server, const char *center_id,
                               const char *feed_id, char state[TP_FEED_STATE_BYTES],
                               uint32_t *viewer_count)
{
    pthread_mutex_lock(&server->lock);
    const struct tp_link_node *node = tp_link_node_of(server, center_id, false);
    const bool up = node != NULL && node->connection != NULL;
    const struct tp_node_feed *feed = up ? tp_node_status_feed(node->status, feed_id) : NULL;
    snprintf(state, TP_FEED_STATE_BYTES, "%s",
             !up ? "down" : (feed != NULL ? feed->state : "unknown"));
    *viewer_count = feed != NULL ? feed->viewer_count : 0;
    pthread_mutex_unlock(&server->lock);
}

bool tp_link_server_up(struct tp_link_server *server, const char *center_id)
{
    pthread_mutex_lock(&server->lock);
    const struct tp_link_node *node = tp_link_node_of(server, center_id, false);
    bool up = node != NULL && node->connection != NULL;
    pthread_mutex_unlock(&server->lock);
    return up;
}

size_t tp_link_server_up_count(struct tp_link_server *server)
{
    size_t count = 0;
    pthread_mutex_lock(&server->lock);
    for (const struct tp_link_node *node = server->nodes; node != NULL; node = node->next)
        count += node->connection != NULL;
    pthread_mutex_unlock(&server->lock);
    return count;
}

/* Speaking to nodes -------------------------------------------------------------------------- */

struct tp_status tp_link_post(struct tp_write *write, const char *center_id,
                              const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    uint64_t seq = 0;
    return tp_link_outbox_append_message(write->db, center_id, message, write->now_ms, &seq, error);
}

void tp_link_server_wake(struct tp_link_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->wake = true;
    pthread_cond_signal(&server->woken);
    pthread_mutex_unlock(&server->lock);
}

struct tp_status tp_link_server_call(struct tp_link_server *server, const char *center_id,
                                     const Tongping__Link__LinkMessage *message,
                                     struct tp_error *error)
{
    struct tp_link_runner *runner = tp_link_runner_of(server, center_id);
    if (runner == NULL)
        return tp_fail(error, TP_PEER, "link.down", "the center is not connected");
    struct tp_status status = tp_link_runner_call(runner, message, error);
    tp_link_runner_unref(runner);
    return status;
}

/* The runners of all connections, each with a reference. Free the array. */
static struct tp_link_runner **all_runners(struct tp_link_server *server, size_t *count)
{
    *count = 0;
    pthread_mutex_lock(&server->lock);
    struct tp_link_runner **runners =
        calloc(server->connection_count + 1, sizeof(struct tp_link_runner *));
    for (struct tp_link_connection *connection = server->connections;
         runners != NULL && connection != NULL; connection = connection->next)
        runners[(*count)++] = tp_link_runner_ref(connection->runner);
    pthread_mutex_unlock(&server->lock);
    return runners;
}

void tp_link_server_call_all(struct tp_link_server *server,
                             const Tongping__Link__LinkMessage *message)
{
    size_t count = 0;
    struct tp_link_runner **runners = all_runners(server, &count);
    for (size_t i = 0; i < count; i++) {
        if (tp_link_runner_established(runners[i]) &&
            tp_failed(tp_link_runner_call(runners[i], message, NULL)))
            tp_log(TP_LOG_DEBUG, "link.not_told", "kind=%d", (int)message->kind_case);
        tp_link_runner_unref(runners[i]);
    }
    free(runners);
}

void tp_link_server_drop(struct tp_link_server *server, const char *center_id)
{
    struct tp_link_runner *runner = tp_link_runner_of(server, center_id);
    struct tp_error error;
    if (runner == NULL)
        return;
    if (tp_failed(tp_fail(&error, TP_DENIED, "link.enrolled_anew", "the node was enrolled anew")))
        tp_link_runner_fail(runner, &error);
    tp_link_runner_unref(runner);
}

/* The ticker --------------------------------------------------------------------------------- */

/* Notes how far the outbox of a connected node has grown. */
static void note_outbox(struct tp_link_server *server, const char *center_id, int64_t sent_seq)
{
    pthread_mutex_lock(&server->lock);
    struct tp_link_node *node = tp_link_node_of(server, center_id, false);
    if (node != NULL && node->connection != NULL && node->seen_seq != sent_seq) {
        node->seen_seq = sent_seq;
        node->grew = true;
    }
    pthread_mutex_unlock(&server->lock);
}

static struct tp_status note_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT peer, sent_seq FROM link_mark", "");
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row)
        note_outbox(argument, tp_query_text(query, 0), tp_query_int(query, 1));
    tp_query_end(query);
    return status;
}

/* The runner of one node whose outbox has grown, with a reference; NULL when there is none. */
static struct tp_link_runner *take_grown(struct tp_link_server *server)
{
    struct tp_link_runner *runner = NULL;
    pthread_mutex_lock(&server->lock);
    for (struct tp_link_node *node = server->nodes; node != NULL && runner == NULL;
         node = node->next) {
        if (node->grew && node->connection != NULL)
            runner = tp_link_runner_ref(node->connection->runner);
        node->grew = false;
    }
    pthread_mutex_unlock(&server->lock);
    return runner;
}

static void tick(struct tp_link_server *server)
{
    size_t count = 0;
    struct tp_error error;
    struct tp_link_runner **runners = all_runners(server, &count);
    for (size_t i = 0; i < count; i++) {
        tp_link_runner_tick(runners[i]);
        tp_link_runner_unref(runners[i]);
    }
    free(runners);
    if (count == 0)
        return;
    if (tp_failed(tp_store_read(server->app->store, note_work, server, &error)))
        tp_log_error(TP_LOG_ERROR, "link.outbox_not_read", &error);
    struct tp_link_runner *runner = NULL;
    while ((runner = take_grown(server)) != NULL) {
        tp_link_runner_wake(runner);
        tp_link_runner_unref(runner);
    }
}

static void *ticker_main(void *argument)
{
    struct tp_link_server *server = argument;
    pthread_mutex_lock(&server->lock);
    while (!server->ending) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        while (!server->wake && !server->ending &&
               pthread_cond_timedwait(&server->woken, &server->lock, &until) == 0)
            ;
        server->wake = false;
        pthread_mutex_unlock(&server->lock);
        tick(server);
        pthread_mutex_lock(&server->lock);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* Life --------------------------------------------------------------------------------------- */

struct tp_status tp_link_server_new(struct tp_app *app, struct tp_link_server **out,
                                    struct tp_error *error)
{
    struct tp_link_server *server = calloc(1, sizeof(*server));
    if (server == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the link server");
    server->app = app;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->woken, NULL);
    *out = server;
    return TP_STATUS_OK;
}

struct tp_status tp_link_server_start(struct tp_link_server *server, struct tp_error *error)
{
    struct tp_websocket_handler handler = tp_link_websocket_handler;
    handler.context = server;
    struct tp_status status =
        tp_http_server_websocket(server->app->server, "/link", &handler, error);
    if (tp_failed(status))
        return status;
    if (pthread_create(&server->ticker, NULL, ticker_main, server) != 0)
        return tp_fail(error, TP_IO, "link.no_thread", "cannot start the link's thread");
    server->ticking = true;
    return TP_STATUS_OK;
}

void tp_link_server_free(struct tp_link_server *server)
{
    if (server == NULL)
        return;
    pthread_mutex_lock(&server->lock);
    server->ending = true;
    pthread_cond_signal(&server->woken);
    pthread_mutex_unlock(&server->lock);
    if (server->ticking)
        pthread_join(server->ticker, NULL);
    while (server->nodes != NULL) {
        struct tp_link_node *node = server->nodes;
        server->nodes = node->next;
        tp_node_status_free(node->status);
        free(node);
    }
    pthread_cond_destroy(&server->woken);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

struct tp_status tp_link_server_subscribe(struct tp_link_server *server,
                                          const struct tp_link_subscriber *subscriber,
                                          struct tp_error *error)
{
    if (server->subscriber_count == TP_LINK_SUBSCRIBERS_MOST)
        return tp_fail(error, TP_LIMIT, "link.subscribers", "too many stages subscribe");
    server->subscribers[server->subscriber_count++] = subscriber;
    return TP_STATUS_OK;
}
