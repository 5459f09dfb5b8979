/*
 * WS /api/v1/events: a page's socket, opened with the login's cookie from our own pages only.
 * Internal to http/.
 */
#ifndef TP_COORDINATOR_HTTP_LIVE_H
#define TP_COORDINATOR_HTTP_LIVE_H

#include "coordinator/app.h"

TP_MUST_USE struct tp_status tp_live_add(struct tp_app *app, struct tp_error *error);

#endif
