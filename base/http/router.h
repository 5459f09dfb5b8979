/*
 * Routes as a tree of path segments. A literal segment wins over a {name}; where the literal branch
 * leads nowhere, the {name} branch is tried.
 */
#ifndef TP_BASE_HTTP_ROUTER_H
#define TP_BASE_HTTP_ROUTER_H

#include "base/http/request.h"
#include "base/http/server.h"

#define TP_HTTP_METHOD_COUNT (TP_HTTP_DELETE + 1)
#define TP_HTTP_ALLOW_BYTES 64

struct tp_route {
    tp_http_handler handler; /* NULL: no route */
    void *context;
    char **names; /* of the pattern's {names}, in order */
    int name_count;
    int segments[TP_HTTP_SEGMENT_COUNT_MAX]; /* where each name stands */
};

struct tp_route_node {
    char *literal;                  /* NULL for the {name} branch and the root */
    struct tp_route_node *children; /* literal children, a list */
    struct tp_route_node *next;
    struct tp_route_node *wildcard;
    struct tp_route methods[TP_HTTP_METHOD_COUNT];
    struct tp_route websocket_route; /* only the names */
    struct tp_websocket_handler websocket;
    bool has_websocket;
};

struct tp_router {
    struct tp_route_node root;
};

void tp_router_fini(struct tp_router *router);

/* TP_INPUT "http.route" for a malformed pattern, TP_CONFLICT "http.route_twice". */
TP_MUST_USE struct tp_status tp_router_add(struct tp_router *router, enum tp_http_method method,
                                           const char *pattern, tp_http_handler handler,
                                           void *context, struct tp_error *error);
TP_MUST_USE struct tp_status tp_router_add_websocket(struct tp_router *router, const char *pattern,
                                                     const struct tp_websocket_handler *handler,
                                                     struct tp_error *error);

/* The node of the request's path that has any route, or NULL. */
const struct tp_route_node *tp_router_find(const struct tp_router *router,
                                           const struct tp_http_request *request);
/* Notes in the request what the route's {names} stand for. */
void tp_route_bind(const struct tp_route *route, struct tp_http_request *request);
/* "GET, POST" of a node. */
void tp_route_allow(const struct tp_route_node *node, char out[TP_HTTP_ALLOW_BYTES]);
/* True when some route begins with this literal segment: such paths are not pages. */
bool tp_router_owns(const struct tp_router *router, const char *first_segment);

#endif
