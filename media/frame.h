/*
 * Frames on the local socket between tp-venue and tp-media: a big-endian u32 length and that many
 * bytes of one MediaFrame (proto/media.proto). No I/O here.
 */
#ifndef TP_MEDIA_FRAME_H
#define TP_MEDIA_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "proto/media.pb-c.h"

#define TP_MEDIA_FRAME_MAX_BYTES ((size_t)1024 * 1024)

/* Gathers received bytes and cuts them into frames. */
struct tp_frame_reader {
    struct tp_bytes buffer;
    size_t taken; /* bytes of the buffer already given out */
};

void tp_frame_reader_fini(struct tp_frame_reader *reader);

TP_MUST_USE struct tp_status tp_frame_reader_feed(struct tp_frame_reader *reader, const void *data,
                                                  size_t length, struct tp_error *error);

/*
 * The next whole frame, unpacked, owned by the caller
 * (tongping__media__media_frame__free_unpacked); NULL when more bytes are needed. TP_PEER
 * "media.frame_too_large", "media.frame_empty", "media.frame_garbled": the stream cannot be read
 * on, the connection must be closed.
 */
TP_MUST_USE struct tp_status tp_frame_reader_next(struct tp_frame_reader *reader,
                                                  Tongping__Media__MediaFrame **frame,
                                                  struct tp_error *error);

/* Appends length and frame. TP_LIMIT when the frame is larger than a frame may be. */
TP_MUST_USE struct tp_status tp_frame_append(struct tp_bytes *out,
                                             const Tongping__Media__MediaFrame *frame,
                                             struct tp_error *error);

#endif
