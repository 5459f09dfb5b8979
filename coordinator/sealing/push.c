/* The job of delivery.h: one due row at a time, from the outbox to the receipt. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/http/client.h"
#include "base/json.h"
#include "base/log.h"
#include "coordinator/config/config.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/job/job.h"
#include "coordinator/record/record.h"
#include "coordinator/sealing/delivery.h"
#include "coordinator/session/session.h"
#include "coordinator/trading/receipt.h"
#include "coordinator/trading/signed_request.h"

#define PUSH_PATH "/tongping/v1/expert-lists"
#define PUSH_TIMEOUT_MS 15000
/* A row is claimed by moving its time on; a process that died meanwhile makes it due again when it
 * begins (tp_delivery_recover). */
#define CLAIM_MS 45000
#define HASH_TEXT_BYTES 129

struct push {
    bool found;
    char session_id[TP_ID_BYTES];
    char draw_id[TP_ID_BYTES];
    char lot_code[TP_NAME_BYTES];
    char trading_system_id[TP_NAME_BYTES];
    char list_hash[HASH_TEXT_BYTES];
    char transcript_hash[HASH_TEXT_BYTES];
    bool sealed_already;
    int64_t version;
    int64_t tries;
    struct tp_bytes sealed;
    /* What came of it. */
    const char *error_code;
    const void *answer;
    size_t answer_bytes;
};

static void push_fini(struct push *push)
{
    tp_bytes_fini(&push->sealed);
}
TP_DEFINE_FINI_CLEANUP(push, push_fini)

static void copy_column(const struct tp_query *query, int column, char *out, size_t size)
{
    const char *text = tp_query_text(query, column);
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static void read_push(const struct tp_query *query, struct push *push)
{
    copy_column(query, 0, push->session_id, sizeof(push->session_id));
    push->version = tp_query_int(query, 1);
    copy_column(query, 2, push->draw_id, sizeof(push->draw_id));
    copy_column(query, 3, push->lot_code, sizeof(push->lot_code));
    copy_column(query, 4, push->trading_system_id, sizeof(push->trading_system_id));
    push->sealed_already = strcmp(tp_query_text(query, 5), "waiting") == 0;
    copy_column(query, 6, push->list_hash, sizeof(push->list_hash));
    copy_column(query, 7, push->transcript_hash, sizeof(push->transcript_hash));
    push->tries = tp_query_int(query, 8);
    size_t bytes = 0;
    const void *sealed = tp_query_blob(query, 9, &bytes);
    tp_bytes_clear(&push->sealed);
    if (sealed != NULL)
        tp_bytes_append(&push->sealed, sealed, bytes);
}

static struct tp_status claim_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct push *push = argument;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        write->db, &query, error,
        "SELECT d.session_id, d.version, d.draw_id, l.code, d.trading_system_id, d.state,"
        " d.list_hash, d.transcript_hash, d.tries, d.sealed FROM deliveries d JOIN sessions s ON"
        " s.id = d.session_id JOIN lots l ON l.id = s.lot_id WHERE d.state IN ('sealing',"
        " 'waiting') AND d.next_at <= $1 ORDER BY d.next_at LIMIT 1",
        "i", write->now_ms);
    if (tp_ok(status))
        status = tp_query_next(query, &push->found, error);
    if (tp_ok(status) && push->found) {
        read_push(query, push);
        status = tp_bytes_check(&push->sealed, error);
    }
    tp_query_end(query);
    if (tp_failed(status) || !push->found)
        return status;
    return tp_db_run(write->db, error,
                     "UPDATE deliveries SET next_at = $1, tries = tries + 1 WHERE session_id = $2"
                     " AND version = $3",
                     "iti", (int64_t)(write->now_ms + CLAIM_MS), push->session_id, push->version);
}

/* Sealing ----------------------------------------------------------------------------------------
 */

static struct tp_status sealed_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct push *push = argument;
    int64_t changed = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &changed, error,
        "UPDATE deliveries SET state = 'waiting', sealed = $1, list_hash = $2, transcript_hash ="
        " $3 WHERE session_id = $4 AND version = $5 AND state = 'sealing'",
        "bttti", push->sealed.data, push->sealed.length, push->list_hash, push->transcript_hash,
        push->session_id, push->version);
    if (tp_failed(status))
        return status;
    if (changed == 0)
        return tp_fail(error, TP_CONFLICT, "delivery.void", "this version is not wanted any more");
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:I, s:s, s:s}", "draw_id", push->draw_id, "version",
                             (json_int_t)push->version, "list_hash", push->list_hash,
                             "transcript_hash", push->transcript_hash);
    return tp_record_append(write, "draw", "list.sealed", push->session_id, data, error);
}

static struct tp_status take_sealed(struct push *push, const json_t *answer, struct tp_error *error)
{
    const char *sealed = json_string_value(json_object_get(answer, "sealed"));
    const char *list_hash = json_string_value(json_object_get(answer, "list_hash"));
    const char *transcript_hash = json_string_value(json_object_get(answer, "transcript_hash"));
    if (sealed == NULL || list_hash == NULL || transcript_hash == NULL ||
        strlen(list_hash) >= HASH_TEXT_BYTES || strlen(transcript_hash) >= HASH_TEXT_BYTES)
        return tp_fail(error, TP_PEER, "draw.malformed_answer",
                       "the draw service's answer cannot be read");
    snprintf(push->list_hash, sizeof(push->list_hash), "%s", list_hash);
    snprintf(push->transcript_hash, sizeof(push->transcript_hash), "%s", transcript_hash);
    tp_bytes_clear(&push->sealed);
    return tp_base64_decode(sealed, strlen(sealed), &push->sealed, error);
}

static struct tp_status seal(struct tp_app *app, const struct tp_trading_system *system,
                             struct push *push, struct tp_error *error)
{
    char path[96];
    TP_AUTO(tp_json) json_t *answer = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes key = TP_BYTES_INIT;
    tp_base64_append(&key, system->key.seal, sizeof(system->key.seal));
    struct tp_status status = tp_bytes_check(&key, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json)
    json_t *body = json_pack("{s:s}", "recipient_seal_public", (const char *)key.data);
    snprintf(path, sizeof(path), "/v1/draws/%s/seal", push->draw_id);
    status =
        tp_draw_client_call(app->draw, "POST", path, body, TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    if (tp_ok(status))
        status = take_sealed(push, answer, error);
    if (tp_failed(status))
        return status;
    return tp_write_run(app, sealed_work, push, error);
}

/* Pushing ----------------------------------------------------------------------------------------
 */

static struct tp_status body_of(const struct push *push, struct tp_bytes *body,
                                struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    tp_base64_append(&sealed, push->sealed.data, push->sealed.length);
    struct tp_status status = tp_bytes_check(&sealed, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json)
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "session_id", push->session_id, "lot_code",
                  push->lot_code, "draw_id", push->draw_id, "version", (json_int_t)push->version,
                  "sealed", (const char *)sealed.data, "list_hash", push->list_hash,
                  "transcript_hash", push->transcript_hash);
    if (json == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a push");
    return tp_json_write(json, body, error);
}

static struct tp_status send(struct tp_app *app, const struct tp_trading_system *system,
                             const struct tp_bytes *body, struct tp_http_answer *answer,
                             struct tp_error *error)
{
    struct tp_http_client *client = NULL;
    struct tp_signed_headers headers;
    const struct tp_http_client_config config = {
        .base_url = system->url,
        .ca_path = system->ca_path[0] != '\0' ? system->ca_path : NULL,
        .answer_limit_bytes = 64 * 1024,
    };
    struct tp_status status = tp_signed_request_sign(
        app->keypair, "coordinator", "POST", PUSH_PATH, body->data, body->length,
        tp_clock_now_ms(app->clock), app->random, &headers, error);
    if (tp_ok(status))
        status = tp_http_client_new(&config, &client, error);
    if (tp_failed(status))
        return status;
    status = tp_http_client_request(client, "POST", PUSH_PATH, headers.list, body->data,
                                    body->length, PUSH_TIMEOUT_MS, answer, error);
    tp_http_client_free(client);
    return status;
}

static struct tp_status delivered_work(struct tp_write *write, void *argument,
                                       struct tp_error *error)
{
    const struct push *push = argument;
    struct tp_session_row session;
    char actor[TP_NAME_BYTES + 16];
    int64_t changed = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &changed, error,
        "UPDATE deliveries SET state = 'delivered', receipt = $1, delivered_at = $2, last_error ="
        " NULL WHERE session_id = $3 AND version = $4 AND state = 'waiting'",
        "biti", push->answer, push->answer_bytes, write->now_ms, push->session_id, push->version);
    /* Void meanwhile: the trading system keeps it as an older version, the session goes on. */
    if (tp_failed(status) || changed == 0)
        return status;
    snprintf(actor, sizeof(actor), "trading:%s", push->trading_system_id);
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:I, s:s, s:s%}", "draw_id", push->draw_id, "version",
                             (json_int_t)push->version, "list_hash", push->list_hash, "receipt",
                             (const char *)push->answer, push->answer_bytes);
    status = tp_record_append(write, actor, "list.receipt", push->session_id, data, error);
    if (tp_ok(status))
        status = tp_session_row_read(write->db, push->session_id, &session, error);
    if (tp_failed(status) || session.state != TP_SESSION_DRAWN)
        return status;
    return tp_session_apply(write, push->session_id, TP_VERSION_ANY, TP_EVENT_LIST_DELIVERED, actor,
                            NULL, NULL, error);
}

static struct tp_status check_answer(const struct push *push,
                                     const struct tp_trading_system *system,
                                     const struct tp_http_answer *answer, struct tp_error *error)
{
    struct tp_receipt expected = {.session_id = push->session_id,
                                  .draw_id = push->draw_id,
                                  .version = push->version,
                                  .list_hash = push->list_hash};
    if (answer->status != 200)
        return tp_fail(error, TP_PEER, "trading.refused", "the trading system answered %d",
                       answer->status);
    return tp_receipt_check(answer->body, answer->body_bytes, system->key.sign, &expected, error);
}

static struct tp_status deliver(struct tp_app *app, const struct tp_trading_system *system,
                                struct push *push, struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes body = TP_BYTES_INIT;
    struct tp_http_answer answer;
    struct tp_status status = body_of(push, &body, error);
    if (tp_ok(status))
        status = send(app, system, &body, &answer, error);
    if (tp_failed(status))
        return status;
    status = check_answer(push, system, &answer, error);
    if (tp_ok(status)) {
        push->answer = answer.body;
        push->answer_bytes = answer.body_bytes;
        status = tp_write_run(app, delivered_work, push, error);
    }
    tp_http_answer_fini(&answer);
    return status;
}

static struct tp_status put_off_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct push *push = argument;
    const int64_t pause_ms = tp_delivery_pause_ms(write->app->random, push->tries + 1);
    tp_news_session(write, TP_EVENT_TYPE_SESSION, push->session_id, NULL);
    return tp_db_run(write->db, error,
                     "UPDATE deliveries SET next_at = $1, last_error = $2 WHERE session_id = $3 AND"
                     " version = $4 AND state IN ('sealing', 'waiting')",
                     "itti", (int64_t)(write->now_ms + pause_ms), push->error_code,
                     push->session_id, push->version);
}

static struct tp_status push_once(struct tp_app *app, struct push *push, struct tp_error *error)
{
    const struct tp_trading_system *system =
        tp_config_trading_system(app->config, push->trading_system_id);
    if (system == NULL)
        return tp_fail(error, TP_NOT_FOUND, "trading.unknown",
                       "the trading system is not configured any more");
    struct tp_status status = TP_STATUS_OK;
    if (!push->sealed_already)
        status = seal(app, system, push, error);
    if (tp_failed(status))
        return status;
    return deliver(app, system, push, error);
}

struct due {
    int64_t now_ms;
    bool found;
};

/* Looked at before claiming: an idle job must not keep the writer busy. */
static struct tp_status due_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct due *due = argument;
    int64_t one = 0;
    return tp_db_ask_int(db, &one, &due->found, error,
                         "SELECT 1 FROM deliveries WHERE state IN ('sealing', 'waiting') AND"
                         " next_at <= $1 LIMIT 1",
                         "i", due->now_ms);
}

struct tp_status tp_delivery_run(struct tp_app *app, struct tp_error *error)
{
    while (!tp_jobs_ending(app->jobs)) {
        TP_AUTO(push) struct push push = {0};
        struct tp_error why;
        struct due due = {.now_ms = tp_clock_now_ms(app->clock)};
        struct tp_status status = tp_store_read(app->store, due_work, &due, error);
        if (tp_failed(status) || !due.found)
            return status;
        status = tp_write_run(app, claim_work, &push, error);
        if (tp_failed(status) || !push.found)
            return status;
        status = push_once(app, &push, &why);
        if (tp_ok(status))
            continue;
        tp_log(TP_LOG_WARN, "delivery.failed",
               "session=%s version=%" PRId64 " try=%" PRId64 " code=%s", push.session_id,
               push.version, push.tries + 1, why.code);
        push.error_code = why.code;
        status = tp_write_run(app, put_off_work, &push, error);
        if (tp_failed(status))
            return status;
    }
    return TP_STATUS_OK;
}

static struct tp_status recover_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_db_run(write->db, error,
                     "UPDATE deliveries SET next_at = $1 WHERE state IN ('sealing', 'waiting') AND"
                     " next_at > $1",
                     "i", write->now_ms);
}

struct tp_status tp_delivery_recover(struct tp_app *app, struct tp_error *error)
{
    return tp_write_run(app, recover_work, NULL, error);
}
