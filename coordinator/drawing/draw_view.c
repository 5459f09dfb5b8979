#include "coordinator/drawing/draw_view.h"

#include <string.h>

#include "base/json.h"

#define ROWS_MOST 2000

static struct tp_status malformed(struct tp_error *error)
{
    return tp_fail(error, TP_PEER, "draw.malformed_answer",
                   "the draw service's answer cannot be read");
}

/* Copies the named scalars that are there. */
static int copy_scalars(const json_t *from, json_t *to, const char *const *names)
{
    int failed = 0;
    for (; *names != NULL; names++) {
        json_t *value = json_object_get(from, *names);
        if (value != NULL && !json_is_object(value) && !json_is_array(value))
            failed |= json_object_set(to, *names, value);
    }
    return failed;
}

static json_t *copy_rows(const json_t *rows, const char *const *names)
{
    TP_AUTO(tp_json) json_t *copies = json_array();
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach((json_t *)(uintptr_t)rows, index, row)
    {
        json_t *copy = json_object();
        if (index == ROWS_MOST || copy == NULL || copy_scalars(row, copy, names) != 0 ||
            json_array_append_new(copies, copy) != 0)
            return NULL;
    }
    return tp_steal(&copies);
}

struct tp_status tp_draw_view_of(const json_t *answer, json_t **out, struct tp_error *error)
{
    static const char *const counts[] = {"state",    "rounds",   "attempts", "needed",
                                         "accepted", "declined", "waiting",  NULL};
    static const char *const cell[] = {"venue", "specialty", "needed", "accepted", "waiting", NULL};
    static const char *const member[] = {"handle", "venue", "specialty", "state", "label", NULL};
    static const char *const gateway[] = {"ok", "waiting", "failed", NULL};
    TP_AUTO(tp_json) json_t *view = json_object();
    if (!json_is_string(json_object_get(answer, "state")))
        return malformed(error);
    json_t *gateway_copy = json_object();
    int failed = copy_scalars(answer, view, counts);
    failed |= json_object_set_new(view, "cells", copy_rows(json_object_get(answer, "cells"), cell));
    failed |=
        json_object_set_new(view, "members", copy_rows(json_object_get(answer, "members"), member));
    failed |= copy_scalars(json_object_get(answer, "gateway"), gateway_copy, gateway);
    failed |= json_object_set_new(view, "gateway", gateway_copy);
    if (failed != 0)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a draw's state");
    *out = tp_steal(&view);
    return TP_STATUS_OK;
}

const char *tp_draw_view_state(const json_t *view)
{
    const char *state = json_string_value(json_object_get(view, "state"));
    return state != NULL ? state : "";
}

const json_t *tp_draw_view_member(const json_t *view, const char *handle)
{
    size_t index = 0;
    json_t *member = NULL;
    json_array_foreach(json_object_get(view, "members"), index, member)
    {
        const char *own = json_string_value(json_object_get(member, "handle"));
        if (own != NULL && strcmp(own, handle) == 0)
            return member;
    }
    return NULL;
}

json_t *tp_draw_event_data(const char *draw_id, const json_t *data)
{
    static const char *const names[] = {"handle",   "state",    "round",  "venue",   "specialty",
                                        "accepted", "declined", "needed", "count",   "label",
                                        "reply",    "waiting",  "answer", "invited", NULL};
    TP_AUTO(tp_json) json_t *copy = json_pack("{s:s}", "draw_id", draw_id);
    if (copy == NULL || copy_scalars(data, copy, names) != 0)
        return NULL;
    return tp_steal(&copy);
}
