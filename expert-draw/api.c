#include "expert-draw/api.h"

#include <sodium.h>
#include <string.h>

#include "base/log.h"

#define EVENT_WAIT_MOST_MS 25000

struct call {
    struct tp_draw_api *api;
    const struct tp_http_request *request;
    json_t *body;   /* NULL when the call has none */
    json_t *answer; /* set by the call */
    int status;     /* 200 unless set */
};

typedef struct tp_status (*call_handler)(struct call *call, struct tp_error *error);

static void send_answer(struct tp_http_response *response, const struct call *call)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_error error = {0};
    if (tp_failed(tp_json_write(call->answer, &text, &error))) {
        tp_http_response_error(response, &error);
        return;
    }
    tp_http_response_status(response, call->status);
    tp_http_response_header(response, "Cache-Control", "no-store");
    tp_http_response_body(response, "application/json", text.data, text.length);
}

static struct tp_status admit(const struct call *call, struct tp_error *error)
{
    const char *name = tp_http_request_client_name(call->request);
    if (name == NULL || strcmp(name, call->api->client_name) != 0)
        return tp_fail(error, TP_DENIED, "draw.not_this_client",
                       "this client's certificate may not call");
    return TP_STATUS_OK;
}

static struct tp_status read_body(struct call *call, struct tp_error *error)
{
    size_t bytes;
    const uint8_t *body = tp_http_request_body(call->request, &bytes);
    return bytes == 0 ? TP_STATUS_OK : tp_json_parse(body, bytes, &call->body, error);
}

static void run(void *context, const struct tp_http_request *request,
                struct tp_http_response *response, call_handler handler)
{
    struct call call = {.api = context, .request = request, .status = 200};
    struct tp_error error = {0};
    struct tp_status status = admit(&call, &error);
    if (tp_ok(status))
        status = read_body(&call, &error);
    if (tp_ok(status) && tp_http_request_method(request) == TP_HTTP_POST && call.body == NULL)
        status = tp_fail(&error, TP_INPUT, "json.malformed", "a JSON body is needed");
    if (tp_ok(status))
        status = handler(&call, &error);
    if (tp_ok(status))
        send_answer(response, &call);
    else
        tp_http_response_error(response, &error);
    if (status.class == TP_IO || status.class == TP_CRYPTO || status.class == TP_NOMEM)
        tp_log_error(TP_LOG_ERROR, "api.failed", &error);
    json_decref(call.body);
    json_decref(call.answer);
}

/* A route's handler is `handle_NAME`, which runs `NAME`. */
#define HANDLER(name)                                                                              \
    static void handle_##name(void *context, const struct tp_http_request *request,                \
                              struct tp_http_response *response)                                   \
    {                                                                                              \
        run(context, request, response, name);                                                     \
    }

#define READ(call, fields, error)                                                                  \
    tp_json_read((call)->body, NULL, fields, sizeof(fields) / sizeof((fields)[0]), error)

static const char *draw_id_of(const struct call *call)
{
    return tp_http_request_parameter(call->request, "id");
}

static struct tp_status info(struct call *call, struct tp_error *error)
{
    return tp_draw_engine_info(call->api->engine, &call->answer, error);
}
HANDLER(info)

static struct tp_status specialties(struct call *call, struct tp_error *error)
{
    return tp_draw_engine_specialties(call->api->engine, &call->answer, error);
}
HANDLER(specialties)

static struct tp_status commit(struct call *call, struct tp_error *error)
{
    bool made = false;
    struct tp_status status =
        tp_draw_engine_commit(call->api->engine, call->body, &made, &call->answer, error);
    call->status = made ? 201 : 200;
    return status;
}
HANDLER(commit)

static struct tp_status start(struct call *call, struct tp_error *error)
{
    const char *log_head;
    const struct tp_json_field fields[] = {
        {.name = "log_head",
         .type = TP_JSON_TEXT,
         .value = &log_head,
         .minimum = 64,
         .maximum = 64},
    };
    struct tp_status status = READ(call, fields, error);
    return tp_failed(status) ? status
                             : tp_draw_engine_start(call->api->engine, draw_id_of(call), log_head,
                                                    &call->answer, error);
}
HANDLER(start)

static struct tp_status view(struct call *call, struct tp_error *error)
{
    return tp_draw_engine_view(call->api->engine, draw_id_of(call), &call->answer, error);
}
HANDLER(view)

static struct tp_status leave(struct call *call, struct tp_error *error)
{
    const char *handle;
    const char *reason = "";
    const struct tp_json_field fields[] = {
        {.name = "handle", .type = TP_JSON_TEXT, .value = &handle, .minimum = 1, .maximum = 24},
        {.name = "reason", .type = TP_JSON_TEXT, .value = &reason, .maximum = 200},
    };
    struct tp_status status = READ(call, fields, error);
    return tp_failed(status) ? status
                             : tp_draw_engine_leave(call->api->engine, draw_id_of(call), handle,
                                                    reason, &call->answer, error);
}
HANDLER(leave)

static struct tp_status cancel(struct call *call, struct tp_error *error)
{
    const char *reason = "";
    const struct tp_json_field fields[] = {
        {.name = "reason", .type = TP_JSON_TEXT, .value = &reason, .maximum = 200},
    };
    struct tp_status status = READ(call, fields, error);
    return tp_failed(status) ? status
                             : tp_draw_engine_cancel(call->api->engine, draw_id_of(call), reason,
                                                     &call->answer, error);
}
HANDLER(cancel)

/* Decodes base64url of exactly `length` bytes. */
static struct tp_status decode_exactly(const char *field, const char *text, void *out,
                                       size_t length, struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    struct tp_status status = tp_base64_decode(text, strlen(text), &bytes, error);
    if (tp_ok(status) && bytes.length != length)
        status = tp_fail(error, TP_INPUT, "base64.length", "%zu bytes are needed", length);
    if (tp_ok(status))
        memcpy(out, bytes.data, length);
    else
        tp_error_set_field(error, "%s", field);
    return status;
}

static struct tp_status seal(struct call *call, struct tp_error *error)
{
    const char *recipient;
    uint8_t key[TP_SEAL_PUBLIC_BYTES];
    const struct tp_json_field fields[] = {
        {.name = "recipient_seal_public", .type = TP_JSON_TEXT, .value = &recipient},
    };
    struct tp_status status = READ(call, fields, error);
    if (tp_ok(status))
        status = decode_exactly("recipient_seal_public", recipient, key, sizeof(key), error);
    return tp_failed(status) ? status
                             : tp_draw_engine_seal(call->api->engine, draw_id_of(call), key,
                                                   &call->answer, error);
}
HANDLER(seal)

static struct tp_status transcript(struct call *call, struct tp_error *error)
{
    return tp_draw_engine_transcript(call->api->engine, draw_id_of(call), &call->answer, error);
}
HANDLER(transcript)

static struct tp_status query_number(const struct call *call, const char *name, int64_t most,
                                     int64_t *value, struct tp_error *error)
{
    const char *text = tp_http_request_query(call->request, name);
    *value = 0;
    if (text == NULL)
        return TP_STATUS_OK;
    size_t length = strlen(text);
    bool good = length > 0 && length <= 18 && strspn(text, "0123456789") == length;
    if (good)
        *value = strtoll(text, NULL, 10);
    if (good && *value <= most)
        return TP_STATUS_OK;
    struct tp_status status = tp_fail(error, TP_INPUT, "query.malformed",
                                      "a number from 0 to %lld is needed", (long long)most);
    tp_error_set_field(error, "%s", name);
    return status;
}

static struct tp_status events(struct call *call, struct tp_error *error)
{
    int64_t after, wait_ms;
    struct tp_status status = query_number(call, "after", INT64_MAX, &after, error);
    if (tp_ok(status))
        status = query_number(call, "wait_ms", EVENT_WAIT_MOST_MS, &wait_ms, error);
    return tp_failed(status)
               ? status
               : tp_draw_engine_events(call->api->engine, after, wait_ms, &call->answer, error);
}
HANDLER(events)

static struct tp_status login(struct call *call, struct tp_error *error)
{
    struct tp_login_call login_call;
    const char *sealed_text;
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    const struct tp_json_field fields[] = {
        {.name = "draw_id",
         .type = TP_JSON_TEXT,
         .value = &login_call.draw_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "venue",
         .type = TP_JSON_TEXT,
         .value = &login_call.venue,
         .minimum = 1,
         .maximum = 64},
        {.name = "seat_id",
         .type = TP_JSON_TEXT,
         .value = &login_call.seat_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "sealed",
         .type = TP_JSON_TEXT,
         .value = &sealed_text,
         .minimum = 1,
         .maximum = 4096},
    };
    struct tp_status status = READ(call, fields, error);
    if (tp_ok(status))
        status = tp_base64_decode(sealed_text, strlen(sealed_text), &sealed, error);
    if (tp_failed(status))
        return status;
    login_call.sealed = sealed.data;
    login_call.sealed_bytes = sealed.length;
    return tp_draw_engine_login(call->api->engine, &login_call, &call->answer, error);
}
HANDLER(login)

struct route {
    enum tp_http_method method;
    const char *pattern;
    tp_http_handler handler;
};

struct tp_status tp_draw_api_route(struct tp_http_server *server, struct tp_draw_api *api,
                                   struct tp_error *error)
{
    static const struct route routes[] = {
        {TP_HTTP_GET, "/v1/info", handle_info},
        {TP_HTTP_GET, "/v1/specialties", handle_specialties},
        {TP_HTTP_POST, "/v1/draws", handle_commit},
        {TP_HTTP_GET, "/v1/draws/{id}", handle_view},
        {TP_HTTP_POST, "/v1/draws/{id}/start", handle_start},
        {TP_HTTP_POST, "/v1/draws/{id}/leave", handle_leave},
        {TP_HTTP_POST, "/v1/draws/{id}/cancel", handle_cancel},
        {TP_HTTP_POST, "/v1/draws/{id}/seal", handle_seal},
        {TP_HTTP_GET, "/v1/draws/{id}/transcript", handle_transcript},
        {TP_HTTP_GET, "/v1/events", handle_events},
        {TP_HTTP_POST, "/v1/logins", handle_login},
    };
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]) && tp_ok(status); i++)
        status = tp_http_server_route(server, routes[i].method, routes[i].pattern,
                                      routes[i].handler, api, error);
    return status;
}

/* Compared without telling by time how much of it is right. */
static bool secret_fits(const char *expected, const char *given)
{
    uint8_t expected_hash[TP_HASH_BYTES];
    uint8_t given_hash[TP_HASH_BYTES];
    tp_hash("tongping.gateway.secret.v1", expected, strlen(expected), expected_hash);
    tp_hash("tongping.gateway.secret.v1", given, strlen(given), given_hash);
    return sodium_memcmp(expected_hash, given_hash, TP_HASH_BYTES) == 0;
}

static struct tp_status take_reply(const struct tp_draw_api *api,
                                   const struct tp_http_request *request, const char **outcome,
                                   struct tp_error *error)
{
    const char *secret = tp_http_request_query(request, "secret");
    const char *from = tp_http_request_query(request, "from");
    const char *text = tp_http_request_query(request, "text");
    if (secret == NULL || !secret_fits(api->reply_secret, secret))
        return tp_fail(error, TP_DENIED, "reply.denied", "the gateway's secret does not fit");
    if (from == NULL || text == NULL || strlen(from) > 31)
        return tp_fail(error, TP_INPUT, "reply.malformed", "from and text are needed");
    return tp_draw_engine_reply(api->engine, from, text, outcome, error);
}

static void handle_reply(void *context, const struct tp_http_request *request,
                         struct tp_http_response *response)
{
    const char *outcome = NULL;
    struct tp_error error = {0};
    struct tp_status status = take_reply(context, request, &outcome, &error);
    if (tp_failed(status)) {
        tp_http_response_error(response, &error);
        tp_log_error(TP_LOG_WARN, "reply.failed", &error);
        return;
    }
    tp_log(TP_LOG_INFO, "reply.taken", "outcome=%s", outcome);
    tp_http_response_status(response, 200);
    tp_http_response_body(response, "text/plain; charset=utf-8", "OK", 2);
}

struct tp_status tp_draw_api_route_replies(struct tp_http_server *server, struct tp_draw_api *api,
                                           struct tp_error *error)
{
    return tp_http_server_route(server, TP_HTTP_GET, "/gateway/reply", handle_reply, api, error);
}
