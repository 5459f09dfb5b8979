/*
 * A5: the venues' staff confirm or refuse; the hold deadline.
 */
#ifndef TP_COORDINATOR_CONFIRMATION_CONFIRMATION_H
#define TP_COORDINATOR_CONFIRMATION_CONFIRMATION_H

#include "coordinator/app.h"

extern const struct tp_module tp_confirmation_module;

#endif
