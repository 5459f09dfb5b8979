#include "media/reaper.h"

#include <glib.h>

#define WORKERS_COUNT 4

struct job {
    void (*release)(void *object);
    void *object;
};

static GThreadPool *pool;
static GMutex lock;
static GCond emptied;
static unsigned pending;

static void work(gpointer data, gpointer context)
{
    (void)context;
    struct job *job = data;
    job->release(job->object);
    g_free(job);
    g_mutex_lock(&lock);
    if (--pending == 0)
        g_cond_broadcast(&emptied);
    g_mutex_unlock(&lock);
}

void tp_reaper_start(void)
{
    pool = g_thread_pool_new(work, NULL, WORKERS_COUNT, FALSE, NULL);
}

void tp_reaper_take(void (*release)(void *object), void *object)
{
    struct job *job = g_new0(struct job, 1);
    job->release = release;
    job->object = object;
    g_mutex_lock(&lock);
    pending++;
    g_mutex_unlock(&lock);
    g_thread_pool_push(pool, job, NULL);
}

unsigned tp_reaper_pending(void)
{
    g_mutex_lock(&lock);
    unsigned count = pending;
    g_mutex_unlock(&lock);
    return count;
}

bool tp_reaper_drain(int64_t timeout_ms)
{
    gint64 end = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;
    bool drained = true;
    g_mutex_lock(&lock);
    while (pending > 0 && drained)
        drained = g_cond_wait_until(&emptied, &lock, end);
    drained = pending == 0;
    g_mutex_unlock(&lock);
    return drained;
}
