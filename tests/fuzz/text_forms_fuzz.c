/* Base64url, hex, UTF-8, durations and percent-escapes: what is taken has one meaning only. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/http/request.h"
#include "base/ini.h"
#include "tests/fuzz/fuzz.h"

static void check_base64(const char *text, size_t bytes)
{
    TP_AUTO(tp_bytes) struct tp_bytes decoded = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes encoded = TP_BYTES_INIT;
    if (tp_failed(tp_base64_decode(text, bytes, &decoded, NULL))) {
        FUZZ_HOLDS(decoded.length == 0);
        return;
    }
    tp_fuzz_taken_count++;
    tp_base64_append(&encoded, decoded.data, decoded.length);
    while (bytes > 0 && text[bytes - 1] == '=')
        bytes--;
    FUZZ_HOLDS(encoded.length == bytes);
    FUZZ_HOLDS(bytes == 0 || memcmp(encoded.data, text, bytes) == 0);
}

static void check_hex(const char *text)
{
    size_t length = strlen(text) / 2;
    uint8_t *out = malloc(length + 1);
    char *again = malloc(2 * length + 1);
    FUZZ_HOLDS(out != NULL && again != NULL);
    if (tp_ok(tp_hex_decode(text, out, length, NULL))) {
        tp_fuzz_taken_count++;
        tp_hex_encode(out, length, again);
        FUZZ_HOLDS(strcasecmp(text, again) == 0);
    }
    free(again);
    free(out);
}

/* The definition in words instead of a table: shortest form, no surrogates, at most U+10FFFF. */
static bool utf8_by_definition(const uint8_t *data, size_t bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < bytes;) {
        size_t length = data[i] < 0x80   ? 1
                        : data[i] < 0xC0 ? 0
                        : data[i] < 0xE0 ? 2
                        : data[i] < 0xF0 ? 3
                                         : 4;
        if (length == 0 || data[i] >= 0xF8 || data[i] == 0 || bytes - i < length)
            return false;
        uint32_t value = length == 1 ? data[i] : data[i] & (0xFFU >> (length + 1));
        for (size_t k = 1; k < length; k++) {
            if ((data[i + k] & 0xC0) != 0x80)
                return false;
            value = value << 6 | (data[i + k] & 0x3F);
        }
        if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
            return false;
        i += length;
    }
    return true;
}

static void check_percent(const char *text, size_t bytes)
{
    char *out = malloc(bytes + 1);
    FUZZ_HOLDS(out != NULL);
    if (tp_http_percent_decode(text, bytes, true, out)) {
        FUZZ_HOLDS(strlen(out) <= bytes);
        FUZZ_HOLDS(tp_utf8_valid(out, strlen(out)));
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input exact_input = {data, bytes};
    struct tp_fuzz_input text_input = {data, bytes};
    int64_t duration_ms = -1;
    uint8_t *exact = tp_fuzz_take(&exact_input, bytes, &bytes);
    char *text = tp_fuzz_take_text(&text_input);
    check_base64((const char *)exact, bytes);
    FUZZ_HOLDS(tp_utf8_valid(exact, bytes) == utf8_by_definition(exact, bytes));
    check_percent((const char *)exact, bytes);
    check_hex(text);
    if (tp_ok(tp_duration_parse(text, &duration_ms, NULL))) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(duration_ms >= 0);
    }
    (void)tp_http_list_has(text, "upgrade");
    free(text);
    free(exact);
    return 0;
}
