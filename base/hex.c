#include "base/bytes.h"

#include <string.h>

void tp_hex_encode(const void *data, size_t length, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = data;
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 0x0F];
    }
    out[2 * length] = '\0';
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

struct tp_status tp_hex_decode(const char *text, void *out, size_t length, struct tp_error *error)
{
    if (strlen(text) != 2 * length)
        return tp_fail(error, TP_INPUT, "hex.malformed", "%zu hex digits are wanted", 2 * length);
    /* All digits are looked at before the first byte is written: `out` is whole or untouched. */
    for (size_t i = 0; i < 2 * length; i++) {
        if (digit_value(text[i]) < 0)
            return tp_fail(error, TP_INPUT, "hex.malformed", "not a hex digit at %zu", i);
    }
    uint8_t *bytes = out;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
    return TP_STATUS_OK;
}
