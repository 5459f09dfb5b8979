#include "expert-draw/pool_csv.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "expert-draw/csv.h"
#include "expert-draw/id_number.h"
#include "expert-draw/text_set.h"

static const char *const column_names[TP_POOL_COLUMN_COUNT] = {
    [TP_POOL_ID] = "id",
    [TP_POOL_NAME] = "name",
    [TP_POOL_ID_NUMBER] = "id_number",
    [TP_POOL_PHONE] = "phone",
    [TP_POOL_CITY] = "city",
    [TP_POOL_SPECIALTIES] = "specialties",
    [TP_POOL_EMPLOYER] = "employer",
};

struct reader {
    struct tp_csv csv;
    size_t position[TP_POOL_COLUMN_COUNT]; /* of a column in a record */
    size_t column_count;                   /* of the header */
    struct tp_text_set ids;
    struct tp_text_set id_numbers;
    struct tp_pool_csv *out;
    size_t row_capacity;
    size_t fault_capacity;
    bool any_identity; /* name, id_number and phone are not used and may be of any form */
};

void tp_pool_csv_fini(struct tp_pool_csv *csv)
{
    free(csv->rows);
    free(csv->faults);
    *csv = (struct tp_pool_csv){0};
}

static struct tp_status no_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for the pool's rows");
}

static bool make_room(void **items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return true;
    size_t larger = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(*items, larger * item_bytes);
    if (grown == NULL)
        return false;
    *items = grown;
    *capacity = larger;
    return true;
}

static struct tp_status add_fault(struct reader *reader, struct tp_pool_fault fault,
                                  struct tp_error *error)
{
    struct tp_pool_csv *out = reader->out;
    void *items = out->faults;
    if (!make_room(&items, out->fault_count, &reader->fault_capacity, sizeof(*out->faults)))
        return no_memory(error);
    out->faults = items;
    fault.row = reader->csv.record;
    out->faults[out->fault_count++] = fault;
    return TP_STATUS_OK;
}

static struct tp_status add_row(struct reader *reader, const struct tp_pool_row *row,
                                struct tp_error *error)
{
    struct tp_pool_csv *out = reader->out;
    if (out->row_count >= TP_POOL_ROW_LIMIT)
        return tp_fail(error, TP_LIMIT, "pool.too_many_rows", "more than %d experts",
                       TP_POOL_ROW_LIMIT);
    void *items = out->rows;
    if (!make_room(&items, out->row_count, &reader->row_capacity, sizeof(*out->rows)))
        return no_memory(error);
    out->rows = items;
    out->rows[out->row_count++] = *row;
    return TP_STATUS_OK;
}

static struct tp_status read_header(struct reader *reader, struct tp_error *error)
{
    struct tp_csv *csv = &reader->csv;
    bool found;
    struct tp_status status = tp_csv_next(csv, &found, error);
    if (tp_failed(status))
        return status;
    if (!found)
        return tp_fail(error, TP_INPUT, "pool.no_header", "the file is empty");
    if (csv->field_count > TP_CSV_FIELD_LIMIT)
        return tp_fail(error, TP_INPUT, "pool.too_many_columns", "more than %d columns",
                       TP_CSV_FIELD_LIMIT);
    reader->column_count = csv->field_count;
    for (int column = 0; column < TP_POOL_COLUMN_COUNT; column++) {
        size_t at = 0;
        while (at < csv->field_count && strcmp(csv->field[at], column_names[column]) != 0)
            at++;
        if (at == csv->field_count)
            return tp_fail(error, TP_INPUT, "pool.no_column", "the header lacks the column %s",
                           column_names[column]);
        reader->position[column] = at;
    }
    return TP_STATUS_OK;
}

/* Without blanks at either end, in place. */
static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = '\0';
    return text;
}

static const char *general_fault(const char *text)
{
    size_t length = strlen(text);
    if (length == 0)
        return "empty";
    if (length > TP_POOL_FIELD_LIMIT_BYTES)
        return "too_long";
    if (!tp_utf8_valid(text, length))
        return "utf8";
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7F)
            return "control_character";
    return NULL;
}

static bool is_code(const char *text, size_t length, size_t most)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return length > 0 && length <= most && strspn(text, letters) >= length;
}

static const char *phone_fault(const char *text)
{
    const char *digits = text[0] == '+' ? text + 1 : text;
    size_t length = strlen(digits);
    return length >= 5 && length <= 20 && strspn(digits, "0123456789") == length ? NULL : "form";
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sorts the codes in place, so that the same specialties are the same text. */
static const char *read_specialties(char *text)
{
    char *codes[TP_POOL_SPECIALTY_LIMIT];
    size_t count = 0;
    char *rest = NULL;
    char copy[TP_POOL_FIELD_LIMIT_BYTES + 1];
    snprintf(copy, sizeof(copy), "%s", text);
    for (char *code = strtok_r(copy, ";", &rest); code != NULL; code = strtok_r(NULL, ";", &rest)) {
        code = trim(code);
        if (count == TP_POOL_SPECIALTY_LIMIT)
            return "too_many";
        if (!is_code(code, strlen(code), 16))
            return "code";
        codes[count++] = code;
    }
    if (count == 0)
        return "empty";
    qsort(codes, count, sizeof(codes[0]), compare_texts);
    char *out = text;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(codes[i], codes[i - 1]) == 0)
            return "double";
        out = stpcpy(out, i > 0 ? ";" : "");
        out = stpcpy(out, codes[i]);
    }
    return NULL;
}

static bool is_identity(enum tp_pool_column column)
{
    return column == TP_POOL_NAME || column == TP_POOL_ID_NUMBER || column == TP_POOL_PHONE;
}

static const char *column_fault(enum tp_pool_column column, char *text, bool any_identity)
{
    if (any_identity && is_identity(column))
        return text[0] == '\0' ? NULL : general_fault(text);
    const char *fault = general_fault(text);
    if (fault != NULL)
        return fault;
    if (column == TP_POOL_ID)
        return is_code(text, strlen(text), 64) ? NULL : "code";
    if (column == TP_POOL_ID_NUMBER) {
        if (text[strlen(text) - 1] == 'x')
            text[strlen(text) - 1] = 'X';
        return tp_id_number_fault(text);
    }
    if (column == TP_POOL_PHONE)
        return phone_fault(text);
    return column == TP_POOL_SPECIALTIES ? read_specialties(text) : NULL;
}

static struct tp_status check_double(struct reader *reader, struct tp_text_set *set,
                                     const struct tp_pool_row *row, enum tp_pool_column column,
                                     bool *good, struct tp_error *error)
{
    uint32_t number = row->number;
    bool added;
    struct tp_status status = tp_text_set_add(set, row->field[column], &number, &added, error);
    if (tp_failed(status) || added)
        return status;
    *good = false;
    return add_fault(reader,
                     (struct tp_pool_fault){
                         .column = column_names[column], .fault = "double", .other_row = number},
                     error);
}

static const char *record_fault(const struct reader *reader)
{
    if (reader->csv.field_count != reader->column_count)
        return "columns";
    if (reader->csv.has_nul)
        return "nul";
    return reader->csv.stray_quote ? "quote" : NULL;
}

static struct tp_status read_row(struct reader *reader, struct tp_error *error)
{
    struct tp_pool_row row = {.number = reader->csv.record};
    const char *fault = record_fault(reader);
    if (fault != NULL)
        return add_fault(reader, (struct tp_pool_fault){.column = "", .fault = fault}, error);
    bool good = true;
    for (int column = 0; column < TP_POOL_COLUMN_COUNT; column++) {
        char *text = trim(reader->csv.field[reader->position[column]]);
        fault = column_fault((enum tp_pool_column)column, text, reader->any_identity);
        row.field[column] = text;
        if (fault == NULL)
            continue;
        good = false;
        struct tp_status status = add_fault(
            reader, (struct tp_pool_fault){.column = column_names[column], .fault = fault}, error);
        if (tp_failed(status))
            return status;
    }
    struct tp_status status = TP_STATUS_OK;
    if (good)
        status = check_double(reader, &reader->ids, &row, TP_POOL_ID, &good, error);
    if (tp_ok(status) && good && row.field[TP_POOL_ID_NUMBER][0] != '\0')
        status = check_double(reader, &reader->id_numbers, &row, TP_POOL_ID_NUMBER, &good, error);
    return tp_failed(status) || !good ? status : add_row(reader, &row, error);
}

static struct tp_status read_all(char *text, size_t bytes, bool any_identity,
                                 struct tp_pool_csv *csv, struct tp_error *error)
{
    *csv = (struct tp_pool_csv){0};
    struct reader reader = {.out = csv, .any_identity = any_identity};
    tp_csv_init(&reader.csv, text, bytes);
    struct tp_status status = read_header(&reader, error);
    bool found = true;
    while (tp_ok(status) && found) {
        status = tp_csv_next(&reader.csv, &found, error);
        if (tp_ok(status) && found)
            status = read_row(&reader, error);
    }
    tp_text_set_fini(&reader.ids);
    tp_text_set_fini(&reader.id_numbers);
    if (tp_failed(status))
        tp_pool_csv_fini(csv);
    return status;
}

struct tp_status tp_pool_csv_read(char *text, size_t bytes, struct tp_pool_csv *csv,
                                  struct tp_error *error)
{
    return read_all(text, bytes, false, csv, error);
}

struct tp_status tp_pool_csv_read_for_draw(char *text, size_t bytes, struct tp_pool_csv *csv,
                                           struct tp_error *error)
{
    return read_all(text, bytes, true, csv, error);
}
