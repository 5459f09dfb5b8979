/*
 * Log lines for operators: one line of `time level event key=value ...` on standard error.
 * `event` is stable ("link.connected"). Never a name, an ID number, a phone number or a key.
 * The audit log is a module of the coordinator, not a level here.
 */
#ifndef TP_BASE_LOG_H
#define TP_BASE_LOG_H

#include "base/status.h"

struct tp_error;

enum tp_log_level {
    TP_LOG_DEBUG,
    TP_LOG_INFO,
    TP_LOG_WARN,
    TP_LOG_ERROR,
};

/* Lines below `level` are dropped; INFO unless told. Set once at start-up, before threads. */
void tp_log_set_level(enum tp_log_level level);

/* `format` gives the key=value pairs: tp_log(TP_LOG_INFO, "lot.added", "lot=%s seats=%d", ...).
 * Control characters in the text are written as '?'. Lines are cut at 1,000 bytes. */
void tp_log(enum tp_log_level level, const char *event, const char *format, ...) TP_PRINTF(3, 4);

/* Logs a failure with its class, code, field and message. */
void tp_log_error(enum tp_log_level level, const char *event, const struct tp_error *error);

#endif
