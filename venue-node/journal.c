#include "venue-node/journal.h"

#include <stdio.h>

#include "base/link/outbox.h"
#include "proto/link.pb-c.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
#define KEEP_SESSIONS_MS (30 * DAY_MS)

static const struct tp_migration migrations[] = {
    {
        .number = 1,
        .name = "first",
        .sql = TP_LINK_SCHEMA
        "CREATE TABLE plan (session_id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL,"
        " phase INTEGER NOT NULL, start_at INTEGER NOT NULL, end_at INTEGER NOT NULL,"
        " changed_at INTEGER NOT NULL, message BLOB NOT NULL);"
        "CREATE TABLE plan_seat (session_id TEXT NOT NULL, seat_id TEXT NOT NULL,"
        " PRIMARY KEY (seat_id, session_id));"
        "CREATE TABLE session_view (session_id TEXT NOT NULL PRIMARY KEY,"
        " version INTEGER NOT NULL, message BLOB NOT NULL);"
        "CREATE TABLE seat_token (seat_id TEXT NOT NULL PRIMARY KEY, token_hash BLOB NOT NULL"
        " UNIQUE, enrolled_at INTEGER NOT NULL);"
        /* An expert sits at one seat of a session. */
        "CREATE TABLE login (seat_id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL,"
        " handle TEXT NOT NULL, label TEXT NOT NULL, since_at INTEGER NOT NULL,"
        " token_hash BLOB NOT NULL, lost INTEGER NOT NULL, UNIQUE (session_id, handle));"
        "CREATE TABLE seat_event (event_id TEXT NOT NULL PRIMARY KEY, seat_id TEXT NOT NULL,"
        " session_id TEXT NOT NULL, kind TEXT NOT NULL, handle TEXT NOT NULL,"
        " happened_at INTEGER NOT NULL);"
        "CREATE TABLE spent_ticket (nonce TEXT NOT NULL PRIMARY KEY,"
        " expires_at INTEGER NOT NULL);",
    },
};

struct tp_status tp_journal_open(const char *path, struct tp_store **store, struct tp_error *error)
{
    char url[1024];
    if (snprintf(url, sizeof url, "sqlite:%s", path) >= (int)sizeof url)
        return tp_fail(error, TP_INPUT, "journal.path", "the journal's path is too long");
    return tp_store_open(url, migrations, sizeof migrations / sizeof migrations[0], store, error);
}

static struct tp_status tidy(struct tp_db *db, void *argument, struct tp_error *error)
{
    int64_t now_ms = *(const int64_t *)argument;
    int64_t before = now_ms - KEEP_SESSIONS_MS;
    struct tp_status status =
        tp_db_run(db, error, "DELETE FROM plan WHERE phase IN ($1, $2) AND changed_at < $3", "iii",
                  (int64_t)TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENDED,
                  (int64_t)TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_CANCELLED, before);
    if (tp_ok(status))
        status = tp_db_run(
            db, error,
            "DELETE FROM plan_seat WHERE session_id NOT IN (SELECT session_id FROM plan)", "");
    if (tp_ok(status))
        status = tp_db_run(
            db, error,
            "DELETE FROM session_view WHERE session_id NOT IN (SELECT session_id FROM plan)", "");
    /* What is still to be sent stands in the outbox, too. */
    if (tp_ok(status))
        status = tp_db_run(db, error, "DELETE FROM seat_event WHERE happened_at < $1", "i", before);
    /* Their times are the coordinator's; ours may be ahead. */
    if (tp_ok(status))
        status = tp_db_run(db, error, "DELETE FROM spent_ticket WHERE expires_at < $1", "i",
                           (int64_t)(now_ms - DAY_MS));
    return status;
}

struct tp_status tp_journal_tidy(struct tp_store *store, int64_t now_ms, struct tp_error *error)
{
    return tp_store_write(store, tidy, &now_ms, error);
}
