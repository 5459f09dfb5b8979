/*
 * A2, A3, A4: the agency's request, free seats, and the choice anew after a refusal; cancelling.
 */
#ifndef TP_COORDINATOR_REQUEST_REQUEST_H
#define TP_COORDINATOR_REQUEST_REQUEST_H

#include "coordinator/app.h"

extern const struct tp_module tp_request_module;

#endif
