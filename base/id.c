/* Ids in Crockford's base32 (no i, l, o, u): they sort by time and read aloud without confusion. */
#include "base/random.h"

#include <assert.h>
#include <string.h>

#define TIME_CHARACTERS 10
#define RANDOM_CHARACTERS 11
#define PREFIX_MOST_BYTES 4

_Static_assert(PREFIX_MOST_BYTES + 1 + TIME_CHARACTERS + RANDOM_CHARACTERS + 1 == TP_ID_BYTES,
               "an id fills its buffer");

static void put_base32(uint64_t value, size_t characters, char *out)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    for (size_t i = 0; i < characters; i++)
        out[i] = digits[value >> (5 * (characters - 1 - i)) & 0x1F];
}

void tp_id_make(const struct tp_random *random, int64_t now_ms, const char *prefix,
                char out[TP_ID_BYTES])
{
    size_t prefix_bytes = strlen(prefix);
    assert(prefix_bytes > 0 && prefix_bytes <= PREFIX_MOST_BYTES);
    memcpy(out, prefix, prefix_bytes);
    char *at = out + prefix_bytes;
    *at++ = '_';
    put_base32((uint64_t)now_ms, TIME_CHARACTERS, at);
    at += TIME_CHARACTERS;
    uint64_t bits;
    tp_random_fill(random, &bits, sizeof(bits));
    put_base32(bits, RANDOM_CHARACTERS, at);
    at[RANDOM_CHARACTERS] = '\0';
}
