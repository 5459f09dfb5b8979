#include "base/http/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void route_fini(struct tp_route *route)
{
    for (int i = 0; i < route->name_count; i++)
        free(route->names[i]);
    free(route->names);
}

static void node_fini(struct tp_route_node *node)
{
    for (int i = 0; i < TP_HTTP_METHOD_COUNT; i++)
        route_fini(&node->methods[i]);
    route_fini(&node->websocket_route);
    while (node->children != NULL) {
        struct tp_route_node *child = node->children;
        node->children = child->next;
        node_fini(child);
        free(child);
    }
    if (node->wildcard != NULL) {
        node_fini(node->wildcard);
        free(node->wildcard);
    }
    free(node->literal);
}

void tp_router_fini(struct tp_router *router)
{
    node_fini(&router->root);
    memset(router, 0, sizeof(*router));
}

static struct tp_route_node *find_literal(const struct tp_route_node *node, const char *text,
                                          size_t length)
{
    for (struct tp_route_node *child = node->children; child != NULL; child = child->next)
        if (strncmp(child->literal, text, length) == 0 && child->literal[length] == '\0')
            return child;
    return NULL;
}

static struct tp_route_node *reach_child(struct tp_route_node *node, const char *text,
                                         size_t length)
{
    bool named = text[0] == '{';
    struct tp_route_node *child = named ? node->wildcard : find_literal(node, text, length);
    if (child != NULL)
        return child;
    child = calloc(1, sizeof(*child));
    if (child == NULL)
        return NULL;
    if (named) {
        node->wildcard = child;
        return child;
    }
    child->literal = strndup(text, length);
    if (child->literal == NULL) {
        free(child);
        return NULL;
    }
    child->next = node->children;
    node->children = child;
    return child;
}

static bool add_name(struct tp_route *route, const char *text, size_t length, int segment)
{
    char **names = realloc(route->names, (size_t)(route->name_count + 1) * sizeof(*names));
    if (names == NULL)
        return false;
    route->names = names;
    names[route->name_count] = strndup(text, length);
    if (names[route->name_count] == NULL)
        return false;
    route->segments[route->name_count] = segment;
    route->name_count++;
    return true;
}

static bool segment_ok(const char *text, size_t length)
{
    if (length == 0)
        return false;
    if (text[0] != '{')
        return memchr(text, '{', length) == NULL && memchr(text, '}', length) == NULL;
    return length > 2 && text[length - 1] == '}' && memchr(text + 1, '{', length - 1) == NULL;
}

/* Walks the pattern to its node, making the way; the names go to `names`. */
static struct tp_status reach(struct tp_router *router, const char *pattern, struct tp_route *names,
                              struct tp_route_node **reached, struct tp_error *error)
{
    struct tp_route_node *node = &router->root;
    if (pattern[0] != '/')
        return tp_fail(error, TP_INPUT, "http.route", "pattern %s has no slash first", pattern);
    const char *at = pattern + 1;
    for (int segment = 0; *at != '\0'; segment++) {
        size_t length = strcspn(at, "/");
        if (!segment_ok(at, length) || segment == TP_HTTP_SEGMENT_COUNT_MAX)
            return tp_fail(error, TP_INPUT, "http.route", "pattern %s is malformed", pattern);
        node = reach_child(node, at, length);
        if (node == NULL || (at[0] == '{' && !add_name(names, at + 1, length - 2, segment)))
            return tp_fail(error, TP_NOMEM, "http.memory", "no memory for a route");
        at += length;
        if (at[0] == '/' && *++at == '\0')
            return tp_fail(error, TP_INPUT, "http.route", "pattern %s ends with a slash", pattern);
    }
    *reached = node;
    return TP_STATUS_OK;
}

struct tp_status tp_router_add(struct tp_router *router, enum tp_http_method method,
                               const char *pattern, tp_http_handler handler, void *context,
                               struct tp_error *error)
{
    assert((unsigned)method < TP_HTTP_METHOD_COUNT && handler != NULL);
    struct tp_route route = {.handler = handler, .context = context};
    struct tp_route_node *node = NULL;
    struct tp_status status = reach(router, pattern, &route, &node, error);
    if (tp_ok(status) && node->methods[method].handler != NULL)
        status = tp_fail(error, TP_CONFLICT, "http.route_twice", "route %s exists", pattern);
    if (tp_failed(status)) {
        route_fini(&route);
        return status;
    }
    node->methods[method] = route;
    return TP_STATUS_OK;
}

struct tp_status tp_router_add_websocket(struct tp_router *router, const char *pattern,
                                         const struct tp_websocket_handler *handler,
                                         struct tp_error *error)
{
    assert(handler->open != NULL && handler->message != NULL && handler->closed != NULL);
    struct tp_route route = {0};
    struct tp_route_node *node = NULL;
    struct tp_status status = reach(router, pattern, &route, &node, error);
    if (tp_ok(status) && node->has_websocket)
        status = tp_fail(error, TP_CONFLICT, "http.route_twice", "route %s exists", pattern);
    if (tp_failed(status)) {
        route_fini(&route);
        return status;
    }
    node->has_websocket = true;
    node->websocket = *handler;
    node->websocket_route = route;
    return TP_STATUS_OK;
}

static bool has_route(const struct tp_route_node *node)
{
    for (int i = 0; i < TP_HTTP_METHOD_COUNT; i++)
        if (node->methods[i].handler != NULL)
            return true;
    return node->has_websocket;
}

/* As deep as a request has segments, at most TP_HTTP_SEGMENT_COUNT_MAX. */
static const struct tp_route_node *find(const struct tp_route_node *node,
                                        const struct tp_http_request *request, int segment)
{
    if (segment == request->segment_count)
        return has_route(node) ? node : NULL;
    const char *text = request->segments[segment];
    const struct tp_route_node *child = find_literal(node, text, strlen(text));
    const struct tp_route_node *found = NULL;
    if (child != NULL)
        found = find(child, request, segment + 1);
    if (found == NULL && node->wildcard != NULL)
        found = find(node->wildcard, request, segment + 1);
    return found;
}

const struct tp_route_node *tp_router_find(const struct tp_router *router,
                                           const struct tp_http_request *request)
{
    if (request->trailing_slash && request->segment_count > 0)
        return NULL;
    return find(&router->root, request, 0);
}

void tp_route_bind(const struct tp_route *route, struct tp_http_request *request)
{
    request->parameter_count = route->name_count;
    for (int i = 0; i < route->name_count; i++) {
        request->parameter_names[i] = route->names[i];
        request->parameter_segments[i] = route->segments[i];
    }
}

void tp_route_allow(const struct tp_route_node *node, char out[TP_HTTP_ALLOW_BYTES])
{
    static const char *const names[TP_HTTP_METHOD_COUNT] = {"GET, HEAD", "POST", "PUT", "PATCH",
                                                            "DELETE"};
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < TP_HTTP_METHOD_COUNT; i++) {
        bool upgrade = i == TP_HTTP_GET && node->has_websocket;
        if (node->methods[i].handler == NULL && !upgrade)
            continue;
        const char *name = node->methods[i].handler == NULL ? "GET" : names[i];
        size_t length = strlen(name);
        assert(used + length + 3 < TP_HTTP_ALLOW_BYTES);
        if (used > 0) {
            memcpy(out + used, ", ", 2);
            used += 2;
        }
        memcpy(out + used, name, length + 1);
        used += length;
    }
}

bool tp_router_owns(const struct tp_router *router, const char *first_segment)
{
    return find_literal(&router->root, first_segment, strlen(first_segment)) != NULL;
}
