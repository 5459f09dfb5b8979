/*
 * The store: one port, SQLite behind it now, PostgreSQL beside it later. The same SQL text runs
 * on both ($1 placeholders, ON CONFLICT, RETURNING, INTEGER/TEXT/BLOB columns, times as integer
 * milliseconds since 1970 UTC).
 *
 * Writes go through one writer thread that runs many callers' works in one transaction, each in a
 * savepoint of its own, and commits them together (group commit): tp_store_write returns only
 * when the commit is durable, so what was answered is kept. Reads run beside it on connections of
 * their own, each call in one consistent snapshot. Both block the calling thread: call them from
 * worker threads, never from an event loop.
 */
#ifndef TP_BASE_STORE_STORE_H
#define TP_BASE_STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tp_store;
struct tp_db;    /* a connection inside one read or write; valid during the work only */
struct tp_query; /* a running statement; borrowed from the connection's cache */

struct tp_migration {
    int number; /* from 1, without gaps */
    const char *name;
    const char *sql; /* may hold several statements */
};

/*
 * Opens `url` ("sqlite:PATH") and applies the migrations that it does not have yet, each in a
 * transaction. A store with a migration that is not in the list is refused (TP_CONFLICT,
 * "store.newer"). `migrations` is borrowed for the call.
 */
TP_MUST_USE struct tp_status tp_store_open(const char *url, const struct tp_migration *migrations,
                                           size_t migration_count, struct tp_store **store,
                                           struct tp_error *error);

/* Waits for writes under way and closes. NULL is allowed. */
void tp_store_free(struct tp_store *store);

typedef struct tp_status (*tp_store_work)(struct tp_db *db, void *argument, struct tp_error *error);

/* Runs `work` in one read snapshot, in the calling thread. Writing inside fails. */
TP_MUST_USE struct tp_status tp_store_read(struct tp_store *store, tp_store_work work,
                                           void *argument, struct tp_error *error);

/*
 * Runs `work` on the writer thread inside a savepoint; when it fails, its changes alone are
 * undone and its status and error are returned. When it succeeds, returns after the durable
 * commit. `work` may run twice when a commit fails: it must write its results only into
 * `argument`, from scratch each time. It must not block and must not call the store again.
 */
TP_MUST_USE struct tp_status tp_store_write(struct tp_store *store, tp_store_work work,
                                            void *argument, struct tp_error *error);

/* Since the store was opened: writes whose work succeeded and was kept, and the commits that kept
 * them. Safe from any thread. */
struct tp_store_counts {
    uint64_t write_count;
    uint64_t commit_count;
};
struct tp_store_counts tp_store_counts(struct tp_store *store);

/*
 * One statement. `types` gives a letter per argument: t const char * (NULL binds NULL),
 * i int64_t, b const void * followed by size_t (NULL binds NULL), n nothing (binds NULL).
 * Integers must be passed as int64_t: cast them. A broken UNIQUE key is TP_CONFLICT with code
 * "store.unique"; a broken FOREIGN KEY or CHECK is TP_CONFLICT "store.constraint".
 */
TP_MUST_USE struct tp_status tp_db_run(struct tp_db *db, struct tp_error *error, const char *sql,
                                       const char *types, ...);

/* As tp_db_run, and tells how many rows changed. */
TP_MUST_USE struct tp_status tp_db_run_count(struct tp_db *db, int64_t *changed,
                                             struct tp_error *error, const char *sql,
                                             const char *types, ...);

/* Starts a statement that returns rows. End every query with tp_query_end. */
TP_MUST_USE struct tp_status tp_db_query(struct tp_db *db, struct tp_query **query,
                                         struct tp_error *error, const char *sql, const char *types,
                                         ...);

/* Steps to the next row; *row is false after the last. */
TP_MUST_USE struct tp_status tp_query_next(struct tp_query *query, bool *row,
                                           struct tp_error *error);

/* Columns count from 0. Text and blob live until the next step or the end; text is never NULL
 * unless the column is (then NULL). */
bool tp_query_is_null(const struct tp_query *query, int column);
int64_t tp_query_int(const struct tp_query *query, int column);
double tp_query_real(const struct tp_query *query, int column);
const char *tp_query_text(const struct tp_query *query, int column);
const void *tp_query_blob(const struct tp_query *query, int column, size_t *bytes);

/* Gives the statement back. NULL is allowed. */
void tp_query_end(struct tp_query *query);

/* The first column of the first row; *found is false when there is no row. */
TP_MUST_USE struct tp_status tp_db_ask_int(struct tp_db *db, int64_t *value, bool *found,
                                           struct tp_error *error, const char *sql,
                                           const char *types, ...);

/* Several statements without arguments (migrations, pragmas of tools). */
TP_MUST_USE struct tp_status tp_db_script(struct tp_db *db, const char *sql,
                                          struct tp_error *error);

#endif
