#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define DEPTH_MOST 16

/* When memory runs out within a token, jansson 2.14 drops bytes of the text and reports success. A
 * program that ends loses nothing acknowledged; one that goes on would store an altered name. */
static void *allocate_or_end(size_t bytes)
{
    void *memory = malloc(bytes);
    if (memory == NULL) {
        tp_log(TP_LOG_ERROR, "memory.exhausted", "in=json bytes=%zu", bytes);
        abort();
    }
    return memory;
}

__attribute__((constructor)) static void set_allocator(void)
{
    json_set_alloc_funcs(allocate_or_end, free);
}

/* Looks at the brackets before the parser does, so that a deep text costs no stack. */
static bool too_deep(const char *text, size_t bytes)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < bytes; i++) {
        char character = text[i];
        if (in_string) {
            if (character == '\\')
                i++;
            else if (character == '"')
                in_string = false;
            continue;
        }
        if (character == '"')
            in_string = true;
        else if ((character == '{' || character == '[') && ++depth > DEPTH_MOST)
            return true;
        else if ((character == '}' || character == ']') && depth > 0)
            depth--;
    }
    return false;
}

/* jansson's own text quotes the input, which may hold a name: only its kind is told. */
static const char *kind_of(enum json_error_code code)
{
    switch ((int)code) {
    case json_error_premature_end_of_input:
        return "the text ends too early";
    case json_error_end_of_input_expected:
        return "text after the end";
    case json_error_invalid_utf8:
        return "broken UTF-8";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character";
    case json_error_duplicate_key:
        return "a duplicate key";
    case json_error_numeric_overflow:
        return "a number out of range";
    default:
        return "a syntax error";
    }
}

struct tp_status tp_json_parse(const void *text, size_t bytes, json_t **json,
                               struct tp_error *error)
{
    if (too_deep(text, bytes))
        return tp_fail(error, TP_INPUT, "json.malformed", "more than %d levels", DEPTH_MOST);
    json_error_t where;
    json_t *parsed = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &where);
    if (parsed == NULL)
        return tp_fail(error, TP_INPUT, "json.malformed", "%s at line %d column %d",
                       kind_of(json_error_code(&where)), where.line, where.column);
    *json = parsed;
    return TP_STATUS_OK;
}

static int append_dump(const char *text, size_t length, void *data)
{
    struct tp_bytes *out = data;
    tp_bytes_append(out, text, length);
    return out->failed ? -1 : 0;
}

struct tp_status tp_json_write(const json_t *json, struct tp_bytes *out, struct tp_error *error)
{
    int failed = json_dump_callback(json, append_dump, out, JSON_COMPACT | JSON_ENCODE_ANY);
    struct tp_status status = tp_bytes_check(out, error);
    if (tp_ok(status) && failed != 0)
        return tp_fail(error, TP_NOMEM, "json.unwritable", "the JSON value cannot be written");
    return status;
}
