/* Statements: prepared once per connection, found again by their text. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/store/sqlite/connection.h"

#define CACHED_MOST_COUNT 512

static size_t bucket_of(const char *sql)
{
    /* FNV-1a */
    uint64_t hash = 14695981039346656037U;
    for (; *sql != '\0'; sql++)
        hash = (hash ^ (unsigned char)*sql) * 1099511628211U;
    return (hash ^ hash >> 32) % TP_SQLITE_BUCKET_COUNT;
}

static void free_statement(struct tp_sqlite_statement *statement)
{
    sqlite3_finalize(statement->handle);
    free(statement->sql);
    free(statement);
}

void tp_sqlite_forget_statements(struct tp_sqlite_connection *connection)
{
    assert(connection->opened == NULL);
    for (size_t i = 0; i < TP_SQLITE_BUCKET_COUNT; i++) {
        struct tp_sqlite_statement *statement = connection->buckets[i];
        while (statement != NULL) {
            struct tp_sqlite_statement *next = statement->next;
            free_statement(statement);
            statement = next;
        }
        connection->buckets[i] = NULL;
    }
    connection->cached_count = 0;
}

/* Drops the statement not used for longest. */
static void evict(struct tp_sqlite_connection *connection)
{
    struct tp_sqlite_statement **oldest = NULL;
    for (size_t i = 0; i < TP_SQLITE_BUCKET_COUNT; i++) {
        for (struct tp_sqlite_statement **at = &connection->buckets[i]; *at != NULL;
             at = &(*at)->next) {
            if (!(*at)->open && (oldest == NULL || (*at)->used_at < (*oldest)->used_at))
                oldest = at;
        }
    }
    if (oldest == NULL)
        return;
    struct tp_sqlite_statement *statement = *oldest;
    *oldest = statement->next;
    free_statement(statement);
    connection->cached_count--;
}

static struct tp_sqlite_statement *find_idle(struct tp_sqlite_connection *connection,
                                             const char *sql, bool *in_use)
{
    *in_use = false;
    for (struct tp_sqlite_statement *at = connection->buckets[bucket_of(sql)]; at != NULL;
         at = at->next) {
        if (strcmp(at->sql, sql) != 0)
            continue;
        *in_use = at->open;
        return at->open ? NULL : at;
    }
    return NULL;
}

static void put_in_cache(struct tp_sqlite_connection *connection,
                         struct tp_sqlite_statement *statement)
{
    if (connection->cached_count >= CACHED_MOST_COUNT)
        evict(connection);
    struct tp_sqlite_statement **bucket = &connection->buckets[bucket_of(statement->sql)];
    statement->next = *bucket;
    *bucket = statement;
    connection->cached_count++;
}

static struct tp_status compile(struct tp_sqlite_connection *connection, const char *sql,
                                bool cached, struct tp_sqlite_statement **statement,
                                struct tp_error *error)
{
    struct tp_sqlite_statement *made = calloc(1, sizeof(*made));
    char *text = cached && made != NULL ? strdup(sql) : NULL;
    if (made == NULL || (cached && text == NULL)) {
        free(made);
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a statement");
    }
    made->query.engine = connection->db.engine;
    made->connection = connection;
    made->sql = text;
    const char *tail = NULL;
    int code = sqlite3_prepare_v3(connection->handle, sql, -1,
                                  cached ? SQLITE_PREPARE_PERSISTENT : 0, &made->handle, &tail);
    struct tp_status status = TP_STATUS_OK;
    if (code != SQLITE_OK)
        status = tp_sqlite_fail(connection, code, error);
    else if (made->handle == NULL || tail[strspn(tail, " \t\r\n;")] != '\0')
        status = tp_fail(error, TP_IO, "store.bad_statement", "exactly one statement is wanted");
    if (tp_failed(status)) {
        free_statement(made);
        return status;
    }
    if (cached)
        put_in_cache(connection, made);
    *statement = made;
    return TP_STATUS_OK;
}

static int bind_one(sqlite3_stmt *handle, int index, const struct tp_engine_argument *argument)
{
    switch (argument->type) {
    case TP_ENGINE_NULL:
        return sqlite3_bind_null(handle, index);
    case TP_ENGINE_INT:
        return sqlite3_bind_int64(handle, index, argument->integer);
    case TP_ENGINE_TEXT:
        return sqlite3_bind_text64(handle, index, argument->data, argument->bytes, SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    case TP_ENGINE_BLOB:
        return sqlite3_bind_blob64(handle, index, argument->data, argument->bytes,
                                   SQLITE_TRANSIENT);
    }
    return SQLITE_MISUSE;
}

/* $2 means the second argument wherever it stands; SQLite numbers such names as it meets them. */
static size_t argument_number(sqlite3_stmt *handle, int index)
{
    const char *name = sqlite3_bind_parameter_name(handle, index);
    if (name == NULL || name[0] != '$')
        return 0;
    char *end = NULL;
    unsigned long number = strtoul(name + 1, &end, 10);
    return *end == '\0' ? number : 0;
}

static struct tp_status bind_all(struct tp_sqlite_statement *statement,
                                 const struct tp_engine_argument *arguments, size_t count,
                                 struct tp_error *error)
{
    int wanted = sqlite3_bind_parameter_count(statement->handle);
    if ((size_t)wanted != count)
        return tp_fail(error, TP_IO, "store.bad_statement", "%d arguments are wanted, not %zu",
                       wanted, count);
    for (int index = 1; index <= wanted; index++) {
        size_t number = argument_number(statement->handle, index);
        if (number < 1 || number > count)
            return tp_fail(error, TP_IO, "store.bad_statement", "arguments are $1 to $%zu", count);
        int code = bind_one(statement->handle, index, &arguments[number - 1]);
        if (code != SQLITE_OK)
            return tp_sqlite_fail(statement->connection, code, error);
    }
    return TP_STATUS_OK;
}

struct tp_status tp_sqlite_prepare(struct tp_db *db, const char *sql,
                                   const struct tp_engine_argument *arguments, size_t count,
                                   struct tp_query **query, struct tp_error *error)
{
    struct tp_sqlite_connection *connection = (struct tp_sqlite_connection *)db;
    bool in_use = false;
    struct tp_sqlite_statement *statement = find_idle(connection, sql, &in_use);
    struct tp_status status = TP_STATUS_OK;
    if (statement == NULL)
        status = compile(connection, sql, !in_use, &statement, error);
    if (tp_failed(status))
        return status;
    statement->used_at = ++connection->use_count;
    statement->open = true;
    statement->opened = connection->opened;
    connection->opened = statement;
    status = bind_all(statement, arguments, count, error);
    if (tp_failed(status))
        tp_sqlite_end(&statement->query);
    else
        *query = &statement->query;
    return status;
}

struct tp_status tp_sqlite_next(struct tp_query *query, bool *row, struct tp_error *error)
{
    struct tp_sqlite_statement *statement = (struct tp_sqlite_statement *)query;
    assert(statement->open);
    int code = sqlite3_step(statement->handle);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return TP_STATUS_OK;
    return tp_sqlite_fail(statement->connection, code, error);
}

void tp_sqlite_end(struct tp_query *query)
{
    struct tp_sqlite_statement *statement = (struct tp_sqlite_statement *)query;
    assert(statement->open);
    struct tp_sqlite_statement **at = &statement->connection->opened;
    while (*at != statement)
        at = &(*at)->opened;
    *at = statement->opened;
    statement->opened = NULL;
    statement->open = false;
    if (statement->sql == NULL) {
        free_statement(statement);
        return;
    }
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
}

size_t tp_sqlite_end_queries(struct tp_db *db)
{
    struct tp_sqlite_connection *connection = (struct tp_sqlite_connection *)db;
    size_t count = 0;
    for (; connection->opened != NULL; count++)
        tp_sqlite_end(&connection->opened->query);
    return count;
}
