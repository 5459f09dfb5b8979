/*
 * Reading and writing JSON (jansson) strictly: duplicate keys, unknown fields, wrong types, values
 * out of bounds and broken UTF-8 are TP_INPUT with the field's path. A JSON value for which there
 * is no memory ends the program (see json.c for why).
 */
#ifndef TP_BASE_JSON_H
#define TP_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"

static inline void tp_json_cleanup(json_t **json)
{
    json_decref(*json);
}
/* TP_AUTO(tp_json) json_t *body = NULL; */

/* Parses one object or array of at most 16 levels; "json.malformed" with the position. */
TP_MUST_USE struct tp_status tp_json_parse(const void *text, size_t bytes, json_t **json,
                                           struct tp_error *error);

enum tp_json_type {
    TP_JSON_TEXT,  /* const char *: borrowed from the object */
    TP_JSON_INT,   /* int64_t */
    TP_JSON_BOOL,  /* bool */
    TP_JSON_ARRAY, /* json_t *: borrowed; minimum/maximum bound its length */
    TP_JSON_OBJECT /* json_t *: borrowed */
};

struct tp_json_field {
    const char *name;
    enum tp_json_type type;
    void *value; /* untouched when an optional field is absent or null */
    bool optional;
    int64_t minimum; /* of an integer; of a text's length in characters; of an array's length */
    int64_t maximum; /* both 0: no bounds, but a text holds at most 4,096 bytes */
};

/* Reads all fields; anything not listed is "json.unknown_field". `path` prefixes the field in
 * errors
 * ("venues[1]"); NULL at the top. */
TP_MUST_USE struct tp_status tp_json_read(const json_t *object, const char *path,
                                          const struct tp_json_field *fields, size_t field_count,
                                          struct tp_error *error);

/* Compact text, keys in insertion order. */
TP_MUST_USE struct tp_status tp_json_write(const json_t *json, struct tp_bytes *out,
                                           struct tp_error *error);

#endif
