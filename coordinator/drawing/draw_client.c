#include "coordinator/drawing/draw_client.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/http/server.h"
#include "coordinator/account/user.h"

struct turn {
    char session_id[TP_ID_BYTES];
    struct turn *next;
};

struct tp_draw_client {
    struct tp_http_client *http;
    pthread_mutex_t lock;
    pthread_cond_t given;
    struct turn *turns; /* taken */
    bool pinned;
    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES];
};

struct tp_status tp_draw_client_new(const struct tp_http_client_config *config,
                                    struct tp_draw_client **out, struct tp_error *error)
{
    struct tp_draw_client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the draw client");
    pthread_mutex_init(&client->lock, NULL);
    pthread_cond_init(&client->given, NULL);
    struct tp_status status = tp_http_client_new(config, &client->http, error);
    if (tp_failed(status)) {
        tp_draw_client_free(client);
        return status;
    }
    *out = client;
    return TP_STATUS_OK;
}

void tp_draw_client_free(struct tp_draw_client *client)
{
    if (client == NULL)
        return;
    tp_http_client_free(client->http);
    pthread_cond_destroy(&client->given);
    pthread_mutex_destroy(&client->lock);
    free(client);
}

void tp_draw_client_pin(struct tp_draw_client *client,
                        const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES])
{
    memcpy(client->sign_public, sign_public, TP_SIGN_PUBLIC_BYTES);
    client->pinned = true;
}

const uint8_t *tp_draw_client_key(const struct tp_draw_client *client)
{
    return client->pinned ? client->sign_public : NULL;
}

static enum tp_class class_of(int http_status)
{
    static const enum tp_class classes[] = {TP_INPUT, TP_DENIED, TP_NOT_FOUND, TP_CONFLICT,
                                            TP_LIMIT};
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (tp_http_status_of(classes[i]) == http_status)
            return classes[i];
    }
    return TP_PEER;
}

static struct tp_status refusal(int http_status, const json_t *answer, struct tp_error *error)
{
    const json_t *said = json_object_get(answer, "error");
    const char *code = json_string_value(json_object_get(said, "code"));
    const char *message = json_string_value(json_object_get(said, "message"));
    return tp_fail(error, class_of(http_status), code != NULL ? code : "draw.refused", "%s",
                   message != NULL ? message : "the draw service refused");
}

struct tp_status tp_draw_client_call(struct tp_draw_client *client, const char *method,
                                     const char *path, const json_t *body, int64_t timeout_ms,
                                     json_t **out, struct tp_error *error)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_json) json_t *parsed = NULL;
    struct tp_http_answer answer;
    struct tp_status status = TP_STATUS_OK;
    if (body != NULL)
        status = tp_json_write(body, &text, error);
    if (tp_failed(status))
        return status;
    status = tp_http_client_request(client->http, method, path, body != NULL ? headers : NULL,
                                    text.data, text.length, timeout_ms, &answer, error);
    if (tp_failed(status))
        return tp_fail(error, TP_PEER, "draw.unreachable", "the draw service does not answer");
    const int http_status = answer.status;
    const bool readable = tp_ok(tp_json_parse(answer.body, answer.body_bytes, &parsed, NULL));
    tp_http_answer_fini(&answer);
    if (http_status < 200 || http_status > 299)
        return refusal(http_status, parsed, error);
    if (!readable || !json_is_object(parsed))
        return tp_fail(error, TP_PEER, "draw.malformed_answer",
                       "the draw service's answer cannot be read");
    *out = tp_steal(&parsed);
    return TP_STATUS_OK;
}

static struct turn **turn_of(struct tp_draw_client *client, const char *session_id)
{
    struct turn **place = &client->turns;
    while (*place != NULL && strcmp((*place)->session_id, session_id) != 0)
        place = &(*place)->next;
    return place;
}

void tp_draw_client_take_turn(struct tp_draw_client *client, const char *session_id)
{
    struct turn *turn = NULL;
    while (turn == NULL) {
        turn = calloc(1, sizeof(*turn));
        /* Without memory for a turn there is nothing to do but wait for some. */
        if (turn == NULL)
            sched_yield();
    }
    snprintf(turn->session_id, sizeof(turn->session_id), "%s", session_id);
    pthread_mutex_lock(&client->lock);
    while (*turn_of(client, session_id) != NULL)
        pthread_cond_wait(&client->given, &client->lock);
    turn->next = client->turns;
    client->turns = turn;
    pthread_mutex_unlock(&client->lock);
}

void tp_draw_client_give_turn(struct tp_draw_client *client, const char *session_id)
{
    pthread_mutex_lock(&client->lock);
    struct turn **place = turn_of(client, session_id);
    struct turn *turn = *place;
    if (turn != NULL)
        *place = turn->next;
    pthread_cond_broadcast(&client->given);
    pthread_mutex_unlock(&client->lock);
    free(turn);
}
