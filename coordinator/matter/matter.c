#include "coordinator/matter/matter.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/http/route.h"
#include "coordinator/record/record.h"
#include "coordinator/todo/todo.h"

struct matter_row {
    char session_id[TP_ID_BYTES];
    char center_id[TP_NAME_BYTES];
    char state[8];
};

static struct tp_status read_row(struct tp_db *db, const char *matter_id, struct matter_row *matter,
                                 struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT session_id, center_id, state FROM matters WHERE id = $1", "t",
        matter_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && !row)
        status = tp_fail(error, TP_NOT_FOUND, "matter.not_found", "there is no such matter");
    if (tp_ok(status)) {
        snprintf(matter->session_id, sizeof(matter->session_id), "%s", tp_query_text(query, 0));
        snprintf(matter->center_id, sizeof(matter->center_id), "%s", tp_query_text(query, 1));
        snprintf(matter->state, sizeof(matter->state), "%s", tp_query_text(query, 2));
    }
    tp_query_end(query);
    return status;
}

/* Text of people stays in its table; the log says that and by whom. */
static struct tp_status log_act(struct tp_write *write, const struct tp_user *user, const char *act,
                                const char *session_id, const char *matter_id,
                                const char *center_id, struct tp_error *error)
{
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:s}", "matter_id", matter_id, "center_id", center_id);
    tp_news_session(write, TP_EVENT_TYPE_MATTER, session_id, matter_id);
    return tp_record_append(write, user->id, act, session_id, data, error);
}

static struct tp_status check_venue(struct tp_db *db, const struct tp_matter_raise *raise,
                                    struct tp_error *error)
{
    int64_t one = 0;
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(db, &one, &found, error,
                      "SELECT 1 FROM session_venues WHERE session_id = $1 AND center_id = $2", "tt",
                      raise->session_id, raise->center_id);
    if (tp_ok(status) && !found) {
        status = tp_fail(error, TP_INPUT, "matter.not_a_venue", "not a venue of this session");
        tp_error_set_field(error, "center_id");
    }
    return status;
}

struct tp_status tp_matter_raise_work(struct tp_write *write, void *argument,
                                      struct tp_error *error)
{
    struct tp_matter_raise *raise = argument;
    struct tp_status status =
        tp_permit(write->db, raise->user, TP_ACT_MATTER_RAISE, raise->session_id, error);
    if (tp_ok(status))
        status = check_venue(write->db, raise, error);
    if (tp_failed(status))
        return status;
    tp_id_make(write->app->random, write->now_ms, "mat", raise->id);
    status = tp_db_run(write->db, error,
                       "INSERT INTO matters (id, session_id, center_id, feed_id, text, state,"
                       " raised_at, raised_by) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)",
                       "tttttit", raise->id, raise->session_id, raise->center_id, raise->feed_id,
                       raise->text, write->now_ms, raise->user->id);
    const struct tp_todo todo = {.kind = "matter",
                                 .session_id = raise->session_id,
                                 .subject_id = raise->id,
                                 .title = "监管人员提出事项，请处理并答复",
                                 .center_id = raise->center_id};
    if (tp_ok(status))
        status = tp_todo_add(write, &todo, error);
    if (tp_failed(status))
        return status;
    return log_act(write, raise->user, "matter.raise", raise->session_id, raise->id,
                   raise->center_id, error);
}

/* The matter, open, and the user allowed to do this with it. */
static struct tp_status open_matter(struct tp_write *write, const struct tp_matter_act *act,
                                    enum tp_act permission, struct matter_row *matter,
                                    struct tp_error *error)
{
    struct tp_status status = read_row(write->db, act->matter_id, matter, error);
    if (tp_ok(status))
        status = tp_permit(write->db, act->user, permission, matter->session_id, error);
    if (tp_failed(status))
        return status;
    if (act->user->role == TP_ROLE_STAFF && strcmp(act->user->center_id, matter->center_id) != 0)
        return tp_fail(error, TP_DENIED, "permission.denied", "the matter is another venue's");
    if (strcmp(matter->state, "open") != 0)
        return tp_fail(error, TP_CONFLICT, "matter.closed", "the matter is closed");
    return TP_STATUS_OK;
}

static struct tp_status check_reply_count(struct tp_db *db, const char *matter_id,
                                          struct tp_error *error)
{
    int64_t count = 0;
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(db, &count, &found, error,
                      "SELECT count(*) FROM matter_replies WHERE matter_id = $1", "t", matter_id);
    if (tp_ok(status) && count >= TP_MATTER_REPLIES_MOST)
        return tp_fail(error, TP_LIMIT, "matter.too_many_replies",
                       "the matter has too many replies");
    return status;
}

struct tp_status tp_matter_reply_work(struct tp_write *write, void *argument,
                                      struct tp_error *error)
{
    const struct tp_matter_act *act = argument;
    struct matter_row matter;
    char id[TP_ID_BYTES];
    struct tp_status status = open_matter(write, act, TP_ACT_MATTER_REPLY, &matter, error);
    if (tp_ok(status))
        status = check_reply_count(write->db, act->matter_id, error);
    if (tp_failed(status))
        return status;
    tp_id_make(write->app->random, write->now_ms, "rep", id);
    status = tp_db_run(write->db, error,
                       "INSERT INTO matter_replies (id, matter_id, by_user, at, text) VALUES ($1,"
                       " $2, $3, $4, $5)",
                       "tttit", id, act->matter_id, act->user->id, write->now_ms, act->text);
    if (tp_ok(status) && act->user->role == TP_ROLE_STAFF)
        status = tp_todo_done(write, "matter", matter.session_id, act->matter_id, matter.center_id,
                              error);
    if (tp_failed(status))
        return status;
    return log_act(write, act->user, "matter.reply", matter.session_id, act->matter_id,
                   matter.center_id, error);
}

struct tp_status tp_matter_close_work(struct tp_write *write, void *argument,
                                      struct tp_error *error)
{
    const struct tp_matter_act *act = argument;
    struct matter_row matter;
    struct tp_status status = open_matter(write, act, TP_ACT_MATTER_CLOSE, &matter, error);
    if (tp_ok(status))
        status = tp_db_run(write->db, error,
                           "UPDATE matters SET state = 'closed', closed_at = $1 WHERE id = $2",
                           "it", write->now_ms, act->matter_id);
    if (tp_ok(status))
        status = tp_todo_done(write, "matter", matter.session_id, act->matter_id, NULL, error);
    if (tp_failed(status))
        return status;
    return log_act(write, act->user, "matter.close", matter.session_id, act->matter_id,
                   matter.center_id, error);
}

/* Reading ----------------------------------------------------------------------------------------
 */

static json_t *matter_of(const struct tp_query *query)
{
    json_t *matter =
        json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s, s:I, s:s, s:[]}", "id", tp_query_text(query, 0),
                  "session_id", tp_query_text(query, 1), "center_id", tp_query_text(query, 2),
                  "feed_id", tp_query_text(query, 3), "text", tp_query_text(query, 4), "state",
                  tp_query_text(query, 5), "raised_at", (json_int_t)tp_query_int(query, 6),
                  "raised_by", tp_query_text(query, 7), "replies");
    return matter;
}

static struct tp_status add_replies(struct tp_db *db, json_t *matter, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    json_t *replies = json_object_get(matter, "replies");
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT coalesce(u.display, r.by_user), r.at, r.text FROM matter_replies r LEFT JOIN users"
        " u ON u.id = r.by_user WHERE r.matter_id = $1 ORDER BY r.id",
        "t", json_string_value(json_object_get(matter, "id")));
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        if (json_array_append_new(replies,
                                  json_pack("{s:s, s:I, s:s}", "by", tp_query_text(query, 0), "at",
                                            (json_int_t)tp_query_int(query, 1), "text",
                                            tp_query_text(query, 2))) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a reply");
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_matter_list(struct tp_db *db, const struct tp_user *user,
                                const char *session_id, const char *matter_id, json_t **out,
                                struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    struct tp_query *query = NULL;
    bool row = false;
    size_t index = 0;
    json_t *matter = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT m.id, m.session_id, m.center_id, m.feed_id, m.text, m.state, m.raised_at,"
        " coalesce(u.display, m.raised_by) FROM matters m LEFT JOIN users u ON u.id = m.raised_by"
        " WHERE m.session_id = $1 AND ($2 = '' OR m.id = $2) AND ($3 = '' OR m.center_id = $3)"
        " ORDER BY m.id DESC LIMIT 500",
        "ttt", session_id, matter_id != NULL ? matter_id : "",
        user->role == TP_ROLE_STAFF ? user->center_id : "");
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        if (json_array_append_new(items, matter_of(query)) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a matter");
    }
    tp_query_end(query);
    json_array_foreach(items, index, matter)
    {
        if (tp_ok(status))
            status = add_replies(db, matter, error);
    }
    if (tp_ok(status))
        *out = tp_steal(&items);
    return status;
}
