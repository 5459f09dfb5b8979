/* RFC 4648 section 5 (base64url). Bits left over at the end must be zero (section 3.5), so that
 * every value has one text. */
#include "base/bytes.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void tp_base64_append(struct tp_bytes *out, const void *data, size_t length)
{
    if (length > SIZE_MAX / 2) {
        out->failed = true;
        return;
    }
    tp_bytes_reserve(out, length / 3 * 4 + 4);
    const uint8_t *in = data;
    while (length > 0) {
        size_t taken = length < 3 ? length : 3;
        uint32_t bits = (uint32_t)in[0] << 16;
        if (taken > 1)
            bits |= (uint32_t)in[1] << 8;
        if (taken > 2)
            bits |= in[2];
        char text[4];
        for (size_t i = 0; i < 4; i++)
            text[i] = alphabet[bits >> (18 - 6 * i) & 0x3F];
        tp_bytes_append(out, text, taken + 1);
        in += taken;
        length -= taken;
    }
}

static int character_value(char character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    if (character == '-')
        return 62;
    if (character == '_')
        return 63;
    return -1;
}

/* The length without padding; SIZE_MAX when the padding is wrong. */
static size_t unpadded_length(const char *text, size_t length)
{
    size_t end = length;
    while (end > 0 && text[end - 1] == '=')
        end--;
    if (end != length && (length % 4 != 0 || length - end > 2))
        return SIZE_MAX;
    if (end % 4 == 1)
        return SIZE_MAX;
    return end;
}

static bool append_decoded(const char *text, size_t length, struct tp_bytes *out)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < length; i++) {
        int value = character_value(text[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xFFFF;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            tp_bytes_append_u8(out, (uint8_t)(bits >> bit_count));
        }
    }
    return (bits & ((1U << bit_count) - 1)) == 0;
}

struct tp_status tp_base64_decode(const char *text, size_t text_length, struct tp_bytes *out,
                                  struct tp_error *error)
{
    size_t length = unpadded_length(text, text_length);
    if (length == SIZE_MAX)
        return tp_fail(error, TP_INPUT, "base64.malformed", "wrong length or padding");
    size_t before = out->length;
    tp_bytes_reserve(out, length / 4 * 3 + 2);
    if (!append_decoded(text, length, out)) {
        out->length = before;
        if (out->data != NULL)
            out->data[before] = '\0';
        return tp_fail(error, TP_INPUT, "base64.malformed", "not base64url");
    }
    return tp_bytes_check(out, error);
}
