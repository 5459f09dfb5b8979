/* A pool of experts as CSV: good rows keep the form's promises, bad ones are named. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "expert-draw/csv.h"
#include "expert-draw/id_number.h"
#include "expert-draw/pool_csv.h"
#include "tests/fuzz/fuzz.h"

static void check_row(const struct tp_pool_row *row)
{
    for (int column = 0; column < TP_POOL_COLUMN_COUNT; column++) {
        FUZZ_HOLDS(strlen(row->field[column]) <= TP_POOL_FIELD_LIMIT_BYTES);
        FUZZ_HOLDS(tp_utf8_valid(row->field[column], strlen(row->field[column])));
    }
    FUZZ_HOLDS(row->field[TP_POOL_ID][0] != '\0');
    FUZZ_HOLDS(tp_id_number_fault(row->field[TP_POOL_ID_NUMBER]) == NULL);
}

static void check_pool(const struct tp_pool_csv *csv)
{
    for (size_t i = 0; i < csv->row_count; i++) {
        check_row(&csv->rows[i]);
        FUZZ_HOLDS(i == 0 || csv->rows[i].number > csv->rows[i - 1].number);
        FUZZ_HOLDS(i == 0 ||
                   strcmp(csv->rows[i].field[TP_POOL_ID], csv->rows[i - 1].field[TP_POOL_ID]) != 0);
    }
    for (size_t i = 0; i < csv->fault_count; i++)
        FUZZ_HOLDS(csv->faults[i].row > 1 && csv->faults[i].fault != NULL &&
                   csv->faults[i].column != NULL);
}

static void read_records(char *text, size_t bytes)
{
    struct tp_csv csv;
    bool found = true;
    tp_csv_init(&csv, text, bytes);
    while (found && tp_ok(tp_csv_next(&csv, &found, NULL))) {
        for (size_t i = 0; found && i < csv.field_count && i < TP_CSV_FIELD_LIMIT; i++)
            FUZZ_HOLDS(csv.field[i] >= text && csv.field[i] + strlen(csv.field[i]) <= text + bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input pool_input = {data, bytes};
    struct tp_fuzz_input csv_input = {data, bytes};
    struct tp_fuzz_input number_input = {data, bytes};
    struct tp_pool_csv csv;
    char *text = tp_fuzz_take_text(&pool_input);
    if (tp_ok(tp_pool_csv_read(text, bytes, &csv, NULL))) {
        tp_fuzz_taken_count += csv.row_count > 0;
        check_pool(&csv);
        tp_pool_csv_fini(&csv);
    }
    free(text);
    text = tp_fuzz_take_text(&csv_input);
    read_records(text, bytes);
    free(text);
    text = tp_fuzz_take_text(&number_input);
    (void)tp_id_number_fault(text);
    free(text);
    return 0;
}
