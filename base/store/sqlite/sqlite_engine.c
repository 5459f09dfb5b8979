#include "base/store/sqlite/sqlite_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/store/sqlite/connection.h"

#define BUSY_TIMEOUT_MS 10000
#define VALUE_MOST_BYTES (64 * 1024 * 1024)
#define SQL_MOST_BYTES (1024 * 1024)

static struct tp_sqlite_connection *connection_of(struct tp_db *db)
{
    return (struct tp_sqlite_connection *)db;
}

static sqlite3_stmt *handle_of(const struct tp_query *query)
{
    return ((const struct tp_sqlite_statement *)query)->handle;
}

/* A new file's name is durable only when its folder is synced. */
static bool sync_folder(const char *path)
{
    TP_AUTO_FREE char *copy = strdup(path);
    if (copy == NULL)
        return false;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return synced;
}

/* Makes the file with its mode before SQLite would with the umask's; the -wal and -shm files take
 * theirs from it. An existing file is not opened here: closing it would drop this process's locks.
 */
static struct tp_status make_private_file(const char *path, struct tp_error *error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done;
    if (fd >= 0) {
        close(fd);
        done = sync_folder(path);
    } else {
        done = errno == EEXIST && chmod(path, 0600) == 0;
    }
    if (!done)
        return tp_fail(error, TP_IO, "store.cannot_open", "%s: %s", path, strerror(errno));
    return TP_STATUS_OK;
}

static void set_limits(sqlite3 *handle)
{
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, VALUE_MOST_BYTES);
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, SQL_MOST_BYTES);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, TP_ENGINE_ARGUMENT_MOST_COUNT);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* "name" in double quotes is a column, never a text: as PostgreSQL reads it. */
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
    sqlite3_extended_result_codes(handle, 1);
}

static struct tp_status script(struct tp_db *db, const char *sql, struct tp_error *error)
{
    int code = sqlite3_exec(connection_of(db)->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? TP_STATUS_OK : tp_sqlite_fail(connection_of(db), code, error);
}

static struct tp_status set_pragmas(struct tp_sqlite_connection *connection, struct tp_error *error)
{
    struct tp_status status = script(&connection->db,
                                     "PRAGMA foreign_keys = ON;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA cache_size = -16384;",
                                     error);
    if (tp_ok(status) && connection->writer)
        return script(&connection->db,
                      "PRAGMA journal_mode = WAL;"
                      "PRAGMA synchronous = FULL;"
                      "PRAGMA wal_autocheckpoint = 2000;"
                      "PRAGMA journal_size_limit = 67108864;",
                      error);
    if (tp_ok(status))
        return script(&connection->db, "PRAGMA query_only = ON;", error);
    return status;
}

static void close_connection(struct tp_db *db)
{
    struct tp_sqlite_connection *connection = connection_of(db);
    tp_sqlite_end_queries(db);
    tp_sqlite_forget_statements(connection);
    for (size_t i = 0; i < TP_SQLITE_CONTROL_COUNT; i++)
        sqlite3_finalize(connection->controls[i]);
    sqlite3_close(connection->handle);
    free(connection);
}

static struct tp_status compile_controls(struct tp_sqlite_connection *connection,
                                         struct tp_error *error)
{
    const char *const texts[TP_SQLITE_CONTROL_COUNT] = {
        [TP_SQLITE_BEGIN] = connection->writer ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED",
        [TP_SQLITE_COMMIT] = "COMMIT",
        [TP_SQLITE_ROLLBACK] = "ROLLBACK",
        [TP_SQLITE_SAVEPOINT] = "SAVEPOINT work",
        [TP_SQLITE_RELEASE] = "RELEASE work",
        [TP_SQLITE_ROLLBACK_TO] = "ROLLBACK TO work",
    };
    for (size_t i = 0; i < TP_SQLITE_CONTROL_COUNT; i++) {
        int code = sqlite3_prepare_v3(connection->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &connection->controls[i], NULL);
        if (code != SQLITE_OK)
            return tp_sqlite_fail(connection, code, error);
    }
    return TP_STATUS_OK;
}

static struct tp_status control(struct tp_db *db, enum tp_sqlite_control which,
                                struct tp_error *error)
{
    sqlite3_stmt *statement = connection_of(db)->controls[which];
    int code = sqlite3_step(statement);
    struct tp_status status =
        code == SQLITE_DONE ? TP_STATUS_OK : tp_sqlite_fail(connection_of(db), code, error);
    sqlite3_reset(statement);
    return status;
}

static struct tp_status open_handle(struct tp_sqlite_connection *connection, const char *path,
                                    struct tp_error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &connection->handle, flags, NULL);
    if (connection->handle == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a database connection");
    if (code != SQLITE_OK)
        return tp_sqlite_fail(connection, code, error);
    set_limits(connection->handle);
    struct tp_status status = set_pragmas(connection, error);
    return tp_ok(status) ? compile_controls(connection, error) : status;
}

static struct tp_status open_connection(const char *location, bool writer, struct tp_db **db,
                                        struct tp_error *error)
{
    if (strcmp(location, ":memory:") == 0)
        return tp_fail(error, TP_INPUT, "store.bad_url",
                       "a store is a file: its readers and its writer share it");
    struct tp_status status = writer ? make_private_file(location, error) : TP_STATUS_OK;
    if (tp_failed(status))
        return status;
    struct tp_sqlite_connection *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a database connection");
    made->db.engine = &tp_sqlite_engine;
    made->writer = writer;
    status = open_handle(made, location, error);
    if (tp_failed(status))
        close_connection(&made->db);
    else
        *db = &made->db;
    return status;
}

static bool in_transaction(struct tp_db *db)
{
    return sqlite3_get_autocommit(connection_of(db)->handle) == 0;
}

static void rollback(struct tp_db *db)
{
    struct tp_error error = {0};
    if (in_transaction(db) && tp_failed(control(db, TP_SQLITE_ROLLBACK, &error)))
        tp_log_error(TP_LOG_ERROR, "store.rollback_failed", &error);
}

static struct tp_status begin(struct tp_db *db, struct tp_error *error)
{
    rollback(db); /* nothing is open unless an earlier rollback failed */
    return control(db, TP_SQLITE_BEGIN, error);
}

static struct tp_status commit(struct tp_db *db, struct tp_error *error)
{
    struct tp_status status = control(db, TP_SQLITE_COMMIT, error);
    if (tp_failed(status))
        rollback(db);
    return status;
}

static struct tp_status savepoint(struct tp_db *db, struct tp_error *error)
{
    return control(db, TP_SQLITE_SAVEPOINT, error);
}

static struct tp_status release(struct tp_db *db, struct tp_error *error)
{
    return control(db, TP_SQLITE_RELEASE, error);
}

static struct tp_status rollback_to(struct tp_db *db, struct tp_error *error)
{
    struct tp_status status = control(db, TP_SQLITE_ROLLBACK_TO, error);
    return tp_ok(status) ? release(db, error) : status;
}

static int64_t changed_count(struct tp_db *db)
{
    return sqlite3_changes64(connection_of(db)->handle);
}

static bool is_null(const struct tp_query *query, int column)
{
    return sqlite3_column_type(handle_of(query), column) == SQLITE_NULL;
}

static int64_t get_int(const struct tp_query *query, int column)
{
    return sqlite3_column_int64(handle_of(query), column);
}

static double get_real(const struct tp_query *query, int column)
{
    return sqlite3_column_double(handle_of(query), column);
}

static const char *get_text(const struct tp_query *query, int column)
{
    return (const char *)sqlite3_column_text(handle_of(query), column);
}

static const void *get_blob(const struct tp_query *query, int column, size_t *bytes)
{
    const void *data = sqlite3_column_blob(handle_of(query), column);
    *bytes = (size_t)sqlite3_column_bytes(handle_of(query), column);
    /* SQLite gives NULL for an empty blob too; callers tell it from a NULL column. */
    return data == NULL && !is_null(query, column) ? "" : data;
}

const struct tp_engine tp_sqlite_engine = {
    .scheme = "sqlite",
    .open = open_connection,
    .close = close_connection,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .savepoint = savepoint,
    .release = release,
    .rollback_to = rollback_to,
    .end_queries = tp_sqlite_end_queries,
    .script = script,
    .prepare = tp_sqlite_prepare,
    .next = tp_sqlite_next,
    .end = tp_sqlite_end,
    .changed_count = changed_count,
    .is_null = is_null,
    .get_int = get_int,
    .get_real = get_real,
    .get_text = get_text,
    .get_blob = get_blob,
};
