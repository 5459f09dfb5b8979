/*
 * What stands between the server and the handlers: login, CSRF token, role, body, error answers;
 * and the live events of the pages.
 */
#ifndef TP_COORDINATOR_HTTP_FRAME_H
#define TP_COORDINATOR_HTTP_FRAME_H

#include "coordinator/app.h"

struct tp_frame;

/* Adds the routes of all modules and WS /api/v1/events to app->server. Free after the server. */
TP_MUST_USE struct tp_status tp_frame_new(struct tp_app *app, struct tp_frame **frame,
                                          struct tp_error *error);
void tp_frame_free(struct tp_frame *frame);

#endif
