/*
 * A lot as the API shows it.
 */
#ifndef TP_COORDINATOR_LOT_LOT_JSON_H
#define TP_COORDINATOR_LOT_LOT_JSON_H

#include <jansson.h>

#include "base/store/store.h"

/* The columns that tp_lot_json_of reads, in order; alias l is lots, s the lot's session, a its
 * agency. */
#define TP_LOT_COLUMNS                                                                             \
    "l.id, l.code, l.name, l.project_code, l.industry, l.trading_system_id, l.bid_deadline_at,"    \
    " l.remote, l.agency_code, COALESCE(a.name, l.agency_code), l.session_id,"                     \
    " COALESCE(s.state, 'registered')"
#define TP_LOT_TABLES                                                                              \
    "lots l LEFT JOIN sessions s ON s.id = l.session_id LEFT JOIN agencies a ON a.code ="          \
    " l.agency_code"

/* From the first columns of the row; NULL without memory. */
json_t *tp_lot_json_of(const struct tp_query *query);

/* TP_NOT_FOUND "lot.not_found". */
TP_MUST_USE struct tp_status tp_lot_json(struct tp_db *db, const char *lot_id, json_t **json,
                                         struct tp_error *error);

#endif
