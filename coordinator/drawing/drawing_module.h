/*
 * Drawing as a stage (A6, A7, A9): opening the draw, following it, leaves.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAWING_MODULE_H
#define TP_COORDINATOR_DRAWING_DRAWING_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_drawing_module;

#endif
