/*
 * HTTPS and WebSocket server on libwebsockets and libuv.
 *
 * One loop thread does all network work. A complete request (headers and body within the limits)
 * goes to a worker thread, where its handler may block on the store; the answer goes back through
 * the loop. The messages of one WebSocket are handled in order, one at a time, on workers too.
 */
#ifndef TP_BASE_HTTP_SERVER_H
#define TP_BASE_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tp_http_server;
struct tp_websocket;

enum tp_http_method {
    TP_HTTP_GET,
    TP_HTTP_POST,
    TP_HTTP_PUT,
    TP_HTTP_PATCH,
    TP_HTTP_DELETE,
};

struct tp_http_server_config {
    const char *address;          /* "127.0.0.1"; NULL: all */
    uint16_t port;                /* 0: the system chooses, see tp_http_server_port */
    const char *certificate_path; /* PEM chain; NULL: plain HTTP (tests and gateways on loopback) */
    const char *private_key_path;
    const char *client_ca_path; /* not NULL: every client must show a certificate of this CA */
    int worker_count;           /* 0: 16 */
    size_t body_limit_bytes;    /* 0: 1 MiB; a larger body is 413 "http.body_too_large" */
    size_t message_limit_bytes; /* WebSocket message; 0: 256 KiB; a larger one closes with 1009 */
    int64_t request_timeout_ms; /* 0: 30,000: slow senders are closed */
};

/* A request, valid while its handler runs. Strings are NUL-terminated valid UTF-8. */
struct tp_http_request;
enum tp_http_method tp_http_request_method(const struct tp_http_request *request);
const char *tp_http_request_path(const struct tp_http_request *request);
/* The value of {name} in the route, percent-decoded; never NULL for a name of the route. */
const char *tp_http_request_parameter(const struct tp_http_request *request, const char *name);
/* A query argument, percent-decoded, or NULL. */
const char *tp_http_request_query(const struct tp_http_request *request, const char *name);
/* A header by lower-case name, or NULL. */
const char *tp_http_request_header(const struct tp_http_request *request, const char *name);
/* A cookie by name, or NULL. */
const char *tp_http_request_cookie(const struct tp_http_request *request, const char *name);
const uint8_t *tp_http_request_body(const struct tp_http_request *request, size_t *bytes);
const char *tp_http_request_peer_address(const struct tp_http_request *request);
/* Common name of the verified client certificate, or NULL. */
const char *tp_http_request_client_name(const struct tp_http_request *request);

/* The answer being written. A handler that sets nothing answers 204. */
struct tp_http_response;
void tp_http_response_status(struct tp_http_response *response, int status);
void tp_http_response_header(struct tp_http_response *response, const char *name,
                             const char *value);
/* Copies the bytes. `content_type` is borrowed for the call. */
void tp_http_response_body(struct tp_http_response *response, const char *content_type,
                           const void *data, size_t bytes);
/* Answers an error: status by class (tp_http_response_status afterwards changes it), body
 * {"error":{"code","message","field"?,"source"?}}. */
void tp_http_response_error(struct tp_http_response *response, const struct tp_error *error);
/* The one table from class to HTTP status. */
int tp_http_status_of(enum tp_class class);

typedef void (*tp_http_handler)(void *context, const struct tp_http_request *request,
                                struct tp_http_response *response);

struct tp_websocket_handler {
    void *context;
    /* Called on a worker before the upgrade; a status that is not OK refuses it with that error's
     * HTTP status. *user is handed to the other calls. */
    struct tp_status (*open)(void *context, const struct tp_http_request *request, void **user,
                             struct tp_error *error);
    /* May be NULL. The socket can be kept and sent to from now until `closed` returns. */
    void (*opened)(void *context, void *user, struct tp_websocket *socket);
    void (*message)(void *context, void *user, struct tp_websocket *socket, const uint8_t *data,
                    size_t bytes, bool binary);
    /* Last call; frees `user`. After an `open` that let in, `opened` and `closed` are called once
     * each, even when the peer left meanwhile. */
    void (*closed)(void *context, void *user, struct tp_websocket *socket);
};

TP_MUST_USE struct tp_status tp_http_server_new(const struct tp_http_server_config *config,
                                                struct tp_http_server **server,
                                                struct tp_error *error);

/* Routes are added before start. `pattern` has segments and {names}: "/api/v1/lots/{lot_id}".
 * An unknown path is 404 "http.not_found", a known path with another method 405. */
TP_MUST_USE struct tp_status tp_http_server_route(struct tp_http_server *server,
                                                  enum tp_http_method method, const char *pattern,
                                                  tp_http_handler handler, void *context,
                                                  struct tp_error *error);

TP_MUST_USE struct tp_status tp_http_server_websocket(struct tp_http_server *server,
                                                      const char *pattern,
                                                      const struct tp_websocket_handler *handler,
                                                      struct tp_error *error);

/*
 * Serves files below `folder` for paths below `prefix` that no route takes. A path that names no
 * file answers `folder`/index.html (a page of the single-page application) unless its last segment
 * has a dot or its first segment is one that routes begin with ("/api/...": 404). ETag, gzip (a .gz
 * beside the file), "immutable" caching below assets/, strict CSP and the other security headers
 * are set here.
 */
TP_MUST_USE struct tp_status tp_http_server_files(struct tp_http_server *server, const char *prefix,
                                                  const char *folder, struct tp_error *error);

/* Starts the loop thread and returns when the port listens. */
TP_MUST_USE struct tp_status tp_http_server_start(struct tp_http_server *server,
                                                  struct tp_error *error);

uint16_t tp_http_server_port(const struct tp_http_server *server);

/* Takes no more requests, lets running handlers finish and their answers be written, closes
 * WebSockets with 1001, joins the threads. Not from a handler. NULL is allowed. */
void tp_http_server_free(struct tp_http_server *server);

/*
 * From any thread. Queues a message; TP_LIMIT when the peer has 1,024 messages or 8 MiB waiting,
 * TP_PEER when the socket is closing. The bytes are copied.
 */
TP_MUST_USE struct tp_status tp_websocket_send(struct tp_websocket *socket, const void *data,
                                               size_t bytes, bool binary);

/* From any thread: asks for the close; `closed` follows. `code` is a WebSocket close code. */
void tp_websocket_close(struct tp_websocket *socket, int code, const char *reason);

#endif
