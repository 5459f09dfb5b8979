/*
 * A connection to SQLite with the cache of its statements.
 */
#ifndef TP_BASE_STORE_SQLITE_CONNECTION_H
#define TP_BASE_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "base/store/engine.h"

#define TP_SQLITE_BUCKET_COUNT 256

struct tp_sqlite_statement {
    struct tp_query query; /* first: this is a tp_query */
    struct tp_sqlite_connection *connection;
    sqlite3_stmt *handle;
    char *sql;                          /* owned; NULL for one beside the cache */
    struct tp_sqlite_statement *next;   /* in its bucket */
    struct tp_sqlite_statement *opened; /* the one opened before, while open */
    bool open;
    uint64_t used_at; /* in uses of the connection */
};

/* The statements that begin and end things. Compiled when the connection opens: undoing must not
 * need memory. */
enum tp_sqlite_control {
    TP_SQLITE_BEGIN,
    TP_SQLITE_COMMIT,
    TP_SQLITE_ROLLBACK,
    TP_SQLITE_SAVEPOINT,
    TP_SQLITE_RELEASE,
    TP_SQLITE_ROLLBACK_TO,
    TP_SQLITE_CONTROL_COUNT
};

struct tp_sqlite_connection {
    struct tp_db db; /* first: this is a tp_db */
    sqlite3 *handle;
    bool writer;
    sqlite3_stmt *controls[TP_SQLITE_CONTROL_COUNT];
    struct tp_sqlite_statement *buckets[TP_SQLITE_BUCKET_COUNT];
    size_t cached_count;
    uint64_t use_count;
    struct tp_sqlite_statement *opened; /* the open statements, newest first */
};

/* The error of the last call on `connection` that returned `code`. */
struct tp_status tp_sqlite_fail(struct tp_sqlite_connection *connection, int code,
                                struct tp_error *error);

struct tp_status tp_sqlite_prepare(struct tp_db *db, const char *sql,
                                   const struct tp_engine_argument *arguments, size_t count,
                                   struct tp_query **query, struct tp_error *error);
struct tp_status tp_sqlite_next(struct tp_query *query, bool *row, struct tp_error *error);
void tp_sqlite_end(struct tp_query *query);
size_t tp_sqlite_end_queries(struct tp_db *db);
void tp_sqlite_forget_statements(struct tp_sqlite_connection *connection);

#endif
