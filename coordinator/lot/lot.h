/*
 * A1: project lots, by hand or from a trading system's signed request.
 */
#ifndef TP_COORDINATOR_LOT_LOT_H
#define TP_COORDINATOR_LOT_LOT_H

#include "coordinator/app.h"

extern const struct tp_module tp_lot_module;

#endif
