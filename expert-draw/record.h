/*
 * The signed records of a draw, each naming the hash of the one before it (docs/draw.md), and the
 * transcript made of them.
 */
#ifndef TP_DRAW_RECORD_H
#define TP_DRAW_RECORD_H

#include "expert-draw/draw.h"

/*
 * Inside a write: signs and stores {"v","draw_id","n","prev","kind","at", …body's members}, and
 * moves the draw's head on, in `draw` and in the database, together with its state, round and
 * attempts. Takes `body` (an object; NULL fails as out of memory).
 */
TP_MUST_USE struct tp_status tp_record_append(struct tp_db *db, const struct tp_keypair *keypair,
                                              struct tp_draw *draw, const char *kind,
                                              int64_t now_ms, json_t *body, struct tp_error *error);

/* The hash that the next record will name. */
void tp_record_hash(const char *text, size_t bytes, uint8_t out[TP_HASH_BYTES]);

/* base64url of 32 bytes. */
#define TP_HASH_TEXT_BYTES 44
void tp_hash_text(const uint8_t hash[TP_HASH_BYTES], char out[TP_HASH_TEXT_BYTES]);

/* The text and signature of record `n` (from 1). */
TP_MUST_USE struct tp_status tp_record_read(struct tp_db *db, const char *draw_id, int64_t n,
                                            struct tp_bytes *text,
                                            uint8_t signature[TP_SIGNATURE_BYTES],
                                            struct tp_error *error);

/* {"v","draw_id","keeper":{"vrf_public","sign_public"},"plan","records":[{"record","signature"}],"head"}:
 * record and plan are texts, exactly as signed and hashed. */
TP_MUST_USE struct tp_status tp_record_transcript(struct tp_db *db, const struct tp_draw *draw,
                                                  const uint8_t *sign_public,
                                                  const uint8_t *vrf_public, json_t **transcript,
                                                  struct tp_error *error);

#endif
