#include "coordinator/link/node_store.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/record/record.h"

struct key_search {
    const char *center_id;
    uint8_t *sign_public;
};

static struct tp_status key_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct key_search *search = argument;
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT sign_public FROM nodes WHERE center_id = $1", "t",
                    search->center_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status)) {
        size_t bytes = 0;
        const void *key = row ? tp_query_blob(query, 0, &bytes) : NULL;
        if (key != NULL && bytes == TP_SIGN_PUBLIC_BYTES)
            memcpy(search->sign_public, key, TP_SIGN_PUBLIC_BYTES);
        else
            status = tp_fail(error, TP_DENIED, "link.unknown_node", "this node is not enrolled");
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_node_key(struct tp_store *store, const char *center_id,
                             uint8_t sign_public[TP_SIGN_PUBLIC_BYTES], struct tp_error *error)
{
    struct key_search search = {center_id, sign_public};
    return tp_store_read(store, key_work, &search, error);
}

struct state_change {
    const char *center_id;
    const char *version;
    bool up;
};

static struct tp_status state_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct state_change *change = argument;
    int64_t changed = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &changed, error,
        "UPDATE nodes SET state = $1, since_at = $2, version = coalesce($3, version)"
        " WHERE center_id = $4 AND (state <> $1 OR version <> coalesce($3, version))",
        "titt", change->up ? "up" : "down", write->now_ms, change->version, change->center_id);
    if (tp_failed(status) || changed == 0)
        return status;
    TP_AUTO(tp_json) json_t *data = json_pack("{s:s}", "center_id", change->center_id);
    char actor[TP_NAME_BYTES + 8];
    snprintf(actor, sizeof(actor), "node:%s", change->center_id);
    tp_news_center(write, TP_EVENT_TYPE_NODE, change->center_id, change->center_id);
    return tp_record_append(write, actor, change->up ? "node.up" : "node.down", NULL, data, error);
}

struct tp_status tp_node_set_state(struct tp_app *app, const char *center_id, bool up,
                                   const char *version, struct tp_error *error)
{
    struct state_change change = {center_id, version, up};
    return tp_write_run(app, state_work, &change, error);
}

static struct tp_status all_down_work(struct tp_write *write, void *argument,
                                      struct tp_error *error)
{
    (void)argument;
    return tp_db_run(write->db, error,
                     "UPDATE nodes SET state = 'down', since_at = $1 WHERE state = 'up'", "i",
                     write->now_ms);
}

struct tp_status tp_node_all_down(struct tp_app *app, struct tp_error *error)
{
    return tp_write_run(app, all_down_work, NULL, error);
}
