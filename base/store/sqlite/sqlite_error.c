#include <string.h>

#include "base/store/sqlite/connection.h"

/* "UNIQUE constraint failed: seat.room, seat.number" names the columns behind the colon. */
static struct tp_status fail_constraint(const char *code, const char *message,
                                        struct tp_error *error)
{
    struct tp_status status = tp_fail(error, TP_CONFLICT, code, "%s", message);
    const char *colon = strstr(message, "failed: ");
    if (colon != NULL)
        tp_error_set_field(error, "%s", colon + strlen("failed: "));
    return status;
}

static struct tp_status fail_io(int extended, struct tp_error *error)
{
    if (extended == SQLITE_IOERR_NOMEM)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "the database has no memory");
    bool sync = extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC;
    return tp_fail(error, TP_IO, sync ? "store.sync" : "store.io", "%s (%d)",
                   sync ? "the disk did not confirm a write" : "the disk failed", extended);
}

struct tp_status tp_sqlite_fail(struct tp_sqlite_connection *connection, int code,
                                struct tp_error *error)
{
    const char *message = sqlite3_errmsg(connection->handle);
    int extended = sqlite3_extended_errcode(connection->handle);
    switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
        if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
            extended == SQLITE_CONSTRAINT_ROWID)
            return fail_constraint("store.unique", message, error);
        return fail_constraint("store.constraint", message, error);
    case SQLITE_FULL:
        return tp_fail(error, TP_IO, "store.full", "the disk is full");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return tp_fail(error, TP_IO, "store.corrupt", "the database is damaged: %s", message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return tp_fail(error, TP_IO, "store.busy", "another process holds the database");
    case SQLITE_TOOBIG:
        return tp_fail(error, TP_LIMIT, "store.too_large", "a text or blob is too large");
    case SQLITE_NOMEM:
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "the database has no memory");
    case SQLITE_READONLY:
        return tp_fail(error, TP_IO, "store.read_only", "%s", message);
    case SQLITE_CANTOPEN:
        return tp_fail(error, TP_IO, "store.cannot_open", "%s", message);
    case SQLITE_IOERR:
        return fail_io(extended, error);
    default:
        return tp_fail(error, TP_IO, "store.bad_statement", "%s (%d)", message, extended);
    }
}
