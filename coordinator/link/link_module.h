/*
 * The link as a stage: WS /link, the nodes' enrolment, GET /nodes.
 */
#ifndef TP_COORDINATOR_LINK_LINK_MODULE_H
#define TP_COORDINATOR_LINK_LINK_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_link_module;

#endif
