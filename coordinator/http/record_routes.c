#include <stdio.h>

#include "coordinator/http/modules.h"
#include "coordinator/http/route.h"
#include "coordinator/record/record.h"

#define PAGE_COUNT 200

struct listing {
    int64_t after;
    const char *session_id; /* NULL: all */
    json_t *items;
    int64_t last;
};

static json_t *entry_json(const struct tp_query *query)
{
    size_t bytes = 0;
    const void *hash = tp_query_blob(query, 6, &bytes);
    char text[2 * TP_HASH_BYTES + 1] = "";
    if (hash != NULL && bytes == TP_HASH_BYTES) {
        tp_hex_encode(hash, bytes, text);
    }
    return json_pack("{s:I, s:I, s:s, s:s, s:s?, s:o?, s:s}", "n",
                     (json_int_t)tp_query_int(query, 0), "at", (json_int_t)tp_query_int(query, 1),
                     "actor", tp_query_text(query, 2), "act", tp_query_text(query, 3), "session_id",
                     tp_query_text(query, 4), "data", json_loads(tp_query_text(query, 5), 0, NULL),
                     "hash", text);
}

static struct tp_status list(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        listing->session_id == NULL
            ? "SELECT n, at, actor, act, session_id, data, hash FROM record WHERE n > $1 AND"
              " $2 IS NULL ORDER BY n LIMIT $3"
            : "SELECT n, at, actor, act, session_id, data, hash FROM record WHERE n > $1 AND"
              " session_id = $2 ORDER BY n LIMIT $3",
        "iti", listing->after, listing->session_id, (int64_t)PAGE_COUNT);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            listing->last = tp_query_int(query, 0);
            if (json_array_append_new(listing->items, entry_json(query)) != 0) {
                status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the log");
            }
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_log(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *items = json_array();
    const char *session_id = tp_http_request_query(call->request, "session_id");
    struct listing listing = {.session_id =
                                  session_id == NULL || session_id[0] == '\0' ? NULL : session_id,
                              .items = items};
    struct tp_status status = tp_call_query_int(call, "after", 0, INT64_MAX, &listing.after, error);
    if (tp_ok(status)) {
        status = tp_store_read(call->app->store, list, &listing, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    char next[32];
    snprintf(next, sizeof next, "%lld", (long long)listing.last);
    bool more = json_array_size(items) == PAGE_COUNT;
    return tp_call_answer_items_take(call, tp_steal(&items), more ? next : NULL, error);
}

static struct tp_status read_head(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_record_head(db, argument, error);
}

static struct tp_status show_head(struct tp_call *call, struct tp_error *error)
{
    struct tp_record_head head;
    struct tp_status status = tp_store_read(call->app->store, read_head, &head, error);
    if (tp_failed(status)) {
        return status;
    }
    char hash[2 * TP_HASH_BYTES + 1];
    tp_hex_encode(head.hash, sizeof head.hash, hash);
    return tp_call_answer_take(
        call, 200, json_pack("{s:I, s:s}", "n", (json_int_t)head.n, "hash", hash), error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/log", TP_ACCESS_USER, TP_ACT_LOG_READ, TP_BODY_NONE, list_log},
    {TP_HTTP_GET, "/api/v1/log/head", TP_ACCESS_USER, TP_ACT_LOG_READ, TP_BODY_NONE, show_head},
};

const struct tp_module tp_record_module = {
    .name = "record",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
