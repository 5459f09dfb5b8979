/*
 * Follows tp-draw: its events by long poll, and what was left half done by time.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAW_EVENTS_H
#define TP_COORDINATOR_DRAWING_DRAW_EVENTS_H

#include "coordinator/app.h"

/* Job: polls until the process ends or tp-draw fails. Each event's log entry, the draw's new state
 * and the cursor are one transaction. */
TP_MUST_USE struct tp_status tp_draw_events_run(struct tp_app *app, struct tp_error *error);

/* Job: leads draws on that stopped at a step, tells leaves that were not told, and looks at the
 * draws under way, in case an event was missed. */
TP_MUST_USE struct tp_status tp_draw_steps_run(struct tp_app *app, struct tp_error *error);

#endif
