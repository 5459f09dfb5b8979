/*
 * What is asked of tp-draw for a session: made from the stored request, once, before the first
 * call; the same text is sent however often the call is repeated.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAW_PLAN_H
#define TP_COORDINATOR_DRAWING_DRAW_PLAN_H

#include <jansson.h>

#include "coordinator/app.h"

struct tp_draw_wish {
    const json_t *exclude_employers; /* array of texts; borrowed */
    int64_t max_per_employer;        /* 0: no limit */
};

TP_MUST_USE struct tp_status tp_draw_plan_make(struct tp_app *app, struct tp_db *db,
                                               const char *session_id, const char *draw_id,
                                               const struct tp_draw_wish *wish, json_t **plan,
                                               struct tp_error *error);

#endif
