/*
 * Modules that only translate: reading sessions, the log, health and the API's description.
 */
#ifndef TP_COORDINATOR_HTTP_MODULES_H
#define TP_COORDINATOR_HTTP_MODULES_H

#include "coordinator/app.h"

#define TP_VERSION "0.1.0"

extern const struct tp_module tp_session_module;
extern const struct tp_module tp_record_module;
extern const struct tp_module tp_service_module;

/* The text of openapi.json. */
extern const char tp_openapi_text[];
extern const size_t tp_openapi_bytes;

#endif
