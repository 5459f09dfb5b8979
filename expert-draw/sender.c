#include "expert-draw/sender.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/http/client.h"
#include "base/log.h"

#define SENDER_COUNT 4
#define IDLE_MS 1000
#define TICK_MS 500

struct tp_draw_sender {
    struct tp_draw_engine *engine;
    const struct tp_draw_settings *settings;
    struct tp_http_client *client;
    atomic_bool stopping;
    pthread_t senders[SENDER_COUNT];
    int sender_count; /* started */
    pthread_t ticker;
    bool ticking;
};

static void append_argument(struct tp_bytes *path, const char *name, const char *value,
                            size_t bytes)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    tp_bytes_append_format(path, "&%s=", name);
    for (size_t i = 0; i < bytes; i++) {
        if (value[i] != '\0' && strchr(plain, value[i]) != NULL)
            tp_bytes_append_u8(path, (uint8_t)value[i]);
        else
            tp_bytes_append_format(path, "%%%02X", (unsigned)(uint8_t)value[i]);
    }
}

void tp_draw_sender_path(const struct tp_draw_settings *settings,
                         const struct tp_draw_message *message, struct tp_bytes *path)
{
    const char *const arguments[][2] = {
        {"username", settings->gateway_username},
        {"password", settings->gateway_password},
        {"from", settings->gateway_from},
        {"to", message->phone},
        {"x-kind", message->kind},
        {"x-id", message->id},
    };
    tp_bytes_reserve(path, 512 + 3 * message->text.length);
    tp_bytes_append_text(path, "/cgi-bin/sendsms?charset=UTF-8&coding=2");
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        append_argument(path, arguments[i][0], arguments[i][1], strlen(arguments[i][1]));
    append_argument(path, "text", (const char *)message->text.data, message->text.length);
}

static bool deliver(struct tp_draw_sender *sender, const struct tp_draw_message *message)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes path = TP_BYTES_INIT;
    struct tp_http_answer answer;
    struct tp_error error = {0};
    tp_draw_sender_path(sender->settings, message, &path);
    if (path.failed)
        return false;
    struct tp_status status =
        tp_http_client_request(sender->client, "GET", (const char *)path.data, NULL, NULL, 0,
                               sender->settings->gateway_timeout_ms, &answer, &error);
    if (tp_failed(status)) {
        tp_log(TP_LOG_WARN, "gateway.unreachable", "message=%s code=%s", message->id, error.code);
        return false;
    }
    bool taken = answer.status == 202;
    if (!taken)
        tp_log(TP_LOG_WARN, "gateway.refused", "message=%s status=%d", message->id, answer.status);
    tp_http_answer_fini(&answer);
    return taken;
}

/* True when there was a message. */
static bool send_next(struct tp_draw_sender *sender)
{
    struct tp_draw_message message = {.text = TP_BYTES_INIT};
    struct tp_error error = {0};
    bool found = false;
    struct tp_status status = tp_draw_engine_take_message(sender->engine, &message, &found, &error);
    if (tp_ok(status) && found)
        status = tp_draw_engine_message_done(sender->engine, message.id, deliver(sender, &message),
                                             &error);
    if (tp_failed(status))
        tp_log_error(TP_LOG_ERROR, "outbox.failed", &error);
    tp_draw_message_fini(&message);
    return tp_ok(status) && found;
}

static void *run_sender(void *context)
{
    struct tp_draw_sender *sender = context;
    while (!atomic_load(&sender->stopping))
        if (!send_next(sender))
            tp_draw_engine_wait_for_messages(sender->engine, IDLE_MS);
    return NULL;
}

static void *run_ticker(void *context)
{
    struct tp_draw_sender *sender = context;
    while (!atomic_load(&sender->stopping)) {
        struct tp_error error = {0};
        if (tp_failed(tp_draw_engine_tick(sender->engine, &error)))
            tp_log_error(TP_LOG_ERROR, "tick.failed", &error);
        tp_draw_engine_wait_for_messages(sender->engine, TICK_MS);
    }
    return NULL;
}

static struct tp_status start_threads(struct tp_draw_sender *sender, struct tp_error *error)
{
    for (; sender->sender_count < SENDER_COUNT; sender->sender_count++)
        if (pthread_create(&sender->senders[sender->sender_count], NULL, run_sender, sender) != 0)
            return tp_fail(error, TP_NOMEM, "sender.thread", "no thread for the gateway");
    sender->ticking = pthread_create(&sender->ticker, NULL, run_ticker, sender) == 0;
    return sender->ticking ? TP_STATUS_OK
                           : tp_fail(error, TP_NOMEM, "sender.thread", "no thread for windows");
}

struct tp_status tp_draw_sender_new(struct tp_draw_engine *engine,
                                    const struct tp_draw_settings *settings,
                                    struct tp_draw_sender **sender, struct tp_error *error)
{
    struct tp_draw_sender *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the sender");
    made->engine = engine;
    made->settings = settings;
    const struct tp_http_client_config config = {
        .base_url = settings->gateway_url,
        .ca_path = settings->gateway_ca[0] == '\0' ? NULL : settings->gateway_ca,
    };
    struct tp_status status = tp_http_client_new(&config, &made->client, error);
    if (tp_ok(status))
        status = start_threads(made, error);
    if (tp_failed(status))
        tp_draw_sender_free(made);
    else
        *sender = made;
    return status;
}

void tp_draw_sender_free(struct tp_draw_sender *sender)
{
    if (sender == NULL)
        return;
    atomic_store(&sender->stopping, true);
    tp_draw_engine_stop_waiting(sender->engine);
    for (int i = 0; i < sender->sender_count; i++)
        pthread_join(sender->senders[i], NULL);
    if (sender->ticking)
        pthread_join(sender->ticker, NULL);
    tp_http_client_free(sender->client);
    free(sender);
}
