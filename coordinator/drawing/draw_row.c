#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/drawing/draw_steps.h"

static struct tp_status parse_column(const struct tp_query *query, int column, json_t **json,
                                     struct tp_error *error)
{
    const char *text = tp_query_text(query, column);
    return text != NULL ? tp_json_parse(text, strlen(text), json, error) : TP_STATUS_OK;
}

struct tp_status tp_draw_row_read(struct tp_db *db, const char *session_id, struct tp_draw_row *row,
                                  bool *found, struct tp_error *error)
{
    struct tp_query *query = NULL;
    *row = (struct tp_draw_row){0};
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT draw_id, step, opened_by, opens_at, coalesce(log_head, ''), plan, view"
                    " FROM draws WHERE session_id = $1",
                    "t", session_id);
    if (tp_ok(status))
        status = tp_query_next(query, found, error);
    if (tp_ok(status) && *found) {
        snprintf(row->session_id, sizeof(row->session_id), "%s", session_id);
        snprintf(row->draw_id, sizeof(row->draw_id), "%s", tp_query_text(query, 0));
        snprintf(row->step, sizeof(row->step), "%s", tp_query_text(query, 1));
        snprintf(row->opened_by, sizeof(row->opened_by), "%s", tp_query_text(query, 2));
        row->opens_at_ms = tp_query_int(query, 3);
        snprintf(row->log_head, sizeof(row->log_head), "%s", tp_query_text(query, 4));
        status = parse_column(query, 5, &row->plan, error);
        if (tp_ok(status))
            status = parse_column(query, 6, &row->view, error);
    }
    tp_query_end(query);
    if (tp_failed(status))
        tp_draw_row_fini(row);
    return status;
}

void tp_draw_row_fini(struct tp_draw_row *row)
{
    json_decref(row->plan);
    json_decref(row->view);
    row->plan = NULL;
    row->view = NULL;
}

struct loading {
    const char *session_id;
    struct tp_draw_row *row;
};

static struct tp_status load_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct loading *loading = argument;
    bool found = false;
    struct tp_status status =
        tp_draw_row_read(db, loading->session_id, loading->row, &found, error);
    if (tp_ok(status) && !found)
        return tp_fail(error, TP_NOT_FOUND, "draw.not_found", "the session has no draw");
    return status;
}

struct tp_status tp_draw_row_load(struct tp_app *app, const char *session_id,
                                  struct tp_draw_row *row, struct tp_error *error)
{
    struct loading loading = {session_id, row};
    return tp_store_read(app->store, load_work, &loading, error);
}
