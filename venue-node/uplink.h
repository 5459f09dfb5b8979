/*
 * The node's link to the coordinator: a WebSocket that comes back by itself, and a runner of
 * base/link on each connection.
 */
#ifndef TP_VENUE_NODE_UPLINK_H
#define TP_VENUE_NODE_UPLINK_H

#include "base/link/runner.h"

struct tp_uplink;

struct tp_uplink_handler {
    void *context;
    /* As in struct tp_link_runner_handler. */
    struct tp_status (*apply)(void *context, struct tp_db *db,
                              const Tongping__Link__LinkMessage *message, struct tp_error *error);
    void (*applied)(void *context, const Tongping__Link__LinkMessage *message);
    void (*call)(void *context, const Tongping__Link__LinkMessage *message);
    /* The link was established or lost. */
    void (*changed)(void *context, bool up);
};

struct tp_uplink_config {
    const char *coordinator_url; /* https://HOST:PORT */
    const char *ca_path;         /* NULL: the system's */
    const char *node_id;
    const char *version;
    const struct tp_keypair *keypair; /* borrowed, as clock and store */
    const uint8_t *coordinator_public;
    const struct tp_clock *clock;
    struct tp_store *store;
};

TP_MUST_USE struct tp_status tp_uplink_new(const struct tp_uplink_config *config,
                                           const struct tp_uplink_handler *handler,
                                           struct tp_uplink **uplink, struct tp_error *error);
/* Begins to connect. */
TP_MUST_USE struct tp_status tp_uplink_start(struct tp_uplink *uplink, struct tp_error *error);
/* Ends the connection; no callback comes after it returned. */
void tp_uplink_stop(struct tp_uplink *uplink);
void tp_uplink_free(struct tp_uplink *uplink);

/* From any thread, all below. */
bool tp_uplink_up(struct tp_uplink *uplink);
/* The outbox has grown. */
void tp_uplink_wake(struct tp_uplink *uplink);
/* TP_PEER "link.down" when there is no link. */
TP_MUST_USE struct tp_status tp_uplink_call(struct tp_uplink *uplink,
                                            const Tongping__Link__LinkMessage *message,
                                            struct tp_error *error);
/* At least every 250 ms. */
void tp_uplink_tick(struct tp_uplink *uplink);
/* The figures of the last link that stood. */
uint32_t tp_uplink_round_trip_ms(struct tp_uplink *uplink);
int64_t tp_uplink_clock_offset_ms(struct tp_uplink *uplink);

#endif
