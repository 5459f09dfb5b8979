/*
 * The keys that keep identities at rest and make the draw's pseudonyms, all derived from tp-draw's
 * own signing seed: root = tp_hash("tongping.vault.v1", sign seed), and every use is the keyed
 * BLAKE2b-256 under root of suite ‖ u8 length of purpose ‖ purpose ‖ message, so no use can stand
 * in for another.
 */
#ifndef TP_DRAW_VAULT_H
#define TP_DRAW_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/crypto.h"

#define TP_VAULT_MAC_BYTES 32
#define TP_HANDLE_TEXT_BYTES 25 /* "h_", 22 characters, NUL */

struct tp_vault; /* lives in sodium_malloc memory */

TP_MUST_USE struct tp_status tp_vault_new(const struct tp_keypair *keypair, struct tp_vault **vault,
                                          struct tp_error *error);
void tp_vault_free(struct tp_vault *vault);
TP_DEFINE_CLEANUP(tp_vault, tp_vault_free)

/* The keyed hash for `purpose`: lookups (ID number, phone), entry codes, salts. */
void tp_vault_mac(const struct tp_vault *vault, const char *purpose, const void *message,
                  size_t bytes, uint8_t out[TP_VAULT_MAC_BYTES]);

/* XChaCha20-Poly1305: appends nonce ‖ ciphertext. `place` says where the bytes rest, so that one
 * cannot be moved to another's place. */
TP_MUST_USE struct tp_status tp_vault_encrypt(const struct tp_vault *vault, const char *place,
                                              const void *plain, size_t bytes, struct tp_bytes *out,
                                              struct tp_error *error);
/* Appends the plain bytes; TP_CRYPTO "vault.wrong_key" when key, place or bytes are not the same.
 */
TP_MUST_USE struct tp_status tp_vault_decrypt(const struct tp_vault *vault, const char *place,
                                              const void *encrypted, size_t bytes,
                                              struct tp_bytes *out, struct tp_error *error);

/* An expert's handle in one draw: random to everyone else, and the same after a restart. */
void tp_vault_handle(const struct tp_vault *vault, const char *draw_id, const char *expert_id,
                     char out[TP_HANDLE_TEXT_BYTES]);

#endif
