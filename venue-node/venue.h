/*
 * The parts of a running tp-venue. venue.c wires them; terminal.c, seat_login.c, seat_state.c and
 * node_status.c work on them.
 */
#ifndef TP_VENUE_NODE_VENUE_H
#define TP_VENUE_NODE_VENUE_H

#include <pthread.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/http/server.h"
#include "venue-node/config.h"
#include "venue-node/feeds.h"
#include "venue-node/login_calls.h"
#include "venue-node/media_link.h"
#include "venue-node/rate_limit.h"
#include "venue-node/terminals.h"
#include "venue-node/uplink.h"
#include "venue-node/watching.h"

#define TP_VENUE_VERSION "0.1.0"

struct tp_venue {
    const struct tp_clock *clock;
    const struct tp_venue_config *config;
    struct tp_keypair *keypair;
    struct tp_public_key coordinator_public; /* its seal key is all zero: not known here */
    struct tp_public_key draw_public;
    struct tp_store *journal;
    struct tp_feeds *feeds;
    struct tp_uplink *uplink;
    struct tp_login_calls *login_calls;
    struct tp_terminals *terminals;
    struct tp_media_link *media; /* NULL: no media at this venue */
    struct tp_watching *watching;
    struct tp_rate_limit *login_limit;
    struct tp_rate_limit *enrol_limit;
    struct tp_rate_limit *request_limit;
    struct tp_http_server *server;
    pthread_t ticker;
    bool ticking;
    pthread_mutex_t tick_lock;
    pthread_cond_t tick_wake;
    bool stopping; /* under tick_lock */
};

/* Opens and starts everything; the port listens when it returns. `config` is borrowed. */
TP_MUST_USE struct tp_status tp_venue_start(const struct tp_venue_config *config,
                                            struct tp_venue **venue, struct tp_error *error);
/* Ends everything in order, the child process too. NULL is allowed. */
void tp_venue_free(struct tp_venue *venue);

#endif
