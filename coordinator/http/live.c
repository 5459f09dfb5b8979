#include "coordinator/http/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/http/server.h"
#include "coordinator/account/login.h"
#include "coordinator/http/events.h"

/* RFC 6455 7.4.1: policy violation. */
#define CLOSE_REFUSED 1008

struct visitor {
    struct tp_login login;
};

/* A page of another site may open a socket with our cookie where SameSite is not kept: the Origin
 * must be the host that was called. */
static bool from_our_pages(const struct tp_http_request *request)
{
    const char *origin = tp_http_request_header(request, "origin");
    const char *host = tp_http_request_header(request, "host");
    if (origin == NULL) {
        return true; /* not a browser */
    }
    const char *scheme_end = strstr(origin, "://");
    return host != NULL && scheme_end != NULL && strcmp(scheme_end + 3, host) == 0;
}

static struct tp_status open_socket(void *context, const struct tp_http_request *request,
                                    void **user, struct tp_error *error)
{
    struct tp_app *app = context;
    if (!from_our_pages(request)) {
        return tp_fail(error, TP_DENIED, "events.other_origin", "not from these pages");
    }
    struct visitor *visitor = calloc(1, sizeof *visitor);
    if (visitor == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for a live page");
    }
    struct tp_status status = tp_login_find(app, tp_http_request_cookie(request, TP_LOGIN_COOKIE),
                                            &visitor->login, error);
    if (tp_failed(status)) {
        free(visitor);
        return status;
    }
    *user = visitor;
    return TP_STATUS_OK;
}

static void opened(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_app *app = context;
    const struct visitor *visitor = user;
    if (tp_failed(tp_events_join(app->events, socket, &visitor->login.user,
                                 visitor->login.token_hash, TP_HASH_BYTES, NULL))) {
        tp_websocket_close(socket, CLOSE_REFUSED, "too many pages");
    }
}

static void message(void *context, void *user, struct tp_websocket *socket, const uint8_t *data,
                    size_t bytes, bool binary)
{
    (void)context;
    (void)user;
    (void)data;
    (void)bytes;
    (void)binary;
    tp_websocket_close(socket, CLOSE_REFUSED, "pages only listen");
}

static void closed(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_app *app = context;
    tp_events_leave(app->events, socket);
    free(user);
}

struct tp_status tp_live_add(struct tp_app *app, struct tp_error *error)
{
    const struct tp_websocket_handler handler = {.context = app,
                                                 .open = open_socket,
                                                 .opened = opened,
                                                 .message = message,
                                                 .closed = closed};
    return tp_http_server_websocket(app->server, "/api/v1/events", &handler, error);
}
