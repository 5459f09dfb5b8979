#include "coordinator/matter/matter_module.h"

#include <stdio.h>

#include "coordinator/http/route.h"
#include "coordinator/matter/matter.h"

struct listing {
    const struct tp_user *user;
    const char *session_id; /* NULL: the matter's */
    const char *matter_id;  /* NULL: all */
    json_t *items;
};

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    struct tp_status status =
        tp_permit(db, listing->user, TP_ACT_MATTER_READ, listing->session_id, error);
    if (tp_failed(status))
        return status;
    return tp_matter_list(db, listing->user, listing->session_id, listing->matter_id,
                          &listing->items, error);
}

static struct tp_status list_matters(struct tp_call *call, struct tp_error *error)
{
    struct listing listing = {.user = call->user};
    struct tp_status status = tp_call_id(call, "session_id", &listing.session_id, error);
    if (tp_ok(status))
        status = tp_store_read(call->app->store, list_work, &listing, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_items_take(call, listing.items, NULL, error);
}

static struct tp_status answer_matter(struct tp_call *call, int http_status, const char *session_id,
                                      const char *matter_id, struct tp_error *error)
{
    struct listing listing = {.user = call->user, .session_id = session_id, .matter_id = matter_id};
    struct tp_status status = tp_store_read(call->app->store, list_work, &listing, error);
    TP_AUTO(tp_json) json_t *items = listing.items;
    if (tp_failed(status))
        return status;
    if (json_array_size(items) != 1)
        return tp_fail(error, TP_NOT_FOUND, "matter.not_found", "there is no such matter");
    return tp_call_answer_take(call, http_status, json_incref(json_array_get(items, 0)), error);
}

static struct tp_status raise_matter(struct tp_call *call, struct tp_error *error)
{
    struct tp_matter_raise raise = {.user = call->user};
    const struct tp_json_field fields[] = {
        {.name = "center_id",
         .type = TP_JSON_TEXT,
         .value = &raise.center_id,
         .minimum = 1,
         .maximum = TP_NAME_BYTES - 1},
        {.name = "feed_id",
         .type = TP_JSON_TEXT,
         .value = &raise.feed_id,
         .optional = true,
         .minimum = 1,
         .maximum = TP_NAME_BYTES - 1},
        {.name = "text",
         .type = TP_JSON_TEXT,
         .value = &raise.text,
         .minimum = 1,
         .maximum = TP_MATTER_CHARACTERS_MOST},
    };
    struct tp_status status = tp_call_id(call, "session_id", &raise.session_id, error);
    if (tp_ok(status))
        status = tp_json_read(call->body, NULL, fields, sizeof(fields) / sizeof(fields[0]), error);
    if (tp_ok(status))
        status = tp_write_run(call->app, tp_matter_raise_work, &raise, error);
    if (tp_failed(status))
        return status;
    return answer_matter(call, 201, raise.session_id, raise.id, error);
}

struct session_search {
    const char *matter_id;
    char session_id[TP_ID_BYTES];
};

static struct tp_status find_session_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct session_search *search = argument;
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT session_id FROM matters WHERE id = $1", "t", search->matter_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row)
        snprintf(search->session_id, sizeof(search->session_id), "%s", tp_query_text(query, 0));
    tp_query_end(query);
    return status;
}

static struct tp_status answer_after_act(struct tp_call *call, const char *matter_id,
                                         struct tp_error *error)
{
    struct session_search search = {.matter_id = matter_id};
    struct tp_status status = tp_store_read(call->app->store, find_session_work, &search, error);
    if (tp_failed(status))
        return status;
    return answer_matter(call, 200, search.session_id, matter_id, error);
}

static struct tp_status reply(struct tp_call *call, struct tp_error *error)
{
    struct tp_matter_act act = {.user = call->user};
    const struct tp_json_field fields[] = {{.name = "text",
                                            .type = TP_JSON_TEXT,
                                            .value = &act.text,
                                            .minimum = 1,
                                            .maximum = TP_MATTER_CHARACTERS_MOST}};
    struct tp_status status = tp_call_id(call, "matter_id", &act.matter_id, error);
    if (tp_ok(status))
        status = tp_json_read(call->body, NULL, fields, 1, error);
    if (tp_ok(status))
        status = tp_write_run(call->app, tp_matter_reply_work, &act, error);
    if (tp_failed(status))
        return status;
    return answer_after_act(call, act.matter_id, error);
}

static struct tp_status close_matter(struct tp_call *call, struct tp_error *error)
{
    struct tp_matter_act act = {.user = call->user};
    struct tp_status status = tp_call_id(call, "matter_id", &act.matter_id, error);
    if (tp_ok(status))
        status = tp_write_run(call->app, tp_matter_close_work, &act, error);
    if (tp_failed(status))
        return status;
    return answer_after_act(call, act.matter_id, error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/sessions/{session_id}/matters", TP_ACCESS_USER, TP_ACT_MATTER_READ,
     TP_BODY_NONE, list_matters},
    {TP_HTTP_POST, "/api/v1/sessions/{session_id}/matters", TP_ACCESS_USER, TP_ACT_MATTER_RAISE,
     TP_BODY_JSON, raise_matter},
    {TP_HTTP_POST, "/api/v1/matters/{matter_id}/replies", TP_ACCESS_USER, TP_ACT_MATTER_REPLY,
     TP_BODY_JSON, reply},
    {TP_HTTP_POST, "/api/v1/matters/{matter_id}/close", TP_ACCESS_USER, TP_ACT_MATTER_CLOSE,
     TP_BODY_NONE, close_matter},
};

const struct tp_module tp_matter_module = {
    .name = "matter",
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
};
