/*
 * Sends a lot to the coordinator with a signed request (A1).
 */
#ifndef TP_DEMO_TRADING_LOT_SENDER_H
#define TP_DEMO_TRADING_LOT_SENDER_H

#include "base/clock.h"
#include "base/crypto.h"
#include "demo/trading/settings.h"

struct tp_lot_to_send {
    const char *code;
    const char *name;
    const char *project_code;
    const char *industry;
    const char *agency_code;
    int64_t bid_deadline_at_ms;
};

/* Appends the coordinator's answer. Its refusal is TP_PEER with the answer's code. */
TP_MUST_USE struct tp_status tp_lot_send(const struct tp_trading_settings *settings,
                                         const struct tp_keypair *keypair,
                                         const struct tp_clock *clock,
                                         const struct tp_lot_to_send *lot, struct tp_bytes *answer,
                                         struct tp_error *error);

#endif
