#include "coordinator/center/province.h"

#include <stdlib.h>
#include <string.h>

#include "base/ini.h"

static struct tp_status copy(char *out, size_t size, const char *value, struct tp_error *error)
{
    if (value[0] == '\0' || strlen(value) >= size) {
        return tp_fail(error, TP_INPUT, "province.bad_value", "the value is empty or too long");
    }
    strcpy(out, value);
    return TP_STATUS_OK;
}

static struct tp_status copy_id(char out[TP_NAME_BYTES], const char *id, struct tp_error *error)
{
    size_t length = strlen(id);
    if (length == 0 || length >= TP_NAME_BYTES ||
        strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != length) {
        return tp_fail(error, TP_INPUT, "province.bad_id",
                       "ids are lower-case letters, digits and '-'");
    }
    strcpy(out, id);
    return TP_STATUS_OK;
}

static struct tp_status read_center(struct tp_province *province, const char *id, const char *key,
                                    const char *value, struct tp_error *error)
{
    bool same = province->center_count > 0 &&
                strcmp(province->centers[province->center_count - 1].id, id) == 0;
    if (!same && province->center_count == TP_CENTERS_MOST) {
        return tp_fail(error, TP_LIMIT, "province.too_many", "too many centers");
    }
    province->center_count += !same;
    struct tp_center_entry *center = &province->centers[province->center_count - 1];
    struct tp_status status = copy_id(center->id, id, error);
    if (tp_failed(status)) {
        return status;
    }
    if (strcmp(key, "name") == 0) {
        return copy(center->name, sizeof center->name, value, error);
    }
    if (strcmp(key, "city") == 0) {
        return copy(center->city, sizeof center->city, value, error);
    }
    if (strcmp(key, "district") == 0) {
        return copy(center->district, sizeof center->district, value, error);
    }
    if (strcmp(key, "longitude") == 0) {
        return copy(center->longitude, sizeof center->longitude, value, error);
    }
    if (strcmp(key, "latitude") == 0) {
        return copy(center->latitude, sizeof center->latitude, value, error);
    }
    return tp_fail(error, TP_INPUT, "province.unknown_key", "unknown key of a center");
}

static struct tp_status read_room(struct tp_province *province, const char *id, const char *key,
                                  const char *value, struct tp_error *error)
{
    bool same =
        province->room_count > 0 && strcmp(province->rooms[province->room_count - 1].id, id) == 0;
    if (!same && province->room_count == TP_ROOMS_MOST) {
        return tp_fail(error, TP_LIMIT, "province.too_many", "too many rooms");
    }
    province->room_count += !same;
    struct tp_room_entry *room = &province->rooms[province->room_count - 1];
    struct tp_status status = copy_id(room->id, id, error);
    if (tp_failed(status)) {
        return status;
    }
    if (strcmp(key, "center") == 0) {
        return copy_id(room->center_id, value, error);
    }
    if (strcmp(key, "name") == 0) {
        return copy(room->name, sizeof room->name, value, error);
    }
    return tp_fail(error, TP_INPUT, "province.unknown_key", "unknown key of a room");
}

static struct tp_status read_seat(struct tp_province *province, const char *id, const char *key,
                                  const char *value, struct tp_error *error)
{
    bool same =
        province->seat_count > 0 && strcmp(province->seats[province->seat_count - 1].id, id) == 0;
    if (!same && province->seat_count == TP_SEATS_MOST) {
        return tp_fail(error, TP_LIMIT, "province.too_many", "too many seats");
    }
    province->seat_count += !same;
    struct tp_seat_entry *seat = &province->seats[province->seat_count - 1];
    struct tp_status status = copy_id(seat->id, id, error);
    if (tp_failed(status)) {
        return status;
    }
    if (strcmp(key, "room") == 0) {
        return copy_id(seat->room_id, value, error);
    }
    if (strcmp(key, "name") == 0) {
        return copy(seat->name, sizeof seat->name, value, error);
    }
    return tp_fail(error, TP_INPUT, "province.unknown_key", "unknown key of a seat");
}

static struct tp_status read_entry(void *context, const char *section, const char *name,
                                   const char *value, int line, struct tp_error *error)
{
    struct tp_province *province = context;
    struct tp_status status;
    if (strncmp(section, "center ", 7) == 0) {
        status = read_center(province, section + 7, name, value, error);
    } else if (strncmp(section, "room ", 5) == 0) {
        status = read_room(province, section + 5, name, value, error);
    } else if (strncmp(section, "seat ", 5) == 0) {
        status = read_seat(province, section + 5, name, value, error);
    } else {
        status = tp_fail(error, TP_INPUT, "province.unknown_section",
                         "sections are [center ID], [room ID] and [seat ID]");
    }
    if (tp_failed(status)) {
        tp_error_set_field(error, "province, line %d, %.32s", line, name);
    }
    return status;
}

static const struct tp_room_entry *find_room(const struct tp_province *province, const char *id)
{
    for (size_t i = 0; i < province->room_count; i++) {
        if (strcmp(province->rooms[i].id, id) == 0) {
            return &province->rooms[i];
        }
    }
    return NULL;
}

static struct tp_status place_seats(struct tp_province *province, struct tp_error *error)
{
    for (size_t i = 0; i < province->seat_count; i++) {
        struct tp_seat_entry *seat = &province->seats[i];
        const struct tp_room_entry *room = find_room(province, seat->room_id);
        if (room == NULL || seat->name[0] == '\0') {
            return tp_fail(error, TP_INPUT, "province.missing_key",
                           "seat %s needs a name and a room of this file", seat->id);
        }
        strcpy(seat->center_id, room->center_id);
    }
    return TP_STATUS_OK;
}

static struct tp_status check_whole(struct tp_province *province, struct tp_error *error)
{
    for (size_t i = 0; i < province->center_count; i++) {
        const struct tp_center_entry *center = &province->centers[i];
        if (center->name[0] == '\0' || center->city[0] == '\0') {
            return tp_fail(error, TP_INPUT, "province.missing_key", "center %s needs name and city",
                           center->id);
        }
    }
    for (size_t i = 0; i < province->room_count; i++) {
        const struct tp_room_entry *room = &province->rooms[i];
        bool known = false;
        for (size_t c = 0; c < province->center_count; c++) {
            known = known || strcmp(province->centers[c].id, room->center_id) == 0;
        }
        if (!known || room->name[0] == '\0') {
            return tp_fail(error, TP_INPUT, "province.missing_key",
                           "room %s needs a name and a center of this file", room->id);
        }
    }
    return place_seats(province, error);
}

struct tp_status tp_province_read(const char *path, struct tp_province **province,
                                  struct tp_error *error)
{
    struct tp_province *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->seats = calloc(TP_SEATS_MOST, sizeof *made->seats);
    }
    if (made == NULL || made->seats == NULL) {
        tp_province_free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the province");
    }
    struct tp_status status = tp_ini_read_each(path, read_entry, made, error);
    if (tp_ok(status)) {
        status = check_whole(made, error);
    }
    if (tp_failed(status)) {
        tp_province_free(made);
        return status;
    }
    *province = made;
    return TP_STATUS_OK;
}

void tp_province_free(struct tp_province *province)
{
    if (province != NULL) {
        free(province->seats);
        free(province);
    }
}
