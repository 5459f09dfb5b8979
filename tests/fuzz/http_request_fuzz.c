/* A request's head as a stranger sends it, and the route that it finds. */
#include <stdlib.h>
#include <string.h>

#include "base/http/request.h"
#include "base/http/router.h"
#include "tests/fuzz/fuzz.h"

static void handle(void *context, const struct tp_http_request *request,
                   struct tp_http_response *response)
{
    (void)context;
    (void)request;
    (void)response;
}

static const struct tp_router *router(void)
{
    static struct tp_router made;
    static bool ready;
    static const char *const patterns[] = {
        "/",
        "/api/v1/lots",
        "/api/v1/lots/{lot_id}",
        "/api/v1/lots/open",
        "/api/{all}",
        "/api/v1/{a}/b/{c}/d",
        "/link",
    };
    if (ready)
        return &made;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        FUZZ_HOLDS(tp_ok(tp_router_add(&made, TP_HTTP_GET, patterns[i], handle, NULL, NULL)));
        FUZZ_HOLDS(tp_ok(tp_router_add(&made, TP_HTTP_POST, patterns[i], handle, NULL, NULL)));
    }
    ready = true;
    return &made;
}

static void check_text(const char *text)
{
    FUZZ_HOLDS(tp_utf8_valid(text, strlen(text)));
}

static void check_pairs(const struct tp_http_pair *pairs, int count)
{
    for (int i = 0; i < count; i++) {
        check_text(pairs[i].name);
        check_text(pairs[i].value);
    }
}

static void check_request(const struct tp_http_request *request)
{
    FUZZ_HOLDS(request->path[0] == '/');
    check_text(request->path);
    FUZZ_HOLDS(request->segment_count <= TP_HTTP_SEGMENT_COUNT_MAX);
    for (int i = 0; i < request->segment_count; i++) {
        check_text(request->segments[i]);
        FUZZ_HOLDS(request->segments[i][0] != '\0');
        FUZZ_HOLDS(strcmp(request->segments[i], "..") != 0 &&
                   strcmp(request->segments[i], ".") != 0);
    }
    check_pairs(request->headers, request->header_count);
    check_pairs(request->query, request->query_count);
    check_pairs(request->cookies, request->cookie_count);
    for (int i = 0; i < request->header_count; i++)
        FUZZ_HOLDS(request->headers[i].name[0] != '\0' &&
                   strpbrk(request->headers[i].value, "\r\n") == NULL);
    FUZZ_HOLDS(!request->chunked || request->content_bytes == 0);
}

static void check_route(struct tp_http_request *request)
{
    const struct tp_route_node *node = tp_router_find(router(), request);
    if (node == NULL)
        return;
    const struct tp_route *route = &node->methods[TP_HTTP_GET];
    tp_route_bind(route, request);
    FUZZ_HOLDS(request->parameter_count == route->name_count);
    for (int i = 0; i < request->parameter_count; i++)
        FUZZ_HOLDS(request->parameter_segments[i] < request->segment_count);
    char allow[TP_HTTP_ALLOW_BYTES];
    tp_route_allow(node, allow);
    FUZZ_HOLDS(strcmp(allow, "GET, POST") == 0 || strcmp(allow, "GET, HEAD, POST") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    size_t length = tp_http_head_length((const char *)data, bytes, 0);
    if (length == 0)
        return 0;
    uint8_t *head = tp_fuzz_take(&input, length, &length);
    struct tp_http_request request = {0};
    struct tp_error error = {0};
    int status = 0;
    if (tp_ok(tp_http_request_read(&request, (const char *)head, length, &status, &error))) {
        tp_fuzz_taken_count++;
        check_request(&request);
        check_route(&request);
    } else {
        FUZZ_HOLDS(status == 400 || status == 417 || status == 431 || status == 501 ||
                   status == 505);
        FUZZ_HOLDS(strcmp(error.code, "http.malformed") == 0);
    }
    tp_http_request_fini(&request);
    free(head);
    return 0;
}
