#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/http/router.h"

static struct tp_router router;
static struct tp_http_request request;

static void handle(void *context, const struct tp_http_request *of, struct tp_http_response *to)
{
    (void)context;
    (void)of;
    (void)to;
}

static struct tp_status add(enum tp_http_method method, const char *pattern, const void *mark,
                            struct tp_error *error)
{
    void *context = (void *)(uintptr_t)mark;
    return tp_router_add(&router, method, pattern, handle, context, error);
}

static void must_add(enum tp_http_method method, const char *pattern)
{
    assert_true(tp_ok(add(method, pattern, pattern, NULL)));
}

static int set_up(void **state)
{
    (void)state;
    memset(&router, 0, sizeof(router));
    memset(&request, 0, sizeof(request));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_router_fini(&router);
    tp_http_request_fini(&request);
    return 0;
}

static const struct tp_route_node *find(const char *path)
{
    char head[256];
    int status = 0;
    tp_http_request_fini(&request);
    memset(&request, 0, sizeof(request));
    snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    assert_true(tp_ok(tp_http_request_read(&request, head, strlen(head), &status, NULL)));
    return tp_router_find(&router, &request);
}

static const char *found(const char *path)
{
    const struct tp_route_node *node = find(path);
    return node != NULL ? node->methods[TP_HTTP_GET].context : NULL;
}

static void find__literals_and_names__right_route(void **state)
{
    (void)state;
    must_add(TP_HTTP_GET, "/");
    must_add(TP_HTTP_GET, "/api/lots");
    must_add(TP_HTTP_GET, "/api/lots/{lot_id}");
    must_add(TP_HTTP_GET, "/api/lots/{lot_id}/rooms/{room_id}");
    must_add(TP_HTTP_GET, "/api/lots/open");
    assert_string_equal(found("/"), "/");
    assert_string_equal(found("/api/lots"), "/api/lots");
    assert_string_equal(found("/api/lots/open"), "/api/lots/open");
    assert_string_equal(found("/api/lots/x"), "/api/lots/{lot_id}");
    assert_string_equal(found("/api/lots/x/rooms/y"), "/api/lots/{lot_id}/rooms/{room_id}");
    assert_null(found("/api"));
    assert_null(found("/api/lots/"));
    assert_null(found("/api/lots/x/rooms"));
    assert_null(found("/api/lotsx"));
    assert_null(found("/api/lot"));
}

static void find__literal_branch_ends__name_branch_tried(void **state)
{
    (void)state;
    must_add(TP_HTTP_GET, "/a/open/x");
    must_add(TP_HTTP_GET, "/a/{id}/y");
    assert_string_equal(found("/a/open/y"), "/a/{id}/y");
}

static void bind__names__decoded_values(void **state)
{
    (void)state;
    must_add(TP_HTTP_GET, "/lots/{lot_id}/rooms/{room_id}");
    const struct tp_route_node *node = find("/lots/a%20b/rooms/2");
    tp_route_bind(&node->methods[TP_HTTP_GET], &request);
    assert_string_equal(tp_http_request_parameter(&request, "lot_id"), "a b");
    assert_string_equal(tp_http_request_parameter(&request, "room_id"), "2");
    assert_null(tp_http_request_parameter(&request, "other"));
}

static void add__same_names_differ_by_method__each_has_its_own(void **state)
{
    (void)state;
    must_add(TP_HTTP_GET, "/a/{id}");
    must_add(TP_HTTP_POST, "/a/{name}");
    const struct tp_route_node *node = find("/a/1");
    tp_route_bind(&node->methods[TP_HTTP_POST], &request);
    assert_string_equal(tp_http_request_parameter(&request, "name"), "1");
    assert_null(tp_http_request_parameter(&request, "id"));
}

static void add__twice__conflict(void **state)
{
    (void)state;
    struct tp_error error;
    must_add(TP_HTTP_GET, "/a/{id}");
    assert_int_equal(add(TP_HTTP_GET, "/a/{other}", NULL, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "http.route_twice");
}

static void add__malformed__refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {"a",   "",      "/a//b", "/a/",  "/{}",
                                           "/{a", "/a{b}", "/a}",   "/{a}b"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        assert_int_equal(add(TP_HTTP_GET, patterns[i], NULL, NULL).class, TP_INPUT);
}

static void allow__lists_methods(void **state)
{
    (void)state;
    char allow[TP_HTTP_ALLOW_BYTES];
    must_add(TP_HTTP_GET, "/a");
    must_add(TP_HTTP_DELETE, "/a");
    tp_route_allow(find("/a"), allow);
    assert_string_equal(allow, "GET, HEAD, DELETE");
}

static void owns__first_segment_of_a_route__true(void **state)
{
    (void)state;
    must_add(TP_HTTP_GET, "/api/v1/me");
    assert_true(tp_router_owns(&router, "api"));
    assert_false(tp_router_owns(&router, "console"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(find__literals_and_names__right_route),
        CASE(find__literal_branch_ends__name_branch_tried),
        CASE(bind__names__decoded_values),
        CASE(add__same_names_differ_by_method__each_has_its_own),
        CASE(add__twice__conflict),
        CASE(add__malformed__refused),
        CASE(allow__lists_methods),
        CASE(owns__first_segment_of_a_route__true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
