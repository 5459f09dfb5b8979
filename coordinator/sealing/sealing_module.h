/*
 * Sealing and push as a stage (A8).
 */
#ifndef TP_COORDINATOR_SEALING_SEALING_MODULE_H
#define TP_COORDINATOR_SEALING_SEALING_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_sealing_module;

#endif
