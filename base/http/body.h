/*
 * Taking a request's body off the wire: by its length or in chunks (RFC 9112 section 7.1).
 */
#ifndef TP_BASE_HTTP_BODY_H
#define TP_BASE_HTTP_BODY_H

#include "base/bytes.h"

enum tp_body_state {
    TP_BODY_BY_LENGTH,
    TP_BODY_CHUNK_SIZE,
    TP_BODY_CHUNK_DATA,
    TP_BODY_CHUNK_END,
    TP_BODY_TRAILER,
};

struct tp_body_reader {
    enum tp_body_state state;
    uint64_t left; /* of the body or the chunk */
    size_t limit_bytes;
    size_t trailer_bytes;
};

enum tp_body_result {
    TP_BODY_MORE,
    TP_BODY_DONE,
    TP_BODY_TOO_LARGE,
    TP_BODY_BROKEN,
};

void tp_body_reader_init(struct tp_body_reader *reader, bool chunked, uint64_t content_bytes,
                         size_t limit_bytes);
/* Appends to `out` what is body; *consumed says how much of `data` was taken. */
enum tp_body_result tp_body_read(struct tp_body_reader *reader, const uint8_t *data, size_t bytes,
                                 struct tp_bytes *out, size_t *consumed);

#endif
