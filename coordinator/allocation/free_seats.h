/*
 * Which seats of the province are free in all slots of a session.
 */
#ifndef TP_COORDINATOR_ALLOCATION_FREE_SEATS_H
#define TP_COORDINATOR_ALLOCATION_FREE_SEATS_H

#include <stddef.h>

#include "base/store/store.h"
#include "coordinator/account/user.h"
#include "coordinator/domain/slots.h"

struct tp_seat_view {
    char center_id[TP_NAME_BYTES];
    char room_id[TP_NAME_BYTES];
    char id[TP_NAME_BYTES];
    char name[TP_DISPLAY_BYTES];
    bool free;
};

/* All seats in the order of centers, rooms, seats. */
struct tp_seat_list {
    struct tp_seat_view *seats; /* owned */
    size_t count;
};

TP_MUST_USE struct tp_status tp_seat_list_read(struct tp_db *db, struct tp_slots slots,
                                               struct tp_seat_list *list, struct tp_error *error);
void tp_seat_list_fini(struct tp_seat_list *list);

#endif
