#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "expert-draw/vrf.h"

/* RFC 9381, examples 16 to 18 (ECVRF-EDWARDS25519-SHA512-TAI). */
static const struct vector {
    const char *seed, *public_key, *alpha, *proof, *beta;
} vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f"
     "26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab12"
     "68a1b0db10836d9826a528ca76567805",
     "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
     "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593"
     "3bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926d"
     "a3ef39226bbc355bdc9850112c8f4b02",
     "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
     "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf80"
     "96bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a"
     "2d41b00b05081ed0f58ee5e31b3a970e",
     "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45"
     "2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f"},
};

struct decoded {
    uint8_t seed[TP_VRF_SEED_BYTES];
    uint8_t public_key[TP_VRF_PUBLIC_BYTES];
    uint8_t alpha[8];
    size_t alpha_bytes;
    uint8_t proof[TP_VRF_PROOF_BYTES];
    uint8_t beta[TP_VRF_BETA_BYTES];
};

static struct decoded decode(const struct vector *vector)
{
    struct decoded out = {.alpha_bytes = strlen(vector->alpha) / 2};
    assert_true(tp_ok(tp_hex_decode(vector->seed, out.seed, sizeof(out.seed), NULL)));
    assert_true(
        tp_ok(tp_hex_decode(vector->public_key, out.public_key, sizeof(out.public_key), NULL)));
    assert_true(tp_ok(tp_hex_decode(vector->alpha, out.alpha, out.alpha_bytes, NULL)));
    assert_true(tp_ok(tp_hex_decode(vector->proof, out.proof, sizeof(out.proof), NULL)));
    assert_true(tp_ok(tp_hex_decode(vector->beta, out.beta, sizeof(out.beta), NULL)));
    return out;
}

static void vrf__rfc_vectors__prove_and_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct decoded v = decode(&vectors[i]);
        TP_AUTO(tp_vrf_key) struct tp_vrf_key *key = NULL;
        uint8_t proof[TP_VRF_PROOF_BYTES];
        uint8_t beta[TP_VRF_BETA_BYTES];
        assert_true(tp_ok(tp_vrf_key_new(v.seed, &key, NULL)));
        assert_memory_equal(tp_vrf_key_public(key), v.public_key, sizeof(v.public_key));
        assert_true(tp_ok(tp_vrf_prove(key, v.alpha, v.alpha_bytes, proof, NULL)));
        assert_memory_equal(proof, v.proof, sizeof(proof));
        assert_true(tp_ok(tp_vrf_verify(v.public_key, v.alpha, v.alpha_bytes, proof, beta, NULL)));
        assert_memory_equal(beta, v.beta, sizeof(beta));
    }
}

static void vrf__any_bit_of_proof_key_or_alpha_changed__refused(void **state)
{
    (void)state;
    struct decoded v = decode(&vectors[2]);
    uint8_t beta[TP_VRF_BETA_BYTES];
    uint8_t *const parts[] = {v.proof, v.public_key, v.alpha};
    const size_t sizes[] = {sizeof(v.proof), sizeof(v.public_key), v.alpha_bytes};
    for (size_t part = 0; part < 3; part++) {
        for (size_t bit = 0; bit < sizes[part] * 8; bit++) {
            parts[part][bit / 8] ^= (uint8_t)(1u << (bit % 8));
            struct tp_status status =
                tp_vrf_verify(v.public_key, v.alpha, v.alpha_bytes, v.proof, beta, NULL);
            assert_int_equal(status.class, TP_CRYPTO);
            parts[part][bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
    }
}

/* s + L is the same scalar in a second encoding: taken, it would make proofs malleable. */
static void vrf__scalar_not_reduced__refused(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    struct decoded v = decode(&vectors[0]);
    uint8_t beta[TP_VRF_BETA_BYTES];
    sodium_add(v.proof + 48, order, sizeof(order));
    struct tp_error error;
    struct tp_status status =
        tp_vrf_verify(v.public_key, v.alpha, v.alpha_bytes, v.proof, beta, &error);
    assert_int_equal(status.class, TP_CRYPTO);
    assert_string_equal(error.code, "vrf.bad_proof");
}

static void vrf__gamma_or_key_of_small_or_mixed_order__refused(void **state)
{
    (void)state;
    struct decoded v = decode(&vectors[0]);
    uint8_t beta[TP_VRF_BETA_BYTES];
    uint8_t order_two[32];
    uint8_t mixed[32];
    memset(order_two, 0xFF, sizeof(order_two));
    order_two[0] = 0xEC;
    order_two[31] = 0x7F;
    assert_int_equal(crypto_core_ed25519_add(mixed, v.public_key, order_two), 0);
    struct tp_error error;
    assert_int_equal(tp_vrf_verify(mixed, "", 0, v.proof, beta, &error).class, TP_CRYPTO);
    assert_string_equal(error.code, "vrf.bad_key");
    assert_int_equal(tp_vrf_verify(order_two, "", 0, v.proof, beta, &error).class, TP_CRYPTO);
    assert_string_equal(error.code, "vrf.bad_key");
    memcpy(v.proof, order_two, sizeof(order_two));
    assert_int_equal(tp_vrf_verify(v.public_key, "", 0, v.proof, beta, &error).class, TP_CRYPTO);
    assert_string_equal(error.code, "vrf.bad_proof");
}

static void vrf__this_library__is_safe(void **state)
{
    (void)state;
    assert_true(tp_ok(tp_vrf_self_test(NULL)));
}

static void vrf__key_of_keypair__differs_from_the_signing_key(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    TP_AUTO(tp_vrf_key) struct tp_vrf_key *one = NULL;
    TP_AUTO(tp_vrf_key) struct tp_vrf_key *two = NULL;
    assert_true(tp_ok(tp_keypair_new(&keypair, NULL)));
    assert_true(tp_ok(tp_vrf_key_of_keypair(keypair, &one, NULL)));
    assert_true(tp_ok(tp_vrf_key_of_keypair(keypair, &two, NULL)));
    assert_memory_equal(tp_vrf_key_public(one), tp_vrf_key_public(two), TP_VRF_PUBLIC_BYTES);
    assert_memory_not_equal(tp_vrf_key_public(one), keypair->sign_public, TP_VRF_PUBLIC_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vrf__rfc_vectors__prove_and_verify),
        cmocka_unit_test(vrf__any_bit_of_proof_key_or_alpha_changed__refused),
        cmocka_unit_test(vrf__scalar_not_reduced__refused),
        cmocka_unit_test(vrf__gamma_or_key_of_small_or_mixed_order__refused),
        cmocka_unit_test(vrf__this_library__is_safe),
        cmocka_unit_test(vrf__key_of_keypair__differs_from_the_signing_key),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
