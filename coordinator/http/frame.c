#include "coordinator/http/frame.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "coordinator/http/live.h"
#include "coordinator/http/route.h"

struct bound_route {
    struct tp_app *app;
    const struct tp_route *route;
};

struct tp_frame {
    struct bound_route *routes;
    size_t route_count;
};

static struct tp_status check_csrf(const struct tp_call *call, struct tp_error *error)
{
    const char *given = tp_http_request_header(call->request, "x-csrf");
    size_t length = strlen(call->login->csrf);
    if (given == NULL || strlen(given) != length ||
        sodium_memcmp(given, call->login->csrf, length) != 0) {
        return tp_fail(error, TP_DENIED, "csrf.missing", "the X-CSRF header is missing or wrong");
    }
    return TP_STATUS_OK;
}

/* SameSite keeps our cookie from another site's requests, not from being set by one: a form there
 * could log a visitor in as somebody else. Browsers tell (W3C Fetch Metadata); others send none. */
static struct tp_status check_site(const struct tp_call *call, const struct tp_route *route,
                                   struct tp_error *error)
{
    const char *site = tp_http_request_header(call->request, "sec-fetch-site");
    if (route->method != TP_HTTP_GET && site != NULL && strcmp(site, "cross-site") == 0) {
        return tp_fail(error, TP_DENIED, "http.other_site", "not from these pages");
    }
    return TP_STATUS_OK;
}

static struct tp_status check_access(struct tp_call *call, const struct tp_route *route,
                                     struct tp_login *login, struct tp_error *error)
{
    if (route->access == TP_ACCESS_ANYONE) {
        return TP_STATUS_OK;
    }
    struct tp_status status = tp_login_find(
        call->app, tp_http_request_cookie(call->request, TP_LOGIN_COOKIE), login, error);
    if (tp_failed(status)) {
        return status;
    }
    call->login = login;
    call->user = &login->user;
    if (route->method != TP_HTTP_GET) {
        status = check_csrf(call, error);
    }
    if (tp_ok(status) && !tp_permission_role(call->user->role, route->act)) {
        status = tp_fail(error, TP_DENIED, "permission.denied", "%s is not for the role %s",
                         tp_act_name(route->act), tp_role_name(call->user->role));
    }
    return status;
}

static struct tp_status read_object(struct tp_call *call, json_t **body, struct tp_error *error)
{
    size_t bytes = 0;
    const uint8_t *data = tp_http_request_body(call->request, &bytes);
    struct tp_status status = tp_json_parse(data, bytes, body, error);
    if (tp_ok(status) && !json_is_object(*body)) {
        status = tp_fail(error, TP_INPUT, "json.not_an_object", "an object is wanted");
    }
    return status;
}

static struct tp_status read_body(struct tp_call *call, const struct tp_route *route, json_t **body,
                                  struct tp_error *error)
{
    size_t bytes = 0;
    (void)tp_http_request_body(call->request, &bytes);
    if (route->body == TP_BODY_RAW || (route->body == TP_BODY_NONE && bytes == 0)) {
        return TP_STATUS_OK;
    }
    struct tp_status status = read_object(call, body, error);
    if (tp_ok(status) && route->body == TP_BODY_NONE && json_object_size(*body) > 0) {
        status = tp_fail(error, TP_INPUT, "json.unknown_field", "this call takes no fields");
    }
    if (tp_ok(status) && route->body == TP_BODY_JSON) {
        call->body = *body;
    }
    return status;
}

static void log_failure(const struct tp_route *route, const struct tp_error *error)
{
    if (error->class == TP_IO || error->class == TP_NOMEM || error->class == TP_CRYPTO) {
        tp_log(TP_LOG_ERROR, "http.failed", "path=%s class=%s code=%s", route->path,
               tp_class_name(error->class), error->code);
    }
}

static void handle(void *context, const struct tp_http_request *request,
                   struct tp_http_response *response)
{
    const struct bound_route *bound = context;
    const struct tp_route *route = bound->route;
    struct tp_call call = {.app = bound->app, .request = request, .response = response};
    struct tp_login login;
    struct tp_error error;
    tp_error_clear(&error);
    TP_AUTO(tp_json) json_t *body = NULL;
    struct tp_status status = check_site(&call, route, &error);
    if (tp_ok(status)) {
        status = check_access(&call, route, &login, &error);
    }
    if (tp_ok(status)) {
        status = read_body(&call, route, &body, &error);
    }
    if (tp_ok(status)) {
        status = route->handler(&call, &error);
    }
    if (tp_failed(status)) {
        log_failure(route, &error);
        tp_http_response_error(response, &error);
    }
}

static size_t count_routes(const struct tp_app *app)
{
    size_t count = 0;
    for (size_t i = 0; i < app->module_count; i++) {
        count += app->modules[i]->route_count;
    }
    return count;
}

static struct tp_status add_routes(struct tp_app *app, struct tp_frame *frame,
                                   struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t m = 0; m < app->module_count; m++) {
        const struct tp_module *module = app->modules[m];
        for (size_t r = 0; tp_ok(status) && r < module->route_count; r++) {
            struct bound_route *bound = &frame->routes[frame->route_count++];
            bound->app = app;
            bound->route = &module->routes[r];
            status = tp_http_server_route(app->server, bound->route->method, bound->route->path,
                                          handle, bound, error);
        }
    }
    return status;
}

struct tp_status tp_frame_new(struct tp_app *app, struct tp_frame **frame, struct tp_error *error)
{
    struct tp_frame *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->routes = calloc(count_routes(app) + 1, sizeof *made->routes);
    }
    if (made == NULL || made->routes == NULL) {
        tp_frame_free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the routes");
    }
    struct tp_status status = add_routes(app, made, error);
    if (tp_ok(status)) {
        status = tp_live_add(app, error);
    }
    if (tp_failed(status)) {
        tp_frame_free(made);
        return status;
    }
    *frame = made;
    return TP_STATUS_OK;
}

void tp_frame_free(struct tp_frame *frame)
{
    if (frame != NULL) {
        free(frame->routes);
        free(frame);
    }
}
