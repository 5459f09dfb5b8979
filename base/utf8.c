/* The table of well-formed sequences of the Unicode Standard, table 3-7. */
#include "base/bytes.h"

struct form {
    uint8_t first_low, first_high;
    uint8_t second_low, second_high;
    uint8_t length;
};

static const struct form forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* Bytes of the valid character at `in`, which has `left` bytes; 0 when there is none. */
static size_t character_length(const uint8_t *in, size_t left)
{
    if (in[0] < 0x80)
        return in[0] == 0 ? 0 : 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct form *form = &forms[i];
        if (in[0] < form->first_low || in[0] > form->first_high)
            continue;
        if (left < form->length || in[1] < form->second_low || in[1] > form->second_high)
            return 0;
        for (size_t k = 2; k < form->length; k++) {
            if ((in[k] & 0xC0) != 0x80)
                return 0;
        }
        return form->length;
    }
    return 0;
}

bool tp_utf8_valid(const void *data, size_t length)
{
    const uint8_t *in = data;
    size_t at = 0;
    while (at < length) {
        size_t step = character_length(in + at, length - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}
