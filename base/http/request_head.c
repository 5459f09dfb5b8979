/* Reading a head: RFC 9112 (HTTP/1.1), RFC 3986 (targets), RFC 6265 (cookies). What two readers
 * could understand in two ways (request smuggling) is refused instead of interpreted. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/http/request.h"

#define CONTENT_LENGTH_DIGITS_MAX 18

struct reader {
    struct tp_http_request *request;
    int *status;
    struct tp_error *error;
    char *out; /* next free place in request->decoded */
};

static bool refuse(struct reader *reader, int status, const char *why)
{
    struct tp_status failed =
        tp_fail(reader->error, TP_INPUT, "http.malformed", "malformed request: %s", why);
    *reader->status = status;
    return tp_ok(failed);
}

size_t tp_http_head_length(const char *data, size_t bytes, size_t from)
{
    from = from > 3 ? from - 3 : 0;
    if (bytes < 4 || from >= bytes)
        return 0;
    const char *end = memmem(data + from, bytes - from, "\r\n\r\n", 4);
    return end != NULL ? (size_t)(end - data) + 4 : 0;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool tp_http_percent_decode(const char *text, size_t length, bool plus, char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= length)
                return false;
            int high = hex_value(text[i + 1]);
            int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[written++] = c;
    }
    out[written] = '\0';
    return written == 0 || tp_utf8_valid(out, written);
}

static bool is_token(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) &&
            (text[i] == '\0' || strchr("!#$%&'*+-.^_`|~", text[i]) == NULL))
            return false;
    return length > 0;
}

/* Field values hold visible characters, spaces, tabs and UTF-8. */
static bool is_field_value(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return length == 0 || tp_utf8_valid(text, length);
}

static void read_method(struct tp_http_request *request, const char *name)
{
    static const struct {
        const char *name;
        enum tp_http_method method;
        enum tp_http_verb verb;
    } known[] = {
        {"GET", TP_HTTP_GET, TP_HTTP_VERB_ROUTED},
        {"POST", TP_HTTP_POST, TP_HTTP_VERB_ROUTED},
        {"PUT", TP_HTTP_PUT, TP_HTTP_VERB_ROUTED},
        {"PATCH", TP_HTTP_PATCH, TP_HTTP_VERB_ROUTED},
        {"DELETE", TP_HTTP_DELETE, TP_HTTP_VERB_ROUTED},
        {"HEAD", TP_HTTP_GET, TP_HTTP_VERB_HEAD},
    };
    request->verb = TP_HTTP_VERB_OTHER;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].name, name) == 0) {
            request->method = known[i].method;
            request->verb = known[i].verb;
        }
    }
}

/* Decodes text into the request's store and returns where it stands, or NULL. */
static const char *keep_decoded(struct reader *reader, const char *text, size_t length, bool plus)
{
    char *kept = reader->out;
    if (!tp_http_percent_decode(text, length, plus, kept))
        return NULL;
    reader->out += strlen(kept) + 1;
    return kept;
}

static bool read_segments(struct reader *reader, const char *path)
{
    struct tp_http_request *request = reader->request;
    for (const char *at = path; *at == '/';) {
        at++;
        size_t length = strcspn(at, "/");
        if (length == 0) {
            request->trailing_slash = true;
            if (at[0] == '/')
                return refuse(reader, 400, "empty path segment");
            break;
        }
        if (request->segment_count == TP_HTTP_SEGMENT_COUNT_MAX)
            return refuse(reader, 400, "too many path segments");
        const char *segment = keep_decoded(reader, at, length, false);
        if (segment == NULL || segment[0] == '\0')
            return refuse(reader, 400, "path is not percent-encoded UTF-8");
        if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
            return refuse(reader, 400, "dot segment in the path");
        request->segments[request->segment_count++] = segment;
        at += length;
    }
    return true;
}

static bool read_query(struct reader *reader, const char *query)
{
    struct tp_http_request *request = reader->request;
    while (*query != '\0') {
        size_t length = strcspn(query, "&");
        if (length > 0) {
            if (request->query_count == TP_HTTP_QUERY_COUNT_MAX)
                return refuse(reader, 400, "too many query arguments");
            size_t name_length = 0;
            while (name_length < length && query[name_length] != '=')
                name_length++;
            size_t value_at = name_length < length ? name_length + 1 : length;
            struct tp_http_pair *pair = &request->query[request->query_count];
            pair->name = keep_decoded(reader, query, name_length, true);
            pair->value = keep_decoded(reader, query + value_at, length - value_at, true);
            if (pair->name == NULL || pair->value == NULL)
                return refuse(reader, 400, "query is not percent-encoded UTF-8");
            request->query_count++;
        }
        query += length;
        query += *query == '&';
    }
    return true;
}

static bool read_target(struct reader *reader, char *target)
{
    struct tp_http_request *request = reader->request;
    if (target[0] != '/')
        return refuse(reader, 400, "target does not begin with a slash");
    for (const char *c = target; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f || *c == '#')
            return refuse(reader, 400, "forbidden character in the target");
    char *query = strchr(target, '?');
    if (query != NULL)
        *query++ = '\0';
    if (!read_segments(reader, target))
        return false;
    if (!tp_http_percent_decode(target, strlen(target), false, request->path))
        return refuse(reader, 400, "path is not percent-encoded UTF-8");
    return query == NULL || read_query(reader, query);
}

static bool read_request_line(struct reader *reader, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
    if (version == NULL)
        return refuse(reader, 400, "request line");
    *target++ = '\0';
    *version++ = '\0';
    if (!is_token(line, strlen(line)))
        return refuse(reader, 400, "method");
    if (strncmp(version, "HTTP/", 5) != 0)
        return refuse(reader, 400, "protocol");
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return refuse(reader, 505, "protocol version");
    reader->request->keep_alive = strcmp(version, "HTTP/1.1") == 0;
    read_method(reader->request, line);
    return read_target(reader, target);
}

static bool is_single(const char *name)
{
    static const char *const singles[] = {
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "authorization",
        "cookie",
        "sec-websocket-key",
        "sec-websocket-version",
        "expect",
        "upgrade",
        "origin",
        "x-csrf",
    };
    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++)
        if (strcmp(singles[i], name) == 0)
            return true;
    return false;
}

static bool read_header(struct reader *reader, char *line, size_t length)
{
    struct tp_http_request *request = reader->request;
    char *colon = memchr(line, ':', length);
    if (colon == NULL || !is_token(line, (size_t)(colon - line)))
        return refuse(reader, 400, "header name");
    if (request->header_count == TP_HTTP_HEADER_COUNT_MAX)
        return refuse(reader, 431, "too many headers");
    char *value = colon + 1;
    char *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (!is_field_value(value, (size_t)(end - value)))
        return refuse(reader, 400, "header value");
    *colon = '\0';
    *end = '\0';
    for (char *c = line; c < colon; c++)
        *c = (char)tolower((unsigned char)*c);
    if (is_single(line) && tp_http_request_header(request, line) != NULL)
        return refuse(reader, 400, "header given twice");
    request->headers[request->header_count++] = (struct tp_http_pair){line, value};
    return true;
}

/* The head's lines, each cut to a string in place. */
static bool read_lines(struct reader *reader, char *text, size_t bytes)
{
    char *end = text + bytes - 2; /* the empty line */
    bool first = true;
    while (text < end) {
        char *line_end = memmem(text, (size_t)(end - text), "\r\n", 2);
        if (line_end == NULL)
            return refuse(reader, 400, "line end");
        size_t length = (size_t)(line_end - text);
        if (memchr(text, '\0', length) != NULL || memchr(text, '\n', length) != NULL ||
            memchr(text, '\r', length) != NULL)
            return refuse(reader, 400, "control character");
        *line_end = '\0';
        if (first ? !read_request_line(reader, text) : !read_header(reader, text, length))
            return false;
        first = false;
        text = line_end + 2;
    }
    return true;
}

static bool read_framing(struct reader *reader)
{
    struct tp_http_request *request = reader->request;
    const char *length = tp_http_request_header(request, "content-length");
    const char *encoding = tp_http_request_header(request, "transfer-encoding");
    if (encoding != NULL) {
        if (length != NULL || !request->keep_alive)
            return refuse(reader, 400, "transfer encoding");
        if (strcasecmp(encoding, "chunked") != 0)
            return refuse(reader, 501, "transfer encoding");
        request->chunked = true;
    }
    if (length != NULL) {
        size_t digits = strspn(length, "0123456789");
        if (digits == 0 || digits > CONTENT_LENGTH_DIGITS_MAX || length[digits] != '\0')
            return refuse(reader, 400, "content length");
        request->content_bytes = strtoull(length, NULL, 10);
    }
    return true;
}

static bool read_connection(struct reader *reader)
{
    struct tp_http_request *request = reader->request;
    bool http_1_1 = request->keep_alive;
    if (http_1_1 && tp_http_request_header(request, "host") == NULL)
        return refuse(reader, 400, "no host");
    const char *connection = tp_http_request_header(request, "connection");
    if (tp_http_list_has(connection, "close"))
        request->keep_alive = false;
    else if (tp_http_list_has(connection, "keep-alive"))
        request->keep_alive = true;
    const char *expect = tp_http_request_header(request, "expect");
    if (expect != NULL && strcasecmp(expect, "100-continue") != 0)
        return refuse(reader, 417, "expectation");
    request->expects_continue = http_1_1 && expect != NULL;
    request->websocket_upgrade =
        http_1_1 && tp_http_list_has(connection, "upgrade") &&
        tp_http_list_has(tp_http_request_header(request, "upgrade"), "websocket");
    return true;
}

static bool read_cookies(struct reader *reader)
{
    struct tp_http_request *request = reader->request;
    const char *at = tp_http_request_header(request, "cookie");
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; \t");
        size_t length = strcspn(at, ";");
        const char *equals = memchr(at, '=', length);
        if (equals != NULL) {
            if (request->cookie_count == TP_HTTP_COOKIE_COUNT_MAX)
                return refuse(reader, 400, "too many cookies");
            struct tp_http_pair *pair = &request->cookies[request->cookie_count++];
            size_t name_length = (size_t)(equals - at);
            size_t value_length = length - name_length - 1;
            pair->name = memcpy(reader->out, at, name_length);
            reader->out[name_length] = '\0';
            reader->out += name_length + 1;
            pair->value = memcpy(reader->out, equals + 1, value_length);
            reader->out[value_length] = '\0';
            reader->out += value_length + 1;
        }
        at += length;
    }
    return true;
}

struct tp_status tp_http_request_read(struct tp_http_request *request, const char *head,
                                      size_t bytes, int *status, struct tp_error *error)
{
    *status = 400;
    request->text = malloc(bytes + 1);
    request->path = malloc(bytes + 1);
    request->decoded = malloc(2 * bytes + 1); /* target and cookies, each kept once at most */
    if (request->text == NULL || request->path == NULL || request->decoded == NULL) {
        *status = 503;
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the request");
    }
    memcpy(request->text, head, bytes);
    request->text[bytes] = '\0';
    struct reader reader = {request, status, error, request->decoded};
    if (!read_lines(&reader, request->text, bytes) || !read_framing(&reader) ||
        !read_connection(&reader) || !read_cookies(&reader))
        return tp_status_of(TP_INPUT);
    return TP_STATUS_OK;
}
