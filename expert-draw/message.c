/*
 * The outbox to the gateway. A message is marked `sending` before it goes out and `sent` when the
 * gateway took it; what was being sent at a crash goes out again with the same id (x-id), by which
 * a gateway can tell it from a new one.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "expert-draw/engine_internal.h"

#define TRY_LIMIT 20
#define RETRY_LEAST_MS 1000
#define RETRY_MOST_MS 60000
#define DOWN_AFTER_FAILURES 3

static const char *const purpose_names[] = {
    [TP_MESSAGE_INVITE] = "invite", [TP_MESSAGE_CONFIRM] = "confirm",
    [TP_MESSAGE_CANCEL] = "cancel", [TP_MESSAGE_RELEASE] = "release",
    [TP_MESSAGE_LATE] = "late",
};

static void write_text(struct tp_bytes *out, const struct tp_draw *draw,
                       const struct tp_member *member, enum tp_message_purpose purpose,
                       const char *kind, const char *code)
{
    const char *when = draw->plan->time_text;
    const char *where = tp_plan_place_text(draw->plan, tp_draw_seat(draw, member)->venue);
    int64_t minutes = (draw->plan->reply_window_ms + 59999) / 60000;
    bool voice = strcmp(kind, "voice") == 0;
    tp_bytes_reserve(out, 1024);
    tp_bytes_append_text(out, voice ? "" : "【同评】");
    switch (purpose) {
    case TP_MESSAGE_INVITE:
        tp_bytes_append_format(
            out,
            "邀请您参加评审。时间：%s；地点：%s。%s1参加，%s2不参加，%s3%s，请在%lld"
            "分钟内答复。",
            when, where, voice ? "按" : "回复", voice ? "按" : "回复", voice ? "按" : "回复",
            voice ? "重听" : "重发", (long long)minutes);
        break;
    case TP_MESSAGE_CONFIRM:
        tp_bytes_append_format(
            out,
            "您已确认参加评审。时间：%s；地点：%s。入场码：%s。请携带本人身份证原件提前"
            "到场，入场码请勿告知他人。",
            when, where, code);
        break;
    case TP_MESSAGE_CANCEL:
        tp_bytes_append_format(out, "原定%s在%s的评审已取消，请勿前往。", when, where);
        break;
    case TP_MESSAGE_RELEASE:
        tp_bytes_append_format(out, "您的请假已登记，%s在%s的评审无需到场，原入场码已失效。", when,
                               where);
        break;
    case TP_MESSAGE_LATE:
        tp_bytes_append_format(out, "%s在%s的评审邀请已过答复时间，无需到场，感谢您的支持。", when,
                               where);
        break;
    }
}

static void message_place(const char *id, char out[64])
{
    snprintf(out, 64, "message:%s", id);
}

struct tp_status tp_engine_message(struct tp_draw_engine *engine, struct tp_db *db,
                                   const struct tp_draw *draw, const struct tp_member *member,
                                   enum tp_message_purpose purpose, const char *kind,
                                   const char *code, struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes encrypted = TP_BYTES_INIT;
    char id[TP_ID_BYTES];
    char place[64];
    int64_t now_ms = tp_engine_now(engine);
    tp_id_make(engine->config.random, now_ms, "msg", id);
    message_place(id, place);
    write_text(&text, draw, member, purpose, kind, code);
    struct tp_status status = tp_bytes_check(&text, error);
    if (tp_ok(status))
        status = tp_vault_encrypt(engine->vault, place, text.data, text.length, &encrypted, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO message (id, n, handle, draw_id, purpose, kind, text, state,"
                     " tries, next_at) VALUES ($1, (SELECT COALESCE(MAX(n), 0) + 1 FROM message),"
                     " $2, $3, $4, $5, $6, 'waiting', 0, $7)",
                     "tttttbi", id, member->handle, draw->plan->draw_id, purpose_names[purpose],
                     kind, encrypted.data, encrypted.length, now_ms);
}

struct tp_status tp_engine_invite(struct tp_draw_engine *engine, struct tp_db *db,
                                  const struct tp_draw *draw, const struct tp_member *member,
                                  struct tp_error *error)
{
    struct tp_status status =
        tp_engine_message(engine, db, draw, member, TP_MESSAGE_INVITE, "sms", NULL, error);
    if (tp_ok(status) && engine->config.voice)
        status =
            tp_engine_message(engine, db, draw, member, TP_MESSAGE_INVITE, "voice", NULL, error);
    return status;
}

struct counts {
    const char *draw_id;
    int64_t waiting, failed;
};

static struct tp_status count_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct counts *counts = argument;
    bool found;
    struct tp_status status =
        tp_db_ask_int(db, &counts->waiting, &found, error,
                      "SELECT COUNT(*) FROM message WHERE draw_id = $1 AND state IN"
                      " ('waiting', 'sending')",
                      "t", counts->draw_id);
    if (tp_ok(status))
        status =
            tp_db_ask_int(db, &counts->failed, &found, error,
                          "SELECT COUNT(*) FROM message WHERE draw_id = $1 AND state = 'failed'",
                          "t", counts->draw_id);
    return status;
}

struct tp_status tp_engine_gateway_view(struct tp_draw_engine *engine, const char *draw_id,
                                        json_t **view, struct tp_error *error)
{
    struct counts counts = {.draw_id = draw_id};
    struct tp_status status = tp_store_read(engine->config.store, count_work, &counts, error);
    if (tp_failed(status))
        return status;
    pthread_mutex_lock(&engine->wake);
    bool down = engine->gateway_down;
    pthread_mutex_unlock(&engine->wake);
    *view = json_pack("{s:b,s:I,s:I}", "ok", !down, "waiting", (json_int_t)counts.waiting, "failed",
                      (json_int_t)counts.failed);
    return *view != NULL ? status : tp_fail(error, TP_NOMEM, "memory", "no memory for a view");
}

void tp_draw_message_fini(struct tp_draw_message *message)
{
    tp_bytes_wipe(&message->text);
    sodium_memzero(message->phone, sizeof(message->phone));
}

struct take {
    struct tp_draw_engine *engine;
    struct tp_draw_message *message;
    bool found;
};

struct due {
    char id[TP_ID_BYTES];
    char expert_id[65];
    int64_t pool;
    bool pointless; /* an invitation that nobody waits for any more */
};

static struct tp_status read_due(struct take *take, struct tp_db *db, struct due *due,
                                 struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT g.id, g.kind, g.text, m.expert_id, d.pool,"
        " CASE WHEN g.purpose = 'invite' AND (m.state <> 'invited' OR d.state = 'cancelled')"
        " THEN 1 ELSE 0 END"
        " FROM message g JOIN member m ON m.handle = g.handle"
        " JOIN draw d ON d.draw_id = g.draw_id"
        " WHERE g.state = 'waiting' AND g.next_at <= $1 ORDER BY g.next_at, g.n LIMIT 1",
        "i", tp_engine_now(take->engine));
    if (tp_ok(status))
        status = tp_query_next(query, &take->found, error);
    if (tp_ok(status) && take->found) {
        char place[64];
        size_t bytes;
        const void *text = tp_query_blob(query, 2, &bytes);
        snprintf(due->id, sizeof(due->id), "%s", tp_query_text(query, 0));
        snprintf(take->message->kind, sizeof(take->message->kind), "%s", tp_query_text(query, 1));
        snprintf(due->expert_id, sizeof(due->expert_id), "%s", tp_query_text(query, 3));
        due->pool = tp_query_int(query, 4);
        due->pointless = tp_query_int(query, 5) != 0;
        message_place(due->id, place);
        tp_bytes_clear(&take->message->text);
        status =
            tp_vault_decrypt(take->engine->vault, place, text, bytes, &take->message->text, error);
    }
    tp_query_end(query);
    return status;
}

static struct tp_status take_one(struct take *take, struct tp_db *db, bool *again,
                                 struct tp_error *error)
{
    struct due due = {.pool = 0};
    *again = false;
    struct tp_status status = read_due(take, db, &due, error);
    if (tp_failed(status) || !take->found)
        return status;
    if (due.pointless) {
        *again = true;
        return tp_db_run(db, error,
                         "UPDATE message SET state = 'dropped', text = NULL WHERE id = $1", "t",
                         due.id);
    }
    struct tp_identity identity;
    status = tp_identity_read(db, take->engine->vault, due.pool, due.expert_id, &identity, error);
    if (tp_ok(status)) {
        snprintf(take->message->phone, sizeof(take->message->phone), "%.31s", identity.phone);
        snprintf(take->message->id, sizeof(take->message->id), "%s", due.id);
        status = tp_db_run(db, error,
                           "UPDATE message SET state = 'sending', tries = tries + 1 WHERE id = $1",
                           "t", due.id);
    }
    sodium_memzero(&identity, sizeof(identity));
    return status;
}

static struct tp_status take_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (bool again = true; again && tp_ok(status);)
        status = take_one(argument, db, &again, error);
    return status;
}

static struct tp_status due_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct take *take = argument;
    int64_t ignored;
    return tp_db_ask_int(db, &ignored, &take->found, error,
                         "SELECT 1 FROM message WHERE state = 'waiting' AND next_at <= $1 LIMIT 1",
                         "i", tp_engine_now(take->engine));
}

struct tp_status tp_draw_engine_take_message(struct tp_draw_engine *engine,
                                             struct tp_draw_message *message, bool *found,
                                             struct tp_error *error)
{
    struct take take = {.engine = engine, .message = message};
    /* Looking costs no write. */
    struct tp_status status = tp_store_read(engine->config.store, due_work, &take, error);
    if (tp_ok(status) && take.found)
        status = tp_store_write(engine->config.store, take_work, &take, error);
    *found = tp_ok(status) && take.found;
    return status;
}

struct done {
    struct tp_draw_engine *engine;
    const char *id;
    bool taken;
    bool changed_up, changed_down;
    bool gave_up;
};

/* The reply window opens when the gateway has taken the first invitation; one that it never takes
 * is as good as no reply. */
static struct tp_status open_window(struct tp_db *db, const struct done *done, int64_t deadline_at,
                                    struct tp_error *error)
{
    return tp_db_run(db, error,
                     "UPDATE member SET deadline_at = $1 WHERE deadline_at IS NULL AND handle IN"
                     " (SELECT handle FROM message WHERE id = $2 AND purpose = 'invite')",
                     "it", deadline_at, done->id);
}

static struct tp_status taken_work(struct tp_db *db, struct done *done, struct tp_error *error)
{
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_query *query = NULL;
    bool row = false;
    char draw_id[65] = "";
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT draw_id FROM message WHERE id = $1", "t", done->id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row)
        snprintf(draw_id, sizeof(draw_id), "%s", tp_query_text(query, 0));
    tp_query_end(query);
    if (tp_ok(status))
        status = tp_draw_read(db, draw_id, &draw, error);
    if (tp_ok(status))
        status =
            open_window(db, done, tp_engine_now(done->engine) + draw->plan->reply_window_ms, error);
    if (tp_ok(status))
        status =
            tp_db_run(db, error, "UPDATE message SET state = 'sent', text = NULL WHERE id = $1",
                      "t", done->id);
    return status;
}

static struct tp_status refused_work(struct tp_db *db, struct done *done, struct tp_error *error)
{
    int64_t tries = 0;
    bool found;
    int64_t now_ms = tp_engine_now(done->engine);
    struct tp_status status = tp_db_ask_int(
        db, &tries, &found, error, "SELECT tries FROM message WHERE id = $1", "t", done->id);
    if (tp_failed(status))
        return status;
    done->gave_up = tries >= TRY_LIMIT;
    if (done->gave_up) {
        status = open_window(db, done, now_ms, error);
        return tp_failed(status)
                   ? status
                   : tp_db_run(db, error,
                               "UPDATE message SET state = 'failed', text = NULL WHERE id = $1",
                               "t", done->id);
    }
    int64_t pause_ms = tries > 6 ? RETRY_MOST_MS : (int64_t)RETRY_LEAST_MS << (tries - 1);
    return tp_db_run(db, error, "UPDATE message SET state = 'waiting', next_at = $1 WHERE id = $2",
                     "it", now_ms + (pause_ms > RETRY_MOST_MS ? RETRY_MOST_MS : pause_ms),
                     done->id);
}

static struct tp_status done_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct done *done = argument;
    struct tp_status status =
        done->taken ? taken_work(db, done, error) : refused_work(db, done, error);
    if (tp_ok(status) && (done->changed_up || done->changed_down))
        status = tp_engine_event(done->engine, db, done->changed_up ? "gateway.up" : "gateway.down",
                                 NULL, json_object(), error);
    return status;
}

/* Up with the first message taken, down after some refused in a row. */
static void note_gateway(struct tp_draw_engine *engine, struct done *done)
{
    pthread_mutex_lock(&engine->wake);
    engine->gateway_failures = done->taken ? 0 : engine->gateway_failures + 1;
    done->changed_up = done->taken && engine->gateway_down;
    done->changed_down = engine->gateway_failures >= DOWN_AFTER_FAILURES && !engine->gateway_down;
    engine->gateway_down = (engine->gateway_down && !done->taken) || done->changed_down;
    pthread_mutex_unlock(&engine->wake);
}

struct tp_status tp_draw_engine_message_done(struct tp_draw_engine *engine, const char *message_id,
                                             bool taken, struct tp_error *error)
{
    struct done done = {.engine = engine, .id = message_id, .taken = taken};
    note_gateway(engine, &done);
    struct tp_status status = tp_store_write(engine->config.store, done_work, &done, error);
    if (done.changed_up || done.changed_down) {
        tp_log(TP_LOG_WARN, done.changed_up ? "gateway.up" : "gateway.down", "message=%s",
               message_id);
        tp_engine_wake(engine);
    }
    return status;
}
