#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MOST_BYTES 4096

struct reading {
    const char *path; /* of the object; NULL at the top */
    struct tp_error *error;
};

static struct tp_status fail_at(const struct reading *reading, const char *name, const char *code,
                                const char *format, ...) TP_PRINTF(4, 5);

static struct tp_status fail_at(const struct reading *reading, const char *name, const char *code,
                                const char *format, ...)
{
    char message[TP_ERROR_MESSAGE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    struct tp_status status = tp_fail(reading->error, TP_INPUT, code, "%s", message);
    bool top = reading->path == NULL || reading->path[0] == '\0';
    tp_error_set_field(reading->error, "%s%s%s", top ? "" : reading->path,
                       top || name[0] == '\0' ? "" : ".", name);
    return status;
}

static struct tp_status fail_type(const struct reading *reading, const struct tp_json_field *field)
{
    static const char *const wanted[] = {
        [TP_JSON_TEXT] = "a text is wanted",      [TP_JSON_INT] = "an integer is wanted",
        [TP_JSON_BOOL] = "a boolean is wanted",   [TP_JSON_ARRAY] = "an array is wanted",
        [TP_JSON_OBJECT] = "an object is wanted",
    };
    return fail_at(reading, field->name, "json.wrong_type", "%s", wanted[field->type]);
}

static bool bounded(const struct tp_json_field *field)
{
    return field->minimum != 0 || field->maximum != 0;
}

static struct tp_status check_bounds(const struct reading *reading,
                                     const struct tp_json_field *field, int64_t measure)
{
    if (!bounded(field) || (measure >= field->minimum && measure <= field->maximum))
        return TP_STATUS_OK;
    const char *what = field->type == TP_JSON_TEXT    ? " characters"
                       : field->type == TP_JSON_ARRAY ? " entries"
                                                      : "";
    return fail_at(reading, field->name, "json.out_of_bounds", "%" PRId64 " to %" PRId64 "%s",
                   field->minimum, field->maximum, what);
}

static int64_t character_count(const char *text)
{
    int64_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static struct tp_status read_text(const struct reading *reading, const struct tp_json_field *field,
                                  const json_t *value)
{
    const char *text = json_string_value(value);
    struct tp_status status;
    if (bounded(field))
        status = check_bounds(reading, field, character_count(text));
    else if (json_string_length(value) > TEXT_MOST_BYTES)
        status = fail_at(reading, field->name, "json.out_of_bounds", "at most 4096 bytes");
    else
        status = TP_STATUS_OK;
    if (tp_ok(status))
        *(const char **)field->value = text;
    return status;
}

static struct tp_status read_int(const struct reading *reading, const struct tp_json_field *field,
                                 const json_t *value)
{
    int64_t number = json_integer_value(value);
    struct tp_status status = check_bounds(reading, field, number);
    if (tp_ok(status))
        *(int64_t *)field->value = number;
    return status;
}

static struct tp_status read_array(const struct reading *reading, const struct tp_json_field *field,
                                   json_t *value)
{
    struct tp_status status = check_bounds(reading, field, (int64_t)json_array_size(value));
    if (tp_ok(status))
        *(json_t **)field->value = value;
    return status;
}

static struct tp_status read_field(const struct reading *reading, const struct tp_json_field *field,
                                   json_t *value)
{
    switch (field->type) {
    case TP_JSON_TEXT:
        return json_is_string(value) ? read_text(reading, field, value) : fail_type(reading, field);
    case TP_JSON_INT:
        return json_is_integer(value) ? read_int(reading, field, value) : fail_type(reading, field);
    case TP_JSON_BOOL:
        if (!json_is_boolean(value))
            return fail_type(reading, field);
        *(bool *)field->value = json_is_true(value);
        return TP_STATUS_OK;
    case TP_JSON_ARRAY:
        return json_is_array(value) ? read_array(reading, field, value) : fail_type(reading, field);
    case TP_JSON_OBJECT:
        if (!json_is_object(value))
            return fail_type(reading, field);
        *(json_t **)field->value = value;
        return TP_STATUS_OK;
    }
    assert(!"a field of no known type");
    return fail_type(reading, field);
}

static struct tp_status refuse_unknown(const struct reading *reading, const json_t *object,
                                       const struct tp_json_field *fields, size_t field_count)
{
    /* json_object_foreach takes no const object although it only reads. */
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        bool known = false;
        for (size_t i = 0; i < field_count && !known; i++)
            known = strcmp(key, fields[i].name) == 0;
        if (!known)
            return fail_at(reading, key, "json.unknown_field", "no such field is known");
    }
    return TP_STATUS_OK;
}

struct tp_status tp_json_read(const json_t *object, const char *path,
                              const struct tp_json_field *fields, size_t field_count,
                              struct tp_error *error)
{
    struct reading reading = {.path = path, .error = error};
    if (!json_is_object(object))
        return fail_at(&reading, "", "json.wrong_type", "an object is wanted");
    struct tp_status status = refuse_unknown(&reading, object, fields, field_count);
    for (size_t i = 0; i < field_count && tp_ok(status); i++) {
        json_t *value = json_object_get(object, fields[i].name);
        if (value != NULL && !json_is_null(value))
            status = read_field(&reading, &fields[i], value);
        else if (!fields[i].optional)
            status = fail_at(&reading, fields[i].name, "json.missing_field", "the field is wanted");
    }
    return status;
}
