/*
 * SQLite (3.40, WAL) as an engine of the store.
 */
#ifndef TP_BASE_STORE_SQLITE_SQLITE_ENGINE_H
#define TP_BASE_STORE_SQLITE_SQLITE_ENGINE_H

#include "base/store/engine.h"

extern const struct tp_engine tp_sqlite_engine;

#endif
