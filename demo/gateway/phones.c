#include "demo/gateway/phones.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/http/client.h"
#include "base/json.h"
#include "base/log.h"

#define SLOW_S 5
#define REPLY_TIMEOUT_MS 10000
#define ITEMS_MOST 500
#define PHONE_MOST_BYTES 20
#define TEXT_MOST_BYTES 2000
#define AUTOMATIC_PAUSE_US 300000
#define OWNERS_MOST_BYTES (256U << 20)
#define OWNER_COLUMNS 4 /* id,name,id_number,phone,... */

enum failure { FAILURE_NONE, FAILURE_REFUSE, FAILURE_SLOW };

struct tp_phones {
    const struct tp_gateway_settings *settings;
    const struct tp_clock *clock;
    struct tp_inbox *inbox;
    struct tp_http_client *replies;
    atomic_int failure;
    atomic_bool ended;
    bool automatic;
    pthread_t thread; /* of the automatic replies */
};

static bool plain_phone(const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    return length > 0 && length <= PHONE_MOST_BYTES && strspn(text, "+0123456789") == length;
}

static void answer_text(struct tp_http_response *response, int status, const char *text)
{
    tp_http_response_status(response, status);
    tp_http_response_body(response, "text/plain; charset=utf-8", text, strlen(text));
}

static bool known_sender(const struct tp_phones *phones, const struct tp_http_request *request)
{
    const char *username = tp_http_request_query(request, "username");
    const char *password = tp_http_request_query(request, "password");
    return username != NULL && password != NULL &&
           strcmp(username, phones->settings->username) == 0 &&
           strcmp(password, phones->settings->password) == 0;
}

/* GET /cgi-bin/sendsms: the answers are Kannel's. */
static void take_message(void *context, const struct tp_http_request *request,
                         struct tp_http_response *response)
{
    struct tp_phones *phones = context;
    int failure = atomic_load(&phones->failure);
    if (failure == FAILURE_SLOW)
        sleep(SLOW_S);
    if (failure == FAILURE_REFUSE) {
        answer_text(response, 503, "3: Queued for later delivery failed");
        return;
    }
    if (!known_sender(phones, request)) {
        answer_text(response, 403, "Authorization failed for sendsms");
        return;
    }
    const char *kind = tp_http_request_query(request, "x-kind");
    struct tp_inbox_message message = {
        .id = tp_http_request_query(request, "x-id"),
        .kind = kind != NULL && strcmp(kind, "voice") == 0 ? "voice" : "sms",
        .to = tp_http_request_query(request, "to"),
        .text = tp_http_request_query(request, "text"),
        .at_ms = tp_clock_now_ms(phones->clock),
    };
    if (!plain_phone(message.to) || message.text == NULL ||
        strlen(message.text) > TEXT_MOST_BYTES) {
        answer_text(response, 400, "Malformed to or text");
        return;
    }
    bool fresh;
    struct tp_error error = {0};
    if (tp_failed(tp_inbox_add(phones->inbox, &message, &fresh, &error))) {
        tp_log_error(TP_LOG_ERROR, "gateway.message", &error);
        answer_text(response, 503, "3: Temporal failure, try again later");
        return;
    }
    answer_text(response, 202, "0: Accepted for delivery");
}

static void answer_json_take(struct tp_http_response *response, json_t *json)
{
    TP_AUTO(tp_json) json_t *taken = json;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_error error = {0};
    if (taken == NULL || tp_failed(tp_json_write(taken, &text, &error))) {
        struct tp_status status = tp_fail(&error, TP_NOMEM, "gateway.memory", "out of memory");
        (void)status;
        tp_http_response_error(response, &error);
        return;
    }
    tp_http_response_status(response, 200);
    tp_http_response_body(response, "application/json", text.data, text.length);
}

static void list_messages(void *context, const struct tp_http_request *request,
                          struct tp_http_response *response)
{
    struct tp_phones *phones = context;
    const char *after = tp_http_request_query(request, "after");
    json_t *items =
        tp_inbox_after(phones->inbox, after == NULL ? 0 : strtoll(after, NULL, 10), ITEMS_MOST);
    answer_json_take(response, json_pack("{s:o}", "items", items));
}

/* Gives tp-draw the reply as a gateway does: by a GET with the shared secret. */
static struct tp_status send_reply(struct tp_phones *phones, const char *phone, const char *text,
                                   struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes path = TP_BYTES_INIT;
    struct tp_http_answer answer;
    tp_bytes_append_format(
        &path, "/gateway/reply?secret=%s&from=%s&text=", phones->settings->reply_secret, phone);
    for (const char *byte = text; *byte != '\0'; byte++)
        tp_bytes_append_format(&path, "%%%02X", (unsigned char)*byte);
    struct tp_status status = tp_bytes_check(&path, error);
    if (tp_ok(status))
        status = tp_http_client_request(phones->replies, "GET", (const char *)path.data, NULL, NULL,
                                        0, REPLY_TIMEOUT_MS, &answer, error);
    if (tp_failed(status))
        return status;
    int code = answer.status;
    tp_http_answer_fini(&answer);
    if (code >= 300)
        return tp_fail(error, TP_PEER, "gateway.reply_refused", "tp-draw answered %d", code);
    return TP_STATUS_OK;
}

/* The owner's line of the made-up pool, whose fields need no quotes. NULL when the phone is
 * nobody's. */
static json_t *find_owner(const struct tp_bytes *pool, const char *phone)
{
    char *rest = NULL;
    for (char *line = strtok_r((char *)pool->data, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        char *fields[OWNER_COLUMNS] = {NULL};
        for (int column = 0; column < OWNER_COLUMNS && line != NULL; column++)
            fields[column] = strsep(&line, ",");
        if (fields[OWNER_COLUMNS - 1] != NULL && strcmp(fields[OWNER_COLUMNS - 1], phone) == 0)
            return json_pack("{s:s, s:s}", "name", fields[1], "id_number", fields[2]);
    }
    return NULL;
}

static void show_owner(void *context, const struct tp_http_request *request,
                       struct tp_http_response *response)
{
    struct tp_phones *phones = context;
    TP_AUTO(tp_bytes) struct tp_bytes pool = TP_BYTES_INIT;
    struct tp_error error = {0};
    json_t *owner = NULL;
    struct tp_status status = TP_STATUS_OK;
    if (phones->settings->owners[0] != '\0')
        status = tp_file_read(phones->settings->owners, OWNERS_MOST_BYTES, &pool, &error);
    if (tp_ok(status) && pool.length > 0)
        owner = find_owner(&pool, tp_http_request_parameter(request, "phone"));
    if (tp_ok(status) && owner == NULL)
        status = tp_fail(&error, TP_NOT_FOUND, "gateway.no_owner", "this phone is nobody's");
    if (tp_failed(status))
        tp_http_response_error(response, &error);
    else
        answer_json_take(response, owner);
}

static struct tp_status parse_body(const struct tp_http_request *request, json_t **body,
                                   struct tp_error *error)
{
    size_t bytes;
    const uint8_t *text = tp_http_request_body(request, &bytes);
    return tp_json_parse(text, bytes, body, error);
}

static void reply(void *context, const struct tp_http_request *request,
                  struct tp_http_response *response)
{
    struct tp_phones *phones = context;
    TP_AUTO(tp_json) json_t *body = NULL;
    const char *phone = NULL;
    const char *text = NULL;
    struct tp_error error = {0};
    const struct tp_json_field fields[] = {
        {"phone", TP_JSON_TEXT, &phone, false, 1, PHONE_MOST_BYTES},
        {"text", TP_JSON_TEXT, &text, false, 1, 70},
    };
    struct tp_status status = parse_body(request, &body, &error);
    if (tp_ok(status))
        status = tp_json_read(body, NULL, fields, 2, &error);
    if (tp_ok(status) && !plain_phone(phone))
        status = tp_fail(&error, TP_INPUT, "gateway.bad_phone", "a phone number is digits");
    if (tp_ok(status))
        status = send_reply(phones, phone, text, &error);
    if (tp_failed(status))
        tp_http_response_error(response, &error);
    else
        answer_json_take(response, json_pack("{s:b}", "ok", 1));
}

static void set_failure(void *context, const struct tp_http_request *request,
                        struct tp_http_response *response)
{
    struct tp_phones *phones = context;
    TP_AUTO(tp_json) json_t *body = NULL;
    const char *mode = NULL;
    struct tp_error error = {0};
    const struct tp_json_field fields[] = {{"mode", TP_JSON_TEXT, &mode, false, 1, 10}};
    static const char *const modes[] = {"none", "refuse", "slow"};
    struct tp_status status = parse_body(request, &body, &error);
    if (tp_ok(status))
        status = tp_json_read(body, NULL, fields, 1, &error);
    int wanted = -1;
    for (int i = 0; tp_ok(status) && i < 3; i++)
        wanted = strcmp(mode, modes[i]) == 0 ? i : wanted;
    if (tp_ok(status) && wanted < 0)
        status = tp_fail(&error, TP_INPUT, "gateway.bad_mode", "mode is none, refuse or slow");
    if (tp_failed(status)) {
        tp_http_response_error(response, &error);
        return;
    }
    atomic_store(&phones->failure, wanted);
    answer_json_take(response, json_pack("{s:s}", "mode", modes[wanted]));
}

/* An invitation asks for 1 or 2; a confirmation does not. */
static bool asks_for_reply(const json_t *message)
{
    const char *text = json_string_value(json_object_get(message, "text"));
    return text != NULL && (strstr(text, "回复1") != NULL || strstr(text, "按1") != NULL);
}

static void *reply_automatically(void *argument)
{
    struct tp_phones *phones = argument;
    int64_t seen = 0;
    while (!atomic_load(&phones->ended)) {
        TP_AUTO(tp_json) json_t *items = tp_inbox_after(phones->inbox, seen, ITEMS_MOST);
        size_t index;
        json_t *message;
        json_array_foreach(items, index, message)
        {
            struct tp_error error = {0};
            seen++;
            if (asks_for_reply(message) &&
                tp_failed(send_reply(phones, json_string_value(json_object_get(message, "to")), "1",
                                     &error)))
                tp_log_error(TP_LOG_WARN, "gateway.automatic_reply", &error);
        }
        usleep(AUTOMATIC_PAUSE_US);
    }
    return NULL;
}

struct tp_status tp_phones_new(const struct tp_gateway_settings *settings,
                               const struct tp_clock *clock, struct tp_inbox *inbox,
                               struct tp_phones **phones, struct tp_error *error)
{
    struct tp_phones *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "gateway.memory", "out of memory");
    made->settings = settings;
    made->clock = clock;
    made->inbox = inbox;
    const struct tp_http_client_config config = {
        .base_url = settings->reply_url,
        .ca_path = settings->reply_ca[0] == '\0' ? NULL : settings->reply_ca,
    };
    struct tp_status status = tp_http_client_new(&config, &made->replies, error);
    if (tp_ok(status) && strcmp(settings->automatic, "accept") == 0) {
        made->automatic = pthread_create(&made->thread, NULL, reply_automatically, made) == 0;
        if (!made->automatic)
            status = tp_fail(error, TP_IO, "gateway.thread", "cannot start a thread");
    }
    if (tp_failed(status)) {
        tp_phones_free(made);
        return status;
    }
    *phones = made;
    return TP_STATUS_OK;
}

void tp_phones_free(struct tp_phones *phones)
{
    if (phones == NULL)
        return;
    atomic_store(&phones->ended, true);
    if (phones->automatic)
        pthread_join(phones->thread, NULL);
    tp_http_client_free(phones->replies);
    free(phones);
}

struct tp_status tp_phones_serve(struct tp_phones *phones, struct tp_http_server *server,
                                 struct tp_error *error)
{
    static const struct {
        enum tp_http_method method;
        const char *pattern;
        tp_http_handler handler;
    } routes[] = {
        {TP_HTTP_GET, "/cgi-bin/sendsms", take_message},
        {TP_HTTP_GET, "/api/messages", list_messages},
        {TP_HTTP_GET, "/api/owners/{phone}", show_owner},
        {TP_HTTP_POST, "/api/reply", reply},
        {TP_HTTP_POST, "/api/failure", set_failure},
    };
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; tp_ok(status) && i < sizeof(routes) / sizeof(routes[0]); i++)
        status = tp_http_server_route(server, routes[i].method, routes[i].pattern,
                                      routes[i].handler, phones, error);
    if (tp_ok(status))
        status = tp_http_server_files(server, "/", phones->settings->pages, error);
    return status;
}
