/*
 * trading-systems.ini: who may send lots and receives the sealed lists. Internal to config/.
 */
#ifndef TP_COORDINATOR_CONFIG_TRADING_SYSTEMS_H
#define TP_COORDINATOR_CONFIG_TRADING_SYSTEMS_H

#include "coordinator/config/config.h"

/* Makes a relative path one below `folder`. */
TP_MUST_USE struct tp_status tp_config_resolve(const char *folder, char path[TP_PATH_BYTES],
                                               struct tp_error *error);

/* TP_INPUT when a system lacks name, url or key, TP_LIMIT beyond `most`. */
TP_MUST_USE struct tp_status tp_trading_systems_read(const char *folder, const char *path,
                                                     struct tp_trading_system *systems, size_t most,
                                                     size_t *count, struct tp_error *error);

#endif
