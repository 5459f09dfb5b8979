#include "expert-draw/rule.h"

#include <sodium.h>
#include <string.h>

#define STREAM_DOMAIN "tongping.lot.stream.v1"
#define BLOCK_BYTES 32

const char *tp_rule_method_name(enum tp_rule_method method)
{
    return method == TP_RULE_SAMPLER ? "sampler" : "rejection";
}

static void make_block(const uint8_t *seed, uint32_t number, uint8_t block[BLOCK_BYTES])
{
    enum { DOMAIN_BYTES = sizeof(STREAM_DOMAIN) - 1 };
    uint8_t message[2 + DOMAIN_BYTES + 4] = {TP_SUITE_SODIUM, DOMAIN_BYTES};
    memcpy(message + 2, STREAM_DOMAIN, DOMAIN_BYTES);
    for (int i = 0; i < 4; i++)
        message[2 + DOMAIN_BYTES + i] = (uint8_t)(number >> (24 - 8 * i));
    crypto_generichash(block, BLOCK_BYTES, message, sizeof(message), seed, TP_LOT_SEED_BYTES);
}

void tp_rule_stream_read(void *context, uint8_t *out, size_t count)
{
    struct tp_rule_stream *stream = context;
    while (count > 0) {
        uint8_t block[BLOCK_BYTES];
        size_t offset = stream->position % BLOCK_BYTES;
        size_t part = count < BLOCK_BYTES - offset ? count : BLOCK_BYTES - offset;
        make_block(stream->seed, (uint32_t)(stream->position / BLOCK_BYTES), block);
        memcpy(out, block + offset, part);
        stream->position += part;
        out += part;
        count -= part;
    }
}

static struct tp_status sample(const struct tp_odds *odds, const uint8_t *seed,
                               struct tp_lot_result *result, struct tp_error *error)
{
    struct tp_odds_choice choices[TP_ODDS_SEAT_LIMIT];
    struct tp_rule_stream stream = {.seed = seed};
    size_t count = 0;
    struct tp_status status = tp_odds_sample(
        odds, NULL, (struct tp_odds_stream){.read = tp_rule_stream_read, .context = &stream},
        choices, &count, error);
    if (tp_failed(status))
        return status;
    *result = (struct tp_lot_result){.attempts = 1, .count = count};
    for (size_t i = 0; i < count; i++)
        result->choices[i] =
            (struct tp_lot_choice){.expert = choices[i].expert, .cell = (uint16_t)choices[i].cell};
    return status;
}

struct tp_status tp_rule_draw(const struct tp_candidates *candidates,
                              const uint8_t seed[TP_LOT_SEED_BYTES], enum tp_rule_method *method,
                              struct tp_lot_result *result, struct tp_error *error)
{
    TP_AUTO(tp_odds) struct tp_odds *odds = NULL;
    struct tp_status status = tp_odds_new(&candidates->odds, NULL, &odds, error);
    if (tp_failed(status) && status.class != TP_LIMIT)
        return status;
    *method = TP_RULE_REJECTION;
    if (tp_ok(status) && tp_odds_feasible(odds) && tp_odds_acceptance_below(odds, 1, 100)) {
        status = sample(odds, seed, result, error);
        if (tp_ok(status))
            *method = TP_RULE_SAMPLER;
        if (status.class != TP_LIMIT)
            return status;
    }
    status = tp_lot_draw(&candidates->lot, seed, TP_LOT_ATTEMPT_LIMIT, result, error);
    if (status.class == TP_LIMIT)
        return tp_fail(error, TP_CONFLICT, "draw.attempts",
                       "lawful committees exist, but none came in %d attempts",
                       TP_LOT_ATTEMPT_LIMIT);
    return status;
}
