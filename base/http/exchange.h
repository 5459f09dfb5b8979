/*
 * One request and its answer on the way through a worker.
 */
#ifndef TP_BASE_HTTP_EXCHANGE_H
#define TP_BASE_HTTP_EXCHANGE_H

#include "base/http/loop.h"
#include "base/http/request.h"
#include "base/http/response.h"
#include "base/http/router.h"
#include "base/http/worker_pool.h"

struct tp_connection;
struct tp_files;
struct tp_websocket;

enum tp_exchange_kind {
    TP_EXCHANGE_HANDLER,
    TP_EXCHANGE_FILE,
    TP_EXCHANGE_PAGE, /* a file, or the single-page application */
    TP_EXCHANGE_UPGRADE,
    TP_EXCHANGE_REFUSED, /* the response stands; no worker is needed */
};

struct tp_exchange {
    struct tp_work work;
    struct tp_post post;
    struct tp_http_server *server;
    struct tp_connection *connection; /* loop thread only; NULL once it is gone */
    enum tp_exchange_kind kind;
    const struct tp_route *route;
    const struct tp_route_node *node;
    const struct tp_files *files;
    struct tp_websocket *socket; /* an upgrade that was let in */
    struct tp_http_request request;
    struct tp_http_response response;
    struct tp_http_wire wire;
    struct tp_bytes answer;
};

/* NULL: no memory. */
struct tp_exchange *tp_exchange_new(struct tp_http_server *server);
void tp_exchange_free(struct tp_exchange *exchange);
/* Decides by the path and method what is to be done with the request that was read. */
void tp_exchange_route(struct tp_exchange *exchange);
/* Makes it a refusal. */
void tp_exchange_refuse(struct tp_exchange *exchange, int status, const char *code,
                        const char *message);
/* Hands it to a worker; tp_connection_answered gets it back on the loop thread. */
void tp_exchange_submit(struct tp_exchange *exchange);
/* Writes `answer` from the response; false: no memory. */
bool tp_exchange_encode(struct tp_exchange *exchange);

#endif
