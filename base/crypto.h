/*
 * The forms of signing, sealing and hashing that the processes share, on libsodium.
 *
 * Every signed, hashed or sealed form begins with the suite byte and a domain string, so that other
 * suites (SM2, SM3, SM4) can stand beside this one: signed bytes are
 *     suite ‖ u8 length of domain ‖ domain ‖ message.
 * Call tp_crypto_init once before anything here.
 */
#ifndef TP_BASE_CRYPTO_H
#define TP_BASE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define TP_SUITE_SODIUM 0x01 /* Ed25519, X25519, XChaCha20-Poly1305, BLAKE2b, SHA-512 */

#define TP_SIGN_PUBLIC_BYTES 32
#define TP_SIGN_SECRET_BYTES 64
#define TP_SIGNATURE_BYTES 64
#define TP_SEAL_PUBLIC_BYTES 32
#define TP_SEAL_SECRET_BYTES 32
#define TP_SEAL_OVERHEAD_BYTES 48
#define TP_HASH_BYTES 32

TP_MUST_USE struct tp_status tp_crypto_init(struct tp_error *error);

/* A signing key and a sealing key of one owner. Lives in sodium_malloc memory. */
struct tp_keypair {
    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES];
    uint8_t sign_secret[TP_SIGN_SECRET_BYTES];
    uint8_t seal_public[TP_SEAL_PUBLIC_BYTES];
    uint8_t seal_secret[TP_SEAL_SECRET_BYTES];
};

struct tp_public_key {
    uint8_t sign[TP_SIGN_PUBLIC_BYTES];
    uint8_t seal[TP_SEAL_PUBLIC_BYTES];
};

TP_MUST_USE struct tp_status tp_keypair_new(struct tp_keypair **keypair, struct tp_error *error);
void tp_keypair_free(struct tp_keypair *keypair);
TP_DEFINE_CLEANUP(tp_keypair, tp_keypair_free)
/* The secret file: text "tongping-secret-key-v1\n<hex of 32-byte sign seed>\n<hex of seal
 * secret>\n", mode 0600. A file that others may read is refused (TP_DENIED). The public file:
 * "tongping-public-key-v1\n<hex>\n<hex>\n". */
TP_MUST_USE struct tp_status tp_keypair_load(const char *path, struct tp_keypair **keypair,
                                             struct tp_error *error);
TP_MUST_USE struct tp_status tp_keypair_save(const struct tp_keypair *keypair, const char *path,
                                             struct tp_error *error);
/* Loads `path`, or makes a new key and saves it there. */
TP_MUST_USE struct tp_status tp_keypair_load_or_make(const char *path, struct tp_keypair **keypair,
                                                     struct tp_error *error);
TP_MUST_USE struct tp_status tp_public_key_load(const char *path, struct tp_public_key *key,
                                                struct tp_error *error);
TP_MUST_USE struct tp_status tp_public_key_save(const struct tp_public_key *key, const char *path,
                                                struct tp_error *error);
struct tp_public_key tp_keypair_public(const struct tp_keypair *keypair);

/* Ed25519 over suite ‖ domain ‖ message. `domain` is 1..255 bytes. */
TP_MUST_USE struct tp_status tp_sign(const struct tp_keypair *keypair, const char *domain,
                                     const void *message, size_t bytes,
                                     uint8_t signature[TP_SIGNATURE_BYTES], struct tp_error *error);
/* TP_CRYPTO "crypto.bad_signature" when it does not hold. */
TP_MUST_USE struct tp_status tp_verify(const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                       const char *domain, const void *message, size_t bytes,
                                       const uint8_t signature[TP_SIGNATURE_BYTES],
                                       struct tp_error *error);

/* BLAKE2b-256 over suite ‖ domain ‖ message. */
void tp_hash(const char *domain, const void *message, size_t bytes, uint8_t out[TP_HASH_BYTES]);

/* Sealed box (crypto_box_seal): anyone seals to a public key; appends bytes + 48. */
TP_MUST_USE struct tp_status tp_seal(const uint8_t seal_public[TP_SEAL_PUBLIC_BYTES],
                                     const void *message, size_t bytes, struct tp_bytes *out,
                                     struct tp_error *error);
/* TP_CRYPTO "crypto.not_for_this_key" when it does not open. The caller wipes what was opened. */
TP_MUST_USE struct tp_status tp_seal_open(const struct tp_keypair *keypair, const void *sealed,
                                          size_t bytes, struct tp_bytes *out,
                                          struct tp_error *error);

#endif
