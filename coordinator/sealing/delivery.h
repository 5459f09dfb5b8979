/*
 * A8: the sealed expert list on its way to the trading system. A row per version of a session's
 * list, made in the transaction that completes the draw; a job fetches the sealed list from
 * tp-draw, pushes it, and tries again with growing pauses until the signed receipt holds. The
 * receipt, its log entry and the session's "delivered" are one transaction. The same sealed bytes
 * are sent however often, so a receiver that knows version and hash takes the list once.
 */
#ifndef TP_COORDINATOR_SEALING_DELIVERY_H
#define TP_COORDINATOR_SEALING_DELIVERY_H

#include <jansson.h>

#include "coordinator/record/write.h"

/* Inside the write that completes a draw: the next version of the list is to be delivered; earlier
 * ones that were not are void. */
TP_MUST_USE struct tp_status tp_delivery_begin(struct tp_write *write, const char *session_id,
                                               struct tp_error *error);
/* Inside a write: what is on its way is void (a substitute is drawn, the session is cancelled). */
TP_MUST_USE struct tp_status tp_delivery_void(struct tp_write *write, const char *session_id,
                                              struct tp_error *error);

/* Job: sends what is due. Several of them may run beside each other. */
TP_MUST_USE struct tp_status tp_delivery_run(struct tp_app *app, struct tp_error *error);

/* The process begins: what was on its way when it ended is due at once. */
TP_MUST_USE struct tp_status tp_delivery_recover(struct tp_app *app, struct tp_error *error);

/* The newest version's state as in the API, or json_null. NULL in *json: no memory. */
TP_MUST_USE struct tp_status tp_delivery_json(struct tp_db *db, const char *session_id,
                                              json_t **json, struct tp_error *error);
/* What is not delivered, for GET /services. */
TP_MUST_USE struct tp_status tp_delivery_list(struct tp_db *db, json_t **pushes,
                                              struct tp_error *error);

#define TP_DELIVERY_FIRST_PAUSE_MS 1000
#define TP_DELIVERY_LONGEST_PAUSE_MS 60000
/* The pause after the n-th failure (from 1): doubles up to the longest, within a quarter by lot, so
 * that a trading system that comes back is not met by all at once. */
int64_t tp_delivery_pause_ms(const struct tp_random *random, int64_t tries);

#endif
