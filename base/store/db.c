/* The statement half of the port: arguments by type letters, rows by column. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/store/engine.h"

static struct tp_engine_argument next_argument(char letter, va_list *args)
{
    struct tp_engine_argument argument = {.type = TP_ENGINE_NULL};
    switch (letter) {
    case 't':
        argument.data = va_arg(*args, const char *);
        if (argument.data != NULL) {
            argument.type = TP_ENGINE_TEXT;
            argument.bytes = strlen(argument.data);
        }
        break;
    case 'i':
        argument.type = TP_ENGINE_INT;
        argument.integer = va_arg(*args, int64_t);
        break;
    case 'b':
        argument.data = va_arg(*args, const void *);
        argument.bytes = va_arg(*args, size_t);
        if (argument.data != NULL)
            argument.type = TP_ENGINE_BLOB;
        break;
    case 'n':
        break;
    default:
        assert(!"a type letter is one of t, i, b, n");
    }
    return argument;
}

static struct tp_status prepare(struct tp_db *db, struct tp_query **query, struct tp_error *error,
                                const char *sql, const char *types, va_list *args)
{
    struct tp_engine_argument arguments[TP_ENGINE_ARGUMENT_MOST_COUNT];
    size_t count = types == NULL ? 0 : strlen(types);
    assert(count <= TP_ENGINE_ARGUMENT_MOST_COUNT);
    for (size_t i = 0; i < count; i++)
        arguments[i] = next_argument(types[i], args);
    return db->engine->prepare(db, sql, arguments, count, query, error);
}

static struct tp_status run(struct tp_db *db, struct tp_error *error, const char *sql,
                            const char *types, va_list *args)
{
    struct tp_query *query = NULL;
    struct tp_status status = prepare(db, &query, error, sql, types, args);
    bool row = true;
    while (tp_ok(status) && row)
        status = tp_query_next(query, &row, error);
    tp_query_end(query);
    return status;
}

struct tp_status tp_db_run(struct tp_db *db, struct tp_error *error, const char *sql,
                           const char *types, ...)
{
    va_list args;
    va_start(args, types);
    struct tp_status status = run(db, error, sql, types, &args);
    va_end(args);
    return status;
}

struct tp_status tp_db_run_count(struct tp_db *db, int64_t *changed, struct tp_error *error,
                                 const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    struct tp_status status = run(db, error, sql, types, &args);
    va_end(args);
    if (tp_ok(status))
        *changed = db->engine->changed_count(db);
    return status;
}

struct tp_status tp_db_query(struct tp_db *db, struct tp_query **query, struct tp_error *error,
                             const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    *query = NULL;
    struct tp_status status = prepare(db, query, error, sql, types, &args);
    va_end(args);
    return status;
}

struct tp_status tp_db_ask_int(struct tp_db *db, int64_t *value, bool *found,
                               struct tp_error *error, const char *sql, const char *types, ...)
{
    struct tp_query *query = NULL;
    va_list args;
    va_start(args, types);
    struct tp_status status = prepare(db, &query, error, sql, types, &args);
    va_end(args);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status)) {
        *found = row;
        if (row)
            *value = tp_query_int(query, 0);
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_db_script(struct tp_db *db, const char *sql, struct tp_error *error)
{
    return db->engine->script(db, sql, error);
}

struct tp_status tp_query_next(struct tp_query *query, bool *row, struct tp_error *error)
{
    *row = false;
    return query->engine->next(query, row, error);
}

bool tp_query_is_null(const struct tp_query *query, int column)
{
    return query->engine->is_null(query, column);
}

int64_t tp_query_int(const struct tp_query *query, int column)
{
    return query->engine->get_int(query, column);
}

double tp_query_real(const struct tp_query *query, int column)
{
    return query->engine->get_real(query, column);
}

const char *tp_query_text(const struct tp_query *query, int column)
{
    return query->engine->get_text(query, column);
}

const void *tp_query_blob(const struct tp_query *query, int column, size_t *bytes)
{
    return query->engine->get_blob(query, column, bytes);
}

void tp_query_end(struct tp_query *query)
{
    if (query != NULL)
        query->engine->end(query);
}
