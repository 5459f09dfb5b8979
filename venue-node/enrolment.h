/*
 * A node becomes known to its coordinator: by a one-time code it hands in its key and pins the
 * coordinator's.
 */
#ifndef TP_VENUE_NODE_ENROLMENT_H
#define TP_VENUE_NODE_ENROLMENT_H

#include "venue-node/config.h"

/*
 * Makes the node's key when there is none, calls POST /api/v1/node/enrol, writes the coordinator's
 * public key to its file and begins the link anew in the journal. The coordinator's refusal comes
 * back with its code ("enrol.refused"); TP_PEER when it cannot be reached or answers nonsense.
 */
TP_MUST_USE struct tp_status tp_venue_enrol(const struct tp_venue_config *config, const char *code,
                                            struct tp_error *error);

#endif
