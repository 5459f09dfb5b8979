#include "coordinator/account/limiter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

#define BUCKET_COUNT 1024
#define WAYS 8
#define MARKS_MOST 128

struct slot {
    uint8_t key[TP_HASH_BYTES];
    int64_t marks[MARKS_MOST]; /* a ring, the newest before `next` */
    int next;
    int count;
    int64_t last_ms; /* 0: free */
};

struct tp_limiter {
    pthread_mutex_t lock;
    struct slot slots[BUCKET_COUNT][WAYS];
};

struct tp_status tp_limiter_new(struct tp_limiter **limiter, struct tp_error *error)
{
    struct tp_limiter *made = calloc(1, sizeof *made);
    if (made == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the rate limits");
    }
    *limiter = made;
    return TP_STATUS_OK;
}

void tp_limiter_free(struct tp_limiter *limiter)
{
    if (limiter != NULL) {
        pthread_mutex_destroy(&limiter->lock);
        free(limiter);
    }
}

static struct slot *bucket_of(struct tp_limiter *limiter, const char *key,
                              uint8_t hash[TP_HASH_BYTES])
{
    tp_hash("tongping.limiter.v1", key, strlen(key), hash);
    return limiter->slots[(hash[0] << 8 | hash[1]) % BUCKET_COUNT];
}

static struct slot *find(struct slot *bucket, const uint8_t hash[TP_HASH_BYTES])
{
    for (int i = 0; i < WAYS; i++) {
        if (bucket[i].last_ms != 0 && memcmp(bucket[i].key, hash, TP_HASH_BYTES) == 0) {
            return &bucket[i];
        }
    }
    return NULL;
}

bool tp_limiter_allows(struct tp_limiter *limiter, const char *key, int most, int64_t window_ms,
                       int64_t now_ms)
{
    uint8_t hash[TP_HASH_BYTES];
    pthread_mutex_lock(&limiter->lock);
    const struct slot *slot = find(bucket_of(limiter, key, hash), hash);
    int within = 0;
    for (int i = 0; slot != NULL && i < slot->count; i++) {
        within += slot->marks[i] > now_ms - window_ms;
    }
    pthread_mutex_unlock(&limiter->lock);
    return within < most;
}

void tp_limiter_mark(struct tp_limiter *limiter, const char *key, int64_t now_ms)
{
    uint8_t hash[TP_HASH_BYTES];
    pthread_mutex_lock(&limiter->lock);
    struct slot *bucket = bucket_of(limiter, key, hash);
    struct slot *slot = find(bucket, hash);
    if (slot == NULL) {
        slot = &bucket[0];
        for (int i = 1; i < WAYS; i++) {
            slot = bucket[i].last_ms < slot->last_ms ? &bucket[i] : slot;
        }
        memset(slot, 0, sizeof *slot);
        memcpy(slot->key, hash, TP_HASH_BYTES);
    }
    slot->marks[slot->next] = now_ms;
    slot->next = (slot->next + 1) % MARKS_MOST;
    slot->count += slot->count < MARKS_MOST;
    slot->last_ms = now_ms;
    pthread_mutex_unlock(&limiter->lock);
}

void tp_limiter_forget(struct tp_limiter *limiter, const char *key)
{
    uint8_t hash[TP_HASH_BYTES];
    pthread_mutex_lock(&limiter->lock);
    struct slot *slot = find(bucket_of(limiter, key, hash), hash);
    if (slot != NULL) {
        memset(slot, 0, sizeof *slot);
    }
    pthread_mutex_unlock(&limiter->lock);
}
