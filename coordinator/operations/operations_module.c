#include "coordinator/operations/operations_module.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "coordinator/config/config.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/http/route.h"
#include "coordinator/link/link_server.h"
#include "coordinator/sealing/delivery.h"

#define INFO_TIMEOUT_MS 3000

struct services {
    json_t *pushes;
    char gateway[8]; /* "up" or "down", as tp-draw last told */
};

static struct tp_status read_gateway(struct tp_db *db, struct services *services,
                                     struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT act FROM record WHERE act IN ('gateway.up', 'gateway.down') AND"
                    " session_id IS NULL ORDER BY n DESC LIMIT 1",
                    "");
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    const bool down = tp_ok(status) && row && strcmp(tp_query_text(query, 0), "gateway.down") == 0;
    tp_query_end(query);
    snprintf(services->gateway, sizeof(services->gateway), "%s", down ? "down" : "up");
    return status;
}

static struct tp_status read_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct services *services = argument;
    struct tp_status status = read_gateway(db, services, error);
    if (tp_failed(status))
        return status;
    return tp_delivery_list(db, &services->pushes, error);
}

/* Asked at this moment: an operator wants to know whether it answers, not whether it did. */
static json_t *draw_state(struct tp_app *app, const char *gateway)
{
    TP_AUTO(tp_json) json_t *info = NULL;
    const bool up = tp_ok(
        tp_draw_client_call(app->draw, "GET", "/v1/info", NULL, INFO_TIMEOUT_MS, &info, NULL));
    const json_t *pool = json_object_get(info, "pool");
    return json_pack("{s:s, s:s, s:I}", "state", up ? "up" : "down", "gateway",
                     up ? gateway : "unknown", "pool_count",
                     json_integer_value(json_object_get(pool, "count")));
}

static json_t *store_state(const struct tp_app *app)
{
    static const char scheme[] = "sqlite:";
    struct stat file = {0};
    json_int_t size_bytes = 0;
    if (strncmp(app->config->store_url, scheme, strlen(scheme)) == 0 &&
        stat(app->config->store_url + strlen(scheme), &file) == 0)
        size_bytes = file.st_size;
    const struct tp_store_counts counts = tp_store_counts(app->store);
    const double writes_per_commit =
        counts.commit_count == 0 ? 0 : (double)counts.write_count / (double)counts.commit_count;
    return json_pack("{s:f, s:I}", "writes_per_commit", writes_per_commit, "size_bytes",
                     size_bytes);
}

static struct tp_status show_services(struct tp_call *call, struct tp_error *error)
{
    struct tp_app *app = call->app;
    struct services services = {.pushes = NULL};
    struct tp_status status = tp_store_read(app->store, read_work, &services, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_take(
        call, 200,
        json_pack("{s:o, s:o, s:i, s:o}", "draw", draw_state(app, services.gateway), "store",
                  store_state(app), "links", (int)tp_link_server_up_count(app->link), "pushes",
                  services.pushes),
        error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/services", TP_ACCESS_USER, TP_ACT_SERVICE_READ, TP_BODY_NONE,
     show_services},
};

const struct tp_module tp_operations_module = {
    .name = "operations",
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
};
