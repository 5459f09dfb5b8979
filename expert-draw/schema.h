/* tp-draw's tables. */
#ifndef TP_DRAW_SCHEMA_H
#define TP_DRAW_SCHEMA_H

#include "base/store/store.h"

extern const struct tp_migration tp_draw_migrations[];
extern const size_t tp_draw_migration_count;

#endif
