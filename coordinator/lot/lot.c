#include "coordinator/lot/lot.h"

#include <stdio.h>
#include <string.h>

#include "coordinator/config/config.h"
#include "coordinator/http/route.h"
#include "coordinator/lot/lot_add.h"
#include "coordinator/lot/lot_json.h"
#include "coordinator/trading/signed_request.h"

#define PAGE_COUNT 100

struct listing {
    const struct tp_user *user;
    const char *after;
    json_t *items;
    char next[TP_ID_BYTES];
};

/* Newest first; the cursor is the last id shown. */
static struct tp_status list(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    bool own = !tp_permission_relation(listing->user->role, TP_ACT_LOT_READ, TP_RELATION_NONE);
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    own ? "SELECT " TP_LOT_COLUMNS " FROM " TP_LOT_TABLES
                          " WHERE l.agency_code = $1 AND l.id < $2 ORDER BY l.id DESC LIMIT $3"
                        : "SELECT " TP_LOT_COLUMNS " FROM " TP_LOT_TABLES
                          " WHERE $1 = $1 AND l.id < $2 ORDER BY l.id DESC LIMIT $3",
                    "tti", listing->user->agency_code, listing->after, (int64_t)PAGE_COUNT);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            snprintf(listing->next, sizeof listing->next, "%s", tp_query_text(query, 0));
            if (json_array_append_new(listing->items, tp_lot_json_of(query)) != 0) {
                status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the lots");
            }
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_lots(struct tp_call *call, struct tp_error *error)
{
    const char *cursor = tp_http_request_query(call->request, "cursor");
    TP_AUTO(tp_json) json_t *items = json_array();
    /* '~' comes after every id. */
    struct listing listing = {
        .user = call->user, .after = cursor == NULL ? "~" : cursor, .items = items};
    struct tp_status status = tp_store_read(call->app->store, list, &listing, error);
    if (tp_failed(status)) {
        return status;
    }
    bool more = json_array_size(items) == PAGE_COUNT;
    return tp_call_answer_items_take(call, tp_steal(&items), more ? listing.next : NULL, error);
}

struct adding {
    struct tp_new_lot lot;
    const char *actor;
    const struct tp_signed_request *request; /* NULL: by hand */
    char id[TP_ID_BYTES];
    bool made;
    json_t *json;
};

static struct tp_status add(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct adding *adding = argument;
    struct tp_status status = TP_STATUS_OK;
    if (adding->request != NULL) {
        status = tp_signed_request_use_nonce(write->db, adding->request, write->now_ms, error);
    }
    if (tp_ok(status)) {
        status =
            tp_new_lot_write(write, &adding->lot, adding->actor, adding->id, &adding->made, error);
    }
    return status;
}

static struct tp_status read_json(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct adding *adding = argument;
    return tp_lot_json(db, adding->id, &adding->json, error);
}

static struct tp_status add_by_hand(struct tp_call *call, struct tp_error *error)
{
    struct adding adding = {.actor = call->user->id};
    struct tp_status status = tp_new_lot_read(call->app, call->body, &adding.lot, error);
    adding.lot.agency_code = call->user->agency_code;
    if (tp_ok(status)) {
        status = tp_write_run(call->app, add, &adding, error);
    }
    if (tp_ok(status)) {
        status = tp_store_read(call->app->store, read_json, &adding, error);
    }
    if (tp_failed(status)) {
        json_decref(adding.json);
        return status;
    }
    return tp_call_answer_take(call, adding.made ? 201 : 200, adding.json, error);
}

static struct tp_status check_sender(struct tp_call *call, struct tp_signed_request *request,
                                     const struct tp_trading_system **system,
                                     struct tp_error *error)
{
    tp_signed_request_of(call->request, request);
    *system = request->sender == NULL
                  ? NULL
                  : tp_config_trading_system(call->app->config, request->sender);
    if (*system == NULL) {
        return tp_fail(error, TP_DENIED, "request.bad_signature", "the sender is not known");
    }
    return tp_signed_request_verify(request, (*system)->key.sign, tp_clock_now_ms(call->app->clock),
                                    error);
}

static struct tp_status add_from_trading(struct tp_call *call, struct tp_error *error)
{
    struct tp_signed_request request;
    const struct tp_trading_system *system = NULL;
    struct tp_status status = check_sender(call, &request, &system, error);
    TP_AUTO(tp_json) json_t *body = NULL;
    if (tp_ok(status)) {
        status = tp_json_parse(request.body, request.bytes, &body, error);
    }
    char actor[TP_NAME_BYTES + 16];
    struct adding adding = {.lot = {.from_trading = true}, .actor = actor, .request = &request};
    if (tp_ok(status)) {
        status = tp_new_lot_read(call->app, body, &adding.lot, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    if (strcmp(adding.lot.trading_system_id, system->id) != 0) {
        status = tp_fail(error, TP_DENIED, "lot.other_trading_system",
                         "a trading system sends its own lots only");
        tp_error_set_field(error, "trading_system_id");
        return status;
    }
    snprintf(actor, sizeof actor, "trading:%s", system->id);
    status = tp_write_run(call->app, add, &adding, error);
    if (tp_failed(status)) {
        return status;
    }
    return tp_call_answer_take(call, adding.made ? 201 : 200,
                               json_pack("{s:s}", "lot_id", adding.id), error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/lots", TP_ACCESS_USER, TP_ACT_LOT_READ, TP_BODY_NONE, list_lots},
    {TP_HTTP_POST, "/api/v1/lots", TP_ACCESS_USER, TP_ACT_LOT_ADD, TP_BODY_JSON, add_by_hand},
    {TP_HTTP_POST, "/api/v1/trading/lots", TP_ACCESS_ANYONE, TP_ACT_SELF, TP_BODY_RAW,
     add_from_trading},
};

const struct tp_module tp_lot_module = {
    .name = "lot",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
