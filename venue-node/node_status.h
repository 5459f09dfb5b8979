/*
 * What the node tells of itself every two seconds: measured, not assumed.
 */
#ifndef TP_VENUE_NODE_NODE_STATUS_H
#define TP_VENUE_NODE_NODE_STATUS_H

#include "venue-node/venue.h"

/* Does nothing while the link is down. */
void tp_node_status_send(struct tp_venue *venue);

#endif
