#include "base/http/frame.h"

#include <openssl/evp.h>
#include <string.h>

#define KEY_LENGTH 24
#define KEY_SALT "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define FIN 0x80
#define RESERVED 0x70
#define MASKED 0x80

struct header {
    uint8_t first;
    size_t length; /* of the header */
    uint64_t payload_bytes;
    uint8_t mask[4];
};

static enum tp_frame_result broken(struct tp_frame *frame, int code)
{
    frame->close_code = code;
    return TP_FRAME_BROKEN;
}

static bool is_control(uint8_t opcode)
{
    return (opcode & 0x8) != 0;
}

/* False: more bytes are needed. */
static bool read_header(const uint8_t *data, size_t bytes, struct header *header)
{
    if (bytes < 2)
        return false;
    size_t size_bytes = (data[1] & 0x7f) == 127 ? 8 : (data[1] & 0x7f) == 126 ? 2 : 0;
    size_t mask_bytes = (data[1] & MASKED) != 0 ? 4 : 0;
    header->first = data[0];
    header->length = 2 + size_bytes + mask_bytes;
    if (bytes < header->length)
        return false;
    header->payload_bytes = size_bytes == 0 ? (data[1] & 0x7f) : 0;
    for (size_t i = 0; i < size_bytes; i++)
        header->payload_bytes = header->payload_bytes << 8 | data[2 + i];
    memcpy(header->mask, data + 2 + size_bytes, mask_bytes);
    return true;
}

/* What is wrong with a frame can be seen from its first bytes: 0 or a close code. */
static int check(const struct tp_frame_reader *reader, const struct header *header, bool masked)
{
    uint8_t opcode = header->first & 0x0f;
    bool known =
        opcode <= TP_OPCODE_BINARY || (opcode >= TP_OPCODE_CLOSE && opcode <= TP_OPCODE_PONG);
    if ((header->first & RESERVED) != 0 || !known || !masked)
        return TP_CLOSE_PROTOCOL;
    if (is_control(opcode)) {
        bool whole = (header->first & FIN) != 0;
        return whole && header->payload_bytes <= TP_CONTROL_PAYLOAD_MAX_BYTES ? 0
                                                                              : TP_CLOSE_PROTOCOL;
    }
    if ((opcode == TP_OPCODE_CONTINUATION) != (reader->opcode != 0))
        return TP_CLOSE_PROTOCOL;
    if (header->payload_bytes > reader->limit_bytes - reader->message.length)
        return TP_CLOSE_TOO_BIG;
    return 0;
}

static void unmask(uint8_t *data, size_t bytes, const uint8_t mask[4])
{
    uint64_t wide;
    uint8_t repeated[8];
    memcpy(repeated, mask, 4);
    memcpy(repeated + 4, mask, 4);
    memcpy(&wide, repeated, 8);
    size_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t chunk;
        memcpy(&chunk, data + i, 8);
        chunk ^= wide;
        memcpy(data + i, &chunk, 8);
    }
    for (; i < bytes; i++)
        data[i] ^= mask[i & 3];
}

/* NUL is a character of a text message, although tp_utf8_valid does not take it. */
static bool text_ok(const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        const uint8_t *zero = memchr(data, 0, bytes);
        size_t part = zero != NULL ? (size_t)(zero - data) : bytes;
        if (part > 0 && !tp_utf8_valid(data, part))
            return false;
        part += zero != NULL;
        data += part;
        bytes -= part;
    }
    return true;
}

static enum tp_frame_result finish(struct tp_frame *frame)
{
    if (frame->opcode == TP_OPCODE_TEXT && !text_ok(frame->data, frame->bytes))
        return broken(frame, TP_CLOSE_BAD_DATA);
    return TP_FRAME_MESSAGE;
}

static enum tp_frame_result take_fragment(struct tp_frame_reader *reader, bool last,
                                          const uint8_t *payload, size_t bytes,
                                          struct tp_frame *frame)
{
    if (bytes > 0)
        tp_bytes_append(&reader->message, payload, bytes);
    if (reader->message.failed)
        return broken(frame, TP_CLOSE_TOO_BIG);
    if (!last)
        return TP_FRAME_PARTIAL;
    frame->opcode = reader->opcode;
    frame->data = reader->message.data;
    frame->bytes = reader->message.length;
    reader->opcode = 0;
    return finish(frame);
}

enum tp_frame_result tp_frame_read(struct tp_frame_reader *reader, uint8_t *data, size_t bytes,
                                   struct tp_frame *frame)
{
    *frame = (struct tp_frame){0};
    struct header header;
    if (reader->opcode == 0 && reader->message.length > 0)
        tp_bytes_clear(&reader->message);
    if (!read_header(data, bytes, &header))
        return TP_FRAME_MORE;
    int wrong = check(reader, &header, (data[1] & MASKED) != 0);
    if (wrong != 0)
        return broken(frame, wrong);
    if (bytes - header.length < header.payload_bytes)
        return TP_FRAME_MORE;
    uint8_t *payload = data + header.length;
    size_t payload_bytes = (size_t)header.payload_bytes;
    unmask(payload, payload_bytes, header.mask);
    frame->consumed = header.length + payload_bytes;
    frame->opcode = header.first & 0x0f;
    bool last = (header.first & FIN) != 0;
    bool fragment = frame->opcode == TP_OPCODE_CONTINUATION || !last;
    if (fragment) {
        if (frame->opcode != TP_OPCODE_CONTINUATION)
            reader->opcode = frame->opcode;
        return take_fragment(reader, last, payload, payload_bytes, frame);
    }
    frame->data = payload;
    frame->bytes = payload_bytes;
    return finish(frame);
}

void tp_frame_reader_fini(struct tp_frame_reader *reader)
{
    tp_bytes_fini(&reader->message);
}

void tp_frame_append(struct tp_bytes *out, uint8_t opcode, const void *data, size_t bytes)
{
    tp_bytes_append_u8(out, FIN | opcode);
    if (bytes < 126) {
        tp_bytes_append_u8(out, (uint8_t)bytes);
    } else if (bytes <= UINT16_MAX) {
        tp_bytes_append_u8(out, 126);
        tp_bytes_append_u16(out, (uint16_t)bytes);
    } else {
        tp_bytes_append_u8(out, 127);
        tp_bytes_append_u64(out, bytes);
    }
    if (bytes > 0)
        tp_bytes_append(out, data, bytes);
}

void tp_frame_append_close(struct tp_bytes *out, int code, const char *reason)
{
    size_t length = reason != NULL ? strlen(reason) : 0;
    if (length > TP_CONTROL_PAYLOAD_MAX_BYTES - 2) {
        length = TP_CONTROL_PAYLOAD_MAX_BYTES - 2;
        while (length > 0 && ((unsigned char)reason[length] & 0xC0) == 0x80)
            length--;
    }
    uint8_t payload[TP_CONTROL_PAYLOAD_MAX_BYTES];
    payload[0] = (uint8_t)(code >> 8);
    payload[1] = (uint8_t)code;
    if (length > 0)
        memcpy(payload + 2, reason, length);
    tp_frame_append(out, TP_OPCODE_CLOSE, payload, length + 2);
}

bool tp_frame_close_code(const uint8_t *data, size_t bytes, int *code)
{
    *code = TP_CLOSE_NO_STATUS;
    if (bytes == 0)
        return true;
    if (bytes == 1)
        return false;
    *code = data[0] << 8 | data[1];
    bool registered =
        *code >= 1000 && *code <= 1014 && *code != 1004 && *code != 1005 && *code != 1006;
    bool ours = *code >= 3000 && *code <= 4999;
    return (registered || ours) && text_ok(data + 2, bytes - 2);
}

bool tp_frame_accept(const char *key, char out[TP_ACCEPT_BYTES])
{
    char salted[KEY_LENGTH + sizeof(KEY_SALT)];
    if (strlen(key) != KEY_LENGTH ||
        strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                    "wxyz0123456789+/") != KEY_LENGTH - 2 ||
        strcmp(key + KEY_LENGTH - 2, "==") != 0)
        return false;
    memcpy(salted, key, KEY_LENGTH);
    memcpy(salted + KEY_LENGTH, KEY_SALT, sizeof(KEY_SALT));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    if (EVP_Digest(salted, strlen(salted), digest, &digest_bytes, EVP_sha1(), NULL) != 1)
        return false;
    return EVP_EncodeBlock((unsigned char *)out, digest, (int)digest_bytes) == TP_ACCEPT_BYTES - 1;
}
