#include "base/http/body.h"

#include <string.h>

#define CHUNK_LINE_MAX_BYTES 256
#define TRAILER_MAX_BYTES 4096
#define CHUNK_DIGITS_MAX 15

void tp_body_reader_init(struct tp_body_reader *reader, bool chunked, uint64_t content_bytes,
                         size_t limit_bytes)
{
    *reader = (struct tp_body_reader){
        .state = chunked ? TP_BODY_CHUNK_SIZE : TP_BODY_BY_LENGTH,
        .left = chunked ? 0 : content_bytes,
        .limit_bytes = limit_bytes,
    };
}

static size_t take(struct tp_body_reader *reader, const uint8_t *data, size_t bytes,
                   struct tp_bytes *out)
{
    size_t part = reader->left < bytes ? (size_t)reader->left : bytes;
    if (part > 0)
        tp_bytes_append(out, data, part);
    reader->left -= part;
    return part;
}

/* The length of the line without its end; -1: not complete; -2: broken. */
static long line_length(const uint8_t *data, size_t bytes)
{
    const uint8_t *end = memchr(data, '\n', bytes);
    if (end == NULL)
        return bytes > CHUNK_LINE_MAX_BYTES ? -2 : -1;
    long length = end - data;
    if (length == 0 || length > CHUNK_LINE_MAX_BYTES || data[length - 1] != '\r')
        return -2;
    return length - 1;
}

static bool read_size(struct tp_body_reader *reader, const uint8_t *line, long length)
{
    uint64_t size = 0;
    long digits = 0;
    for (; digits < length && digits <= CHUNK_DIGITS_MAX; digits++) {
        uint8_t c = line[digits];
        uint8_t lower = c | 0x20;
        if (c >= '0' && c <= '9')
            size = size << 4 | (uint64_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            size = size << 4 | (uint64_t)(lower - 'a' + 10);
        else
            break;
    }
    /* Extensions are for no one and are passed over. */
    bool ends = digits == length || line[digits] == ';';
    reader->left = size;
    return digits > 0 && digits <= CHUNK_DIGITS_MAX && ends;
}

static enum tp_body_result read_chunk_line(struct tp_body_reader *reader, const uint8_t *data,
                                           size_t bytes, const struct tp_bytes *out,
                                           size_t *consumed)
{
    *consumed = 0;
    long length = line_length(data, bytes);
    if (length < 0)
        return length == -1 ? TP_BODY_MORE : TP_BODY_BROKEN;
    *consumed = (size_t)length + 2;
    if (reader->state == TP_BODY_TRAILER) {
        reader->trailer_bytes += *consumed;
        if (reader->trailer_bytes > TRAILER_MAX_BYTES)
            return TP_BODY_BROKEN;
        return length == 0 ? TP_BODY_DONE : TP_BODY_MORE;
    }
    if (reader->state == TP_BODY_CHUNK_END) {
        reader->state = TP_BODY_CHUNK_SIZE;
        return length == 0 ? TP_BODY_MORE : TP_BODY_BROKEN;
    }
    if (!read_size(reader, data, length))
        return TP_BODY_BROKEN;
    if (reader->left > reader->limit_bytes - out->length)
        return TP_BODY_TOO_LARGE;
    reader->state = reader->left == 0 ? TP_BODY_TRAILER : TP_BODY_CHUNK_DATA;
    return TP_BODY_MORE;
}

enum tp_body_result tp_body_read(struct tp_body_reader *reader, const uint8_t *data, size_t bytes,
                                 struct tp_bytes *out, size_t *consumed)
{
    *consumed = 0;
    if (reader->state == TP_BODY_BY_LENGTH) {
        if (reader->left + out->length > reader->limit_bytes)
            return TP_BODY_TOO_LARGE;
        *consumed = take(reader, data, bytes, out);
        return reader->left == 0 ? TP_BODY_DONE : TP_BODY_MORE;
    }
    for (;;) {
        size_t part = 0;
        enum tp_body_result result = TP_BODY_MORE;
        if (reader->state == TP_BODY_CHUNK_DATA) {
            part = take(reader, data + *consumed, bytes - *consumed, out);
            if (reader->left == 0)
                reader->state = TP_BODY_CHUNK_END;
        } else {
            result = read_chunk_line(reader, data + *consumed, bytes - *consumed, out, &part);
        }
        *consumed += part;
        if (result != TP_BODY_MORE || part == 0)
            return result;
    }
}
