/*
 * Jobs that run beside the requests: each in a thread of its own, every `period_ms` and when woken.
 */
#ifndef TP_COORDINATOR_JOB_JOB_H
#define TP_COORDINATOR_JOB_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tp_app;
struct tp_jobs;

struct tp_job {
    const char *name; /* in log lines: "hold.expiry" */
    int64_t period_ms;
    /* May block; returns soon after tp_jobs_ending says so. Logs its own failures by returning. */
    struct tp_status (*run)(struct tp_app *app, struct tp_error *error);
};

/* From any thread: runs the job of this name now (again, if it is running). */
void tp_jobs_wake(struct tp_jobs *jobs, const char *name);
/* True once the process is ending: long waits must stop. */
bool tp_jobs_ending(const struct tp_jobs *jobs);

TP_MUST_USE struct tp_status tp_jobs_new(struct tp_app *app, struct tp_jobs **jobs,
                                         struct tp_error *error);
/* `job` is borrowed for the life of `jobs`. */
TP_MUST_USE struct tp_status tp_jobs_start(struct tp_jobs *jobs, const struct tp_job *job,
                                           struct tp_error *error);
/* Asks all to end, wakes and joins them. */
void tp_jobs_stop(struct tp_jobs *jobs);
/* After tp_jobs_stop. NULL is allowed. */
void tp_jobs_free(struct tp_jobs *jobs);

#endif
