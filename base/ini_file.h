/*
 * One pass over an INI file: libinih's syntax, with the line of every key, and with everything
 * refused that libinih cuts or guesses (long names, continued lines, broken UTF-8).
 */
#ifndef TP_BASE_INI_FILE_H
#define TP_BASE_INI_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/ini.h"

/* Calls `entry` for every key until one fails. A key that stands twice in a section is refused. */
TP_MUST_USE struct tp_status tp_ini_file_walk(const char *path, tp_ini_entry entry, void *context,
                                              struct tp_error *error);

/* The file's name without its folders, for error fields. */
const char *tp_ini_file_name(const char *path);

#endif
