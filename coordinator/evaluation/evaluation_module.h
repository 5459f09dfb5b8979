/*
 * Evaluation as a stage (A11, A12): entry, logins, the common start, the end.
 */
#ifndef TP_COORDINATOR_EVALUATION_EVALUATION_MODULE_H
#define TP_COORDINATOR_EVALUATION_EVALUATION_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_evaluation_module;

#endif
