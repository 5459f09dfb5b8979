/*
 * The trading system's side of HTTPS: POST /tongping/v1/expert-lists and the status page at /.
 */
#ifndef TP_DEMO_TRADING_RECEIVER_H
#define TP_DEMO_TRADING_RECEIVER_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/http/server.h"
#include "demo/trading/list_store.h"
#include "demo/trading/settings.h"

struct tp_receiver {
    const struct tp_trading_settings *settings;
    const struct tp_clock *clock;
    struct tp_list_store *lists;
    struct tp_keypair *keypair;
    struct tp_public_key coordinator;
    /* The faults that are still to be shown. */
    atomic_llong refusals_left;
    atomic_llong bad_signatures_left;
};

/* Adds the routes; `receiver` is borrowed for the server's life. */
TP_MUST_USE struct tp_status tp_receiver_serve(struct tp_receiver *receiver,
                                               struct tp_http_server *server,
                                               struct tp_error *error);

#endif
