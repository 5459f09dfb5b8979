#include "coordinator/todo/todo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct tp_status is_open_already(struct tp_write *write, const struct tp_todo *todo,
                                        bool *open, struct tp_error *error)
{
    int64_t found = 0;
    if (todo->session_id != NULL) {
        return tp_db_ask_int(
            write->db, &found, open, error,
            "SELECT 1 FROM todos WHERE session_id = $1 AND kind = $2 AND done_at IS NULL AND"
            " COALESCE(subject_id, '') = $3 AND COALESCE(center_id, '') = $4 AND"
            " COALESCE(agency_code, '') = $5 AND COALESCE(role, '') = $6 AND"
            " COALESCE(user_id, '') = $7 LIMIT 1",
            "ttttttt", todo->session_id, todo->kind,
            todo->subject_id == NULL ? "" : todo->subject_id,
            todo->center_id == NULL ? "" : todo->center_id,
            todo->agency_code == NULL ? "" : todo->agency_code,
            todo->role == NULL ? "" : todo->role, todo->user_id == NULL ? "" : todo->user_id);
    }
    *open = false;
    if (todo->subject_id == NULL) {
        return TP_STATUS_OK;
    }
    return tp_db_ask_int(write->db, &found, open, error,
                         "SELECT 1 FROM todos WHERE subject_id = $1 AND kind = $2 AND"
                         " done_at IS NULL LIMIT 1",
                         "tt", todo->subject_id, todo->kind);
}

/* The staff, agency's users, role or user of a to-do, with columns of users. */
static const char addressees[] =
    " FROM users WHERE state = 'active' AND"
    " ((role = 'staff' AND center_id = $1) OR agency_code = $2 OR role = $3 OR id = $4)";

static struct tp_status queue_messages(struct tp_write *write, const struct tp_todo *todo,
                                       struct tp_error *error)
{
    char ids[64][TP_ID_BYTES];
    size_t count = 0;
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT id%s AND phone IS NOT NULL AND phone <> '' LIMIT 64",
             addressees);
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(write->db, &query, error, sql, "tttt", todo->center_id,
                                          todo->agency_code, todo->role, todo->user_id);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            snprintf(ids[count++], TP_ID_BYTES, "%s", tp_query_text(query, 0));
        }
    }
    tp_query_end(query);
    for (size_t i = 0; tp_ok(status) && i < count; i++) {
        char id[TP_ID_BYTES];
        tp_id_make(write->app->random, write->now_ms, "sms", id);
        status = tp_db_run(write->db, error,
                           "INSERT INTO notices (id, user_id, text, state, tries, next_at,"
                           " created_at) VALUES ($1, $2, $3, 'waiting', 0, $4, $4)",
                           "ttti", id, ids[i], todo->sms_text, write->now_ms);
    }
    return status;
}

static void tell(struct tp_write *write, const char *id, const char *center_id,
                 const char *agency_code, const char *role, const char *user_id)
{
    struct tp_event event = {.type = TP_EVENT_TYPE_TODO};
    snprintf(event.id, sizeof event.id, "%s", id);
    enum tp_role whole;
    if (role != NULL && tp_role_of(role, &whole)) {
        event.role_bits = TP_ROLE_BIT(whole);
    }
    if (center_id != NULL) {
        snprintf(event.centers[0], sizeof event.centers[0], "%s", center_id);
        event.center_count = 1;
    }
    snprintf(event.agency_code, sizeof event.agency_code, "%s",
             agency_code == NULL ? "" : agency_code);
    snprintf(event.user_id, sizeof event.user_id, "%s", user_id == NULL ? "" : user_id);
    tp_news_add(write, &event);
}

struct tp_status tp_todo_add(struct tp_write *write, const struct tp_todo *todo,
                             struct tp_error *error)
{
    assert((todo->center_id != NULL) + (todo->agency_code != NULL) + (todo->role != NULL) +
               (todo->user_id != NULL) ==
           1);
    bool open = false;
    struct tp_status status = is_open_already(write, todo, &open, error);
    if (tp_failed(status) || open) {
        return status;
    }
    char id[TP_ID_BYTES];
    tp_id_make(write->app->random, write->now_ms, "todo", id);
    status =
        tp_db_run(write->db, error,
                  "INSERT INTO todos (id, kind, session_id, subject_id, title, center_id,"
                  " agency_code, role, user_id, created_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  "tttttttt"
                  "ti",
                  id, todo->kind, todo->session_id, todo->subject_id, todo->title, todo->center_id,
                  todo->agency_code, todo->role, todo->user_id, write->now_ms);
    if (tp_ok(status) && todo->sms_text != NULL) {
        status = queue_messages(write, todo, error);
    }
    if (tp_ok(status)) {
        tell(write, id, todo->center_id, todo->agency_code, todo->role, todo->user_id);
    }
    return status;
}

static struct tp_status tell_done(struct tp_write *write, const char *sql, const char *key,
                                  const char *kind, const char *center_id, int64_t *count,
                                  struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(write->db, &query, error, sql, "ttti", key, kind, center_id, write->now_ms);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            tell(write, tp_query_text(query, 0), tp_query_text(query, 1), tp_query_text(query, 2),
                 tp_query_text(query, 3), tp_query_text(query, 4));
            (*count)++;
        }
    }
    tp_query_end(query);
    return status;
}

#define RETURNED " RETURNING id, center_id, agency_code, role, user_id"
#define STILL_OPEN                                                                                 \
    " AND ($2 IS NULL OR kind = $2) AND ($3 IS NULL OR center_id = $3) AND done_at IS NULL"

struct tp_status tp_todo_done(struct tp_write *write, const char *kind, const char *session_id,
                              const char *subject_id, const char *center_id, struct tp_error *error)
{
    assert(session_id != NULL || subject_id != NULL);
    int64_t count = 0;
    if (subject_id != NULL) {
        return tell_done(write,
                         "UPDATE todos SET done_at = $4 WHERE subject_id = $1" STILL_OPEN RETURNED,
                         subject_id, kind, center_id, &count, error);
    }
    return tell_done(write,
                     "UPDATE todos SET done_at = $4 WHERE session_id = $1" STILL_OPEN RETURNED,
                     session_id, kind, center_id, &count, error);
}
