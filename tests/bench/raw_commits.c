/*
 * The reference of `./dev bench bookings`: the rows that the coordinator wrote for each session,
 * written once more by SQLite alone, one durable commit per session, nothing else in the way.
 *
 * raw_commits SOURCE.db TARGET.db: copies SOURCE's schema to TARGET, then commits session by
 * session; prints "SESSIONS ROWS MICROSECONDS". Reading the source is not in the time.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLES_MOST 64
#define SQL_MOST_BYTES 512

static sqlite3 *db;

static void fail(const char *what)
{
    fprintf(stderr, "raw_commits: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void script(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(sql);
    return statement;
}

static int64_t now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Runs every CREATE of the source; those of SQLite's own tables are left out. */
static void copy_schema(void)
{
    sqlite3_stmt *query = prepare("SELECT sql FROM source.sqlite_master WHERE sql IS NOT NULL"
                                  " AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index'");
    while (sqlite3_step(query) == SQLITE_ROW)
        script((const char *)sqlite3_column_text(query, 0));
    sqlite3_finalize(query);
}

/* One INSERT per table that has rows of a session; `staged` is a copy in memory, so that reading
 * costs the same as handing over parameters. */
static int prepare_inserts(sqlite3_stmt **inserts)
{
    sqlite3_stmt *query =
        prepare("SELECT m.name FROM source.sqlite_master m WHERE m.type = 'table' AND EXISTS"
                " (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'session_id')"
                " AND m.name <> 'lots'");
    int count = 0;
    char names[TABLES_MOST][128];
    while (sqlite3_step(query) == SQLITE_ROW && count < TABLES_MOST)
        snprintf(names[count++], sizeof(names[0]), "%s",
                 (const char *)sqlite3_column_text(query, 0));
    sqlite3_finalize(query);
    for (int i = 0; i < count; i++) {
        char sql[SQL_MOST_BYTES];
        snprintf(sql, sizeof(sql), "CREATE TABLE staged.\"%s\" AS SELECT * FROM source.\"%s\"",
                 names[i], names[i]);
        script(sql);
        snprintf(sql, sizeof(sql), "CREATE INDEX staged.\"by_%s\" ON \"%s\" (session_id)", names[i],
                 names[i]);
        script(sql);
        snprintf(sql, sizeof(sql),
                 "INSERT INTO main.\"%s\" SELECT * FROM staged.\"%s\" WHERE session_id = ?1",
                 names[i], names[i]);
        inserts[i] = prepare(sql);
    }
    script("CREATE TABLE staged.sessions AS SELECT * FROM source.sessions");
    script("CREATE UNIQUE INDEX staged.by_session ON sessions (id)");
    inserts[count++] =
        prepare("INSERT INTO main.sessions SELECT * FROM staged.sessions WHERE id = ?1");
    return count;
}

static int64_t insert(sqlite3_stmt *statement, const char *session_id)
{
    sqlite3_bind_text(statement, 1, session_id, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail(sqlite3_sql(statement));
    sqlite3_reset(statement);
    return sqlite3_changes(db);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: raw_commits SOURCE.db TARGET.db\n");
        return 2;
    }
    char attach[SQL_MOST_BYTES];
    if (sqlite3_open(argv[2], &db) != SQLITE_OK)
        fail("open");
    script("PRAGMA journal_mode = WAL");
    script("PRAGMA synchronous = FULL");
    snprintf(attach, sizeof(attach), "ATTACH '%s' AS source", argv[1]);
    script(attach);
    script("ATTACH ':memory:' AS staged");
    copy_schema();
    sqlite3_stmt *inserts[TABLES_MOST + 1];
    int count = prepare_inserts(inserts);

    sqlite3_stmt *ids = prepare("SELECT id FROM staged.sessions");
    int64_t sessions = 0, rows = 0, spent_us = 0;
    while (sqlite3_step(ids) == SQLITE_ROW) {
        char id[128];
        snprintf(id, sizeof(id), "%s", (const char *)sqlite3_column_text(ids, 0));
        int64_t start = now_us();
        script("BEGIN IMMEDIATE");
        for (int i = 0; i < count; i++)
            rows += insert(inserts[i], id);
        script("COMMIT");
        spent_us += now_us() - start;
        sessions++;
    }
    printf("%lld %lld %lld\n", (long long)sessions, (long long)rows, (long long)spent_us);
    sqlite3_finalize(ids);
    for (int i = 0; i < count; i++)
        sqlite3_finalize(inserts[i]);
    sqlite3_close(db);
    return 0;
}
