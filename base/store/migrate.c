#include "base/store/migrate.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/store/engine.h"

#define CHECKSUM_DOMAIN "tongping-migration-v1"
#define CHECKSUM_TEXT_BYTES (2 * TP_HASH_BYTES + 1)

static void checksum_of(const struct tp_migration *migration, char out[CHECKSUM_TEXT_BYTES])
{
    uint8_t hash[TP_HASH_BYTES];
    tp_hash(CHECKSUM_DOMAIN, migration->sql, strlen(migration->sql), hash);
    tp_hex_encode(hash, sizeof(hash), out);
}

static struct tp_status check_numbers(const struct tp_migration *migrations, size_t count,
                                      struct tp_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (migrations[i].number != (int)i + 1)
            return tp_fail(error, TP_INPUT, "store.bad_migrations",
                           "migration %zu of the list has the number %d", i + 1,
                           migrations[i].number);
    }
    return TP_STATUS_OK;
}

static struct tp_status check_applied(const struct tp_query *row,
                                      const struct tp_migration *migrations, size_t count,
                                      struct tp_error *error)
{
    int64_t number = tp_query_int(row, 0);
    if (number < 1 || (uint64_t)number > count)
        return tp_fail(error, TP_CONFLICT, "store.newer",
                       "the store has migration %lld (%s), this program knows %zu",
                       (long long)number, tp_query_text(row, 1), count);
    const struct tp_migration *migration = &migrations[number - 1];
    char checksum[CHECKSUM_TEXT_BYTES];
    checksum_of(migration, checksum);
    if (strcmp(tp_query_text(row, 1), migration->name) != 0 ||
        strcmp(tp_query_text(row, 2), checksum) != 0) {
        struct tp_status status =
            tp_fail(error, TP_CONFLICT, "store.migration_changed",
                    "migration %d is not the one that was applied", migration->number);
        tp_error_set_field(error, "%d %s", migration->number, migration->name);
        return status;
    }
    return TP_STATUS_OK;
}

/* Compares what was applied with the list and counts it. */
static struct tp_status read_applied(struct tp_db *db, const struct tp_migration *migrations,
                                     size_t count, size_t *applied_count, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT number, name, checksum FROM store_migration ORDER BY number", "");
    bool row = false;
    *applied_count = 0;
    while (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
        if (tp_failed(status) || !row)
            break;
        status = check_applied(query, migrations, count, error);
        *applied_count += 1;
    }
    tp_query_end(query);
    return status;
}

static struct tp_status apply(struct tp_db *db, const struct tp_migration *migration,
                              struct tp_error *error)
{
    char checksum[CHECKSUM_TEXT_BYTES];
    checksum_of(migration, checksum);
    struct tp_status status = tp_db_script(db, migration->sql, error);
    if (tp_ok(status))
        status = tp_db_run(db, error,
                           "INSERT INTO store_migration (number, name, checksum, applied_at)"
                           " VALUES ($1, $2, $3, $4)",
                           "itti", (int64_t)migration->number, migration->name, checksum,
                           tp_clock_now_ms(tp_clock_system()));
    if (tp_failed(status))
        tp_error_set_field(error, "%d %s", migration->number, migration->name);
    return status;
}

static struct tp_status make_table(struct tp_db *db, struct tp_error *error)
{
    return tp_db_script(db,
                        "CREATE TABLE IF NOT EXISTS store_migration ("
                        " number INTEGER PRIMARY KEY,"
                        " name TEXT NOT NULL,"
                        " checksum TEXT NOT NULL,"
                        " applied_at INTEGER NOT NULL)",
                        error);
}

static struct tp_status commit_or_undo(struct tp_db *db, struct tp_status status,
                                       struct tp_error *error)
{
    if (tp_ok(status))
        return db->engine->commit(db, error);
    db->engine->rollback(db);
    return status;
}

struct tp_status tp_store_migrate(struct tp_db *db, const struct tp_migration *migrations,
                                  size_t migration_count, struct tp_error *error)
{
    struct tp_status status = check_numbers(migrations, migration_count, error);
    if (tp_ok(status))
        status = db->engine->begin(db, error);
    if (tp_failed(status))
        return status;
    size_t applied_count = 0;
    status = make_table(db, error);
    if (tp_ok(status))
        status = read_applied(db, migrations, migration_count, &applied_count, error);
    status = commit_or_undo(db, status, error);
    for (size_t i = applied_count; i < migration_count && tp_ok(status); i++) {
        status = db->engine->begin(db, error);
        if (tp_ok(status))
            status = commit_or_undo(db, apply(db, &migrations[i], error), error);
    }
    return status;
}
