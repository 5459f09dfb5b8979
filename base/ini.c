#include "base/ini.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini_file.h"

struct reading {
    const char *path;
    const struct tp_ini_key *keys;
    size_t key_count;
    bool *given;
};

static struct tp_status read_text(const struct tp_ini_key *key, const char *value,
                                  struct tp_error *error)
{
    size_t bytes = strlen(value) + 1;
    if (bytes > key->size)
        return tp_fail(error, TP_INPUT, "ini.text_too_long", "at most %zu bytes", key->size - 1);
    if (key->required && bytes == 1)
        return tp_fail(error, TP_INPUT, "ini.missing_key", "the key needs a value");
    memcpy(key->value, value, bytes);
    return TP_STATUS_OK;
}

static struct tp_status read_number(const struct tp_ini_key *key, int64_t number,
                                    struct tp_error *error)
{
    bool bounded = key->minimum != 0 || key->maximum != 0;
    if (bounded && (number < key->minimum || number > key->maximum))
        return tp_fail(error, TP_INPUT, "ini.out_of_bounds", "%" PRId64 " to %" PRId64 "%s",
                       key->minimum, key->maximum, key->type == TP_INI_DURATION ? " ms" : "");
    *(int64_t *)key->value = number;
    return TP_STATUS_OK;
}

static struct tp_status read_int(const struct tp_ini_key *key, const char *value,
                                 struct tp_error *error)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool starts_well = value[0] == '-' || (value[0] >= '0' && value[0] <= '9');
    if (errno != 0 || !starts_well || end == value || *end != '\0')
        return tp_fail(error, TP_INPUT, "ini.bad_integer", "an integer is wanted");
    return read_number(key, number, error);
}

static struct tp_status read_bool(const struct tp_ini_key *key, const char *value,
                                  struct tp_error *error)
{
    bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
    bool no = strcmp(value, "no") == 0 || strcmp(value, "false") == 0;
    if (!yes && !no)
        return tp_fail(error, TP_INPUT, "ini.bad_boolean", "yes or no is wanted");
    *(bool *)key->value = yes;
    return TP_STATUS_OK;
}

static struct tp_status read_duration(const struct tp_ini_key *key, const char *value,
                                      struct tp_error *error)
{
    int64_t duration_ms;
    struct tp_status status = tp_duration_parse(value, &duration_ms, error);
    return tp_ok(status) ? read_number(key, duration_ms, error) : status;
}

static struct tp_status read_value(const struct tp_ini_key *key, const char *value,
                                   struct tp_error *error)
{
    switch (key->type) {
    case TP_INI_TEXT:
        return read_text(key, value, error);
    case TP_INI_INT:
        return read_int(key, value, error);
    case TP_INI_BOOL:
        return read_bool(key, value, error);
    case TP_INI_DURATION:
        return read_duration(key, value, error);
    }
    return tp_fail(error, TP_INPUT, "ini.unknown_key", "a key of no known type");
}

static bool takes(const struct tp_ini_key *key, const char *section, const char *name)
{
    return strcmp(key->name, name) == 0 &&
           (strcmp(key->section, "*") == 0 || strcmp(key->section, section) == 0);
}

static struct tp_status read_entry(void *context, const char *section, const char *name,
                                   const char *value, int line, struct tp_error *error)
{
    struct reading *reading = context;
    struct tp_status status;
    size_t i = 0;
    while (i < reading->key_count && !takes(&reading->keys[i], section, name))
        i++;
    if (i == reading->key_count) {
        status = tp_fail(error, TP_INPUT, "ini.unknown_key", "no such key is known");
    } else {
        status = read_value(&reading->keys[i], value, error);
        reading->given[i] = true;
    }
    if (tp_failed(status))
        tp_error_set_field(error, "%s:%d %s%s%s", tp_ini_file_name(reading->path), line, section,
                           section[0] == '\0' ? "" : ".", name);
    return status;
}

struct tp_status tp_ini_read(const char *path, const struct tp_ini_key *keys, size_t key_count,
                             struct tp_error *error)
{
    struct reading reading = {.path = path, .keys = keys, .key_count = key_count};
    reading.given = calloc(key_count + 1, sizeof(*reading.given));
    if (reading.given == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory to read %s", path);
    struct tp_status status = tp_ini_file_walk(path, read_entry, &reading, error);
    for (size_t i = 0; i < key_count && tp_ok(status); i++) {
        if (!keys[i].required || reading.given[i])
            continue;
        status = tp_fail(error, TP_INPUT, "ini.missing_key", "the key is wanted");
        tp_error_set_field(error, "%s %s.%s", tp_ini_file_name(path), keys[i].section,
                           keys[i].name);
    }
    free(reading.given);
    return status;
}

struct tp_status tp_ini_read_each(const char *path, tp_ini_entry entry, void *context,
                                  struct tp_error *error)
{
    return tp_ini_file_walk(path, entry, context, error);
}
