/* The port: where writes queue up and reads borrow a connection. It knows no engine. */
#include "base/store/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/store/engine.h"
#include "base/store/engines.h"
#include "base/store/migrate.h"
#include "base/store/writer.h"

#define READER_MOST_COUNT 8

struct tp_store {
    const struct tp_engine *engine;
    char *location;
    struct tp_db *write_db;
    struct tp_writer *writer;
    pthread_mutex_t mutex;
    pthread_cond_t reader_free;
    struct tp_db *idle[READER_MOST_COUNT];
    size_t idle_count;
    size_t opened_count; /* idle and borrowed */
};

static struct tp_status open_parts(struct tp_store *store, const struct tp_migration *migrations,
                                   size_t migration_count, struct tp_error *error)
{
    struct tp_status status = store->engine->open(store->location, true, &store->write_db, error);
    if (tp_ok(status))
        status = tp_store_migrate(store->write_db, migrations, migration_count, error);
    if (tp_ok(status))
        status = tp_writer_new(store->write_db, &store->writer, error);
    return status;
}

struct tp_status tp_store_open(const char *url, const struct tp_migration *migrations,
                               size_t migration_count, struct tp_store **store,
                               struct tp_error *error)
{
    const char *location = NULL;
    const struct tp_engine *engine = tp_engine_of_url(url, &location);
    if (engine == NULL || location[0] == '\0')
        return tp_fail(error, TP_INPUT, "store.bad_url", "a store's address is sqlite:PATH");
    struct tp_store *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a store");
    made->engine = engine;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->reader_free, NULL);
    made->location = strdup(location);
    struct tp_status status =
        made->location == NULL
            ? tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a store")
            : open_parts(made, migrations, migration_count, error);
    if (tp_failed(status))
        tp_store_free(made);
    else
        *store = made;
    return status;
}

void tp_store_free(struct tp_store *store)
{
    if (store == NULL)
        return;
    tp_writer_free(store->writer);
    assert(store->idle_count == store->opened_count);
    for (size_t i = 0; i < store->idle_count; i++)
        store->engine->close(store->idle[i]);
    if (store->write_db != NULL)
        store->engine->close(store->write_db);
    pthread_cond_destroy(&store->reader_free);
    pthread_mutex_destroy(&store->mutex);
    free(store->location);
    free(store);
}

/* Takes an idle connection, opens another while there are few, or waits for one. */
static struct tp_status borrow_reader(struct tp_store *store, struct tp_db **db,
                                      struct tp_error *error)
{
    pthread_mutex_lock(&store->mutex);
    while (store->idle_count == 0 && store->opened_count == READER_MOST_COUNT)
        pthread_cond_wait(&store->reader_free, &store->mutex);
    bool idle = store->idle_count > 0;
    if (idle)
        *db = store->idle[--store->idle_count];
    else
        store->opened_count++;
    pthread_mutex_unlock(&store->mutex);
    if (idle)
        return TP_STATUS_OK;
    struct tp_status status = store->engine->open(store->location, false, db, error);
    if (tp_failed(status)) {
        pthread_mutex_lock(&store->mutex);
        store->opened_count--;
        pthread_cond_signal(&store->reader_free);
        pthread_mutex_unlock(&store->mutex);
    }
    return status;
}

static void return_reader(struct tp_store *store, struct tp_db *db)
{
    pthread_mutex_lock(&store->mutex);
    store->idle[store->idle_count++] = db;
    pthread_cond_signal(&store->reader_free);
    pthread_mutex_unlock(&store->mutex);
}

struct tp_status tp_store_read(struct tp_store *store, tp_store_work work, void *argument,
                               struct tp_error *error)
{
    assert(!tp_writer_is_current(store->writer));
    struct tp_db *db = NULL;
    struct tp_status status = borrow_reader(store, &db, error);
    if (tp_failed(status))
        return status;
    status = db->engine->begin(db, error);
    if (tp_ok(status)) {
        status = work(db, argument, error);
        if (db->engine->end_queries(db) > 0)
            tp_log(TP_LOG_WARN, "store.query_left_open", "in=%s", "read");
        db->engine->rollback(db);
    }
    return_reader(store, db);
    return status;
}

struct tp_status tp_store_write(struct tp_store *store, tp_store_work work, void *argument,
                                struct tp_error *error)
{
    assert(!tp_writer_is_current(store->writer));
    return tp_writer_run(store->writer, work, argument, error);
}

struct tp_store_counts tp_store_counts(struct tp_store *store)
{
    return tp_writer_counts(store->writer);
}
