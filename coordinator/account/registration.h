/*
 * A14: a regulator registers, an operator approves or refuses. Internal to account/.
 */
#ifndef TP_COORDINATOR_ACCOUNT_REGISTRATION_H
#define TP_COORDINATOR_ACCOUNT_REGISTRATION_H

#include "coordinator/http/route.h"

TP_MUST_USE struct tp_status tp_registration_add(struct tp_call *call, struct tp_error *error);
TP_MUST_USE struct tp_status tp_registration_list(struct tp_call *call, struct tp_error *error);
TP_MUST_USE struct tp_status tp_registration_approve(struct tp_call *call, struct tp_error *error);
TP_MUST_USE struct tp_status tp_registration_refuse(struct tp_call *call, struct tp_error *error);

#endif
