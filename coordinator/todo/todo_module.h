/*
 * GET /todos, and the sending of SMS to staff.
 */
#ifndef TP_COORDINATOR_TODO_TODO_MODULE_H
#define TP_COORDINATOR_TODO_TODO_MODULE_H

#include "coordinator/app.h"

extern const struct tp_module tp_todo_module;

#endif
