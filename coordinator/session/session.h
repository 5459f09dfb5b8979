/*
 * A stored session and its transitions. The state machine itself is domain/session_state.h.
 */
#ifndef TP_COORDINATOR_SESSION_SESSION_H
#define TP_COORDINATOR_SESSION_SESSION_H

#include <jansson.h>

#include "coordinator/account/user.h"
#include "coordinator/domain/session_state.h"
#include "coordinator/record/write.h"

#define TP_VERSION_ANY (-1) /* for the system's own events; people's acts always give theirs */

struct tp_session_change {
    const char *session_id;
    enum tp_session_event event;
    enum tp_session_state from;
    enum tp_session_state to;
    int64_t version; /* after the change */
};

/*
 * Applies `event`: checks version (TP_CONFLICT "session.stale") and table, writes state and
 * version, carries out the effects (hold, seats, to-dos), appends "session.EVENT" with `data`
 * (borrowed, may be NULL) to the log, lets every module know (session_changed), tells the pages.
 * `change` may be NULL. TP_NOT_FOUND "session.not_found" when there is none.
 */
TP_MUST_USE struct tp_status tp_session_apply(struct tp_write *write, const char *session_id,
                                              int64_t expected_version, enum tp_session_event event,
                                              const char *actor, const json_t *data,
                                              struct tp_session_change *change,
                                              struct tp_error *error);

/* What stands in the session's own row. */
struct tp_session_row {
    char id[TP_ID_BYTES];
    char lot_id[TP_ID_BYTES];
    char agency_code[TP_NAME_BYTES];
    char trading_system_id[TP_NAME_BYTES];
    char main_center_id[TP_NAME_BYTES];
    enum tp_session_state state;
    int64_t version;
    int64_t start_at_ms;
    int64_t end_at_ms;
    int64_t bid_deadline_at_ms;
    int64_t hold_until_at_ms; /* 0: none */
    int64_t created_at_ms;
};

/* TP_NOT_FOUND "session.not_found" when there is none. */
TP_MUST_USE struct tp_status tp_session_row_read(struct tp_db *db, const char *session_id,
                                                 struct tp_session_row *row,
                                                 struct tp_error *error);

/* TP_CONFLICT "session.stale" when `expected_version` is another: for acts that write before they
 * apply their event. */
TP_MUST_USE struct tp_status tp_session_version_check(const struct tp_session_row *row,
                                                      int64_t expected_version,
                                                      struct tp_error *error);

/*
 * Tables other stages may read (never write), see coordinator/schema/0001_core.sql:
 *   sessions, session_venues (position 0 is the main venue), session_experts (what each venue asked
 *   for: specialty and count), session_seats (seats per venue in order), lots, centers, rooms,
 * seats.
 */

/* The session as `viewer` sees it, without "timeline" unless asked. Modules add their parts. */
TP_MUST_USE struct tp_status tp_session_json(struct tp_app *app, struct tp_db *db,
                                             const char *session_id, const struct tp_user *viewer,
                                             bool with_timeline, json_t **json,
                                             struct tp_error *error);

#endif
