/*
 * The terminals' API (docs/interfaces.md, section 4).
 */
#ifndef TP_VENUE_NODE_TERMINAL_H
#define TP_VENUE_NODE_TERMINAL_H

#include "venue-node/venue.h"

/* Adds routes, events and pages to venue->server, before it starts. */
TP_MUST_USE struct tp_status tp_terminal_route(struct tp_venue *venue, struct tp_error *error);

#endif
