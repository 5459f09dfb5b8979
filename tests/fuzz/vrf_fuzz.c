/* Proofs of the draw: for one key and one alpha there is one beta, whoever makes the proof. */
#include <stdlib.h>
#include <string.h>

#include "expert-draw/vrf.h"
#include "tests/fuzz/fuzz.h"

enum kind {
    FOREIGN_KEY = 1, /* key, proof and alpha all from the input */
    FOREIGN_PROOF = 2,
};

static void verify_foreign(struct tp_fuzz_input *input)
{
    uint8_t key[TP_VRF_PUBLIC_BYTES] = {0};
    uint8_t proof[TP_VRF_PROOF_BYTES] = {0};
    uint8_t beta[TP_VRF_BETA_BYTES];
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = tp_fuzz_take_u8(input);
    for (size_t i = 0; i < sizeof(proof); i++)
        proof[i] = tp_fuzz_take_u8(input);
    size_t alpha_bytes = 0;
    uint8_t *alpha = tp_fuzz_take(input, input->bytes, &alpha_bytes);
    if (tp_ok(tp_vrf_verify(key, alpha, alpha_bytes, proof, beta, NULL)))
        tp_fuzz_taken_count++;
    free(alpha);
}

/* The honest proof with bytes of the input laid over it. */
static void verify_changed(struct tp_fuzz_input *input)
{
    static const uint8_t alpha[] = "draw";
    uint8_t seed[TP_VRF_SEED_BYTES] = {7};
    uint8_t honest[TP_VRF_PROOF_BYTES];
    uint8_t proof[TP_VRF_PROOF_BYTES];
    uint8_t honest_beta[TP_VRF_BETA_BYTES];
    uint8_t beta[TP_VRF_BETA_BYTES];
    TP_AUTO(tp_vrf_key) struct tp_vrf_key *key = NULL;
    FUZZ_HOLDS(tp_ok(tp_vrf_key_new(seed, &key, NULL)));
    FUZZ_HOLDS(tp_ok(tp_vrf_prove(key, alpha, sizeof(alpha), honest, NULL)));
    FUZZ_HOLDS(tp_ok(
        tp_vrf_verify(tp_vrf_key_public(key), alpha, sizeof(alpha), honest, honest_beta, NULL)));
    memcpy(proof, honest, sizeof(proof));
    while (input->bytes >= 2) {
        size_t at = tp_fuzz_take_u8(input) % sizeof(proof);
        proof[at] = tp_fuzz_take_u8(input);
    }
    bool same = memcmp(proof, honest, sizeof(proof)) == 0;
    bool holds =
        tp_ok(tp_vrf_verify(tp_vrf_key_public(key), alpha, sizeof(alpha), proof, beta, NULL));
    FUZZ_HOLDS(holds == same);
    FUZZ_HOLDS(!holds || memcmp(beta, honest_beta, sizeof(beta)) == 0);
    tp_fuzz_taken_count += holds;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    (void)tp_fuzz_keypair(0);
    switch (tp_fuzz_take_u8(&input)) {
    case FOREIGN_KEY:
        verify_foreign(&input);
        break;
    case FOREIGN_PROOF:
        verify_changed(&input);
        break;
    default:
        break;
    }
    return 0;
}
