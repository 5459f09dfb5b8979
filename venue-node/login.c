#include "venue-node/login.h"

#include <stdio.h>
#include <string.h>

#include "proto/link.pb-c.h"
#include "venue-node/seat_event.h"

#define COLUMNS "seat_id, session_id, handle, label, since_at, token_hash, lost"

static void copy_column(char *out, size_t size, const struct tp_query *query, int column)
{
    const char *text = tp_query_text(query, column);
    snprintf(out, size, "%s", text == NULL ? "" : text);
}

static void read_row(const struct tp_query *query, struct tp_login *login)
{
    *login = (struct tp_login){0};
    copy_column(login->seat_id, sizeof login->seat_id, query, 0);
    copy_column(login->session_id, sizeof login->session_id, query, 1);
    copy_column(login->handle, sizeof login->handle, query, 2);
    copy_column(login->label, sizeof login->label, query, 3);
    login->since_at = tp_query_int(query, 4);
    size_t bytes = 0;
    const void *hash = tp_query_blob(query, 5, &bytes);
    if (bytes == sizeof login->token_hash)
        memcpy(login->token_hash, hash, bytes);
    login->lost = tp_query_int(query, 6) != 0;
}

struct tp_status tp_login_of_seat(struct tp_db *db, const char *seat_id, struct tp_login *login,
                                  bool *found, struct tp_error *error)
{
    struct tp_query *query = NULL;
    *found = false;
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT " COLUMNS " FROM login WHERE seat_id = $1", "t", seat_id);
    if (tp_ok(status))
        status = tp_query_next(query, found, error);
    if (tp_ok(status) && *found)
        read_row(query, login);
    tp_query_end(query);
    return status;
}

struct tp_status tp_login_each(struct tp_db *db, const char *session_id, tp_login_visit visit,
                               void *context, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT " COLUMNS " FROM login WHERE $1 IS NULL OR session_id = $1 ORDER BY seat_id", "t",
        session_id);
    bool row = false;
    while (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
        if (tp_failed(status) || !row)
            break;
        struct tp_login login;
        read_row(query, &login);
        visit(context, &login);
    }
    tp_query_end(query);
    return status;
}

struct enter_work {
    const struct tp_login *login;
    struct tp_seat_event event;
};

/* The session must still be open here: the plan may have changed while tp-draw was asked. */
static struct tp_status check_open(struct tp_db *db, const struct tp_login *login,
                                   struct tp_error *error)
{
    int64_t phase = 0;
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(db, &phase, &found, error,
                      "SELECT p.phase FROM plan p JOIN plan_seat s ON s.session_id = p.session_id"
                      " WHERE p.session_id = $1 AND s.seat_id = $2",
                      "tt", login->session_id, login->seat_id);
    if (tp_failed(status))
        return status;
    if (!found || (phase != TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENTRY &&
                   phase != TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_EVALUATING))
        return tp_fail(error, TP_CONFLICT, "login.not_open", "the session's entry is not open");
    return TP_STATUS_OK;
}

static struct tp_status check_free(struct tp_db *db, const struct tp_login *login,
                                   struct tp_error *error)
{
    struct tp_login other;
    bool found;
    struct tp_status status = tp_login_of_seat(db, login->seat_id, &other, &found, error);
    if (tp_ok(status) && found)
        status = tp_fail(error, TP_CONFLICT, "seat.taken", "somebody is logged in at this seat");
    if (tp_failed(status))
        return status;
    int64_t count = 0;
    status = tp_db_ask_int(db, &count, &found, error,
                           "SELECT count(*) FROM login WHERE session_id = $1 AND handle = $2", "tt",
                           login->session_id, login->handle);
    if (tp_ok(status) && count > 0)
        status = tp_fail(error, TP_CONFLICT, "login.already_in",
                         "this expert is logged in at another seat");
    return status;
}

static struct tp_status enter(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct enter_work *work = argument;
    const struct tp_login *login = work->login;
    struct tp_status status = check_open(db, login, error);
    if (tp_ok(status))
        status = check_free(db, login, error);
    if (tp_ok(status))
        status = tp_db_run(db, error,
                           "INSERT INTO login (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, 0)",
                           "ttttib", login->seat_id, login->session_id, login->handle, login->label,
                           login->since_at, login->token_hash, sizeof login->token_hash);
    return tp_ok(status) ? tp_seat_event_append(db, &work->event, error) : status;
}

struct tp_status tp_login_enter(struct tp_store *store, const struct tp_login *login,
                                const struct tp_login_proof *proof, struct tp_error *error)
{
    struct enter_work work = {.login = login};
    tp_seat_event_init(&work.event, TP_SEAT_ENTERED, login->seat_id, login->session_id,
                       login->handle, login->since_at);
    work.event.assertion = proof->assertion;
    work.event.assertion_bytes = proof->assertion_bytes;
    work.event.signature = proof->signature;
    work.event.signature_bytes = proof->signature_bytes;
    return tp_store_write(store, enter, &work, error);
}

struct tp_status tp_login_leave_in(struct tp_db *db, const char *seat_id, int64_t now_ms,
                                   bool *ended, struct tp_error *error)
{
    struct tp_login login;
    struct tp_status status = tp_login_of_seat(db, seat_id, &login, ended, error);
    if (tp_failed(status) || !*ended)
        return status;
    struct tp_seat_event event;
    tp_seat_event_init(&event, TP_SEAT_LEFT, login.seat_id, login.session_id, login.handle, now_ms);
    status = tp_db_run(db, error, "DELETE FROM login WHERE seat_id = $1", "t", seat_id);
    return tp_ok(status) ? tp_seat_event_append(db, &event, error) : status;
}

struct change_work {
    const char *seat_id;
    int64_t now_ms;
    bool lost;
    bool changed;
};

static struct tp_status leave(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct change_work *work = argument;
    return tp_login_leave_in(db, work->seat_id, work->now_ms, &work->changed, error);
}

struct tp_status tp_login_leave(struct tp_store *store, const char *seat_id, int64_t now_ms,
                                bool *ended, struct tp_error *error)
{
    struct change_work work = {.seat_id = seat_id, .now_ms = now_ms};
    struct tp_status status = tp_store_write(store, leave, &work, error);
    *ended = tp_ok(status) && work.changed;
    return status;
}

static struct tp_status set_lost(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct change_work *work = argument;
    struct tp_login login;
    bool found;
    work->changed = false;
    struct tp_status status = tp_login_of_seat(db, work->seat_id, &login, &found, error);
    if (tp_failed(status) || !found || login.lost == work->lost)
        return status;
    struct tp_seat_event event;
    tp_seat_event_init(&event, work->lost ? TP_SEAT_TERMINAL_LOST : TP_SEAT_TERMINAL_BACK,
                       login.seat_id, login.session_id, login.handle, work->now_ms);
    status = tp_db_run(db, error, "UPDATE login SET lost = $2 WHERE seat_id = $1", "ti",
                       work->seat_id, (int64_t)work->lost);
    if (tp_ok(status))
        status = tp_seat_event_append(db, &event, error);
    work->changed = tp_ok(status);
    return status;
}

struct tp_status tp_login_set_lost(struct tp_store *store, const char *seat_id, bool lost,
                                   int64_t now_ms, bool *changed, struct tp_error *error)
{
    struct change_work work = {.seat_id = seat_id, .now_ms = now_ms, .lost = lost};
    struct tp_status status = tp_store_write(store, set_lost, &work, error);
    *changed = tp_ok(status) && work.changed;
    return status;
}
