#include "coordinator/job/job.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

#define JOBS_MOST 64

struct worker {
    struct tp_jobs *jobs;
    const struct tp_job *job;
    pthread_t thread;
    bool woken;
};

struct tp_jobs {
    struct tp_app *app;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_bool ending;
    struct worker workers[JOBS_MOST];
    size_t worker_count;
};

static struct tp_status init_condition(pthread_cond_t *condition, struct tp_error *error)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the jobs");
    }
    int failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed = failed != 0 ? failed : pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return failed != 0 ? tp_fail(error, TP_NOMEM, "memory.none", "no memory for the jobs")
                       : TP_STATUS_OK;
}

struct tp_status tp_jobs_new(struct tp_app *app, struct tp_jobs **jobs, struct tp_error *error)
{
    struct tp_jobs *made = calloc(1, sizeof *made);
    if (made == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the jobs");
    }
    struct tp_status status = init_condition(&made->changed, error);
    if (tp_failed(status)) {
        pthread_mutex_destroy(&made->lock);
        free(made);
        return status;
    }
    made->app = app;
    *jobs = made;
    return TP_STATUS_OK;
}

static void wait_for_next(struct worker *worker)
{
    struct tp_jobs *jobs = worker->jobs;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += worker->job->period_ms / 1000;
    until.tv_nsec += (worker->job->period_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&jobs->lock);
    while (!worker->woken && !atomic_load(&jobs->ending)) {
        if (pthread_cond_timedwait(&jobs->changed, &jobs->lock, &until) != 0) {
            break;
        }
    }
    worker->woken = false;
    pthread_mutex_unlock(&jobs->lock);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    while (!atomic_load(&worker->jobs->ending)) {
        struct tp_error error;
        tp_error_clear(&error);
        if (tp_failed(worker->job->run(worker->jobs->app, &error))) {
            tp_log(TP_LOG_WARN, "job.failed", "job=%s code=%s", worker->job->name, error.code);
        }
        wait_for_next(worker);
    }
    return NULL;
}

struct tp_status tp_jobs_start(struct tp_jobs *jobs, const struct tp_job *job,
                               struct tp_error *error)
{
    assert(jobs->worker_count < JOBS_MOST);
    assert(job->period_ms > 0);
    pthread_mutex_lock(&jobs->lock);
    struct worker *worker = &jobs->workers[jobs->worker_count];
    worker->jobs = jobs;
    worker->job = job;
    bool started = pthread_create(&worker->thread, NULL, work, worker) == 0;
    jobs->worker_count += started;
    pthread_mutex_unlock(&jobs->lock);
    return started ? TP_STATUS_OK
                   : tp_fail(error, TP_IO, "job.no_thread", "no thread for job %s", job->name);
}

void tp_jobs_wake(struct tp_jobs *jobs, const char *name)
{
    if (jobs == NULL) {
        return;
    }
    pthread_mutex_lock(&jobs->lock);
    for (size_t i = 0; i < jobs->worker_count; i++) {
        if (strcmp(jobs->workers[i].job->name, name) == 0) {
            jobs->workers[i].woken = true;
        }
    }
    pthread_cond_broadcast(&jobs->changed);
    pthread_mutex_unlock(&jobs->lock);
}

bool tp_jobs_ending(const struct tp_jobs *jobs)
{
    return atomic_load(&jobs->ending);
}

void tp_jobs_stop(struct tp_jobs *jobs)
{
    if (jobs == NULL) {
        return;
    }
    pthread_mutex_lock(&jobs->lock);
    atomic_store(&jobs->ending, true);
    pthread_cond_broadcast(&jobs->changed);
    size_t count = jobs->worker_count;
    pthread_mutex_unlock(&jobs->lock);
    for (size_t i = 0; i < count; i++) {
        pthread_join(jobs->workers[i].thread, NULL);
    }
    jobs->worker_count = 0;
}

void tp_jobs_free(struct tp_jobs *jobs)
{
    if (jobs != NULL) {
        pthread_cond_destroy(&jobs->changed);
        pthread_mutex_destroy(&jobs->lock);
        free(jobs);
    }
}
