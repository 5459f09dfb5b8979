#include "base/random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define BLOCK_BYTES 64 /* of ChaCha20 */

static void system_fill(void *context, void *out, size_t bytes)
{
    (void)context;
    randombytes_buf(out, bytes);
}

static const struct tp_random system_random = {.fill = system_fill};

const struct tp_random *tp_random_system(void)
{
    /* The generator's own first use is not safe among threads; sodium_init is. */
    int initialised = sodium_init();
    assert(initialised >= 0);
    (void)initialised;
    return &system_random;
}

void tp_random_fill(const struct tp_random *random, void *out, size_t bytes)
{
    random->fill(random->context, out, bytes);
}

uint32_t tp_random_below(const struct tp_random *random, uint32_t bound)
{
    assert(bound > 0);
    /* Values under 2^32 mod bound would make the low results more likely: draw again. */
    uint32_t lowest = (uint32_t)-bound % bound;
    for (;;) {
        uint32_t value;
        tp_random_fill(random, &value, sizeof(value));
        if (value >= lowest)
            return value % bound;
    }
}

/* The stream is ChaCha20 under the seed, so it does not depend on how the calls divide it. */
static void seeded_fill(void *context, void *out, size_t bytes)
{
    static const uint8_t zero_nonce[crypto_stream_chacha20_NONCEBYTES];
    struct tp_seeded_random *seeded = context;
    uint8_t *to = out;
    while (bytes > 0) {
        uint8_t block[BLOCK_BYTES] = {0};
        crypto_stream_chacha20_xor_ic(block, block, sizeof(block), zero_nonce,
                                      seeded->position / BLOCK_BYTES, seeded->seed);
        size_t offset = seeded->position % BLOCK_BYTES;
        size_t taken = BLOCK_BYTES - offset < bytes ? BLOCK_BYTES - offset : bytes;
        memcpy(to, block + offset, taken);
        seeded->position += taken;
        to += taken;
        bytes -= taken;
    }
}

void tp_seeded_random_init(struct tp_seeded_random *seeded, uint64_t seed)
{
    *seeded = (struct tp_seeded_random){
        .random = {.context = seeded, .fill = seeded_fill},
    };
    for (size_t i = 0; i < sizeof(seed); i++)
        seeded->seed[i] = (uint8_t)(seed >> (8 * i));
}
