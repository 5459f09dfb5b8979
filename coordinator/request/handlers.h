/*
 * The calls of this stage. Internal to request/.
 */
#ifndef TP_COORDINATOR_REQUEST_HANDLERS_H
#define TP_COORDINATOR_REQUEST_HANDLERS_H

#include "coordinator/http/route.h"

TP_MUST_USE struct tp_status tp_request_add(struct tp_call *call, struct tp_error *error);
TP_MUST_USE struct tp_status tp_request_choose(struct tp_call *call, struct tp_error *error);
TP_MUST_USE struct tp_status tp_request_cancel(struct tp_call *call, struct tp_error *error);
TP_MUST_USE struct tp_status tp_request_availability(struct tp_call *call, struct tp_error *error);

#endif
