#include "expert-draw/vrf.h"

#include <sodium.h>
#include <string.h>

#define SUITE 0x03
#define POINT_BYTES 32
#define SCALAR_BYTES 32
#define CHALLENGE_BYTES 16

struct tp_vrf_key {
    uint8_t public_key[TP_VRF_PUBLIC_BYTES];
    uint8_t x[SCALAR_BYTES];         /* clamped */
    uint8_t x_reduced[SCALAR_BYTES]; /* mod L */
    uint8_t nonce_prefix[32];        /* second half of the hashed secret key */
};

static void reduce_wide(const uint8_t narrow[SCALAR_BYTES], uint8_t out[SCALAR_BYTES])
{
    uint8_t wide[64] = {0};
    memcpy(wide, narrow, SCALAR_BYTES);
    crypto_core_ed25519_scalar_reduce(out, wide);
    sodium_memzero(wide, sizeof(wide));
}

struct tp_status tp_vrf_key_new(const uint8_t seed[TP_VRF_SEED_BYTES], struct tp_vrf_key **key,
                                struct tp_error *error)
{
    struct tp_vrf_key *made = sodium_malloc(sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a VRF key");
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t hashed[crypto_hash_sha512_BYTES];
    crypto_sign_seed_keypair(made->public_key, secret, seed);
    crypto_hash_sha512(hashed, seed, TP_VRF_SEED_BYTES);
    memcpy(made->x, hashed, SCALAR_BYTES);
    made->x[0] &= 248;
    made->x[31] = (uint8_t)((made->x[31] & 127) | 64);
    reduce_wide(made->x, made->x_reduced);
    memcpy(made->nonce_prefix, hashed + 32, sizeof(made->nonce_prefix));
    sodium_memzero(secret, sizeof(secret));
    sodium_memzero(hashed, sizeof(hashed));
    *key = made;
    return TP_STATUS_OK;
}

struct tp_status tp_vrf_key_of_keypair(const struct tp_keypair *keypair, struct tp_vrf_key **key,
                                       struct tp_error *error)
{
    uint8_t seed[TP_VRF_SEED_BYTES];
    /* libsodium's secret key begins with the seed. */
    tp_hash("tongping.vrf.key.v1", keypair->sign_secret, 32, seed);
    struct tp_status status = tp_vrf_key_new(seed, key, error);
    sodium_memzero(seed, sizeof(seed));
    return status;
}

void tp_vrf_key_free(struct tp_vrf_key *key)
{
    sodium_free(key);
}

const uint8_t *tp_vrf_key_public(const struct tp_vrf_key *key)
{
    return key->public_key;
}

/* y < 2^255 - 19: libsodium's additions take larger ones. */
static bool canonical(const uint8_t point[POINT_BYTES])
{
    if ((point[31] & 127) != 127)
        return true;
    for (int i = 30; i > 0; i--)
        if (point[i] != 255)
            return true;
    return point[0] < 237;
}

static bool multiply_by_cofactor(const uint8_t point[POINT_BYTES], uint8_t out[POINT_BYTES])
{
    uint8_t twice[POINT_BYTES];
    uint8_t four_times[POINT_BYTES];
    return crypto_core_ed25519_add(twice, point, point) == 0 &&
           crypto_core_ed25519_add(four_times, twice, twice) == 0 &&
           crypto_core_ed25519_add(out, four_times, four_times) == 0;
}

static bool is_identity(const uint8_t point[POINT_BYTES])
{
    static const uint8_t identity[POINT_BYTES] = {1};
    return memcmp(point, identity, POINT_BYTES) == 0;
}

/* RFC 9381, 5.4.1.1: try and increment. */
static bool encode_to_curve(const uint8_t salt[TP_VRF_PUBLIC_BYTES], const void *alpha,
                            size_t alpha_bytes, uint8_t out[POINT_BYTES])
{
    static const uint8_t front[2] = {SUITE, 0x01};
    for (unsigned counter = 0; counter < 256; counter++) {
        const uint8_t tail[2] = {(uint8_t)counter, 0x00};
        uint8_t hash[crypto_hash_sha512_BYTES];
        crypto_hash_sha512_state state;
        crypto_hash_sha512_init(&state);
        crypto_hash_sha512_update(&state, front, sizeof(front));
        crypto_hash_sha512_update(&state, salt, TP_VRF_PUBLIC_BYTES);
        crypto_hash_sha512_update(&state, alpha, alpha_bytes);
        crypto_hash_sha512_update(&state, tail, sizeof(tail));
        crypto_hash_sha512_final(&state, hash);
        if (canonical(hash) && multiply_by_cofactor(hash, out) && !is_identity(out))
            return true;
    }
    return false;
}

/* RFC 9381, 5.4.3 with the five points Y, H, Gamma, U, V. */
static void challenge(const uint8_t *const points[5], uint8_t out[CHALLENGE_BYTES])
{
    static const uint8_t front[2] = {SUITE, 0x02};
    static const uint8_t back = 0x00;
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, front, sizeof(front));
    for (int i = 0; i < 5; i++)
        crypto_hash_sha512_update(&state, points[i], POINT_BYTES);
    crypto_hash_sha512_update(&state, &back, 1);
    crypto_hash_sha512_final(&state, hash);
    memcpy(out, hash, CHALLENGE_BYTES);
}

static void make_nonce(const struct tp_vrf_key *key, const uint8_t h[POINT_BYTES],
                       uint8_t nonce[SCALAR_BYTES])
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, key->nonce_prefix, sizeof(key->nonce_prefix));
    crypto_hash_sha512_update(&state, h, POINT_BYTES);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ed25519_scalar_reduce(nonce, hash);
    sodium_memzero(hash, sizeof(hash));
    sodium_memzero(&state, sizeof(state));
}

static bool prove_points(const struct tp_vrf_key *key, const uint8_t nonce[SCALAR_BYTES],
                         const uint8_t h[POINT_BYTES], uint8_t proof[TP_VRF_PROOF_BYTES])
{
    uint8_t u[POINT_BYTES];
    uint8_t v[POINT_BYTES];
    if (crypto_scalarmult_ed25519_noclamp(proof, key->x, h) != 0 ||
        crypto_scalarmult_ed25519_base_noclamp(u, nonce) != 0 ||
        crypto_scalarmult_ed25519_noclamp(v, nonce, h) != 0)
        return false;
    uint8_t *c = proof + POINT_BYTES;
    challenge((const uint8_t *const[5]){key->public_key, h, proof, u, v}, c);
    uint8_t c_scalar[SCALAR_BYTES] = {0};
    uint8_t product[SCALAR_BYTES];
    memcpy(c_scalar, c, CHALLENGE_BYTES);
    crypto_core_ed25519_scalar_mul(product, c_scalar, key->x_reduced);
    crypto_core_ed25519_scalar_add(c + CHALLENGE_BYTES, product, nonce);
    sodium_memzero(product, sizeof(product));
    return true;
}

struct tp_status tp_vrf_prove(const struct tp_vrf_key *key, const void *alpha, size_t alpha_bytes,
                              uint8_t proof[TP_VRF_PROOF_BYTES], struct tp_error *error)
{
    uint8_t h[POINT_BYTES];
    uint8_t nonce[SCALAR_BYTES];
    if (!encode_to_curve(key->public_key, alpha, alpha_bytes, h))
        return tp_fail(error, TP_CRYPTO, "vrf.no_point", "alpha has no point on the curve");
    make_nonce(key, h, nonce);
    bool proved = prove_points(key, nonce, h, proof);
    sodium_memzero(nonce, sizeof(nonce));
    if (!proved)
        return tp_fail(error, TP_CRYPTO, "vrf.no_proof", "a scalar multiplication failed");
    return TP_STATUS_OK;
}

/* s below the group's order L, little-endian. */
static bool scalar_canonical(const uint8_t scalar[SCALAR_BYTES])
{
    uint8_t reduced[SCALAR_BYTES];
    reduce_wide(scalar, reduced);
    return memcmp(reduced, scalar, SCALAR_BYTES) == 0;
}

/* out = s * `point` (the base point when NULL) - c * `other` */
static bool difference(const uint8_t *s, const uint8_t *point, const uint8_t *c,
                       const uint8_t *other, uint8_t out[POINT_BYTES])
{
    uint8_t left[POINT_BYTES];
    uint8_t right[POINT_BYTES];
    int failed = point == NULL ? crypto_scalarmult_ed25519_base_noclamp(left, s)
                               : crypto_scalarmult_ed25519_noclamp(left, s, point);
    return failed == 0 && crypto_scalarmult_ed25519_noclamp(right, c, other) == 0 &&
           crypto_core_ed25519_sub(out, left, right) == 0;
}

static bool proof_holds(const uint8_t *public_key, const uint8_t *h, const uint8_t *proof)
{
    const uint8_t *gamma = proof;
    const uint8_t *c = proof + POINT_BYTES;
    const uint8_t *s = c + CHALLENGE_BYTES;
    uint8_t c_scalar[SCALAR_BYTES] = {0};
    uint8_t u[POINT_BYTES];
    uint8_t v[POINT_BYTES];
    uint8_t expected[CHALLENGE_BYTES];
    memcpy(c_scalar, c, CHALLENGE_BYTES);
    if (crypto_core_ed25519_is_valid_point(gamma) != 1 || !scalar_canonical(s) ||
        !difference(s, NULL, c_scalar, public_key, u) || !difference(s, h, c_scalar, gamma, v))
        return false;
    challenge((const uint8_t *const[5]){public_key, h, gamma, u, v}, expected);
    return sodium_memcmp(expected, c, CHALLENGE_BYTES) == 0;
}

static void proof_to_hash(const uint8_t cofactor_gamma[POINT_BYTES],
                          uint8_t beta[TP_VRF_BETA_BYTES])
{
    uint8_t input[2 + POINT_BYTES + 1] = {SUITE, 0x03};
    memcpy(input + 2, cofactor_gamma, POINT_BYTES);
    crypto_hash_sha512(beta, input, sizeof(input));
}

struct tp_status tp_vrf_verify(const uint8_t public_key[TP_VRF_PUBLIC_BYTES], const void *alpha,
                               size_t alpha_bytes, const uint8_t proof[TP_VRF_PROOF_BYTES],
                               uint8_t beta[TP_VRF_BETA_BYTES], struct tp_error *error)
{
    uint8_t h[POINT_BYTES];
    uint8_t cofactor_gamma[POINT_BYTES];
    if (crypto_core_ed25519_is_valid_point(public_key) != 1)
        return tp_fail(error, TP_CRYPTO, "vrf.bad_key", "the public key is not a valid point");
    if (!encode_to_curve(public_key, alpha, alpha_bytes, h) || !proof_holds(public_key, h, proof) ||
        !multiply_by_cofactor(proof, cofactor_gamma))
        return tp_fail(error, TP_CRYPTO, "vrf.bad_proof", "the proof does not hold for this alpha");
    proof_to_hash(cofactor_gamma, beta);
    return TP_STATUS_OK;
}

/* The base point plus the point of order two, (0, -1). */
static bool mixed_order_refused(void)
{
    uint8_t one[SCALAR_BYTES] = {1};
    uint8_t base[POINT_BYTES];
    uint8_t mixed[POINT_BYTES];
    uint8_t order_two[POINT_BYTES];
    memset(order_two, 0xFF, sizeof(order_two));
    order_two[0] = 0xEC;
    order_two[31] = 0x7F;
    if (crypto_scalarmult_ed25519_base_noclamp(base, one) != 0 ||
        crypto_core_ed25519_add(mixed, base, order_two) != 0)
        return false;
    return crypto_core_ed25519_is_valid_point(base) == 1 &&
           crypto_core_ed25519_is_valid_point(mixed) == 0 &&
           crypto_core_ed25519_is_valid_point(order_two) == 0;
}

struct tp_status tp_vrf_self_test(struct tp_error *error)
{
    /* RFC 9381, example 16. */
    static const char seed_hex[] =
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    static const char beta_hex[] =
        "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
        "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae";
    uint8_t seed[TP_VRF_SEED_BYTES];
    uint8_t expected[TP_VRF_BETA_BYTES];
    uint8_t proof[TP_VRF_PROOF_BYTES];
    uint8_t beta[TP_VRF_BETA_BYTES];
    TP_AUTO(tp_vrf_key) struct tp_vrf_key *key = NULL;
    bool good = mixed_order_refused() && tp_ok(tp_hex_decode(seed_hex, seed, sizeof(seed), NULL)) &&
                tp_ok(tp_hex_decode(beta_hex, expected, sizeof(expected), NULL)) &&
                tp_ok(tp_vrf_key_new(seed, &key, NULL)) &&
                tp_ok(tp_vrf_prove(key, "", 0, proof, NULL)) &&
                tp_ok(tp_vrf_verify(tp_vrf_key_public(key), "", 0, proof, beta, NULL)) &&
                memcmp(beta, expected, sizeof(beta)) == 0;
    if (!good)
        return tp_fail(error, TP_CRYPTO, "vrf.unsafe_library",
                       "this libsodium takes points of mixed order or computes wrongly");
    return TP_STATUS_OK;
}
