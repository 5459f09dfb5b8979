/*
 * The transcript of a draw as a file (docs/draw.md, sections 4 and 8): compact JSON of one form, so
 * that no byte of it can be changed unnoticed.
 */
#ifndef TP_DRAW_TRANSCRIPT_H
#define TP_DRAW_TRANSCRIPT_H

#include "expert-draw/course.h"

#define TP_TRANSCRIPT_LIMIT_BYTES ((size_t)64 << 20)

struct tp_transcript {
    json_t *root; /* owns the texts */
    const char *draw_id;
    const char *plan; /* canonical text */
    uint8_t vrf_public[TP_VRF_PUBLIC_BYTES];
    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES];
    uint8_t head[TP_HASH_BYTES];
    struct tp_opening opening;
    json_t *records; /* borrowed from root */
};

void tp_transcript_fini(struct tp_transcript *transcript);
TP_DEFINE_FINI_CLEANUP(tp_transcript, tp_transcript_fini)

/* Without records yet. */
TP_MUST_USE struct tp_status tp_transcript_init(struct tp_transcript *transcript,
                                                const struct tp_course *course,
                                                struct tp_error *error);
/* Signs a record's text and adds it; the head becomes its hash. */
TP_MUST_USE struct tp_status tp_transcript_add(struct tp_transcript *transcript,
                                               const struct tp_keypair *keeper,
                                               const struct tp_bytes *text, struct tp_error *error);
TP_MUST_USE struct tp_status tp_transcript_write(const struct tp_transcript *transcript,
                                                 const char *path, struct tp_error *error);

/* TP_INPUT "transcript.malformed" and "json.*"; TP_NOT_FOUND, TP_IO of the file. Nothing is
 * verified but the form. */
TP_MUST_USE struct tp_status tp_transcript_read(struct tp_transcript *transcript, const char *path,
                                                struct tp_error *error);

/* Record `index` (from 0): its text, borrowed. TP_CRYPTO "transcript.false" when the signature does
 * not hold. */
TP_MUST_USE struct tp_status tp_transcript_record(const struct tp_transcript *transcript,
                                                  size_t index, const char **text,
                                                  struct tp_error *error);

/* Exactly `length` bytes of the one base64url text that encodes them; TP_INPUT otherwise. */
TP_MUST_USE struct tp_status tp_transcript_bytes(const char *text, uint8_t *out, size_t length,
                                                 struct tp_error *error);

#endif
