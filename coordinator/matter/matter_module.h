/*
 * Matters as a stage (A15).
 */
#ifndef TP_COORDINATOR_MATTER_MATTER_MODULE_H
#define TP_COORDINATOR_MATTER_MATTER_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_matter_module;

#endif
