#include "venue-node/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"

#define CODE_LEAST_BYTES 8

struct reading {
    struct tp_venue_config *config;
    char folder[TP_VENUE_PATH_BYTES]; /* of the file, with the slash; "" for the current one */
    const char *path;
};

enum value_kind {
    VALUE_TEXT,
    VALUE_PATH,
    VALUE_PROGRAM, /* a path; without any slash it is looked up in PATH */
    VALUE_PORT,
};

struct plain_key {
    const char *section, *name;
    enum value_kind kind;
    size_t offset, size;
    bool required;
};

#define KEY(section, name, kind, member, required)                                                 \
    {                                                                                              \
        section, name, kind, offsetof(struct tp_venue_config, member),                             \
            sizeof(((struct tp_venue_config *)NULL)->member), required                             \
    }

static const struct plain_key plain_keys[] = {
    KEY("node", "center_id", VALUE_TEXT, center_id, true),
    KEY("node", "center_name", VALUE_TEXT, center_name, true),
    KEY("node", "key", VALUE_PATH, key, true),
    KEY("node", "journal", VALUE_PATH, journal, true),
    KEY("node", "coordinator_public", VALUE_PATH, coordinator_public, true),
    KEY("node", "draw_public", VALUE_PATH, draw_public, true),
    KEY("coordinator", "url", VALUE_TEXT, coordinator_url, true),
    KEY("coordinator", "ca", VALUE_PATH, coordinator_ca, false),
    KEY("terminal", "address", VALUE_TEXT, address, false),
    KEY("terminal", "port", VALUE_PORT, port, false),
    KEY("terminal", "certificate", VALUE_PATH, certificate, true),
    KEY("terminal", "private_key", VALUE_PATH, private_key, true),
    KEY("terminal", "folder", VALUE_PATH, terminal_folder, false),
    KEY("media", "socket", VALUE_PATH, media_socket, false),
    KEY("media", "program", VALUE_PROGRAM, media_program, false),
    KEY("media", "config", VALUE_PATH, media_config, false),
};
#define PLAIN_KEY_COUNT (sizeof plain_keys / sizeof plain_keys[0])

static struct tp_status copy_text(char *out, size_t size, const char *value, struct tp_error *error)
{
    size_t bytes = strlen(value) + 1;
    if (bytes > size)
        return tp_fail(error, TP_INPUT, "ini.text_too_long", "at most %zu bytes", size - 1);
    memcpy(out, value, bytes);
    return TP_STATUS_OK;
}

static struct tp_status copy_path(const struct reading *reading, char *out, const char *value,
                                  struct tp_error *error)
{
    const char *folder = value[0] == '/' || value[0] == '\0' ? "" : reading->folder;
    if (strlen(folder) + strlen(value) >= TP_VENUE_PATH_BYTES)
        return tp_fail(error, TP_INPUT, "ini.text_too_long", "the path is too long");
    snprintf(out, TP_VENUE_PATH_BYTES, "%s%s", folder, value);
    return TP_STATUS_OK;
}

static struct tp_status read_port(uint16_t *port, const char *value, struct tp_error *error)
{
    char *end = NULL;
    unsigned long number = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || number > UINT16_MAX)
        return tp_fail(error, TP_INPUT, "ini.bad_integer", "a port is 0 to 65535");
    *port = (uint16_t)number;
    return TP_STATUS_OK;
}

static struct tp_status read_plain(const struct reading *reading, const char *section,
                                   const char *name, const char *value, struct tp_error *error)
{
    for (size_t i = 0; i < PLAIN_KEY_COUNT; i++) {
        const struct plain_key *key = &plain_keys[i];
        if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0)
            continue;
        char *out = (char *)reading->config + key->offset;
        if (key->kind == VALUE_PORT)
            return read_port((uint16_t *)(void *)out, value, error);
        if (key->kind == VALUE_PATH || (key->kind == VALUE_PROGRAM && strchr(value, '/') != NULL))
            return copy_path(reading, out, value, error);
        return copy_text(out, key->size, value, error);
    }
    return tp_fail(error, TP_INPUT, "ini.unknown_key", "no such key is known");
}

static bool id_valid(const char *id)
{
    size_t length = strlen(id);
    return length > 0 && length < TP_VENUE_ID_BYTES &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

static struct tp_status bad_id(struct tp_error *error)
{
    return tp_fail(error, TP_INPUT, "ini.bad_id",
                   "an id is letters, digits and hyphens, at most 64");
}

/* `array` with room for one more element, which is zeroed; NULL when that cannot be. The old array
 * lives on then. */
static void *grow_by_one(void *array, size_t count, size_t limit, size_t size)
{
    if (count >= limit)
        return NULL;
    char *grown = realloc(array, (count + 1) * size);
    if (grown != NULL)
        memset(grown + count * size, 0, size);
    return grown;
}

static struct tp_status read_room(const struct reading *reading, const char *id, const char *name,
                                  const char *value, struct tp_error *error)
{
    struct tp_venue_config *config = reading->config;
    if (!id_valid(id))
        return bad_id(error);
    struct tp_venue_room *room = NULL;
    for (size_t i = 0; i < config->room_count && room == NULL; i++)
        if (strcmp(config->rooms[i].id, id) == 0)
            room = &config->rooms[i];
    if (room == NULL) {
        struct tp_venue_room *grown = grow_by_one(config->rooms, config->room_count,
                                                  TP_VENUE_ROOM_LIMIT_COUNT, sizeof *grown);
        if (grown == NULL)
            return tp_fail(error, TP_LIMIT, "ini.too_many_rooms", "at most %d rooms",
                           TP_VENUE_ROOM_LIMIT_COUNT);
        config->rooms = grown;
        room = &grown[config->room_count++];
        memcpy(room->id, id, strlen(id) + 1);
    }
    if (strcmp(name, "name") == 0)
        return copy_text(room->name, sizeof room->name, value, error);
    if (strcmp(name, "source") == 0)
        return copy_text(room->source, sizeof room->source, value, error);
    if (strcmp(name, "sound") == 0)
        return copy_text(room->sound, sizeof room->sound, value, error);
    return tp_fail(error, TP_INPUT, "ini.unknown_key", "no such key is known");
}

static struct tp_status read_seat_key(struct tp_venue_seat *seat, const char *name,
                                      const char *value, struct tp_error *error)
{
    if (strcmp(name, "room") == 0)
        return copy_text(seat->room_id, sizeof seat->room_id, value, error);
    if (strcmp(name, "name") == 0)
        return copy_text(seat->name, sizeof seat->name, value, error);
    if (strcmp(name, "code") == 0)
        return copy_text(seat->code, sizeof seat->code, value, error);
    if (strcmp(name, "camera") == 0)
        return copy_text(seat->camera, sizeof seat->camera, value, error);
    if (strcmp(name, "desktop") == 0)
        return copy_text(seat->desktop, sizeof seat->desktop, value, error);
    return tp_fail(error, TP_INPUT, "ini.unknown_key", "no such key is known");
}

static struct tp_status read_seat(const struct reading *reading, const char *id, const char *name,
                                  const char *value, struct tp_error *error)
{
    struct tp_venue_config *config = reading->config;
    if (!id_valid(id))
        return bad_id(error);
    struct tp_venue_seat *seat = NULL;
    for (size_t i = 0; i < config->seat_count && seat == NULL; i++)
        if (strcmp(config->seats[i].id, id) == 0)
            seat = &config->seats[i];
    if (seat == NULL) {
        struct tp_venue_seat *grown = grow_by_one(config->seats, config->seat_count,
                                                  TP_VENUE_SEAT_LIMIT_COUNT, sizeof *grown);
        if (grown == NULL)
            return tp_fail(error, TP_LIMIT, "ini.too_many_seats", "at most %d seats",
                           TP_VENUE_SEAT_LIMIT_COUNT);
        config->seats = grown;
        seat = &grown[config->seat_count++];
        memcpy(seat->id, id, strlen(id) + 1);
    }
    return read_seat_key(seat, name, value, error);
}

static struct tp_status read_entry(void *context, const char *section, const char *name,
                                   const char *value, int line, struct tp_error *error)
{
    const struct reading *reading = context;
    struct tp_status status;
    if (strncmp(section, "room ", 5) == 0)
        status = read_room(reading, section + 5, name, value, error);
    else if (strncmp(section, "seat ", 5) == 0)
        status = read_seat(reading, section + 5, name, value, error);
    else
        status = read_plain(reading, section, name, value, error);
    if (tp_failed(status))
        tp_error_set_field(error, "line %d %s.%s", line, section, name);
    return status;
}

static struct tp_status check_plain(const struct tp_venue_config *config, struct tp_error *error)
{
    for (size_t i = 0; i < PLAIN_KEY_COUNT; i++) {
        const struct plain_key *key = &plain_keys[i];
        if (!key->required || *((const char *)config + key->offset) != '\0')
            continue;
        struct tp_status status = tp_fail(error, TP_INPUT, "ini.missing_key", "the key is wanted");
        tp_error_set_field(error, "%s.%s", key->section, key->name);
        return status;
    }
    if (!id_valid(config->center_id))
        return bad_id(error);
    if (strncmp(config->coordinator_url, "https://", 8) != 0)
        return tp_fail(error, TP_INPUT, "venue.bad_url",
                       "the coordinator's url begins with https://");
    if (config->media_program[0] != '\0' &&
        (config->media_config[0] == '\0' || config->media_socket[0] == '\0'))
        return tp_fail(error, TP_INPUT, "ini.missing_key",
                       "media.program needs media.config and media.socket");
    return TP_STATUS_OK;
}

static struct tp_status check_seats(const struct tp_venue_config *config, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < config->seat_count && tp_ok(status); i++) {
        const struct tp_venue_seat *seat = &config->seats[i];
        if (tp_venue_config_room(config, seat->room_id) == NULL)
            status = tp_fail(error, TP_INPUT, "venue.unknown_room", "the seat's room is not there");
        else if (strlen(seat->code) < CODE_LEAST_BYTES)
            status = tp_fail(error, TP_INPUT, "venue.short_code", "a code has 8 characters");
        if (tp_failed(status))
            tp_error_set_field(error, "seat %s", seat->id);
    }
    return status;
}

struct tp_status tp_venue_config_read(const char *path, struct tp_venue_config *config,
                                      struct tp_error *error)
{
    *config = (struct tp_venue_config){.address = "127.0.0.1"};
    struct reading reading = {.config = config, .path = path};
    const char *slash = strrchr(path, '/');
    size_t folder_bytes = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (folder_bytes >= sizeof reading.folder)
        return tp_fail(error, TP_INPUT, "ini.text_too_long", "the path is too long");
    memcpy(reading.folder, path, folder_bytes);
    struct tp_status status = tp_ini_read_each(path, read_entry, &reading, error);
    if (tp_ok(status))
        status = check_plain(config, error);
    if (tp_ok(status))
        status = check_seats(config, error);
    size_t url_bytes = strlen(config->coordinator_url);
    if (url_bytes > 0 && config->coordinator_url[url_bytes - 1] == '/')
        config->coordinator_url[url_bytes - 1] = '\0';
    if (tp_failed(status))
        tp_venue_config_fini(config);
    return status;
}

void tp_venue_config_fini(struct tp_venue_config *config)
{
    free(config->rooms);
    free(config->seats);
    config->rooms = NULL;
    config->seats = NULL;
    config->room_count = config->seat_count = 0;
}

const struct tp_venue_seat *tp_venue_config_seat(const struct tp_venue_config *config,
                                                 const char *seat_id)
{
    for (size_t i = 0; i < config->seat_count; i++)
        if (strcmp(config->seats[i].id, seat_id) == 0)
            return &config->seats[i];
    return NULL;
}

const struct tp_venue_room *tp_venue_config_room(const struct tp_venue_config *config,
                                                 const char *room_id)
{
    for (size_t i = 0; i < config->room_count; i++)
        if (strcmp(config->rooms[i].id, room_id) == 0)
            return &config->rooms[i];
    return NULL;
}
