#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYPAIR_COUNT 4

size_t tp_fuzz_taken_count;

void tp_fuzz_broken(const char *promise, const char *file, int line)
{
    fprintf(stderr, "%s:%d: a promise is broken: %s\n", file, line, promise);
    abort();
}

uint8_t tp_fuzz_take_u8(struct tp_fuzz_input *input)
{
    if (input->bytes == 0)
        return 0;
    input->bytes--;
    return *input->data++;
}

uint16_t tp_fuzz_take_u16(struct tp_fuzz_input *input)
{
    uint16_t high = tp_fuzz_take_u8(input);
    return (uint16_t)(high << 8 | tp_fuzz_take_u8(input));
}

static uint8_t *copy(const uint8_t *data, size_t bytes, size_t extra)
{
    uint8_t *out = malloc(bytes + extra);
    if (out == NULL && bytes + extra > 0)
        abort();
    if (bytes > 0)
        memcpy(out, data, bytes);
    return out;
}

uint8_t *tp_fuzz_take(struct tp_fuzz_input *input, size_t bytes, size_t *taken_bytes)
{
    *taken_bytes = bytes < input->bytes ? bytes : input->bytes;
    uint8_t *out = copy(input->data, *taken_bytes, 0);
    input->data += *taken_bytes;
    input->bytes -= *taken_bytes;
    return out;
}

static char *take_text(struct tp_fuzz_input *input, size_t bytes)
{
    uint8_t *out = copy(input->data, bytes, 1);
    out[bytes] = '\0';
    input->data += bytes;
    input->bytes -= bytes;
    return (char *)out;
}

char *tp_fuzz_take_text(struct tp_fuzz_input *input)
{
    return take_text(input, input->bytes);
}

char *tp_fuzz_take_line(struct tp_fuzz_input *input)
{
    const uint8_t *end = input->bytes == 0 ? NULL : memchr(input->data, '\n', input->bytes);
    if (end == NULL)
        return tp_fuzz_take_text(input);
    char *line = take_text(input, (size_t)(end - input->data));
    (void)tp_fuzz_take_u8(input);
    return line;
}

const struct tp_keypair *tp_fuzz_keypair(unsigned which)
{
    static struct tp_keypair keypairs[KEYPAIR_COUNT];
    static bool made[KEYPAIR_COUNT];
    FUZZ_HOLDS(which < KEYPAIR_COUNT);
    struct tp_keypair *keypair = &keypairs[which];
    if (made[which])
        return keypair;
    uint8_t seed[32];
    FUZZ_HOLDS(tp_ok(tp_crypto_init(NULL)));
    memset(seed, (int)which + 1, sizeof(seed));
    FUZZ_HOLDS(crypto_sign_seed_keypair(keypair->sign_public, keypair->sign_secret, seed) == 0);
    FUZZ_HOLDS(crypto_box_seed_keypair(keypair->seal_public, keypair->seal_secret, seed) == 0);
    made[which] = true;
    return keypair;
}
