/*
 * Splits CSV text (RFC 4180; lines end with LF or CR LF) into fields, in place.
 */
#ifndef TP_DRAW_CSV_H
#define TP_DRAW_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TP_CSV_FIELD_LIMIT 64

struct tp_csv {
    char *next;
    char *end;
    uint32_t record; /* number of the record last read, from 1 */
    size_t field_count;
    char *field[TP_CSV_FIELD_LIMIT]; /* NUL-terminated; further fields are only counted */
    bool stray_quote;                /* the record has a quote where none may stand */
    bool has_nul;                    /* the record holds a NUL byte: its fields are cut short */
};

/* `text` must be NUL-terminated at text[bytes]. */
void tp_csv_init(struct tp_csv *csv, char *text, size_t bytes);
/* Reads the next record; *found is false at the end. Empty lines are passed over. TP_INPUT
 * "csv.unclosed_quote" when the text ends inside quotes. */
TP_MUST_USE struct tp_status tp_csv_next(struct tp_csv *csv, bool *found, struct tp_error *error);

#endif
