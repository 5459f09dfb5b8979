/*
 * A pool as CSV (RFC 4180, UTF-8, a byte order mark is taken), with a header that names at least
 * the columns id, name, id_number, phone, city, specialties (codes separated by ';') and employer,
 * in any order. Every bad row is named with its row (the header is row 1), column and fault.
 */
#ifndef TP_DRAW_POOL_CSV_H
#define TP_DRAW_POOL_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define TP_POOL_ROW_LIMIT 1000000
#define TP_POOL_FILE_LIMIT_BYTES ((size_t)512 << 20)
#define TP_POOL_FIELD_LIMIT_BYTES 256
#define TP_POOL_SPECIALTY_LIMIT 16

enum tp_pool_column {
    TP_POOL_ID,
    TP_POOL_NAME,
    TP_POOL_ID_NUMBER,
    TP_POOL_PHONE,
    TP_POOL_CITY,
    TP_POOL_SPECIALTIES, /* sorted by byte order when read */
    TP_POOL_EMPLOYER,
    TP_POOL_COLUMN_COUNT,
};

struct tp_pool_row {
    const char *field[TP_POOL_COLUMN_COUNT]; /* borrowed from the text */
    uint32_t number;                         /* row in the file, header = 1 */
};

struct tp_pool_fault {
    uint32_t row;
    const char *column; /* "" when it is the row as a whole; static */
    const char *fault;  /* "id_number.checksum", "row.columns", ...; static */
    uint32_t other_row; /* for doubles: the row that has it already; 0 otherwise */
};

struct tp_pool_csv {
    struct tp_pool_row *rows; /* good rows, in the file's order */
    size_t row_count;
    struct tp_pool_fault *faults;
    size_t fault_count;
};

/*
 * Reads `text`, a NUL-terminated text of `bytes` that is changed and must outlive the result.
 * TP_INPUT "pool.no_header", "pool.no_column", "pool.unclosed_quote" and TP_LIMIT
 * "pool.too_many_rows" fail the whole; bad rows do not: they stand in `faults` and not in `rows`.
 */
TP_MUST_USE struct tp_status tp_pool_csv_read(char *text, size_t bytes, struct tp_pool_csv *csv,
                                              struct tp_error *error);
/* The same for who draws and does not invite: name, id_number and phone may be empty or of any
 * form; an id_number still stands once only. */
TP_MUST_USE struct tp_status tp_pool_csv_read_for_draw(char *text, size_t bytes,
                                                       struct tp_pool_csv *csv,
                                                       struct tp_error *error);
void tp_pool_csv_fini(struct tp_pool_csv *csv);
TP_DEFINE_FINI_CLEANUP(tp_pool_csv, tp_pool_csv_fini)

#endif
