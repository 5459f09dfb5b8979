/*
 * How often something was tried lately, per name and per address. In memory: a restart forgives.
 */
#ifndef TP_COORDINATOR_ACCOUNT_LIMITER_H
#define TP_COORDINATOR_ACCOUNT_LIMITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tp_limiter;

TP_MUST_USE struct tp_status tp_limiter_new(struct tp_limiter **limiter, struct tp_error *error);
void tp_limiter_free(struct tp_limiter *limiter);

/* True while `key` has fewer than `most` marks within the last `window_ms`. From any thread. */
bool tp_limiter_allows(struct tp_limiter *limiter, const char *key, int most, int64_t window_ms,
                       int64_t now_ms);
/* Marks one try. The oldest keys are forgotten when 8,192 are held. */
void tp_limiter_mark(struct tp_limiter *limiter, const char *key, int64_t now_ms);
/* Forgets a key, after a success. */
void tp_limiter_forget(struct tp_limiter *limiter, const char *key);

#endif
