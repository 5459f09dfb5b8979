#include "base/bytes.h"

#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void tp_bytes_fini(struct tp_bytes *bytes)
{
    free(bytes->data);
    *bytes = TP_BYTES_INIT;
}

void tp_bytes_wipe(struct tp_bytes *bytes)
{
    if (bytes->data != NULL)
        sodium_memzero(bytes->data, bytes->capacity);
    tp_bytes_fini(bytes);
}

void tp_bytes_clear(struct tp_bytes *bytes)
{
    bytes->length = 0;
    bytes->failed = false;
    if (bytes->data != NULL)
        bytes->data[0] = '\0';
}

void tp_bytes_reserve(struct tp_bytes *bytes, size_t length)
{
    if (bytes->failed)
        return;
    if (length >= SIZE_MAX / 2 - bytes->length) {
        bytes->failed = true;
        return;
    }
    size_t wanted = bytes->length + length + 1;
    if (wanted <= bytes->capacity)
        return;
    size_t capacity = bytes->capacity == 0 ? FIRST_CAPACITY : bytes->capacity * 2;
    if (capacity < wanted)
        capacity = wanted;
    uint8_t *data = realloc(bytes->data, capacity);
    if (data == NULL) {
        bytes->failed = true;
        return;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    bytes->data[bytes->length] = '\0';
}

void tp_bytes_append(struct tp_bytes *bytes, const void *data, size_t length)
{
    assert(data != NULL || length == 0);
    tp_bytes_reserve(bytes, length);
    if (bytes->failed)
        return;
    if (length > 0)
        memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    bytes->data[bytes->length] = '\0';
}

void tp_bytes_append_text(struct tp_bytes *bytes, const char *text)
{
    tp_bytes_append(bytes, text, strlen(text));
}

void tp_bytes_append_format(struct tp_bytes *bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (wanted < 0) {
        bytes->failed = true;
        return;
    }
    tp_bytes_reserve(bytes, (size_t)wanted);
    if (bytes->failed)
        return;
    va_start(args, format);
    vsnprintf((char *)bytes->data + bytes->length, (size_t)wanted + 1, format, args);
    va_end(args);
    bytes->length += (size_t)wanted;
}

static void append_big_endian(struct tp_bytes *bytes, uint64_t value, size_t width)
{
    uint8_t out[8];
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    tp_bytes_append(bytes, out, width);
}

void tp_bytes_append_u8(struct tp_bytes *bytes, uint8_t value)
{
    append_big_endian(bytes, value, 1);
}

void tp_bytes_append_u16(struct tp_bytes *bytes, uint16_t value)
{
    append_big_endian(bytes, value, 2);
}

void tp_bytes_append_u32(struct tp_bytes *bytes, uint32_t value)
{
    append_big_endian(bytes, value, 4);
}

void tp_bytes_append_u64(struct tp_bytes *bytes, uint64_t value)
{
    append_big_endian(bytes, value, 8);
}

struct tp_status tp_bytes_check(const struct tp_bytes *bytes, struct tp_error *error)
{
    if (bytes->failed)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for %zu bytes",
                       bytes->length);
    return TP_STATUS_OK;
}
