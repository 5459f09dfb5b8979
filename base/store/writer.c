#include "base/store/writer.h"

#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define GROUP_MOST_COUNT 256

/* One caller's work; lives on the caller's stack until `done`. */
struct job {
    struct job *next;
    tp_store_work work;
    void *argument;
    struct tp_error *error; /* of the caller, or `own_error` */
    struct tp_error own_error;
    struct tp_status status;
    sem_t done;
};

struct tp_writer {
    struct tp_db *db;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct job *first; /* waiting, oldest first */
    struct job **last;
    bool closing;
    struct tp_store_counts counts;
};

/* The jobs of one transaction, in the order they run. */
struct group {
    struct job *jobs[GROUP_MOST_COUNT];
    size_t count;
};

static struct job *pop_locked(struct tp_writer *writer)
{
    struct job *job = writer->first;
    if (job == NULL)
        return NULL;
    writer->first = job->next;
    if (writer->first == NULL)
        writer->last = &writer->first;
    return job;
}

/* The next job if one waits now. */
static struct job *try_take(struct tp_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct job *job = pop_locked(writer);
    pthread_mutex_unlock(&writer->mutex);
    return job;
}

/* Waits for a job; NULL when the writer closes and none is left. */
static struct job *take(struct tp_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    while (writer->first == NULL && !writer->closing)
        pthread_cond_wait(&writer->wake, &writer->mutex);
    struct job *job = pop_locked(writer);
    pthread_mutex_unlock(&writer->mutex);
    return job;
}

static void fail_job(struct job *job, const struct tp_error *why)
{
    *job->error = *why;
    job->status = tp_status_of(why->class);
}

/* Runs the work inside a savepoint; its failure undoes what it did and nothing else. */
static void run_in_savepoint(struct tp_db *db, struct job *job)
{
    tp_error_clear(job->error);
    job->status = db->engine->savepoint(db, job->error);
    if (tp_failed(job->status))
        return;
    job->status = job->work(db, job->argument, job->error);
    if (db->engine->end_queries(db) > 0)
        tp_log(TP_LOG_WARN, "store.query_left_open", "in=%s", "write");
    if (!db->engine->in_transaction(db))
        return;
    if (tp_ok(job->status))
        job->status = db->engine->release(db, job->error);
    if (tp_ok(job->status))
        return;
    struct tp_error undo_error = {0};
    if (tp_failed(db->engine->rollback_to(db, &undo_error))) {
        /* What the work did cannot be told from its neighbours' any more. */
        tp_log_error(TP_LOG_ERROR, "store.undo_failed", &undo_error);
        db->engine->rollback(db);
    }
}

static void count(struct tp_writer *writer, uint64_t write_count)
{
    pthread_mutex_lock(&writer->mutex);
    writer->counts.write_count += write_count;
    writer->counts.commit_count++;
    pthread_mutex_unlock(&writer->mutex);
}

static void run_alone(struct tp_db *db, struct job *job)
{
    tp_error_clear(job->error);
    job->status = db->engine->begin(db, job->error);
    if (tp_failed(job->status))
        return;
    run_in_savepoint(db, job);
    if (!db->engine->in_transaction(db)) {
        if (tp_ok(job->status))
            job->status = tp_fail(job->error, TP_IO, "store.undone",
                                  "the database undid the whole transaction");
        return;
    }
    if (tp_failed(job->status))
        db->engine->rollback(db);
    else
        job->status = db->engine->commit(db, job->error);
}

enum group_result {
    GROUP_COMMITTED, /* each job's own status holds */
    GROUP_UNDONE,    /* nothing stands; the jobs can run again */
    GROUP_FAILED,    /* nothing stands and another try may harm; the error tells why */
};

/* Runs the group's jobs and those that arrive meanwhile, then commits. */
static enum group_result run_group(struct tp_writer *writer, struct group *group,
                                   struct tp_error *error)
{
    struct tp_db *db = writer->db;
    if (tp_failed(db->engine->begin(db, error)))
        return GROUP_FAILED;
    size_t run_count = 0;
    while (run_count < group->count) {
        run_in_savepoint(db, group->jobs[run_count++]);
        if (!db->engine->in_transaction(db))
            return GROUP_UNDONE;
        struct job *arrived = group->count < GROUP_MOST_COUNT ? try_take(writer) : NULL;
        if (arrived != NULL)
            group->jobs[group->count++] = arrived;
    }
    if (tp_ok(db->engine->commit(db, error)))
        return GROUP_COMMITTED;
    /* After a failed sync the kernel may have dropped the pages: success of a second try would say
     * nothing about them. */
    return strcmp(error->code, "store.sync") == 0 ? GROUP_FAILED : GROUP_UNDONE;
}

static void finish_group(struct tp_writer *writer, struct group *group)
{
    struct tp_error error = {0};
    enum group_result result = run_group(writer, group, &error);
    if (result != GROUP_COMMITTED && error.class != TP_OK)
        tp_log_error(TP_LOG_ERROR, "store.commit_failed", &error);
    uint64_t kept_count = 0;
    for (size_t i = 0; i < group->count; i++) {
        struct job *job = group->jobs[i];
        if (result == GROUP_FAILED)
            fail_job(job, &error);
        else if (result == GROUP_UNDONE)
            run_alone(writer->db, job);
        if (result == GROUP_UNDONE && tp_ok(job->status))
            count(writer, 1);
        kept_count += tp_ok(job->status);
    }
    if (result == GROUP_COMMITTED && kept_count > 0)
        count(writer, kept_count);
}

static void *write_forever(void *context)
{
    struct tp_writer *writer = context;
    struct group group;
    struct job *job;
    while ((job = take(writer)) != NULL) {
        group.count = 0;
        do {
            group.jobs[group.count++] = job;
        } while (group.count < GROUP_MOST_COUNT && (job = try_take(writer)) != NULL);
        finish_group(writer, &group);
        for (size_t i = 0; i < group.count; i++)
            sem_post(&group.jobs[i]->done);
    }
    return NULL;
}

struct tp_status tp_writer_new(struct tp_db *db, struct tp_writer **writer, struct tp_error *error)
{
    struct tp_writer *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the writer");
    made->db = db;
    made->last = &made->first;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->wake, NULL);
    int failure = pthread_create(&made->thread, NULL, write_forever, made);
    if (failure != 0) {
        pthread_cond_destroy(&made->wake);
        pthread_mutex_destroy(&made->mutex);
        free(made);
        return tp_fail(error, TP_IO, "store.no_thread", "%s", strerror(failure));
    }
    pthread_setname_np(made->thread, "store-writer");
    *writer = made;
    return TP_STATUS_OK;
}

void tp_writer_free(struct tp_writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->mutex);
    writer->closing = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    assert(writer->first == NULL);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

struct tp_status tp_writer_run(struct tp_writer *writer, tp_store_work work, void *argument,
                               struct tp_error *error)
{
    struct job job = {.work = work, .argument = argument};
    job.error = error != NULL ? error : &job.own_error;
    sem_init(&job.done, 0, 0);
    pthread_mutex_lock(&writer->mutex);
    assert(!writer->closing);
    *writer->last = &job;
    writer->last = &job.next;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    while (sem_wait(&job.done) != 0)
        ;
    sem_destroy(&job.done);
    return job.status;
}

size_t tp_writer_waiting_count(struct tp_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    size_t count = 0;
    for (const struct job *job = writer->first; job != NULL; job = job->next)
        count++;
    pthread_mutex_unlock(&writer->mutex);
    return count;
}

struct tp_store_counts tp_writer_counts(struct tp_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct tp_store_counts counts = writer->counts;
    pthread_mutex_unlock(&writer->mutex);
    return counts;
}

bool tp_writer_is_current(const struct tp_writer *writer)
{
    return pthread_equal(pthread_self(), writer->thread) != 0;
}
