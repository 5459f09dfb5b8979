#include "coordinator/watching/look.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "coordinator/http/route.h"
#include "coordinator/link/link_server.h"
#include "coordinator/record/record.h"
#include "coordinator/watching/feed.h"

#define LOOKS_AT_ONCE 64
/* A look that the center does not count yet may be on its way; one without a viewer failed. */
#define SETTLING_MS 20000

/* Beginning --------------------------------------------------------------------------------------
 */

static struct tp_status read_holder(struct tp_db *db, const char *user_id, int64_t now_ms,
                                    struct tp_user *user, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT u.id, u.role, coalesce(u.center_id, '') FROM users u WHERE u.id = $1 AND u.state ="
        " 'active' AND EXISTS (SELECT 1 FROM logins l WHERE l.user_id = u.id AND l.expires_at >"
        " $2)",
        "ti", user_id, now_ms);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    *user = (struct tp_user){0};
    if (tp_ok(status) && (!row || !tp_role_of(tp_query_text(query, 1), &user->role)))
        status =
            tp_fail(error, TP_DENIED, "ticket.invalid", "the ticket's holder is not logged in");
    if (tp_ok(status)) {
        snprintf(user->id, sizeof(user->id), "%s", tp_query_text(query, 0));
        snprintf(user->center_id, sizeof(user->center_id), "%s", tp_query_text(query, 2));
    }
    tp_query_end(query);
    return status;
}

struct beginning {
    const struct tp_ticket *ticket;
    struct tp_look *look;
};

static struct tp_status insert_look(struct tp_write *write, const struct beginning *beginning,
                                    struct tp_error *error)
{
    const struct tp_ticket *ticket = beginning->ticket;
    int64_t added = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &added, error,
        "INSERT INTO looks (id, user_id, session_id, feed_id, center_id, viewer_id, ticket_nonce,"
        " from_at) VALUES ($1, $2, $3, $4, $5, '', $6, $7) ON CONFLICT (ticket_nonce) DO NOTHING",
        "ttttt"
        "ti",
        beginning->look->id, ticket->holder, ticket->session_id, ticket->feed_id,
        beginning->look->center_id, ticket->nonce, write->now_ms);
    if (tp_ok(status) && added == 0)
        return tp_fail(error, TP_DENIED, "ticket.used", "the ticket was used before");
    return status;
}

static struct tp_status begin_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct beginning *beginning = argument;
    const struct tp_ticket *ticket = beginning->ticket;
    struct tp_user holder;
    struct tp_status status = read_holder(write->db, ticket->holder, write->now_ms, &holder, error);
    if (tp_ok(status))
        status = tp_permit(write->db, &holder, TP_ACT_FEED_WATCH, ticket->session_id, error);
    if (tp_ok(status))
        status = tp_feed_check(write->app, write->db, ticket->session_id, ticket->feed_id, &holder,
                               beginning->look->center_id, error);
    if (tp_failed(status))
        return status;
    tp_id_make(write->app->random, write->now_ms, "look", beginning->look->id);
    status = insert_look(write, beginning, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json) json_t *data = json_pack("{s:s}", "feed_id", ticket->feed_id);
    return tp_record_append(write, ticket->holder, "feed.look", ticket->session_id, data, error);
}

struct tp_status tp_look_begin(struct tp_app *app, const struct tp_ticket *ticket,
                               struct tp_look *look, struct tp_error *error)
{
    struct beginning beginning = {ticket, look};
    return tp_write_run(app, begin_work, &beginning, error);
}

/* An empty viewer_id: all of the holder's. */
static void tell_center(struct tp_app *app, const char *center_id, const char *viewer_id,
                        const char *holder)
{
    Tongping__Link__WhepEnd message;
    Tongping__Link__LinkMessage envelope = TONGPING__LINK__LINK_MESSAGE__INIT;
    tongping__link__whep_end__init(&message);
    /* protobuf-c's strings are not const; nothing writes through them. */
    message.viewer_id = (char *)(uintptr_t)viewer_id;
    message.holder = (char *)(uintptr_t)holder;
    envelope.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_END;
    envelope.whep_end = &message;
    if (tp_failed(tp_link_server_call(app->link, center_id, &envelope, NULL)))
        tp_log(TP_LOG_INFO, "look.center_not_told", "center=%s", center_id);
}

struct watching {
    const char *look_id;
    const char *viewer_id;
    bool over; /* the look was ended while the center made its answer */
};

static struct tp_status watching_work(struct tp_write *write, void *argument,
                                      struct tp_error *error)
{
    struct watching *watching = argument;
    int64_t one = 0;
    struct tp_status status =
        tp_db_run(write->db, error, "UPDATE looks SET viewer_id = $1 WHERE id = $2", "tt",
                  watching->viewer_id, watching->look_id);
    if (tp_failed(status))
        return status;
    return tp_db_ask_int(write->db, &one, &watching->over, error,
                         "SELECT 1 FROM looks WHERE id = $1 AND to_at IS NOT NULL", "t",
                         watching->look_id);
}

struct tp_status tp_look_watching(struct tp_app *app, const struct tp_look *look,
                                  const char *viewer_id, struct tp_error *error)
{
    struct watching watching = {.look_id = look->id, .viewer_id = viewer_id};
    struct tp_status status = tp_write_run(app, watching_work, &watching, error);
    if (tp_failed(status) || !watching.over)
        return status;
    /* Who ended it did not know the viewer yet. */
    tell_center(app, look->center_id, viewer_id, "");
    return tp_fail(error, TP_DENIED, "ticket.invalid", "the look was ended meanwhile");
}

/* Ending -----------------------------------------------------------------------------------------
 */

struct open_look {
    char id[TP_ID_BYTES];
    char user_id[TP_ID_BYTES];
    char session_id[TP_ID_BYTES];
    char feed_id[TP_NAME_BYTES];
    char center_id[TP_NAME_BYTES];
    char viewer_id[TP_NAME_BYTES];
    int64_t from_ms;
    bool over; /* its session or login has ended */
    const char *ended_by;
};

static void read_look(const struct tp_query *query, struct open_look *look)
{
    snprintf(look->id, sizeof(look->id), "%s", tp_query_text(query, 0));
    snprintf(look->user_id, sizeof(look->user_id), "%s", tp_query_text(query, 1));
    snprintf(look->session_id, sizeof(look->session_id), "%s", tp_query_text(query, 2));
    snprintf(look->feed_id, sizeof(look->feed_id), "%s", tp_query_text(query, 3));
    snprintf(look->center_id, sizeof(look->center_id), "%s", tp_query_text(query, 4));
    snprintf(look->viewer_id, sizeof(look->viewer_id), "%s", tp_query_text(query, 5));
    look->from_ms = tp_query_int(query, 6);
    look->over = tp_query_int(query, 7) != 0;
}

#define LOOK_COLUMNS                                                                               \
    "SELECT k.id, k.user_id, k.session_id, k.feed_id, k.center_id, k.viewer_id, k.from_at,"        \
    " (s.state NOT IN ('entry', 'evaluating') OR NOT EXISTS (SELECT 1 FROM logins l WHERE"         \
    " l.user_id = k.user_id AND l.expires_at > $1)) FROM looks k JOIN sessions s ON s.id ="        \
    " k.session_id WHERE k.to_at IS NULL AND "

static struct tp_status end_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct open_look *look = argument;
    int64_t changed = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &changed, error,
        "UPDATE looks SET to_at = $1, ended_by = $2 WHERE id = $3 AND to_at IS NULL", "itt",
        write->now_ms, look->ended_by, look->id);
    if (tp_failed(status) || changed == 0)
        return status;
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:I, s:s}", "feed_id", look->feed_id, "from_at",
                             (json_int_t)look->from_ms, "ended_by", look->ended_by);
    return tp_record_append(write, look->user_id, "feed.look_end", look->session_id, data, error);
}

static struct tp_status end_look(struct tp_app *app, struct open_look *look, const char *ended_by,
                                 struct tp_error *error)
{
    look->ended_by = ended_by;
    if (look->viewer_id[0] != '\0')
        tell_center(app, look->center_id, look->viewer_id, look->user_id);
    return tp_write_run(app, end_work, look, error);
}

struct one_look {
    const char *id;
    const char *feed_id;
    int64_t now_ms;
    bool known;
    bool open;
    struct open_look look;
};

static struct tp_status find_one_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct one_look *one = argument;
    struct tp_query *query = NULL;
    int64_t number = 0;
    struct tp_status status = tp_db_ask_int(db, &number, &one->known, error,
                                            "SELECT 1 FROM looks WHERE id = $1 AND feed_id = $2",
                                            "tt", one->id, one->feed_id);
    if (tp_ok(status))
        status =
            tp_db_query(db, &query, error, LOOK_COLUMNS "k.id = $2", "it", one->now_ms, one->id);
    if (tp_ok(status))
        status = tp_query_next(query, &one->open, error);
    if (tp_ok(status) && one->open)
        read_look(query, &one->look);
    tp_query_end(query);
    return status;
}

struct tp_status tp_look_end(struct tp_app *app, const char *look_id, const char *feed_id,
                             const char *ended_by, struct tp_error *error)
{
    struct one_look one = {
        .id = look_id, .feed_id = feed_id, .now_ms = tp_clock_now_ms(app->clock)};
    struct tp_status status = tp_store_read(app->store, find_one_work, &one, error);
    if (tp_failed(status))
        return status;
    if (!one.known)
        return tp_fail(error, TP_NOT_FOUND, "look.not_found", "no such viewer");
    return one.open ? end_look(app, &one.look, ended_by, error) : TP_STATUS_OK;
}

struct many_looks {
    const char *user_id; /* NULL: of all */
    int64_t now_ms;
    char after[TP_ID_BYTES];
    size_t count;
    struct open_look looks[LOOKS_AT_ONCE];
};

static struct tp_status find_many_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct many_looks *many = argument;
    struct tp_query *query = NULL;
    bool row = false;
    many->count = 0;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    LOOK_COLUMNS "k.id > $2 AND ($3 = '' OR k.user_id = $3) ORDER BY k.id LIMIT $4",
                    "itti", many->now_ms, many->after, many->user_id != NULL ? many->user_id : "",
                    (int64_t)LOOKS_AT_ONCE);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row)
        read_look(query, &many->looks[many->count++]);
    tp_query_end(query);
    if (many->count > 0)
        memcpy(many->after, many->looks[many->count - 1].id, TP_ID_BYTES);
    return status;
}

/* Why the look is over, or NULL. */
static const char *reason_to_end(struct tp_app *app, const struct open_look *look, int64_t now_ms)
{
    char state[TP_FEED_STATE_BYTES];
    uint32_t viewer_count = 0;
    if (look->over)
        return "session_or_login_ended";
    if (now_ms < look->from_ms + SETTLING_MS)
        return NULL;
    if (look->viewer_id[0] == '\0')
        return "failed";
    tp_link_server_feed_state(app->link, look->center_id, look->feed_id, state, &viewer_count);
    const bool counted = strcmp(state, "down") != 0 && strcmp(state, "unknown") != 0;
    return counted && viewer_count == 0 ? "viewer_gone" : NULL;
}

static struct tp_status end_many(struct tp_app *app, const char *user_id, struct tp_error *error)
{
    TP_AUTO_FREE struct many_looks *many = calloc(1, sizeof(*many));
    if (many == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the looks");
    many->user_id = user_id;
    many->now_ms = tp_clock_now_ms(app->clock);
    do {
        struct tp_status status = tp_store_read(app->store, find_many_work, many, error);
        for (size_t i = 0; tp_ok(status) && i < many->count; i++) {
            const char *reason =
                user_id != NULL ? "login_ended" : reason_to_end(app, &many->looks[i], many->now_ms);
            if (reason != NULL)
                status = end_look(app, &many->looks[i], reason, error);
        }
        if (tp_failed(status))
            return status;
    } while (many->count == LOOKS_AT_ONCE);
    return TP_STATUS_OK;
}

struct tp_status tp_look_end_user(struct tp_app *app, const char *user_id, struct tp_error *error)
{
    return end_many(app, user_id, error);
}

struct tp_status tp_look_sweep_run(struct tp_app *app, struct tp_error *error)
{
    return end_many(app, NULL, error);
}

/* Telling again ----------------------------------------------------------------------------------
 */

#define ENDS_MOST 256

struct ends {
    const char *center_id;
    int64_t since_ms;
    size_t count;
    char users[ENDS_MOST][TP_ID_BYTES];
    char viewers[ENDS_MOST][TP_NAME_BYTES]; /* "": all of the user's */
};

/* A user without an open look at the center may have no viewer there at all: one message ends
 * whatever is left of his. */
static struct tp_status find_ends_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct ends *ends = argument;
    struct tp_query *query = NULL;
    bool row = false;
    ends->count = 0;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT k.user_id, CASE WHEN k.user_id IN (SELECT o.user_id FROM looks o WHERE o.center_id"
        " = $1 AND o.from_at > $2 AND o.to_at IS NULL) THEN k.viewer_id ELSE '' END AS viewer FROM"
        " looks k WHERE k.center_id = $1 AND k.from_at > $2 AND k.to_at IS NOT NULL AND"
        " k.viewer_id <> '' GROUP BY 1, 2 ORDER BY max(k.to_at) DESC LIMIT $3",
        "tii", ends->center_id, ends->since_ms, (int64_t)ENDS_MOST);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        snprintf(ends->users[ends->count], TP_ID_BYTES, "%s", tp_query_text(query, 0));
        snprintf(ends->viewers[ends->count], TP_NAME_BYTES, "%s", tp_query_text(query, 1));
        ends->count++;
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_look_tell_ends(struct tp_app *app, const char *center_id, size_t *count,
                                   struct tp_error *error)
{
    TP_AUTO_FREE struct ends *ends = calloc(1, sizeof(*ends));
    *count = 0;
    if (ends == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the looks' ends");
    ends->center_id = center_id;
    ends->since_ms = tp_clock_now_ms(app->clock) - TP_LOOK_LONGEST_MS;
    struct tp_status status = tp_store_read(app->store, find_ends_work, ends, error);
    for (size_t i = 0; tp_ok(status) && i < ends->count; i++)
        tell_center(app, center_id, ends->viewers[i], ends->users[i]);
    if (tp_ok(status))
        *count = ends->count;
    return status;
}
