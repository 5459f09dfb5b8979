/*
 * What happens to members after they were drawn: replies, silence, leave, and the end of a draw by
 * cancel.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "expert-draw/engine_internal.h"

#define REPEAT_LIMIT 3
#define CODE_BYTES 7

struct tp_status tp_engine_set_member(struct tp_db *db, struct tp_member *member,
                                      enum tp_member_state state, struct tp_error *error)
{
    member->state = state;
    return tp_db_run(db, error,
                     "UPDATE member SET state = $1, label = $2, repeats = $3 WHERE handle = $4",
                     "tiit", tp_member_state_name(state), (int64_t)member->label,
                     (int64_t)member->repeats, member->handle);
}

struct change {
    struct tp_draw_engine *engine;
    const char *draw_id;
    const char *handle;
    const char *reason;
    char code[CODE_BYTES];
    const char *outcome;
};

/* Signs the change of one member and tells the coordinator. */
static struct tp_status record_change(struct change *change, struct tp_db *db, struct tp_draw *draw,
                                      const char *kind, struct tp_member *member,
                                      struct tp_error *error)
{
    const char *state = tp_member_state_name(member->state);
    json_t *body = json_pack("{s:s,s:s}", "handle", member->handle, "state", state);
    if (body != NULL && change->reason != NULL)
        json_object_set_new(body, "reason", json_string(change->reason));
    struct tp_status status = tp_record_append(db, change->engine->config.keypair, draw, kind,
                                               tp_engine_now(change->engine), body, error);
    if (tp_ok(status))
        status = tp_engine_event(change->engine, db, "draw.reply", draw->plan->draw_id,
                                 json_pack("{s:s,s:s}", "handle", member->handle, "state", state),
                                 error);
    return status;
}

static int next_label(const struct tp_draw *draw)
{
    int last = 0;
    for (size_t i = 0; i < draw->member_count; i++)
        last = draw->members[i].label > last ? draw->members[i].label : last;
    return last + 1;
}

static struct tp_status accept(struct change *change, struct tp_db *db, struct tp_draw *draw,
                               struct tp_member *member, struct tp_error *error)
{
    uint8_t mac[TP_VAULT_MAC_BYTES];
    member->label = next_label(draw);
    tp_engine_code_mac(change->engine, member->handle, change->code, mac);
    struct tp_status status = tp_engine_set_member(db, member, TP_MEMBER_ACCEPTED, error);
    if (tp_ok(status))
        status = tp_db_run(db, error, "UPDATE member SET code_mac = $1 WHERE handle = $2", "bt",
                           mac, sizeof(mac), member->handle);
    if (tp_ok(status))
        status = tp_engine_message(change->engine, db, draw, member, TP_MESSAGE_CONFIRM, "sms",
                                   change->code, error);
    if (tp_ok(status))
        status = record_change(change, db, draw, "reply", member, error);
    change->outcome = "accepted";
    return status;
}

static struct tp_status decline(struct change *change, struct tp_db *db, struct tp_draw *draw,
                                struct tp_member *member, struct tp_error *error)
{
    struct tp_status status = tp_engine_set_member(db, member, TP_MEMBER_DECLINED, error);
    if (tp_ok(status))
        status = record_change(change, db, draw, "reply", member, error);
    change->outcome = "declined";
    return status;
}

static struct tp_status repeat(struct change *change, struct tp_db *db, struct tp_draw *draw,
                               struct tp_member *member, struct tp_error *error)
{
    change->outcome = "repeated";
    if (member->repeats >= REPEAT_LIMIT)
        return TP_STATUS_OK;
    member->repeats++;
    struct tp_status status = tp_engine_set_member(db, member, TP_MEMBER_INVITED, error);
    return tp_ok(status) ? tp_engine_invite(change->engine, db, draw, member, error) : status;
}

/* A member who is not waited for any more is told so once per reply, except where it changes
 * nothing. */
static struct tp_status answer_late(struct change *change, struct tp_db *db,
                                    const struct tp_draw *draw, struct tp_member *member,
                                    char digit, struct tp_error *error)
{
    /* Still "invited" here is one whose window is over and not swept yet. */
    bool late = member->state == TP_MEMBER_SILENT || member->state == TP_MEMBER_INVITED;
    change->outcome = late ? "late" : "already";
    if (!late || digit != '1' || member->repeats >= REPEAT_LIMIT)
        return TP_STATUS_OK;
    member->repeats++;
    struct tp_status status = tp_engine_set_member(db, member, member->state, error);
    if (tp_ok(status))
        status = tp_engine_message(change->engine, db, draw, member, TP_MESSAGE_LATE, "sms", NULL,
                                   error);
    return status;
}

struct reply {
    struct change change;
    uint8_t phone_mac[TP_VAULT_MAC_BYTES];
    char digit;
    char draw_id[65]; /* of the draw that the reply belongs to; "" when none */
};

/* The invitation a reply belongs to: one that waits before one that does not, then the latest. */
static struct tp_status find_invitation(struct tp_db *db, struct reply *reply,
                                        char handle[TP_HANDLE_TEXT_BYTES], struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT m.draw_id, m.handle FROM member m JOIN draw d ON d.draw_id = m.draw_id"
        " WHERE m.phone_mac = $1 AND d.state <> 'cancelled'"
        " ORDER BY CASE m.state WHEN 'invited' THEN 0 ELSE 1 END, m.invited_at DESC, m.n DESC"
        " LIMIT 1",
        "b", reply->phone_mac, sizeof(reply->phone_mac));
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    reply->draw_id[0] = '\0';
    if (tp_ok(status) && row) {
        snprintf(reply->draw_id, sizeof(reply->draw_id), "%s", tp_query_text(query, 0));
        snprintf(handle, TP_HANDLE_TEXT_BYTES, "%s", tp_query_text(query, 1));
    }
    tp_query_end(query);
    return status;
}

static struct tp_status reply_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct reply *reply = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    char handle[TP_HANDLE_TEXT_BYTES];
    reply->change.outcome = "unknown";
    struct tp_status status = find_invitation(db, reply, handle, error);
    if (tp_failed(status) || reply->draw_id[0] == '\0')
        return status;
    status = tp_draw_read(db, reply->draw_id, &draw, error);
    if (tp_failed(status))
        return status;
    struct tp_member *member = tp_draw_member(draw, handle);
    bool over =
        member->deadline_at != 0 && member->deadline_at <= tp_engine_now(reply->change.engine);
    if (member->state != TP_MEMBER_INVITED || over)
        return answer_late(&reply->change, db, draw, member, reply->digit, error);
    if (reply->digit == '1')
        return accept(&reply->change, db, draw, member, error);
    if (reply->digit == '2')
        return decline(&reply->change, db, draw, member, error);
    return repeat(&reply->change, db, draw, member, error);
}

/* '1', '2', '3' from the text, also in full width; 0 for anything else. */
static char reply_digit(const char *text)
{
    text += strspn(text, " \t\r\n");
    char digit = 0;
    size_t used = 1;
    if (text[0] >= '1' && text[0] <= '3') {
        digit = text[0];
    } else if (strncmp(text, "\xEF\xBC", 2) == 0 && (uint8_t)text[2] >= 0x91 &&
               (uint8_t)text[2] <= 0x93) {
        digit = (char)('1' + ((uint8_t)text[2] - 0x91));
        used = 3;
    }
    text += digit == 0 ? 0 : used;
    return text[strspn(text, " \t\r\n")] == '\0' ? digit : 0;
}

struct tp_status tp_draw_engine_reply(struct tp_draw_engine *engine, const char *phone,
                                      const char *text, const char **outcome,
                                      struct tp_error *error)
{
    struct reply reply = {.change = {.engine = engine}, .digit = reply_digit(text)};
    *outcome = "unknown";
    if (reply.digit == 0)
        return TP_STATUS_OK;
    tp_identity_phone_mac(engine->vault, phone, reply.phone_mac);
    snprintf(reply.change.code, sizeof(reply.change.code), "%06u",
             tp_random_below(engine->config.random, 1000000));
    tp_engine_lock(engine);
    struct tp_status status = tp_store_write(engine->config.store, reply_work, &reply, error);
    sodium_memzero(reply.change.code, sizeof(reply.change.code));
    if (tp_ok(status) && reply.draw_id[0] != '\0')
        status = tp_engine_advance(engine, reply.draw_id, error);
    tp_engine_unlock(engine);
    if (tp_ok(status))
        *outcome = reply.change.outcome;
    return status;
}

static struct tp_status leave_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct change *change = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_read(db, change->draw_id, &draw, error);
    if (tp_failed(status))
        return status;
    struct tp_member *member = tp_draw_member(draw, change->handle);
    if (member == NULL)
        return tp_fail(error, TP_NOT_FOUND, "draw.no_member", "no such member of this draw");
    if (member->state == TP_MEMBER_LEFT)
        return TP_STATUS_OK;
    if (draw->state != TP_DRAW_INVITING && draw->state != TP_DRAW_COMPLETE)
        return tp_fail(error, TP_CONFLICT, "draw.not_under_way", "the draw is %s",
                       tp_draw_state_name(draw->state));
    if (member->state != TP_MEMBER_ACCEPTED && member->state != TP_MEMBER_INVITED)
        return tp_fail(error, TP_CONFLICT, "draw.not_on_committee",
                       "this member is not on the committee");
    status = tp_engine_set_member(db, member, TP_MEMBER_LEFT, error);
    if (tp_ok(status))
        status = tp_engine_message(change->engine, db, draw, member, TP_MESSAGE_RELEASE, "sms",
                                   NULL, error);
    draw->state = TP_DRAW_INVITING;
    return tp_ok(status) ? record_change(change, db, draw, "leave", member, error) : status;
}

struct tp_status tp_draw_engine_leave(struct tp_draw_engine *engine, const char *draw_id,
                                      const char *handle, const char *reason, json_t **answer,
                                      struct tp_error *error)
{
    struct change change = {
        .engine = engine, .draw_id = draw_id, .handle = handle, .reason = reason};
    tp_engine_lock(engine);
    struct tp_status status = tp_store_write(engine->config.store, leave_work, &change, error);
    if (tp_ok(status))
        status = tp_engine_advance(engine, draw_id, error);
    tp_engine_unlock(engine);
    return tp_ok(status) ? tp_engine_answer_view(engine, draw_id, answer, error) : status;
}

static struct tp_status tell_cancelled(struct change *change, struct tp_db *db,
                                       const struct tp_draw *draw, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < draw->member_count && tp_ok(status); i++) {
        const struct tp_member *member = &draw->members[i];
        bool told = member->state == TP_MEMBER_ACCEPTED ||
                    (member->state == TP_MEMBER_INVITED && member->deadline_at != 0);
        if (told)
            status = tp_engine_message(change->engine, db, draw, member, TP_MESSAGE_CANCEL, "sms",
                                       NULL, error);
    }
    return status;
}

static struct tp_status cancel_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct change *change = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_read(db, change->draw_id, &draw, error);
    if (tp_failed(status) || draw->state == TP_DRAW_CANCELLED)
        return status;
    draw->state = TP_DRAW_CANCELLED;
    status = tp_record_append(db, change->engine->config.keypair, draw, "cancelled",
                              tp_engine_now(change->engine),
                              json_pack("{s:s}", "reason", change->reason), error);
    return tp_ok(status) ? tell_cancelled(change, db, draw, error) : status;
}

struct tp_status tp_draw_engine_cancel(struct tp_draw_engine *engine, const char *draw_id,
                                       const char *reason, json_t **answer, struct tp_error *error)
{
    struct change change = {.engine = engine, .draw_id = draw_id, .reason = reason};
    tp_engine_lock(engine);
    struct tp_status status = tp_store_write(engine->config.store, cancel_work, &change, error);
    tp_engine_unlock(engine);
    tp_engine_wake(engine);
    return tp_ok(status) ? tp_engine_answer_view(engine, draw_id, answer, error) : status;
}

/* The draws that `sql` names. */
struct draw_list {
    const char *sql;
    int64_t now_ms;
    json_t *ids;
};

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct draw_list *list = argument;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(db, &query, error, list->sql, "i", list->now_ms);
    for (bool row = true; tp_ok(status) && row;) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row)
            json_array_append_new(list->ids, json_string(tp_query_text(query, 0)));
    }
    tp_query_end(query);
    return status;
}

static struct tp_status silence_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct change *change = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_read(db, change->draw_id, &draw, error);
    int64_t now_ms = tp_engine_now(change->engine);
    for (size_t i = 0; tp_ok(status) && i < draw->member_count; i++) {
        struct tp_member *member = &draw->members[i];
        if (member->state != TP_MEMBER_INVITED || member->deadline_at == 0 ||
            member->deadline_at > now_ms)
            continue;
        status = tp_engine_set_member(db, member, TP_MEMBER_SILENT, error);
        if (tp_ok(status))
            status = record_change(change, db, draw, "silent", member, error);
    }
    return status;
}

static struct tp_status lead_on(struct tp_draw_engine *engine, const json_t *ids,
                                struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < json_array_size(ids) && tp_ok(status); i++) {
        struct change change = {.engine = engine,
                                .draw_id = json_string_value(json_array_get(ids, i))};
        tp_engine_lock(engine);
        status = tp_store_write(engine->config.store, silence_work, &change, error);
        if (tp_ok(status))
            status = tp_engine_advance(engine, change.draw_id, error);
        tp_engine_unlock(engine);
    }
    return status;
}

struct tp_status tp_draw_engine_tick(struct tp_draw_engine *engine, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *ids = json_array();
    struct draw_list list = {
        .sql = "SELECT DISTINCT m.draw_id FROM member m JOIN draw d ON d.draw_id = m.draw_id"
               " WHERE m.state = 'invited' AND m.deadline_at <= $1 AND d.state = 'inviting'",
        .now_ms = tp_engine_now(engine),
        .ids = ids,
    };
    struct tp_status status = tp_store_read(engine->config.store, list_work, &list, error);
    return tp_ok(status) ? lead_on(engine, ids, error) : status;
}

static struct tp_status resend_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    const int64_t *now_ms = argument;
    return tp_db_run(db, error,
                     "UPDATE message SET state = 'waiting', next_at = $1 WHERE state = 'sending'",
                     "i", *now_ms);
}

struct tp_status tp_draw_engine_resume(struct tp_draw_engine *engine, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *ids = json_array();
    int64_t now_ms = tp_engine_now(engine);
    struct draw_list list = {
        .sql = "SELECT draw_id FROM draw WHERE state = 'inviting' AND $1 > 0",
        .now_ms = now_ms,
        .ids = ids,
    };
    struct tp_status status = tp_store_write(engine->config.store, resend_work, &now_ms, error);
    if (tp_ok(status))
        status = tp_store_read(engine->config.store, list_work, &list, error);
    return tp_ok(status) ? lead_on(engine, ids, error) : status;
}
