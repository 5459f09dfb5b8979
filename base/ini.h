/*
 * Configuration: INI through libinih. The program states every key it knows; an unknown section or
 * key, a duplicate or a malformed value is an error that names file, line and key.
 */
#ifndef TP_BASE_INI_H
#define TP_BASE_INI_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum tp_ini_type {
    TP_INI_TEXT,     /* char[size] */
    TP_INI_INT,      /* int64_t */
    TP_INI_BOOL,     /* bool: yes/no, true/false */
    TP_INI_DURATION, /* int64_t milliseconds: "500ms", "15s", "60min", "2h", "3d" */
};

struct tp_ini_key {
    const char *section; /* "*" takes any section name: see tp_ini_read_each */
    const char *name;
    enum tp_ini_type type;
    void *value; /* where it goes; holds the default before */
    size_t size; /* of a text; 0 otherwise */
    bool required;
    int64_t minimum, maximum; /* of a number or duration; both 0: no bounds */
};

/* Reads `path` into the keys' values. TP_INPUT with field "FILE:LINE key" otherwise. */
TP_MUST_USE struct tp_status tp_ini_read(const char *path, const struct tp_ini_key *keys,
                                         size_t key_count, struct tp_error *error);

/* For files whose sections are things of one kind ([feed env1], [room 101]): calls `entry` once per
 * key, in the file's order. Keys not under such a section are given with section "". */
typedef struct tp_status (*tp_ini_entry)(void *context, const char *section, const char *name,
                                         const char *value, int line, struct tp_error *error);
TP_MUST_USE struct tp_status tp_ini_read_each(const char *path, tp_ini_entry entry, void *context,
                                              struct tp_error *error);

/* "2h" and so on to milliseconds; TP_INPUT "ini.bad_duration". */
TP_MUST_USE struct tp_status tp_duration_parse(const char *text, int64_t *duration_ms,
                                               struct tp_error *error);

#endif
