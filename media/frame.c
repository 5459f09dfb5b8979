#include "media/frame.h"

#include <string.h>

#define LENGTH_BYTES 4

void tp_frame_reader_fini(struct tp_frame_reader *reader)
{
    tp_bytes_fini(&reader->buffer);
    reader->taken = 0;
}

/* Moves what is still unread to the front, so that the buffer never grows beyond a frame. */
static void compact(struct tp_frame_reader *reader)
{
    if (reader->taken == 0)
        return;
    size_t rest = reader->buffer.length - reader->taken;
    memmove(reader->buffer.data, reader->buffer.data + reader->taken, rest);
    reader->buffer.length = rest;
    reader->taken = 0;
}

struct tp_status tp_frame_reader_feed(struct tp_frame_reader *reader, const void *data,
                                      size_t length, struct tp_error *error)
{
    compact(reader);
    tp_bytes_append(&reader->buffer, data, length);
    return tp_bytes_check(&reader->buffer, error);
}

static size_t read_length(const uint8_t *data)
{
    return (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | (size_t)data[3];
}

struct tp_status tp_frame_reader_next(struct tp_frame_reader *reader,
                                      Tongping__Media__MediaFrame **frame, struct tp_error *error)
{
    *frame = NULL;
    size_t held = reader->buffer.length - reader->taken;
    if (held < LENGTH_BYTES)
        return TP_STATUS_OK;
    const uint8_t *start = reader->buffer.data + reader->taken;
    size_t length = read_length(start);
    if (length == 0)
        return tp_fail(error, TP_PEER, "media.frame_empty", "a frame of no bytes");
    if (length > TP_MEDIA_FRAME_MAX_BYTES)
        return tp_fail(error, TP_PEER, "media.frame_too_large", "a frame of %zu bytes", length);
    if (held < LENGTH_BYTES + length)
        return TP_STATUS_OK;
    *frame = tongping__media__media_frame__unpack(NULL, length, start + LENGTH_BYTES);
    if (*frame == NULL)
        return tp_fail(error, TP_PEER, "media.frame_garbled", "not a MediaFrame");
    reader->taken += LENGTH_BYTES + length;
    return TP_STATUS_OK;
}

struct tp_status tp_frame_append(struct tp_bytes *out, const Tongping__Media__MediaFrame *frame,
                                 struct tp_error *error)
{
    size_t length = tongping__media__media_frame__get_packed_size(frame);
    if (length > TP_MEDIA_FRAME_MAX_BYTES)
        return tp_fail(error, TP_LIMIT, "media.frame_too_large", "a frame of %zu bytes", length);
    tp_bytes_append_u32(out, (uint32_t)length);
    tp_bytes_reserve(out, length);
    struct tp_status status = tp_bytes_check(out, error);
    if (tp_failed(status))
        return status;
    tongping__media__media_frame__pack(frame, out->data + out->length);
    out->length += length;
    return TP_STATUS_OK;
}
