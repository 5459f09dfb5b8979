#include "coordinator/todo/sms.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/http/client.h"
#include "base/log.h"
#include "coordinator/config/config.h"
#include "coordinator/job/job.h"
#include "coordinator/record/write.h"

#define BATCH_MOST 50
#define TEXT_BYTES 1024
#define TRIES_MOST 40 /* with pauses up to 15 min: about eight hours */
#define PAUSE_FIRST_MS 2000LL
#define PAUSE_MOST_MS (15 * 60 * 1000LL)
#define SEND_TIMEOUT_MS 10000

struct message {
    char id[TP_ID_BYTES];
    char phone[24];
    char text[TEXT_BYTES];
    int64_t tries;
};

struct batch {
    int64_t now_ms;
    struct message messages[BATCH_MOST];
    size_t count;
};

static struct tp_status find_due(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct batch *batch = argument;
    batch->count = 0;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT n.id, COALESCE(u.phone, ''), n.text, n.tries FROM notices n JOIN users u ON"
        " u.id = n.user_id WHERE n.state = 'waiting' AND n.next_at <= $1 ORDER BY n.next_at"
        " LIMIT $2",
        "ii", batch->now_ms, (int64_t)BATCH_MOST);
    bool row = tp_ok(status);
    while (tp_ok(status) && row && batch->count < BATCH_MOST) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            struct message *message = &batch->messages[batch->count++];
            snprintf(message->id, sizeof message->id, "%s", tp_query_text(query, 0));
            snprintf(message->phone, sizeof message->phone, "%s", tp_query_text(query, 1));
            snprintf(message->text, sizeof message->text, "%s", tp_query_text(query, 2));
            message->tries = tp_query_int(query, 3);
        }
    }
    tp_query_end(query);
    return status;
}

static void append_argument(struct tp_bytes *path, const char *name, const char *value)
{
    tp_bytes_append_format(path, "%s=", name);
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
        if ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
            (*at >= '0' && *at <= '9') || *at == '-' || *at == '_' || *at == '.') {
            tp_bytes_append_u8(path, *at);
        } else {
            tp_bytes_append_format(path, "%%%02X", *at);
        }
    }
}

static struct tp_status send_one(const struct tp_config *config, struct tp_http_client *client,
                                 const struct message *message, struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes path = TP_BYTES_INIT;
    tp_bytes_reserve(&path, 4096);
    tp_bytes_append_text(&path, "/cgi-bin/sendsms?");
    append_argument(&path, "username", config->gateway_username);
    append_argument(&path, "&password", config->gateway_password);
    append_argument(&path, "&from", config->gateway_from);
    append_argument(&path, "&to", message->phone);
    append_argument(&path, "&text", message->text);
    tp_bytes_append_text(&path, "&charset=UTF-8&coding=2&x-kind=sms");
    append_argument(&path, "&x-id", message->id);
    struct tp_status status = tp_bytes_check(&path, error);
    if (tp_failed(status)) {
        return status;
    }
    struct tp_http_answer answer;
    status = tp_http_client_request(client, "GET", (const char *)path.data, NULL, NULL, 0,
                                    SEND_TIMEOUT_MS, &answer, error);
    if (tp_failed(status)) {
        return status;
    }
    bool taken = answer.status >= 200 && answer.status < 300;
    tp_http_answer_fini(&answer);
    return taken ? TP_STATUS_OK
                 : tp_fail(error, TP_PEER, "gateway.refused", "the gateway did not take it");
}

struct outcome {
    const struct message *message;
    bool sent;
    const char *code;
};

static int64_t pause_after(int64_t tries)
{
    int64_t pause = PAUSE_FIRST_MS;
    for (int64_t i = 0; i < tries && pause < PAUSE_MOST_MS; i++) {
        pause *= 2;
    }
    return pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS;
}

static struct tp_status keep_outcome(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct outcome *outcome = argument;
    if (outcome->sent) {
        return tp_db_run(write->db, error,
                         "UPDATE notices SET state = 'sent', tries = tries + 1, sent_at = $2,"
                         " last_error = NULL WHERE id = $1",
                         "ti", outcome->message->id, write->now_ms);
    }
    bool give_up = outcome->message->tries + 1 >= TRIES_MOST;
    return tp_db_run(write->db, error,
                     "UPDATE notices SET state = $2, tries = tries + 1, next_at = $3,"
                     " last_error = $4 WHERE id = $1",
                     "ttit", outcome->message->id, give_up ? "given_up" : "waiting",
                     (int64_t)(write->now_ms + pause_after(outcome->message->tries)),
                     outcome->code);
}

static struct tp_status send_batch(struct tp_app *app, const struct batch *batch,
                                   struct tp_error *error)
{
    const char *ca_path = app->config->gateway_ca_path;
    const struct tp_http_client_config config = {.base_url = app->config->gateway_url,
                                                 .ca_path = ca_path[0] == '\0' ? NULL : ca_path};
    struct tp_http_client *client = NULL;
    struct tp_status status = tp_http_client_new(&config, &client, error);
    for (size_t i = 0; tp_ok(status) && i < batch->count && !tp_jobs_ending(app->jobs); i++) {
        struct tp_error failure;
        tp_error_clear(&failure);
        struct outcome outcome = {.message = &batch->messages[i]};
        outcome.sent = tp_ok(send_one(app->config, client, &batch->messages[i], &failure));
        outcome.code = failure.code;
        if (!outcome.sent) {
            tp_log(TP_LOG_WARN, "sms.not_sent", "notice=%s code=%s", batch->messages[i].id,
                   failure.code);
        }
        status = tp_write_run(app, keep_outcome, &outcome, error);
    }
    tp_http_client_free(client);
    return status;
}

struct tp_status tp_sms_send_due(struct tp_app *app, struct tp_error *error)
{
    if (app->config->gateway_url[0] == '\0') {
        return TP_STATUS_OK;
    }
    struct batch batch = {.now_ms = tp_clock_now_ms(app->clock)};
    struct tp_status status = tp_store_read(app->store, find_due, &batch, error);
    if (tp_ok(status) && batch.count > 0) {
        status = send_batch(app, &batch, error);
    }
    explicit_bzero(&batch, sizeof batch);
    return status;
}
