/*
 * The store's schema: the numbered SQL files of this folder, in order.
 */
#ifndef TP_COORDINATOR_SCHEMA_SCHEMA_H
#define TP_COORDINATOR_SCHEMA_SCHEMA_H

#include "base/store/store.h"

extern const struct tp_migration tp_schema[];
extern const size_t tp_schema_count;

#endif
