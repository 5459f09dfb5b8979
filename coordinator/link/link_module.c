#include "coordinator/link/link_module.h"

#include <string.h>

#include "coordinator/http/route.h"
#include "coordinator/link/enrolment.h"
#include "coordinator/link/link_server.h"
#include "coordinator/link/node_store.h"

static struct tp_status begin_enrolment(struct tp_call *call, struct tp_error *error)
{
    const char *center_id = NULL;
    char code[TP_ENROLMENT_CODE_BYTES];
    int64_t expires_at_ms = 0;
    struct tp_status status = tp_call_id(call, "center_id", &center_id, error);
    if (tp_ok(status))
        status =
            tp_enrolment_begin(call->app, call->user->id, center_id, code, &expires_at_ms, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_take(
        call, 200, json_pack("{s:s, s:I}", "code", code, "expires_at", (json_int_t)expires_at_ms),
        error);
}

static struct tp_status finish_enrolment(struct tp_call *call, struct tp_error *error)
{
    const char *center_id = NULL;
    const char *code = NULL;
    const char *key_text = NULL;
    const struct tp_json_field fields[] = {
        {.name = "center_id",
         .type = TP_JSON_TEXT,
         .value = &center_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "code", .type = TP_JSON_TEXT, .value = &code, .minimum = 1, .maximum = 64},
        {.name = "sign_public",
         .type = TP_JSON_TEXT,
         .value = &key_text,
         .minimum = 1,
         .maximum = 64},
    };
    struct tp_status status =
        tp_json_read(call->body, NULL, fields, sizeof(fields) / sizeof(fields[0]), error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_bytes) struct tp_bytes key = TP_BYTES_INIT;
    if (tp_failed(tp_base64_decode(key_text, strlen(key_text), &key, NULL)) ||
        key.length != TP_SIGN_PUBLIC_BYTES) {
        status = tp_fail(error, TP_INPUT, "enrol.bad_key", "the key is not 32 bytes in base64url");
        tp_error_set_field(error, "sign_public");
        return status;
    }
    status = tp_enrolment_finish(call->app, center_id, code, key.data, error);
    if (tp_failed(status))
        return status;
    tp_link_server_drop(call->app->link, center_id);
    TP_AUTO(tp_bytes) struct tp_bytes own = TP_BYTES_INIT;
    tp_base64_append(&own, call->app->keypair->sign_public, TP_SIGN_PUBLIC_BYTES);
    status = tp_bytes_check(&own, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_take(
        call, 200, json_pack("{s:s}", "coordinator_sign_public", (const char *)own.data), error);
}

struct listing {
    struct tp_app *app;
    json_t *items;
};

static json_t *node_of_row(const struct tp_query *query)
{
    const bool enrolled = !tp_query_is_null(query, 2);
    return json_pack("{s:s, s:s, s:b, s:s, s:I, s:s}", "center_id", tp_query_text(query, 0),
                     "center_name", tp_query_text(query, 1), "enrolled", enrolled, "state",
                     enrolled ? tp_query_text(query, 2) : "down", "since_at",
                     (json_int_t)tp_query_int(query, 3), "version",
                     enrolled ? tp_query_text(query, 4) : "");
}

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct listing *listing = argument;
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT c.id, c.name, n.state, n.since_at, n.version FROM centers c LEFT JOIN nodes n ON"
        " n.center_id = c.id ORDER BY c.position",
        "");
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        json_t *node = node_of_row(query);
        if (node == NULL || json_array_append_new(listing->items, node) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a node");
        else
            status =
                tp_link_server_describe(listing->app->link, tp_query_text(query, 0), node, error);
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_nodes(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    struct listing listing = {call->app, items};
    struct tp_status status = tp_store_read(call->app->store, list_work, &listing, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_items_take(call, tp_steal(&items), NULL, error);
}

static struct tp_status start(struct tp_app *app, struct tp_error *error)
{
    struct tp_status status = tp_node_all_down(app, error);
    if (tp_ok(status))
        status = tp_link_server_new(app, &app->link, error);
    if (tp_ok(status))
        status = tp_link_server_start(app->link, error);
    return status;
}

static void stop(struct tp_app *app)
{
    tp_link_server_free(app->link);
    app->link = NULL;
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/nodes", TP_ACCESS_USER, TP_ACT_NODE_READ, TP_BODY_NONE, list_nodes},
    {TP_HTTP_POST, "/api/v1/nodes/{center_id}/enrolment", TP_ACCESS_USER, TP_ACT_NODE_ENROL,
     TP_BODY_NONE, begin_enrolment},
    {TP_HTTP_POST, "/api/v1/node/enrol", TP_ACCESS_ANYONE, TP_ACT_SELF, TP_BODY_JSON,
     finish_enrolment},
};

const struct tp_module tp_link_module = {
    .name = "link",
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .start = start,
    .stop = stop,
};
