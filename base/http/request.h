/*
 * A request as it was read from its head (RFC 9112, strictly): target, query, headers and cookies
 * as NUL-terminated valid UTF-8. The public accessors stand in server.h.
 */
#ifndef TP_BASE_HTTP_REQUEST_H
#define TP_BASE_HTTP_REQUEST_H

#include "base/bytes.h"
#include "base/http/server.h"

#define TP_HTTP_HEADER_COUNT_MAX 96
#define TP_HTTP_QUERY_COUNT_MAX 64
#define TP_HTTP_COOKIE_COUNT_MAX 32
#define TP_HTTP_SEGMENT_COUNT_MAX 24
#define TP_HTTP_ADDRESS_BYTES 48
#define TP_HTTP_NAME_BYTES 128

struct tp_http_pair {
    const char *name;
    const char *value;
};

/* Methods that have no handlers, but an answer. */
enum tp_http_verb {
    TP_HTTP_VERB_ROUTED, /* `method` says which */
    TP_HTTP_VERB_HEAD,   /* handled as GET, without the body */
    TP_HTTP_VERB_OTHER,
};

struct tp_http_request {
    enum tp_http_method method;
    enum tp_http_verb verb;
    bool keep_alive;
    bool chunked;
    bool expects_continue;
    bool websocket_upgrade;
    uint64_t content_bytes; /* by Content-Length; 0 when chunked or absent */

    char *text;    /* owned: the head, cut into strings in place */
    char *path;    /* owned: decoded path */
    char *decoded; /* owned: where segments, query arguments and cookies are kept */
    const char *segments[TP_HTTP_SEGMENT_COUNT_MAX];
    int segment_count;
    bool trailing_slash;
    struct tp_http_pair headers[TP_HTTP_HEADER_COUNT_MAX];
    int header_count;
    struct tp_http_pair query[TP_HTTP_QUERY_COUNT_MAX];
    int query_count;
    struct tp_http_pair cookies[TP_HTTP_COOKIE_COUNT_MAX];
    int cookie_count;
    const char *parameter_names[TP_HTTP_SEGMENT_COUNT_MAX]; /* borrowed from the route */
    int parameter_segments[TP_HTTP_SEGMENT_COUNT_MAX];
    int parameter_count;

    struct tp_bytes body;
    char peer_address[TP_HTTP_ADDRESS_BYTES];
    char client_name[TP_HTTP_NAME_BYTES]; /* empty: no verified certificate */
};

/*
 * Reads a head that ends with its empty line. Any breach is TP_INPUT "http.malformed"; *status is
 * the HTTP status to refuse with (400, 417, 431, 501, 505). Fini the request in either case.
 */
TP_MUST_USE struct tp_status tp_http_request_read(struct tp_http_request *request, const char *head,
                                                  size_t bytes, int *status,
                                                  struct tp_error *error);
void tp_http_request_fini(struct tp_http_request *request);

/* Length of the head with its empty line, or 0 when it is not complete. Searches from `from`. */
size_t tp_http_head_length(const char *data, size_t bytes, size_t from);

/* Decodes %XX (and '+' when `plus`) from `text` into `out`, which holds length + 1. False: a broken
 * escape, NUL or invalid UTF-8. */
bool tp_http_percent_decode(const char *text, size_t length, bool plus, char *out);

/* True when the comma-separated list holds `token` (any case). */
bool tp_http_list_has(const char *list, const char *token);

#endif
