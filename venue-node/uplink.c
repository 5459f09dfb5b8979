#include "venue-node/uplink.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/http/websocket_client.h"
#include "base/log.h"

struct tp_uplink {
    struct tp_uplink_handler handler;
    struct tp_link_config link;
    struct tp_store *store;
    char node_id[TP_LINK_NODE_ID_BYTES];
    char version[64];
    char url[300];
    char *ca_path;
    pthread_mutex_t lock; /* guards what follows */
    struct tp_websocket_client *client;
    struct tp_link_runner *runner; /* of the connection that stands; NULL between */
    bool up;
    bool stopping;
    uint32_t round_trip_ms;
    int64_t clock_offset_ms;
};

/* The runner of now, with a reference, or NULL. */
static struct tp_link_runner *current(struct tp_uplink *uplink)
{
    pthread_mutex_lock(&uplink->lock);
    struct tp_link_runner *runner =
        uplink->runner == NULL ? NULL : tp_link_runner_ref(uplink->runner);
    pthread_mutex_unlock(&uplink->lock);
    return runner;
}

static void set_up(struct tp_uplink *uplink, bool up)
{
    pthread_mutex_lock(&uplink->lock);
    bool changed = uplink->up != up;
    uplink->up = up;
    pthread_mutex_unlock(&uplink->lock);
    if (changed)
        uplink->handler.changed(uplink->handler.context, up);
}

static void send_frame(void *context, const uint8_t *frame, size_t bytes)
{
    struct tp_uplink *uplink = context;
    if (tp_failed(tp_websocket_client_send(uplink->client, frame, bytes, true)))
        tp_websocket_client_drop(uplink->client);
}

static void on_failed(void *context, const struct tp_error *error)
{
    struct tp_uplink *uplink = context;
    tp_log_error(TP_LOG_WARN, "link.failed", error);
    tp_websocket_client_drop(uplink->client);
}

static struct tp_status on_identify(void *context, const char *node_id, uint8_t *sign_public,
                                    struct tp_error *error)
{
    (void)context;
    (void)node_id;
    (void)sign_public;
    return tp_fail(error, TP_DENIED, "link.out_of_order", "a node is not asked for keys");
}

static void on_established(void *context, const char *node_id, const char *version)
{
    struct tp_uplink *uplink = context;
    (void)version;
    tp_log(TP_LOG_INFO, "link.established", "node=%s", node_id);
    set_up(uplink, true);
}

static struct tp_status on_apply(void *context, struct tp_db *db, const char *node_id,
                                 const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    struct tp_uplink *uplink = context;
    (void)node_id;
    return uplink->handler.apply(uplink->handler.context, db, message, error);
}

static void on_applied(void *context, const char *node_id,
                       const Tongping__Link__LinkMessage *message)
{
    struct tp_uplink *uplink = context;
    (void)node_id;
    uplink->handler.applied(uplink->handler.context, message);
}

static void on_call(void *context, const char *node_id, const Tongping__Link__LinkMessage *message)
{
    struct tp_uplink *uplink = context;
    (void)node_id;
    uplink->handler.call(uplink->handler.context, message);
}

static void connected(void *context)
{
    struct tp_uplink *uplink = context;
    const struct tp_link_runner_handler handler = {
        .context = uplink,
        .send = send_frame,
        .failed = on_failed,
        .identify = on_identify,
        .established = on_established,
        .apply = on_apply,
        .applied = on_applied,
        .call = on_call,
    };
    struct tp_link_runner *runner = NULL;
    struct tp_error error = {0};
    struct tp_status status =
        tp_link_runner_new(&uplink->link, uplink->store, &handler, &runner, &error);
    /* The lock also waits until tp_uplink_start has kept the client. */
    pthread_mutex_lock(&uplink->lock);
    bool kept = tp_ok(status) && !uplink->stopping;
    if (kept)
        uplink->runner = tp_link_runner_ref(runner);
    pthread_mutex_unlock(&uplink->lock);
    if (kept) {
        tp_link_runner_start(runner);
    } else if (tp_failed(status)) {
        tp_log_error(TP_LOG_ERROR, "link.not_started", &error);
        tp_websocket_client_drop(uplink->client);
    }
    tp_link_runner_unref(runner);
}

static void received(void *context, const uint8_t *data, size_t bytes, bool binary)
{
    struct tp_uplink *uplink = context;
    struct tp_link_runner *runner = current(uplink);
    if (runner == NULL)
        return;
    if (binary) {
        tp_link_runner_received(runner, data, bytes);
    } else {
        struct tp_error error = {0};
        (void)tp_fail(&error, TP_PEER, "link.malformed", "a text message is not a frame");
        tp_link_runner_fail(runner, &error);
    }
    tp_link_runner_unref(runner);
}

/* Takes the runner out and waits for its callbacks to end. */
static void end_runner(struct tp_uplink *uplink)
{
    pthread_mutex_lock(&uplink->lock);
    struct tp_link_runner *runner = uplink->runner;
    uplink->runner = NULL;
    pthread_mutex_unlock(&uplink->lock);
    if (runner == NULL)
        return;
    tp_link_runner_end(runner);
    tp_link_runner_unref(runner);
}

static void disconnected(void *context, const struct tp_error *why)
{
    struct tp_uplink *uplink = context;
    end_runner(uplink);
    if (why != NULL)
        tp_log_error(TP_LOG_WARN, "link.disconnected", why);
    set_up(uplink, false);
}

/* https://host:port to wss://host:port/link. */
static struct tp_status make_url(const char *coordinator_url, char *url, size_t size,
                                 struct tp_error *error)
{
    const char *host = strstr(coordinator_url, "://");
    if (host == NULL || snprintf(url, size, "wss%s/link", host) >= (int)size)
        return tp_fail(error, TP_INPUT, "venue.bad_url", "the coordinator's url is malformed");
    return TP_STATUS_OK;
}

struct tp_status tp_uplink_new(const struct tp_uplink_config *config,
                               const struct tp_uplink_handler *handler, struct tp_uplink **uplink,
                               struct tp_error *error)
{
    struct tp_uplink *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the link");
    pthread_mutex_init(&made->lock, NULL);
    made->handler = *handler;
    made->store = config->store;
    snprintf(made->node_id, sizeof made->node_id, "%s", config->node_id);
    snprintf(made->version, sizeof made->version, "%s", config->version);
    made->link = (struct tp_link_config){
        .role = TP_LINK_NODE,
        .keypair = config->keypair,
        .clock = config->clock,
        .random = tp_random_system(),
        .node_id = made->node_id,
        .version = made->version,
    };
    memcpy(made->link.peer_sign_public, config->coordinator_public, TP_SIGN_PUBLIC_BYTES);
    struct tp_status status = make_url(config->coordinator_url, made->url, sizeof made->url, error);
    if (tp_ok(status) && config->ca_path != NULL) {
        made->ca_path = strdup(config->ca_path);
        if (made->ca_path == NULL)
            status = tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the link");
    }
    if (tp_failed(status)) {
        tp_uplink_free(made);
        return status;
    }
    *uplink = made;
    return TP_STATUS_OK;
}

struct tp_status tp_uplink_start(struct tp_uplink *uplink, struct tp_error *error)
{
    const struct tp_websocket_client_config config = {
        .url = uplink->url,
        .ca_path = uplink->ca_path,
        .message_limit_bytes = TP_LINK_FRAME_MAX_BYTES,
        .context = uplink,
        .connected = connected,
        .message = received,
        .disconnected = disconnected,
    };
    pthread_mutex_lock(&uplink->lock);
    struct tp_status status = tp_websocket_client_new(&config, &uplink->client, error);
    pthread_mutex_unlock(&uplink->lock);
    return status;
}

void tp_uplink_stop(struct tp_uplink *uplink)
{
    pthread_mutex_lock(&uplink->lock);
    uplink->stopping = true;
    struct tp_websocket_client *client = uplink->client;
    pthread_mutex_unlock(&uplink->lock);
    end_runner(uplink);
    if (client != NULL)
        tp_websocket_client_free(client);
    pthread_mutex_lock(&uplink->lock);
    uplink->client = NULL;
    uplink->up = false;
    pthread_mutex_unlock(&uplink->lock);
}

void tp_uplink_free(struct tp_uplink *uplink)
{
    if (uplink == NULL)
        return;
    if (uplink->client != NULL)
        tp_uplink_stop(uplink);
    pthread_mutex_destroy(&uplink->lock);
    free(uplink->ca_path);
    free(uplink);
}

bool tp_uplink_up(struct tp_uplink *uplink)
{
    pthread_mutex_lock(&uplink->lock);
    bool up = uplink->up;
    pthread_mutex_unlock(&uplink->lock);
    return up;
}

void tp_uplink_wake(struct tp_uplink *uplink)
{
    struct tp_link_runner *runner = current(uplink);
    if (runner == NULL)
        return;
    tp_link_runner_wake(runner);
    tp_link_runner_unref(runner);
}

struct tp_status tp_uplink_call(struct tp_uplink *uplink,
                                const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    struct tp_link_runner *runner = current(uplink);
    if (runner == NULL)
        return tp_fail(error, TP_PEER, "link.down", "there is no line to the coordinator");
    struct tp_status status = tp_link_runner_call(runner, message, error);
    tp_link_runner_unref(runner);
    return status;
}

void tp_uplink_tick(struct tp_uplink *uplink)
{
    struct tp_link_runner *runner = current(uplink);
    if (runner == NULL)
        return;
    tp_link_runner_tick(runner);
    if (tp_link_runner_established(runner)) {
        uint32_t round_trip_ms = tp_link_runner_round_trip_ms(runner);
        int64_t offset_ms = tp_link_runner_clock_offset_ms(runner);
        pthread_mutex_lock(&uplink->lock);
        uplink->round_trip_ms = round_trip_ms;
        uplink->clock_offset_ms = offset_ms;
        pthread_mutex_unlock(&uplink->lock);
    }
    tp_link_runner_unref(runner);
}

uint32_t tp_uplink_round_trip_ms(struct tp_uplink *uplink)
{
    pthread_mutex_lock(&uplink->lock);
    uint32_t round_trip_ms = uplink->round_trip_ms;
    pthread_mutex_unlock(&uplink->lock);
    return round_trip_ms;
}

int64_t tp_uplink_clock_offset_ms(struct tp_uplink *uplink)
{
    pthread_mutex_lock(&uplink->lock);
    int64_t offset_ms = uplink->clock_offset_ms;
    pthread_mutex_unlock(&uplink->lock);
    return offset_ms;
}
