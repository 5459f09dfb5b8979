/*
 * Operations as a stage: the state of the services, for the operator.
 */
#ifndef TP_COORDINATOR_OPERATIONS_OPERATIONS_MODULE_H
#define TP_COORDINATOR_OPERATIONS_OPERATIONS_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_operations_module;

#endif
