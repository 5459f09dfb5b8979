#include "coordinator/http/modules.h"
#include "coordinator/http/route.h"

static struct tp_status health(struct tp_call *call, struct tp_error *error)
{
    return tp_call_answer_take(call, 200, json_pack("{s:b, s:s}", "ok", 1, "version", TP_VERSION),
                               error);
}

static struct tp_status openapi(struct tp_call *call, struct tp_error *error)
{
    (void)error;
    tp_http_response_status(call->response, 200);
    tp_http_response_body(call->response, "application/json; charset=utf-8", tp_openapi_text,
                          tp_openapi_bytes);
    return TP_STATUS_OK;
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/health", TP_ACCESS_ANYONE, TP_ACT_SELF, TP_BODY_NONE, health},
    {TP_HTTP_GET, "/api/v1/openapi.json", TP_ACCESS_ANYONE, TP_ACT_SELF, TP_BODY_NONE, openapi},
};

const struct tp_module tp_service_module = {
    .name = "service",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
