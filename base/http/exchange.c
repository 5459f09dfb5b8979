#include "base/http/exchange.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/http/connection.h"
#include "base/http/files.h"

static void run_on_worker(struct tp_work *work);
static void run_on_loop(struct tp_post *post);

struct tp_exchange *tp_exchange_new(struct tp_http_server *server)
{
    struct tp_exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange == NULL)
        return NULL;
    exchange->server = server;
    exchange->work.run = run_on_worker;
    exchange->post.run = run_on_loop;
    exchange->wire.tls = server->certificate_path != NULL;
    return exchange;
}

void tp_exchange_free(struct tp_exchange *exchange)
{
    if (exchange == NULL)
        return;
    tp_http_request_fini(&exchange->request);
    tp_http_response_fini(&exchange->response);
    tp_bytes_fini(&exchange->answer);
    free(exchange);
}

void tp_exchange_refuse(struct tp_exchange *exchange, int status, const char *code,
                        const char *message)
{
    exchange->kind = TP_EXCHANGE_REFUSED;
    tp_http_response_refuse(&exchange->response, status, code, message);
}

static void refuse_method(struct tp_exchange *exchange, const char *allow)
{
    tp_http_response_header(&exchange->response, "Allow", allow);
    tp_exchange_refuse(exchange, 405, "http.method_not_allowed", "this path has no such method");
}

static void route_upgrade(struct tp_exchange *exchange, const struct tp_route_node *node)
{
    const struct tp_http_request *request = &exchange->request;
    const char *version = tp_http_request_header(request, "sec-websocket-version");
    const char *key = tp_http_request_header(request, "sec-websocket-key");
    char accept[TP_ACCEPT_BYTES];
    if (version == NULL || strcmp(version, "13") != 0) {
        tp_http_response_header(&exchange->response, "Sec-WebSocket-Version", "13");
        tp_exchange_refuse(exchange, 426, "http.websocket_version", "WebSocket version 13 only");
    } else if (key == NULL || !tp_frame_accept(key, accept) || request->chunked ||
               request->content_bytes > 0) {
        tp_exchange_refuse(exchange, 400, "http.malformed", "malformed WebSocket handshake");
    } else {
        exchange->kind = TP_EXCHANGE_UPGRADE;
        exchange->node = node;
        tp_route_bind(&node->websocket_route, &exchange->request);
    }
}

static void route_to_node(struct tp_exchange *exchange, const struct tp_route_node *node)
{
    struct tp_http_request *request = &exchange->request;
    bool routed = request->verb != TP_HTTP_VERB_OTHER;
    const struct tp_route *route = &node->methods[request->method];
    if (routed && request->verb == TP_HTTP_VERB_ROUTED && request->method == TP_HTTP_GET &&
        node->has_websocket && request->websocket_upgrade) {
        route_upgrade(exchange, node);
    } else if (routed && route->handler != NULL) {
        exchange->kind = TP_EXCHANGE_HANDLER;
        exchange->route = route;
        tp_route_bind(route, request);
    } else if (routed && request->method == TP_HTTP_GET && node->has_websocket) {
        tp_http_response_header(&exchange->response, "Upgrade", "websocket");
        tp_exchange_refuse(exchange, 426, "http.upgrade_required", "this path is a WebSocket");
    } else {
        char allow[TP_HTTP_ALLOW_BYTES];
        tp_route_allow(node, allow);
        refuse_method(exchange, allow);
    }
}

void tp_exchange_route(struct tp_exchange *exchange)
{
    const struct tp_http_server *server = exchange->server;
    const struct tp_http_request *request = &exchange->request;
    const struct tp_route_node *node = tp_router_find(&server->router, request);
    exchange->wire.head_only = request->verb == TP_HTTP_VERB_HEAD;
    if (node != NULL) {
        route_to_node(exchange, node);
        return;
    }
    exchange->files = tp_files_find(server->files, request);
    bool page = exchange->files != NULL && (request->segment_count == 0 ||
                                            !tp_router_owns(&server->router, request->segments[0]));
    bool get = request->verb != TP_HTTP_VERB_OTHER && request->method == TP_HTTP_GET;
    if (exchange->files != NULL && get)
        exchange->kind = page ? TP_EXCHANGE_PAGE : TP_EXCHANGE_FILE;
    else if (page)
        refuse_method(exchange, "GET, HEAD");
    else
        tp_exchange_refuse(exchange, 404, "http.not_found", "no such path");
}

bool tp_exchange_encode(struct tp_exchange *exchange)
{
    return tp_http_response_encode(&exchange->response, &exchange->wire, &exchange->answer);
}

static void open_socket(struct tp_exchange *exchange)
{
    struct tp_http_server *server = exchange->server;
    const struct tp_websocket_handler *handler = &exchange->node->websocket;
    struct tp_websocket *socket = tp_websocket_new(server, &server->loop, server->pool, handler);
    if (socket == NULL) {
        exchange->response.failed = true;
        return;
    }
    struct tp_error error = {0};
    struct tp_status status =
        handler->open(handler->context, &exchange->request, &socket->user, &error);
    if (tp_ok(status)) {
        exchange->socket = socket;
        return;
    }
    tp_websocket_discard(socket);
    if (error.class == TP_OK)
        tp_fail(&error, status.class, "http.refused", "the WebSocket was refused");
    tp_http_response_error(&exchange->response, &error);
}

static void run_on_worker(struct tp_work *work)
{
    struct tp_exchange *exchange = (void *)((char *)work - offsetof(struct tp_exchange, work));
    switch (exchange->kind) {
    case TP_EXCHANGE_HANDLER:
        exchange->route->handler(exchange->route->context, &exchange->request, &exchange->response);
        break;
    case TP_EXCHANGE_FILE:
    case TP_EXCHANGE_PAGE:
        tp_files_answer(exchange->files, &exchange->request, exchange->kind == TP_EXCHANGE_PAGE,
                        &exchange->response);
        break;
    case TP_EXCHANGE_UPGRADE:
        open_socket(exchange);
        break;
    case TP_EXCHANGE_REFUSED:
        break;
    }
    if (exchange->socket == NULL && !tp_exchange_encode(exchange))
        exchange->answer.failed = true;
    tp_loop_post(&exchange->server->loop, &exchange->post);
}

static void run_on_loop(struct tp_post *post)
{
    tp_connection_answered((void *)((char *)post - offsetof(struct tp_exchange, post)));
}

void tp_exchange_submit(struct tp_exchange *exchange)
{
    tp_worker_pool_submit(exchange->server->pool, &exchange->work);
}
