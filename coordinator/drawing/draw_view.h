/*
 * What the coordinator keeps of a draw: tp-draw's answer cut down to handles, counts and states,
 * and nothing else, whatever the answer holds.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAW_VIEW_H
#define TP_COORDINATOR_DRAWING_DRAW_VIEW_H

#include <jansson.h>

#include "base/error.h"

/* TP_PEER "draw.malformed_answer". */
TP_MUST_USE struct tp_status tp_draw_view_of(const json_t *answer, json_t **view,
                                             struct tp_error *error);

/* "complete", ...; "" when there is none. Borrowed. */
const char *tp_draw_view_state(const json_t *view);
/* The member of this handle, borrowed, or NULL. */
const json_t *tp_draw_view_member(const json_t *view, const char *handle);

/* An event's data cut down in the same way, for the log. NULL: no memory. */
json_t *tp_draw_event_data(const char *draw_id, const json_t *data);

#endif
