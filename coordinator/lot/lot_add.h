/*
 * A lot to be made, from whichever side. Internal to lot/.
 */
#ifndef TP_COORDINATOR_LOT_LOT_ADD_H
#define TP_COORDINATOR_LOT_LOT_ADD_H

#include <jansson.h>

#include "coordinator/record/write.h"

struct tp_new_lot {
    const char *code;
    const char *name;
    const char *project_code;
    const char *industry;
    const char *agency_code;
    const char *trading_system_id;
    int64_t bid_deadline_at_ms;
    bool from_trading; /* otherwise by hand */
};

/* Reads the fields; those of the trading system's form ("agency_code", "remote") only when
 * lot->from_trading. */
TP_MUST_USE struct tp_status tp_new_lot_read(struct tp_app *app, const json_t *body,
                                             struct tp_new_lot *lot, struct tp_error *error);

/* Inside a write: makes it, or finds the equal one of the same code (*made false). TP_CONFLICT
 * "lot.code_taken" when one of the code differs. */
TP_MUST_USE struct tp_status tp_new_lot_write(struct tp_write *write, const struct tp_new_lot *lot,
                                              const char *actor, char id[TP_ID_BYTES], bool *made,
                                              struct tp_error *error);

#endif
