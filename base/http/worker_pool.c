#include "base/http/worker_pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define WORKER_COUNT_MAX 256

struct tp_worker_pool {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct tp_work *first;
    struct tp_work **last_next;
    int idle_count;
    bool waking; /* a worker was woken and has not come yet */
    int running_count;
    bool stopping;
    int thread_count;
    pthread_t threads[];
};

static struct tp_work *take_work(struct tp_worker_pool *pool)
{
    struct tp_work *work = pool->first;
    if (work != NULL) {
        pool->first = work->next;
        if (pool->first == NULL)
            pool->last_next = &pool->first;
        work->next = NULL;
    }
    return work;
}

/*
 * One worker is woken at a time, and who comes wakes the next if there is more: short work is done
 * by few workers that stay awake, and work that blocks still brings up all of them.
 */
static void wake_one(struct tp_worker_pool *pool)
{
    if (pool->first == NULL || pool->idle_count == 0 || pool->waking)
        return;
    pool->waking = true;
    pthread_cond_signal(&pool->changed);
}

static void *worker_main(void *argument)
{
    struct tp_worker_pool *pool = argument;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        struct tp_work *work = take_work(pool);
        if (work != NULL) {
            pool->running_count++;
            wake_one(pool);
            pthread_mutex_unlock(&pool->mutex);
            work->run(work);
            pthread_mutex_lock(&pool->mutex);
            pool->running_count--;
            if (pool->stopping && pool->running_count == 0 && pool->first == NULL)
                pthread_cond_broadcast(&pool->changed);
        } else if (pool->stopping && pool->running_count == 0) {
            break;
        } else {
            pool->idle_count++;
            pthread_cond_wait(&pool->changed, &pool->mutex);
            pool->idle_count--;
            pool->waking = false;
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

struct tp_status tp_worker_pool_new(int count, struct tp_worker_pool **pool_out,
                                    struct tp_error *error)
{
    assert(count >= 1 && count <= WORKER_COUNT_MAX);
    struct tp_worker_pool *pool = calloc(1, sizeof(*pool) + (size_t)count * sizeof(pthread_t));
    if (pool == NULL)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the worker pool");
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    pool->last_next = &pool->first;
    for (int i = 0; i < count; i++) {
        if (pthread_create(&pool->threads[i], NULL, worker_main, pool) != 0) {
            tp_worker_pool_free(pool);
            return tp_fail(error, TP_IO, "http.threads", "cannot start worker %d of %d", i + 1,
                           count);
        }
        pool->thread_count = i + 1;
    }
    *pool_out = pool;
    return TP_STATUS_OK;
}

void tp_worker_pool_submit(struct tp_worker_pool *pool, struct tp_work *work)
{
    assert(work->run != NULL);
    pthread_mutex_lock(&pool->mutex);
    work->next = NULL;
    *pool->last_next = work;
    pool->last_next = &work->next;
    wake_one(pool);
    pthread_mutex_unlock(&pool->mutex);
}

void tp_worker_pool_free(struct tp_worker_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    assert(pool->first == NULL);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->changed);
    free(pool);
}
