/*
 * What the store asks of a database engine. One table of functions per engine; store.c, writer.c
 * and db.c know nothing else of it.
 *
 * An engine extends struct tp_db and struct tp_query by putting them first in structs of its own.
 * A connection is used by one thread at a time. Statements use $1, $2, ... for arguments.
 */
#ifndef TP_BASE_STORE_ENGINE_H
#define TP_BASE_STORE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/store/store.h"

#define TP_ENGINE_ARGUMENT_MOST_COUNT 64

enum tp_engine_argument_type {
    TP_ENGINE_NULL,
    TP_ENGINE_INT,
    TP_ENGINE_TEXT,
    TP_ENGINE_BLOB,
};

struct tp_engine_argument {
    enum tp_engine_argument_type type;
    int64_t integer;
    const void *data; /* of a text or blob; the engine copies what it keeps */
    size_t bytes;
};

struct tp_db {
    const struct tp_engine *engine;
};

struct tp_query {
    const struct tp_engine *engine;
};

struct tp_engine {
    const char *scheme; /* "sqlite" */

    /* `location` is the URL after "scheme:". The writer is opened first and makes what is missing.
     */
    struct tp_status (*open)(const char *location, bool writer, struct tp_db **db,
                             struct tp_error *error);
    void (*close)(struct tp_db *db);

    /* One transaction at a time; on a reader it is one snapshot in which nothing can be written. */
    struct tp_status (*begin)(struct tp_db *db, struct tp_error *error);
    /* After a failed commit nothing of the transaction stands and none is open. */
    struct tp_status (*commit)(struct tp_db *db, struct tp_error *error);
    void (*rollback)(struct tp_db *db);
    /* False when an error has undone the whole transaction. */
    bool (*in_transaction)(struct tp_db *db);

    /* One level of savepoints. */
    struct tp_status (*savepoint)(struct tp_db *db, struct tp_error *error);
    struct tp_status (*release)(struct tp_db *db, struct tp_error *error);
    struct tp_status (*rollback_to)(struct tp_db *db, struct tp_error *error);

    /* Ends queries that were left open; returns how many there were. */
    size_t (*end_queries)(struct tp_db *db);

    struct tp_status (*script)(struct tp_db *db, const char *sql, struct tp_error *error);
    struct tp_status (*prepare)(struct tp_db *db, const char *sql,
                                const struct tp_engine_argument *arguments, size_t count,
                                struct tp_query **query, struct tp_error *error);
    struct tp_status (*next)(struct tp_query *query, bool *row, struct tp_error *error);
    void (*end)(struct tp_query *query);
    int64_t (*changed_count)(struct tp_db *db); /* by the last statement that wrote */

    bool (*is_null)(const struct tp_query *query, int column);
    int64_t (*get_int)(const struct tp_query *query, int column);
    double (*get_real)(const struct tp_query *query, int column);
    const char *(*get_text)(const struct tp_query *query, int column);
    const void *(*get_blob)(const struct tp_query *query, int column, size_t *bytes);
};

#endif
