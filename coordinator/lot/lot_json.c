#include "coordinator/lot/lot_json.h"

json_t *tp_lot_json_of(const struct tp_query *query)
{
    json_t *lot = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:{s:s, s:s}}", "id", tp_query_text(query, 0),
        "code", tp_query_text(query, 1), "name", tp_query_text(query, 2), "project_code",
        tp_query_text(query, 3), "industry", tp_query_text(query, 4), "trading_system_id",
        tp_query_text(query, 5), "bid_deadline_at", (json_int_t)tp_query_int(query, 6), "remote",
        (int)tp_query_int(query, 7), "agency", "code", tp_query_text(query, 8), "display",
        tp_query_text(query, 9));
    if (lot == NULL) {
        return NULL;
    }
    if (!tp_query_is_null(query, 10)) {
        json_object_set_new(lot, "session_id", json_string(tp_query_text(query, 10)));
    }
    json_object_set_new(lot, "state", json_string(tp_query_text(query, 11)));
    return lot;
}

struct tp_status tp_lot_json(struct tp_db *db, const char *lot_id, json_t **json,
                             struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT " TP_LOT_COLUMNS " FROM " TP_LOT_TABLES " WHERE l.id = $1", "t",
        lot_id);
    bool row = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
    }
    if (tp_ok(status) && !row) {
        status = tp_fail(error, TP_NOT_FOUND, "lot.not_found", "there is no such lot");
    }
    if (tp_ok(status)) {
        *json = tp_lot_json_of(query);
        if (*json == NULL) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for a lot");
        }
    }
    tp_query_end(query);
    return status;
}
