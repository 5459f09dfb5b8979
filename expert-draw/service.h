/* `tp-draw serve`: wires store, engine, sender and the two servers, and runs until SIGTERM or
 * SIGINT. */
#ifndef TP_DRAW_SERVICE_H
#define TP_DRAW_SERVICE_H

#include "base/error.h"

TP_MUST_USE struct tp_status tp_draw_serve(const char *config_path, struct tp_error *error);

#endif
