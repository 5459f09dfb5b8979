#include "coordinator/session/timeline.h"

#include <stdio.h>

#include "base/json.h"

static struct tp_status take(const struct tp_query *query, json_t *timeline, struct tp_error *error)
{
    const char *text = tp_query_text(query, 4);
    json_t *data = json_loads(text, 0, NULL);
    char text_key[96];
    snprintf(text_key, sizeof text_key, "timeline.%s", tp_query_text(query, 1));
    json_t *item =
        json_pack("{s:I, s:s, s:s, s:s, s:o?}", "at", (json_int_t)tp_query_int(query, 0), "act",
                  tp_query_text(query, 1), "actor_display",
                  tp_query_is_null(query, 3) ? tp_query_text(query, 2) : tp_query_text(query, 3),
                  "text_key", text_key, "data", data);
    if (item == NULL || json_array_insert_new(timeline, 0, item) != 0) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for a timeline");
    }
    return TP_STATUS_OK;
}

struct tp_status tp_session_timeline(struct tp_db *db, const char *session_id, json_t **timeline,
                                     struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *made = json_array();
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT r.at, r.act, r.actor, u.display, r.data FROM record r"
                    " LEFT JOIN users u ON u.id = r.actor WHERE r.session_id = $1"
                    " ORDER BY r.n DESC LIMIT 500",
                    "t", session_id);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            status = take(query, made, error);
        }
    }
    tp_query_end(query);
    if (tp_ok(status)) {
        *timeline = tp_steal(&made);
    }
    return status;
}
