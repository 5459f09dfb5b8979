#include "coordinator/evaluation/login_queue.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "coordinator/config/config.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/evaluation/seat_expert.h"
#include "coordinator/link/link_server.h"

#define THREADS 4
#define SEALED_MOST_BYTES 2048
#define LOGIN_TIMEOUT_MS 8000

struct login {
    struct login *next;
    char center_id[TP_NAME_BYTES];
    char session_id[TP_NAME_BYTES];
    char seat_id[TP_NAME_BYTES];
    char draw_id[TP_ID_BYTES];
    uint64_t call_id;
    uint8_t sealed[SEALED_MOST_BYTES];
    size_t sealed_bytes;
};

struct tp_login_queue {
    struct tp_app *app;
    struct tp_public_key draw_key;
    bool draw_key_pinned;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct login *first;
    struct login **last;
    size_t count;
    bool ending;
    pthread_t threads[THREADS];
    size_t thread_count;
};

/* Answers ----------------------------------------------------------------------------------------
 */

static void send_answer(struct tp_app *app, const char *center_id,
                        Tongping__Link__LoginAnswer *answer)
{
    struct tp_error error;
    Tongping__Link__LinkMessage envelope = TONGPING__LINK__LINK_MESSAGE__INIT;
    envelope.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_LOGIN_ANSWER;
    envelope.login_answer = answer;
    if (tp_failed(tp_link_server_call(app->link, center_id, &envelope, &error)))
        tp_log_error(TP_LOG_INFO, "login.not_answered", &error);
}

static void refuse(struct tp_app *app, const char *center_id, uint64_t call_id,
                   struct tp_error *why)
{
    Tongping__Link__LoginAnswer answer;
    tongping__link__login_answer__init(&answer);
    answer.call_id = call_id;
    answer.ok = false;
    answer.error_code = why->code;
    answer.error_message = why->message;
    tp_log(TP_LOG_INFO, "login.refused", "center=%s code=%s", center_id, why->code);
    send_answer(app, center_id, &answer);
}

/* One login --------------------------------------------------------------------------------------
 */

static struct tp_status check_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct login *login = argument;
    return tp_seat_check(db, login->session_id, login->center_id, login->seat_id, login->draw_id,
                         error);
}

static struct tp_status ask_draw(struct tp_app *app, const struct login *login, json_t **answer,
                                 struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    tp_base64_append(&sealed, login->sealed, login->sealed_bytes);
    struct tp_status status = tp_bytes_check(&sealed, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json)
    json_t *body =
        json_pack("{s:s, s:s, s:s, s:s}", "draw_id", login->draw_id, "venue", login->center_id,
                  "seat_id", login->seat_id, "sealed", (const char *)sealed.data);
    return tp_draw_client_call(app->draw, "POST", "/v1/logins", body, LOGIN_TIMEOUT_MS, answer,
                               error);
}

struct admitting {
    const struct login *login;
    struct tp_seat_expert expert;
};

static struct tp_status admit_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct admitting *admitting = argument;
    const struct login *login = admitting->login;
    /* Again: the session may have moved on while tp-draw looked. */
    struct tp_status status =
        tp_seat_check(write->db, login->session_id, login->center_id, login->seat_id, NULL, error);
    if (tp_failed(status))
        return status;
    tp_news_session(write, TP_EVENT_TYPE_SESSION, login->session_id, NULL);
    return tp_seat_expect(write, &admitting->expert, error);
}

struct draw_answer {
    const char *handle;
    const char *label;
    const char *assertion;
    const char *signature;
};

static struct tp_status read_draw_answer(const json_t *json, struct draw_answer *answer,
                                         struct tp_error *error)
{
    const json_t *assertion = json_object_get(json, "assertion");
    answer->handle = json_string_value(json_object_get(json, "handle"));
    answer->label = json_string_value(json_object_get(json, "label"));
    answer->assertion = json_string_value(assertion);
    answer->signature = json_string_value(json_object_get(json, "signature"));
    if (answer->handle == NULL || answer->label == NULL || answer->assertion == NULL ||
        answer->signature == NULL)
        return tp_fail(error, TP_PEER, "draw.malformed_answer",
                       "the draw service's answer cannot be read");
    return TP_STATUS_OK;
}

static struct tp_status accept(struct tp_app *app, const struct login *login,
                               const struct draw_answer *said, struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes assertion = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    TP_AUTO_FREE char *label = strdup(said->label);
    struct tp_status status = TP_STATUS_OK;
    /* The signed text itself or its base64url: the first character tells. */
    if (said->assertion[0] == '{')
        tp_bytes_append_text(&assertion, said->assertion);
    else
        status = tp_base64_decode(said->assertion, strlen(said->assertion), &assertion, error);
    if (tp_ok(status))
        status = tp_bytes_check(&assertion, error);
    if (tp_ok(status))
        status = tp_base64_decode(said->signature, strlen(said->signature), &signature, error);
    if (tp_ok(status) && label == NULL)
        status = tp_fail(error, TP_NOMEM, "nomem", "no memory for an answer");
    if (tp_failed(status))
        return status;
    struct admitting admitting = {.login = login,
                                  .expert = {.session_id = login->session_id,
                                             .seat_id = login->seat_id,
                                             .center_id = login->center_id,
                                             .handle = said->handle,
                                             .label = said->label}};
    status = tp_write_run(app, admit_work, &admitting, error);
    if (tp_failed(status))
        return status;
    Tongping__Link__LoginAnswer answer;
    tongping__link__login_answer__init(&answer);
    answer.call_id = login->call_id;
    answer.ok = true;
    answer.label = label;
    answer.assertion = (ProtobufCBinaryData){assertion.length, assertion.data};
    answer.signature = (ProtobufCBinaryData){signature.length, signature.data};
    send_answer(app, login->center_id, &answer);
    return TP_STATUS_OK;
}

static void carry_out(struct tp_app *app, struct login *login)
{
    struct tp_error error;
    struct draw_answer said;
    TP_AUTO(tp_json) json_t *json = NULL;
    tp_error_clear(&error);
    struct tp_status status = tp_store_read(app->store, check_work, login, &error);
    if (tp_ok(status))
        status = ask_draw(app, login, &json, &error);
    if (tp_ok(status))
        status = read_draw_answer(json, &said, &error);
    if (tp_ok(status))
        status = accept(app, login, &said, &error);
    if (tp_failed(status))
        refuse(app, login->center_id, login->call_id, &error);
}

/* The queue --------------------------------------------------------------------------------------
 */

static struct login *take(struct tp_login_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->ending)
        pthread_cond_wait(&queue->changed, &queue->lock);
    struct login *login = queue->ending ? NULL : queue->first;
    if (login != NULL) {
        queue->first = login->next;
        if (queue->first == NULL)
            queue->last = &queue->first;
        queue->count--;
    }
    pthread_mutex_unlock(&queue->lock);
    return login;
}

static void *thread_main(void *argument)
{
    struct tp_login_queue *queue = argument;
    struct login *login = NULL;
    while ((login = take(queue)) != NULL) {
        carry_out(queue->app, login);
        free(login);
    }
    return NULL;
}

struct tp_status tp_login_queue_new(struct tp_app *app, struct tp_login_queue **out,
                                    struct tp_error *error)
{
    struct tp_login_queue *queue = calloc(1, sizeof(*queue));
    if (queue == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the logins");
    if (app->config->draw_public_key_path[0] != '\0') {
        struct tp_status status =
            tp_public_key_load(app->config->draw_public_key_path, &queue->draw_key, error);
        if (tp_failed(status)) {
            free(queue);
            return status;
        }
        queue->draw_key_pinned = true;
    }
    queue->app = app;
    queue->last = &queue->first;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    while (queue->thread_count < THREADS &&
           pthread_create(&queue->threads[queue->thread_count], NULL, thread_main, queue) == 0)
        queue->thread_count++;
    if (queue->thread_count == 0) {
        tp_login_queue_free(queue);
        return tp_fail(error, TP_IO, "login.no_thread", "cannot start a thread for logins");
    }
    *out = queue;
    return TP_STATUS_OK;
}

void tp_login_queue_free(struct tp_login_queue *queue)
{
    if (queue == NULL)
        return;
    pthread_mutex_lock(&queue->lock);
    queue->ending = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    for (size_t i = 0; i < queue->thread_count; i++)
        pthread_join(queue->threads[i], NULL);
    while (queue->first != NULL) {
        struct login *login = queue->first;
        queue->first = login->next;
        free(login);
    }
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

const uint8_t *tp_login_queue_draw_key(const struct tp_login_queue *queue)
{
    return queue->draw_key_pinned ? queue->draw_key.sign : NULL;
}

static struct tp_status copy_call(const char *center_id, const Tongping__Link__LoginCall *call,
                                  struct login **out, struct tp_error *error)
{
    if (call->sealed.len == 0 || call->sealed.len > SEALED_MOST_BYTES ||
        strlen(call->session_id) >= TP_NAME_BYTES || strlen(call->seat_id) >= TP_NAME_BYTES)
        return tp_fail(error, TP_INPUT, "login.malformed", "the login cannot be read");
    struct login *login = calloc(1, sizeof(*login));
    if (login == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a login");
    snprintf(login->center_id, sizeof(login->center_id), "%s", center_id);
    snprintf(login->session_id, sizeof(login->session_id), "%s", call->session_id);
    snprintf(login->seat_id, sizeof(login->seat_id), "%s", call->seat_id);
    login->call_id = call->call_id;
    memcpy(login->sealed, call->sealed.data, call->sealed.len);
    login->sealed_bytes = call->sealed.len;
    *out = login;
    return TP_STATUS_OK;
}

void tp_login_queue_add(struct tp_login_queue *queue, const char *center_id,
                        const Tongping__Link__LoginCall *call)
{
    struct login *login = NULL;
    struct tp_error error;
    struct tp_status status = copy_call(center_id, call, &login, &error);
    if (tp_ok(status)) {
        pthread_mutex_lock(&queue->lock);
        if (queue->count == TP_LOGINS_WAITING_MOST) {
            status = tp_fail(&error, TP_LIMIT, "login.busy", "too many logins wait");
        } else {
            *queue->last = login;
            queue->last = &login->next;
            queue->count++;
            login = NULL;
            pthread_cond_signal(&queue->changed);
        }
        pthread_mutex_unlock(&queue->lock);
        free(login);
    }
    if (tp_failed(status))
        refuse(queue->app, center_id, call->call_id, &error);
}
