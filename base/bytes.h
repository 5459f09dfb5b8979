/*
 * A growing byte buffer, and the text forms of bytes (hex, base64url without padding).
 */
#ifndef TP_BASE_BYTES_H
#define TP_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct tp_bytes {
    uint8_t *data; /* owned; NUL-terminated one beyond `length` once anything was appended */
    size_t length;
    size_t capacity;
    bool failed; /* an append ran out of memory: check once, at the end */
};

#define TP_BYTES_INIT ((struct tp_bytes){0})

void tp_bytes_fini(struct tp_bytes *bytes);
TP_DEFINE_FINI_CLEANUP(tp_bytes, tp_bytes_fini)
/* Empties, keeps the memory, forgets a failure. */
void tp_bytes_clear(struct tp_bytes *bytes);
/* As fini, but overwrites the memory first: for secrets. Reserve before, so that no copy of a
 * secret stays behind when the buffer grows. */
void tp_bytes_wipe(struct tp_bytes *bytes);
static inline void tp_secret_bytes_cleanup(struct tp_bytes *bytes)
{
    tp_bytes_wipe(bytes);
}
/* TP_AUTO(tp_secret_bytes) struct tp_bytes opened = TP_BYTES_INIT; */
/* Makes room for `length` more bytes. */
void tp_bytes_reserve(struct tp_bytes *bytes, size_t length);
/* Appends; after a failure further appends do nothing and `failed` stays set. */
void tp_bytes_append(struct tp_bytes *bytes, const void *data, size_t length);
void tp_bytes_append_text(struct tp_bytes *bytes, const char *text);
void tp_bytes_append_format(struct tp_bytes *bytes, const char *format, ...) TP_PRINTF(2, 3);
void tp_bytes_append_u8(struct tp_bytes *bytes, uint8_t value);
void tp_bytes_append_u16(struct tp_bytes *bytes, uint16_t value); /* big-endian, as all below */
void tp_bytes_append_u32(struct tp_bytes *bytes, uint32_t value);
void tp_bytes_append_u64(struct tp_bytes *bytes, uint64_t value);
/* OK, or TP_NOMEM when `failed`. */
TP_MUST_USE struct tp_status tp_bytes_check(const struct tp_bytes *bytes, struct tp_error *error);

/* `out` holds 2 * length + 1. */
void tp_hex_encode(const void *data, size_t length, char *out);
/* Exactly `length` bytes from 2 * length digits; TP_INPUT "hex.malformed" otherwise. */
TP_MUST_USE struct tp_status tp_hex_decode(const char *text, void *out, size_t length,
                                           struct tp_error *error);
/* Appends base64url without padding. */
void tp_base64_append(struct tp_bytes *out, const void *data, size_t length);
/* Appends the decoded bytes; TP_INPUT "base64.malformed". Takes base64url, with or without padding.
 */
TP_MUST_USE struct tp_status tp_base64_decode(const char *text, size_t text_length,
                                              struct tp_bytes *out, struct tp_error *error);

/* True for valid UTF-8 without NUL. */
bool tp_utf8_valid(const void *data, size_t length);

/* Reads and writes whole files. Reading refuses more than `limit_bytes` (TP_LIMIT). Writing goes to
 * a temporary file beside, is synced and renamed; `mode` as for open(2). */
TP_MUST_USE struct tp_status tp_file_read(const char *path, size_t limit_bytes,
                                          struct tp_bytes *out, struct tp_error *error);
TP_MUST_USE struct tp_status tp_file_write(const char *path, const void *data, size_t length,
                                           unsigned mode, struct tp_error *error);

#endif
