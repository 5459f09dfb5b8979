/*
 * The rule of a draw that is committed beforehand ("tongping.lot.v2"): the lot of lot.h where an
 * attempt is lawful with a chance of at least 1 %, else the sampler of odds.h on the stream
 *
 *     block k = keyed BLAKE2b-256 under the seed of
 *               suite ‖ u8 length of domain ‖ "tongping.lot.stream.v1" ‖ u32 k, for k = 0, 1, …
 *
 * Where the chance cannot be counted within the default limits of the odds, the lot decides.
 * Both ways give each lawful committee the same chance.
 */
#ifndef TP_DRAW_RULE_H
#define TP_DRAW_RULE_H

#include "expert-draw/candidates.h"

enum tp_rule_method {
    TP_RULE_REJECTION,
    TP_RULE_SAMPLER,
};

/* "rejection", "sampler" */
const char *tp_rule_method_name(enum tp_rule_method method);

/* The sampler's attempt is 1. TP_CONFLICT "draw.infeasible" and "draw.attempts". */
TP_MUST_USE struct tp_status tp_rule_draw(const struct tp_candidates *candidates,
                                          const uint8_t seed[TP_LOT_SEED_BYTES],
                                          enum tp_rule_method *method, struct tp_lot_result *result,
                                          struct tp_error *error);

/* The next bytes of the stream; `position` counts from 0. */
struct tp_rule_stream {
    const uint8_t *seed;
    uint64_t position;
};
void tp_rule_stream_read(void *stream, uint8_t *out, size_t count);

#endif
