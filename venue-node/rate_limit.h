/*
 * Token buckets by key: `burst` tries at once, one more per `refill_ms`. Safe from any thread. At
 * most 1,024 keys are kept; the one unused longest makes room.
 */
#ifndef TP_VENUE_NODE_RATE_LIMIT_H
#define TP_VENUE_NODE_RATE_LIMIT_H

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"

struct tp_rate_limit;

TP_MUST_USE struct tp_status tp_rate_limit_new(const struct tp_clock *clock, int burst,
                                               int64_t refill_ms, struct tp_rate_limit **limit,
                                               struct tp_error *error);
void tp_rate_limit_free(struct tp_rate_limit *limit);
TP_DEFINE_CLEANUP(tp_rate_limit, tp_rate_limit_free)

/* Takes one try of `key`; false when none is left. */
bool tp_rate_limit_take(struct tp_rate_limit *limit, const char *key);

#endif
