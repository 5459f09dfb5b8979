/*
 * The names of the specialties in the JSON of sessions: tp-draw tells them, and they are kept while
 * it does not answer.
 */
#ifndef TP_COORDINATOR_SPECIALTY_SPECIALTY_H
#define TP_COORDINATOR_SPECIALTY_SPECIALTY_H

#include "coordinator/app.h"

extern const struct tp_module tp_specialty_module;

#endif
