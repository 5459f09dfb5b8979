/*
 * Limits the tries of logins: 5 refused ones in 10 minutes lock what they were made at, for 1
 * minute at first and twice as long each further time, up to an hour. Kept in the database, so that
 * a restart opens nothing.
 */
#ifndef TP_DRAW_LOGIN_GUARD_H
#define TP_DRAW_LOGIN_GUARD_H

#include "base/store/store.h"

#define TP_LOGIN_GUARD_KEY_BYTES 32
#define TP_LOGIN_TRY_LIMIT 5
#define TP_LOGIN_WINDOW_MS ((int64_t)10 * 60 * 1000)
#define TP_LOGIN_LOCK_LEAST_MS ((int64_t)60 * 1000)
#define TP_LOGIN_LOCK_MOST_MS ((int64_t)3600 * 1000)

/* Inside a write, as all here. */
TP_MUST_USE struct tp_status tp_login_guard_locked(struct tp_db *db,
                                                   const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES],
                                                   int64_t now_ms, bool *locked,
                                                   struct tp_error *error);
TP_MUST_USE struct tp_status tp_login_guard_refused(struct tp_db *db,
                                                    const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES],
                                                    int64_t now_ms, struct tp_error *error);
TP_MUST_USE struct tp_status tp_login_guard_passed(struct tp_db *db,
                                                   const uint8_t key[TP_LOGIN_GUARD_KEY_BYTES],
                                                   struct tp_error *error);

#endif
