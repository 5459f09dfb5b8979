#include "venue-node/rate_limit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_LIMIT_COUNT 1024

struct bucket {
    char key[96];
    int64_t filled_at; /* monotonic: the bucket held burst tries at this time or later */
};

/* A bucket is one number: when it would be full again. Each try moves it on by refill_ms. */
struct tp_rate_limit {
    const struct tp_clock *clock;
    int64_t refill_ms;
    int64_t depth_ms; /* burst * refill_ms */
    pthread_mutex_t lock;
    size_t count;
    struct bucket buckets[KEY_LIMIT_COUNT];
};

struct tp_status tp_rate_limit_new(const struct tp_clock *clock, int burst, int64_t refill_ms,
                                   struct tp_rate_limit **limit, struct tp_error *error)
{
    struct tp_rate_limit *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a rate limit");
    made->clock = clock;
    made->refill_ms = refill_ms;
    made->depth_ms = burst * refill_ms;
    pthread_mutex_init(&made->lock, NULL);
    *limit = made;
    return TP_STATUS_OK;
}

void tp_rate_limit_free(struct tp_rate_limit *limit)
{
    if (limit == NULL)
        return;
    pthread_mutex_destroy(&limit->lock);
    free(limit);
}

static struct bucket *bucket_of(struct tp_rate_limit *limit, const char *key)
{
    struct bucket *oldest = &limit->buckets[0];
    for (size_t i = 0; i < limit->count; i++) {
        struct bucket *bucket = &limit->buckets[i];
        if (strncmp(bucket->key, key, sizeof bucket->key - 1) == 0)
            return bucket;
        if (bucket->filled_at < oldest->filled_at)
            oldest = bucket;
    }
    if (limit->count < KEY_LIMIT_COUNT)
        oldest = &limit->buckets[limit->count++];
    snprintf(oldest->key, sizeof oldest->key, "%s", key);
    oldest->filled_at = INT64_MIN;
    return oldest;
}

bool tp_rate_limit_take(struct tp_rate_limit *limit, const char *key)
{
    int64_t now = tp_clock_monotonic_ms(limit->clock);
    pthread_mutex_lock(&limit->lock);
    struct bucket *bucket = bucket_of(limit, key);
    int64_t full_at = bucket->filled_at > now ? bucket->filled_at : now;
    bool allowed = full_at + limit->refill_ms <= now + limit->depth_ms;
    if (allowed)
        bucket->filled_at = full_at + limit->refill_ms;
    pthread_mutex_unlock(&limit->lock);
    return allowed;
}
