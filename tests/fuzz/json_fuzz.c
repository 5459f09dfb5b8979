/* JSON text of a request's body. What is taken reads the same after it was written. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/fuzz/fuzz.h"

static void check_fields(const json_t *json)
{
    const char *name = NULL;
    int64_t count = 0;
    bool open = false;
    json_t *venues = NULL;
    json_t *more = NULL;
    const struct tp_json_field fields[] = {
        {.name = "name", .type = TP_JSON_TEXT, .value = &name, .minimum = 1, .maximum = 8},
        {.name = "count", .type = TP_JSON_INT, .value = &count, .minimum = -3, .maximum = 9},
        {.name = "open", .type = TP_JSON_BOOL, .value = &open, .optional = true},
        {.name = "venues", .type = TP_JSON_ARRAY, .value = &venues, .maximum = 2},
        {.name = "more", .type = TP_JSON_OBJECT, .value = &more, .optional = true},
    };
    struct tp_error error = {0};
    if (tp_failed(tp_json_read(json, "at", fields, sizeof(fields) / sizeof(fields[0]), &error))) {
        FUZZ_HOLDS(strncmp(error.code, "json.", 5) == 0);
        FUZZ_HOLDS(tp_utf8_valid(error.field, strlen(error.field)));
        return;
    }
    FUZZ_HOLDS(strlen(name) >= 1 && strlen(name) <= 32);
    FUZZ_HOLDS(count >= -3 && count <= 9);
    FUZZ_HOLDS(json_array_size(venues) <= 2);
    tp_fuzz_taken_count++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    uint8_t *text = tp_fuzz_take(&input, bytes, &bytes);
    TP_AUTO(tp_json) json_t *json = NULL;
    struct tp_status status = tp_json_parse(text, bytes, &json, NULL);
    free(text);
    if (tp_failed(status))
        return 0;
    FUZZ_HOLDS(json_is_object(json) || json_is_array(json));
    check_fields(json);
    TP_AUTO(tp_bytes) struct tp_bytes written = TP_BYTES_INIT;
    TP_AUTO(tp_json) json_t *again = NULL;
    FUZZ_HOLDS(tp_ok(tp_json_write(json, &written, NULL)));
    FUZZ_HOLDS(tp_ok(tp_json_parse(written.data, written.length, &again, NULL)));
    FUZZ_HOLDS(json_equal(json, again));
    return 0;
}
