#include "base/http/response.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Element Plus places inline styles; scripts come from the server alone. */
#define CONTENT_SECURITY_POLICY                                                                    \
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "                                   \
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "       \
    "connect-src 'self' wss: https:; frame-ancestors 'none'"

static const struct {
    const char *name;
    const char *value;
} default_headers[] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {"Content-Security-Policy", CONTENT_SECURITY_POLICY},
    {"Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)"},
    {"Strict-Transport-Security", "max-age=31536000"}, /* last: with TLS only */
};
#define DEFAULT_HEADER_COUNT (sizeof(default_headers) / sizeof(default_headers[0]))

int tp_http_status_of(enum tp_class class)
{
    static const int statuses[] = {
        [TP_OK] = 200,       [TP_INPUT] = 400, [TP_DENIED] = 403, [TP_NOT_FOUND] = 404,
        [TP_CONFLICT] = 409, [TP_LIMIT] = 429, [TP_IO] = 500,     [TP_PEER] = 502,
        [TP_CRYPTO] = 422,   [TP_NOMEM] = 503,
    };
    assert((unsigned)class < sizeof(statuses) / sizeof(statuses[0]));
    return statuses[class];
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

void tp_http_response_fini(struct tp_http_response *response)
{
    tp_bytes_fini(&response->headers);
    tp_bytes_fini(&response->body);
}

void tp_http_response_status(struct tp_http_response *response, int status)
{
    assert(status >= 200 && status <= 599);
    response->status = status;
}

static bool is_sendable(const char *text)
{
    for (; *text != '\0'; text++)
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
            return false;
    return true;
}

void tp_http_response_header(struct tp_http_response *response, const char *name, const char *value)
{
    if (name[0] == '\0' || strpbrk(name, ": \t\r\n") != NULL || !is_sendable(value)) {
        response->failed = true;
        return;
    }
    for (size_t i = 0; i < DEFAULT_HEADER_COUNT; i++)
        if (strcasecmp(default_headers[i].name, name) == 0)
            response->defaults_set |= 1u << i;
    tp_bytes_append_text(&response->headers, name);
    tp_bytes_append_text(&response->headers, ": ");
    tp_bytes_append_text(&response->headers, value);
    tp_bytes_append_text(&response->headers, "\r\n");
}

void tp_http_response_body(struct tp_http_response *response, const char *content_type,
                           const void *data, size_t bytes)
{
    size_t length = strlen(content_type);
    if (length >= sizeof(response->content_type) || !is_sendable(content_type)) {
        response->failed = true;
        return;
    }
    memcpy(response->content_type, content_type, length + 1);
    tp_bytes_clear(&response->body);
    if (bytes > 0)
        tp_bytes_append(&response->body, data, bytes);
}

static bool set_text(json_t *object, const char *name, const char *value)
{
    return value[0] == '\0' || json_object_set_new(object, name, json_string(value)) == 0;
}

static void write_error(struct tp_http_response *response, const struct tp_error *error)
{
    json_t *inner = json_object();
    json_t *outer = json_object();
    char *text = NULL;
    if (inner != NULL && outer != NULL && set_text(inner, "code", error->code) &&
        set_text(inner, "message", error->message) && set_text(inner, "field", error->field) &&
        set_text(inner, "source", error->source) && json_object_set(outer, "error", inner) == 0)
        text = json_dumps(outer, JSON_COMPACT);
    if (text != NULL)
        tp_http_response_body(response, "application/json", text, strlen(text));
    else
        response->failed = true;
    free(text);
    json_decref(inner);
    json_decref(outer);
}

void tp_http_response_error(struct tp_http_response *response, const struct tp_error *error)
{
    /* A failure that did not say what it is must not end the server. */
    if (error->class == TP_OK) {
        tp_http_response_refuse(response, 500, "http.internal", "a failure without a reason");
        return;
    }
    response->status = tp_http_status_of(error->class);
    write_error(response, error);
}

void tp_http_response_refuse(struct tp_http_response *response, int status, const char *code,
                             const char *message)
{
    struct tp_error error;
    tp_fail(&error, TP_INPUT, code, "%s", message);
    response->status = status;
    write_error(response, &error);
}

/* RFC 9110 5.6.7, without the locale. */
static void append_date(struct tp_bytes *out)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    tp_bytes_append_format(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
                           days + 3 * (parts.tm_wday % 7), parts.tm_mday,
                           months + 3 * (parts.tm_mon % 12), parts.tm_year + 1900, parts.tm_hour,
                           parts.tm_min, parts.tm_sec);
}

static bool has_no_body(int status)
{
    return status == 204 || status == 304;
}

static void append_head(const struct tp_http_response *response, const struct tp_http_wire *wire,
                        struct tp_bytes *out)
{
    tp_bytes_append_format(out, "HTTP/1.1 %d %s\r\n", response->status,
                           reason_of(response->status));
    append_date(out);
    tp_bytes_append_text(out,
                         wire->keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
    for (size_t i = 0; i < DEFAULT_HEADER_COUNT - (wire->tls ? 0 : 1); i++) {
        if ((response->defaults_set & (1u << i)) != 0)
            continue;
        tp_bytes_append_text(out, default_headers[i].name);
        tp_bytes_append_text(out, ": ");
        tp_bytes_append_text(out, default_headers[i].value);
        tp_bytes_append_text(out, "\r\n");
    }
    if (response->content_type[0] != '\0' && !has_no_body(response->status))
        tp_bytes_append_format(out, "Content-Type: %s\r\n", response->content_type);
    if (!has_no_body(response->status))
        tp_bytes_append_format(out, "Content-Length: %zu\r\n", response->body.length);
    if (response->headers.length > 0)
        tp_bytes_append(out, response->headers.data, response->headers.length);
    tp_bytes_append_text(out, "\r\n");
}

bool tp_http_response_encode(struct tp_http_response *response, const struct tp_http_wire *wire,
                             struct tp_bytes *out)
{
    if (response->failed || response->headers.failed || response->body.failed) {
        tp_http_response_fini(response);
        *response = (struct tp_http_response){0};
        tp_http_response_refuse(response, 500, "http.internal", "the answer could not be made");
    }
    if (response->status == 0)
        response->status = response->content_type[0] != '\0' ? 200 : 204;
    append_head(response, wire, out);
    if (!wire->head_only && !has_no_body(response->status) && response->body.length > 0)
        tp_bytes_append(out, response->body.data, response->body.length);
    return !out->failed;
}
