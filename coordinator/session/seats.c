#include "coordinator/session/seats.h"

#include <stdio.h>
#include <string.h>

#include "coordinator/config/policy.h"

struct tp_status tp_session_book_seat(struct tp_write *write, const char *session_id,
                                      const char *seat_id, struct tp_slots slots,
                                      struct tp_error *error)
{
    struct tp_error refusal;
    tp_error_clear(&refusal);
    for (int64_t slot = slots.first; slot < slots.end; slot++) {
        struct tp_status status =
            tp_db_run(write->db, &refusal,
                      "INSERT INTO bookings (seat_id, slot, session_id) VALUES ($1, $2, $3)", "tit",
                      seat_id, slot, session_id);
        if (tp_failed(status) && strcmp(refusal.code, "store.unique") == 0) {
            return tp_fail(error, TP_CONFLICT, "request.seats_taken",
                           "seat %s was taken by another session", seat_id);
        }
        if (tp_failed(status)) {
            if (error != NULL) {
                *error = refusal;
            }
            return status;
        }
    }
    return TP_STATUS_OK;
}

struct tp_status tp_session_free_seats(struct tp_write *write, const struct tp_session_row *row,
                                       int position, struct tp_error *error)
{
    int64_t slot_ms = tp_policy_value(write->app->policy, TP_RULE_SLOT);
    struct tp_slots slots = tp_slots_cover(slot_ms, row->start_at_ms, row->end_at_ms);
    int64_t now = write->now_ms / slot_ms;
    int64_t first = now > slots.first ? now : slots.first;
    return tp_db_run(write->db, error,
                     "DELETE FROM bookings WHERE session_id = $1 AND slot >= $2 AND slot < $3 AND"
                     " seat_id IN (SELECT seat_id FROM session_seats WHERE session_id = $1 AND"
                     " ($4 < 0 OR venue_position = $4))",
                     "tiii", row->id, first, slots.end, (int64_t)position);
}

struct tp_status tp_session_title(struct tp_db *db, const char *lot_id, const char *before,
                                  char title[TP_SESSION_TITLE_BYTES], struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT name FROM lots WHERE id = $1", "t", lot_id);
    bool row = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
    }
    if (tp_ok(status)) {
        snprintf(title, TP_SESSION_TITLE_BYTES, "%s%s", before,
                 row ? tp_query_text(query, 0) : lot_id);
    }
    tp_query_end(query);
    return status;
}
