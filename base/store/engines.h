/*
 * The engines that are built in.
 */
#ifndef TP_BASE_STORE_ENGINES_H
#define TP_BASE_STORE_ENGINES_H

#include "base/store/engine.h"

/* The engine of "scheme:location"; *location is set behind the colon. NULL for an unknown scheme.
 */
const struct tp_engine *tp_engine_of_url(const char *url, const char **location);

#endif
