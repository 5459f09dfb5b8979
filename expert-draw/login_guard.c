#include "expert-draw/login_guard.h"

#define GUARD_KEPT_MS ((int64_t)24 * 3600 * 1000)

struct guard {
    int64_t window_at, failures, locks, locked_until;
};

static struct tp_status read_guard(struct tp_db *db, const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES],
                                   struct guard *guard, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    *guard = (struct guard){0};
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT window_at, failures, locks, locked_until FROM login_guard WHERE key = $1", "b", key,
        (size_t)TP_LOGIN_GUARD_KEY_BYTES);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row)
        *guard = (struct guard){
            .window_at = tp_query_int(query, 0),
            .failures = tp_query_int(query, 1),
            .locks = tp_query_int(query, 2),
            .locked_until = tp_query_int(query, 3),
        };
    tp_query_end(query);
    return status;
}

struct tp_status tp_login_guard_locked(struct tp_db *db,
                                       const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES], int64_t now_ms,
                                       bool *locked, struct tp_error *error)
{
    struct guard guard;
    struct tp_status status = read_guard(db, key, &guard, error);
    *locked = tp_ok(status) && guard.locked_until > now_ms;
    return status;
}

static int64_t lock_ms(int64_t locks)
{
    int64_t pause_ms = TP_LOGIN_LOCK_LEAST_MS;
    for (int64_t i = 0; i < locks && pause_ms < TP_LOGIN_LOCK_MOST_MS; i++)
        pause_ms *= 2;
    return pause_ms < TP_LOGIN_LOCK_MOST_MS ? pause_ms : TP_LOGIN_LOCK_MOST_MS;
}

struct tp_status tp_login_guard_refused(struct tp_db *db,
                                        const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES], int64_t now_ms,
                                        struct tp_error *error)
{
    struct guard guard;
    struct tp_status status = read_guard(db, key, &guard, error);
    if (tp_failed(status))
        return status;
    if (guard.failures == 0 || now_ms - guard.window_at > TP_LOGIN_WINDOW_MS) {
        guard.window_at = now_ms;
        guard.failures = 0;
    }
    guard.failures++;
    if (guard.failures >= TP_LOGIN_TRY_LIMIT) {
        guard.locked_until = now_ms + lock_ms(guard.locks);
        guard.locks++;
        guard.failures = 0;
    }
    /* What is neither locked nor in its window says nothing any more, but for the growing delay. */
    status =
        tp_db_run(db, error, "DELETE FROM login_guard WHERE window_at < $1 AND locked_until < $1",
                  "i", now_ms - GUARD_KEPT_MS);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO login_guard (key, window_at, failures, locks, locked_until)"
                     " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET"
                     " window_at = excluded.window_at, failures = excluded.failures,"
                     " locks = excluded.locks, locked_until = excluded.locked_until",
                     "biiii", key, (size_t)TP_LOGIN_GUARD_KEY_BYTES, guard.window_at,
                     guard.failures, guard.locks, guard.locked_until);
}

struct tp_status tp_login_guard_passed(struct tp_db *db,
                                       const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES],
                                       struct tp_error *error)
{
    return tp_db_run(db, error, "DELETE FROM login_guard WHERE key = $1", "b", key,
                     (size_t)TP_LOGIN_GUARD_KEY_BYTES);
}
