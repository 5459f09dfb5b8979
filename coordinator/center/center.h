/*
 * The province: centers, their rooms and seats, from province.ini at every start.
 *
 *   [center lanzhou]    name= city= district= longitude= latitude=
 *   [room lanzhou-r1]   center=lanzhou name=
 *   [seat lanzhou-r1-s01] room=lanzhou-r1 name=
 *
 * Additive: what the file no longer names stays, because sessions have been there. Names may
 * change; past sessions keep the names of their day (E10).
 */
#ifndef TP_COORDINATOR_CENTER_CENTER_H
#define TP_COORDINATOR_CENTER_CENTER_H

#include "coordinator/app.h"

extern const struct tp_module tp_center_module;

#endif
