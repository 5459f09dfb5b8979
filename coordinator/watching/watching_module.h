/*
 * Watching as a stage (A15, F9): feeds, tickets, WHEP through the link.
 */
#ifndef TP_COORDINATOR_WATCHING_WATCHING_MODULE_H
#define TP_COORDINATOR_WATCHING_WATCHING_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_watching_module;

#endif
