#include "coordinator/allocation/free_seats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool append(struct tp_seat_list *list, size_t *capacity, const struct tp_query *query)
{
    if (list->count == *capacity) {
        size_t larger = *capacity == 0 ? 256 : *capacity * 2;
        struct tp_seat_view *grown = realloc(list->seats, larger * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        list->seats = grown;
        *capacity = larger;
    }
    struct tp_seat_view *seat = &list->seats[list->count++];
    snprintf(seat->center_id, sizeof seat->center_id, "%s", tp_query_text(query, 0));
    snprintf(seat->room_id, sizeof seat->room_id, "%s", tp_query_text(query, 1));
    snprintf(seat->id, sizeof seat->id, "%s", tp_query_text(query, 2));
    snprintf(seat->name, sizeof seat->name, "%s", tp_query_text(query, 3));
    seat->free = tp_query_int(query, 4) == 0;
    return true;
}

struct tp_status tp_seat_list_read(struct tp_db *db, struct tp_slots slots,
                                   struct tp_seat_list *list, struct tp_error *error)
{
    memset(list, 0, sizeof *list);
    size_t capacity = 0;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT s.center_id, s.room_id, s.id, s.name, EXISTS (SELECT 1 FROM bookings b WHERE"
        " b.seat_id = s.id AND b.slot >= $1 AND b.slot < $2) FROM seats s"
        " ORDER BY s.center_id, s.room_id, s.position",
        "ii", slots.first, slots.end);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row && !append(list, &capacity, query)) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the seats");
        }
    }
    tp_query_end(query);
    if (tp_failed(status)) {
        tp_seat_list_fini(list);
    }
    return status;
}

void tp_seat_list_fini(struct tp_seat_list *list)
{
    free(list->seats);
    memset(list, 0, sizeof *list);
}
