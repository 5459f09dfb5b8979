/*
 * WebSocket frames (RFC 6455 section 5) and the handshake's key: no I/O, no state but the message
 * under way.
 */
#ifndef TP_BASE_HTTP_FRAME_H
#define TP_BASE_HTTP_FRAME_H

#include "base/bytes.h"

enum tp_opcode {
    TP_OPCODE_CONTINUATION = 0x0,
    TP_OPCODE_TEXT = 0x1,
    TP_OPCODE_BINARY = 0x2,
    TP_OPCODE_CLOSE = 0x8,
    TP_OPCODE_PING = 0x9,
    TP_OPCODE_PONG = 0xA,
};

enum tp_close_code {
    TP_CLOSE_NORMAL = 1000,
    TP_CLOSE_GOING_AWAY = 1001,
    TP_CLOSE_PROTOCOL = 1002,
    TP_CLOSE_NO_STATUS = 1005,
    TP_CLOSE_BAD_DATA = 1007,
    TP_CLOSE_TOO_BIG = 1009,
};

#define TP_CONTROL_PAYLOAD_MAX_BYTES 125

/* Joins the fragments of one direction of one connection. */
struct tp_frame_reader {
    size_t limit_bytes;      /* of a message */
    struct tp_bytes message; /* fragments so far */
    uint8_t opcode;          /* of the message under way; 0: none */
};

enum tp_frame_result {
    TP_FRAME_MORE,    /* the frame is not complete */
    TP_FRAME_PARTIAL, /* a fragment was taken; the message is not complete */
    TP_FRAME_MESSAGE, /* text, binary or control */
    TP_FRAME_BROKEN,  /* close with `close_code` */
};

struct tp_frame {
    uint8_t opcode;
    const uint8_t *data; /* in the given bytes or in the reader: valid until the next call */
    size_t bytes;
    size_t consumed;
    int close_code;
};

/* Reads one frame of a client from `data`, unmasking in place. */
enum tp_frame_result tp_frame_read(struct tp_frame_reader *reader, uint8_t *data, size_t bytes,
                                   struct tp_frame *frame);
void tp_frame_reader_fini(struct tp_frame_reader *reader);

/* Appends one unmasked frame, as servers send. */
void tp_frame_append(struct tp_bytes *out, uint8_t opcode, const void *data, size_t bytes);
/* Appends a close frame; the reason is cut to what fits. */
void tp_frame_append_close(struct tp_bytes *out, int code, const char *reason);
/* True when a close frame's payload is well formed; *code is TP_CLOSE_NO_STATUS when it has none.
 */
bool tp_frame_close_code(const uint8_t *data, size_t bytes, int *code);

#define TP_ACCEPT_BYTES 29
/* Sec-WebSocket-Accept of a key. False: not a key. */
bool tp_frame_accept(const char *key, char out[TP_ACCEPT_BYTES]);

#endif
