/*
 * province.ini as values. Internal to center/.
 */
#ifndef TP_COORDINATOR_CENTER_PROVINCE_H
#define TP_COORDINATOR_CENTER_PROVINCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "coordinator/account/user.h"

#define TP_CENTERS_MOST 256
#define TP_ROOMS_MOST 4096
#define TP_SEATS_MOST 65536

struct tp_center_entry {
    char id[TP_NAME_BYTES];
    char name[TP_DISPLAY_BYTES];
    char city[TP_DISPLAY_BYTES];
    char district[TP_DISPLAY_BYTES];
    char longitude[24];
    char latitude[24];
};

struct tp_room_entry {
    char id[TP_NAME_BYTES];
    char center_id[TP_NAME_BYTES];
    char name[TP_DISPLAY_BYTES];
};

struct tp_seat_entry {
    char id[TP_NAME_BYTES];
    char room_id[TP_NAME_BYTES];
    char center_id[TP_NAME_BYTES]; /* its room's */
    char name[TP_DISPLAY_BYTES];
};

struct tp_province {
    struct tp_center_entry centers[TP_CENTERS_MOST];
    size_t center_count;
    struct tp_room_entry rooms[TP_ROOMS_MOST];
    size_t room_count;
    struct tp_seat_entry *seats;
    size_t seat_count;
};

/* TP_INPUT with file and line; every room must name a center of the file, every seat a room. */
TP_MUST_USE struct tp_status tp_province_read(const char *path, struct tp_province **province,
                                              struct tp_error *error);
void tp_province_free(struct tp_province *province);

#endif
