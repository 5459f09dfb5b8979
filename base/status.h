/*
 * The result of everything that can fail.
 *
 * A status is a class and nothing else: who calls decides by class, and one table (base/http)
 * maps a class to an HTTP status. What exactly happened stands in the optional struct tp_error
 * that every fallible function takes as its last argument.
 */
#ifndef TP_BASE_STATUS_H
#define TP_BASE_STATUS_H

#include <stdbool.h>

#define TP_MUST_USE __attribute__((warn_unused_result))
#define TP_PRINTF(format_index, first_argument)                                                    \
    __attribute__((format(printf, format_index, first_argument)))

enum tp_class {
    TP_OK = 0,
    TP_INPUT,     /* the caller's data is wrong: it must be changed before another try */
    TP_DENIED,    /* not allowed for this caller */
    TP_NOT_FOUND, /* no such thing, or none the caller may know of */
    TP_CONFLICT,  /* the state has moved on: read it again */
    TP_LIMIT,     /* a limit is reached: less, or later */
    TP_IO,        /* disk, database or operating system */
    TP_PEER,      /* another process or the network failed or broke the protocol */
    TP_CRYPTO,    /* a signature, seal or proof does not hold */
    TP_NOMEM,     /* memory */
};

struct tp_status {
    enum tp_class class;
};

#define TP_STATUS_OK ((struct tp_status){.class = TP_OK})

static inline bool tp_ok(struct tp_status status)
{
    return status.class == TP_OK;
}

static inline bool tp_failed(struct tp_status status)
{
    return status.class != TP_OK;
}

static inline struct tp_status tp_status_of(enum tp_class class)
{
    return (struct tp_status){.class = class};
}

/* "OK", "INPUT", ...: stable, for logs and tests. Never NULL. */
const char *tp_class_name(enum tp_class class);

#endif
