#include <stdio.h>
#include <string.h>

#include "coordinator/session/session.h"

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text == NULL ? "" : text);
}

static void take(const struct tp_query *query, struct tp_session_row *row)
{
    memset(row, 0, sizeof *row);
    copy(row->id, sizeof row->id, tp_query_text(query, 0));
    copy(row->lot_id, sizeof row->lot_id, tp_query_text(query, 1));
    copy(row->agency_code, sizeof row->agency_code, tp_query_text(query, 2));
    copy(row->trading_system_id, sizeof row->trading_system_id, tp_query_text(query, 3));
    copy(row->main_center_id, sizeof row->main_center_id, tp_query_text(query, 4));
    row->state = tp_session_state_of(tp_query_text(query, 5));
    row->version = tp_query_int(query, 6);
    row->start_at_ms = tp_query_int(query, 7);
    row->end_at_ms = tp_query_int(query, 8);
    row->bid_deadline_at_ms = tp_query_int(query, 9);
    row->hold_until_at_ms = tp_query_int(query, 10);
    row->created_at_ms = tp_query_int(query, 11);
}

struct tp_status tp_session_row_read(struct tp_db *db, const char *session_id,
                                     struct tp_session_row *row, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT s.id, s.lot_id, s.agency_code, l.trading_system_id, v.center_id, s.state,"
        " s.version, s.start_at, s.end_at, l.bid_deadline_at, COALESCE(s.hold_until_at, 0),"
        " s.created_at FROM sessions s JOIN lots l ON l.id = s.lot_id"
        " JOIN session_venues v ON v.session_id = s.id AND v.position = 0 WHERE s.id = $1",
        "t", session_id);
    bool found = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &found, error);
    }
    if (tp_ok(status) && !found) {
        status = tp_fail(error, TP_NOT_FOUND, "session.not_found", "there is no such session");
    }
    if (tp_ok(status)) {
        take(query, row);
    }
    tp_query_end(query);
    return status;
}
