/*
 * Randomness as a port: libsodium's generator in programs, a seeded one in tests and simulations.
 * Never used for the draw, whose randomness comes from verifiable proofs.
 */
#ifndef TP_BASE_RANDOM_H
#define TP_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct tp_random {
    void *context;
    void (*fill)(void *context, void *out, size_t bytes);
};

/* libsodium's randombytes_buf. Static, never freed. */
const struct tp_random *tp_random_system(void);

void tp_random_fill(const struct tp_random *random, void *out, size_t bytes);
/* Uniform below `bound` (> 0). */
uint32_t tp_random_below(const struct tp_random *random, uint32_t bound);

/* Deterministic stream from a 64-bit seed. */
struct tp_seeded_random {
    struct tp_random random;
    uint8_t seed[32];
    uint64_t position;
};
void tp_seeded_random_init(struct tp_seeded_random *seeded, uint64_t seed);

#define TP_ID_BYTES 27
/* A sortable id: `prefix` (at most 4 lower-case letters), '_', 10 base32 characters of time, 11
 * random: "ses_01jd2k5v9gq3m8xw2trzya". Prefixes are fixed per kind of thing. */
void tp_id_make(const struct tp_random *random, int64_t now_ms, const char *prefix,
                char out[TP_ID_BYTES]);

#endif
