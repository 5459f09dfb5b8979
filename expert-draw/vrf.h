/*
 * ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381, suite 0x03) on libsodium's public calls.
 *
 * A proof shows that `beta` is the one and only output of the holder of a key for `alpha`. Stricter
 * than the RFC where it leaves a choice: a public key or Gamma outside the prime-order subgroup, a
 * non-canonical encoding and a zero scalar are refused (an honest prover makes none of these).
 * Constant time in the key, not in alpha, which is public.
 */
#ifndef TP_DRAW_VRF_H
#define TP_DRAW_VRF_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/crypto.h"
#include "base/error.h"

#define TP_VRF_SEED_BYTES 32
#define TP_VRF_PUBLIC_BYTES 32
#define TP_VRF_PROOF_BYTES 80
#define TP_VRF_BETA_BYTES 64

struct tp_vrf_key; /* lives in sodium_malloc memory */

/* From the RFC's 32-byte secret key (an RFC 8032 seed). */
TP_MUST_USE struct tp_status tp_vrf_key_new(const uint8_t seed[TP_VRF_SEED_BYTES],
                                            struct tp_vrf_key **key, struct tp_error *error);
/* The VRF key that belongs to a key file: its seed is tp_hash("tongping.vrf.key.v1", sign seed). */
TP_MUST_USE struct tp_status tp_vrf_key_of_keypair(const struct tp_keypair *keypair,
                                                   struct tp_vrf_key **key, struct tp_error *error);
void tp_vrf_key_free(struct tp_vrf_key *key);
TP_DEFINE_CLEANUP(tp_vrf_key, tp_vrf_key_free)
const uint8_t *tp_vrf_key_public(const struct tp_vrf_key *key);

/* Deterministic: the same key and alpha give the same proof. */
TP_MUST_USE struct tp_status tp_vrf_prove(const struct tp_vrf_key *key, const void *alpha,
                                          size_t alpha_bytes, uint8_t proof[TP_VRF_PROOF_BYTES],
                                          struct tp_error *error);

/* TP_CRYPTO "vrf.bad_proof" or "vrf.bad_key" when it does not hold; `beta` is set only on success.
 */
TP_MUST_USE struct tp_status tp_vrf_verify(const uint8_t public_key[TP_VRF_PUBLIC_BYTES],
                                           const void *alpha, size_t alpha_bytes,
                                           const uint8_t proof[TP_VRF_PROOF_BYTES],
                                           uint8_t beta[TP_VRF_BETA_BYTES], struct tp_error *error);

/* Checks that this machine's libsodium refuses points of mixed order (CVE-2025-69277) and computes
 * an RFC vector. Programs call it once at start-up: TP_CRYPTO "vrf.unsafe_library". */
TP_MUST_USE struct tp_status tp_vrf_self_test(struct tp_error *error);

#endif
