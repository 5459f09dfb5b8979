#include "expert-draw/pool_file.h"

#include <sodium.h>
#include <string.h>

struct tp_pool_file {
    struct tp_bytes text; /* personal data: wiped at the end */
    struct tp_pool_csv csv;
    const struct tp_pool_row **sorted; /* by id */
    uint8_t hash[TP_HASH_BYTES];
};

void tp_pool_file_free(struct tp_pool_file *file)
{
    if (file == NULL)
        return;
    tp_pool_csv_fini(&file->csv);
    tp_bytes_wipe(&file->text);
    free(file->sorted);
    free(file);
}

static int compare_rows(const void *left, const void *right)
{
    const struct tp_pool_row *a = *(const struct tp_pool_row *const *)left;
    const struct tp_pool_row *b = *(const struct tp_pool_row *const *)right;
    return strcmp(a->field[TP_POOL_ID], b->field[TP_POOL_ID]);
}

static struct tp_status refuse_faults(const struct tp_pool_csv *csv, struct tp_error *error)
{
    if (csv->fault_count == 0)
        return TP_STATUS_OK;
    const struct tp_pool_fault *fault = &csv->faults[0];
    struct tp_status status = tp_fail(
        error, TP_INPUT, "pool.bad_row", "pool: row %u: %s%s%s (%zu faults in all)", fault->row,
        fault->column, fault->column[0] == '\0' ? "" : ": ", fault->fault, csv->fault_count);
    tp_error_set_field(error, "row %u, %s", fault->row, fault->column);
    return status;
}

static struct tp_status sort_rows(struct tp_pool_file *file, struct tp_error *error)
{
    file->sorted = malloc((file->csv.row_count + 1) * sizeof(void *));
    if (file->sorted == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a pool");
    for (size_t i = 0; i < file->csv.row_count; i++)
        file->sorted[i] = &file->csv.rows[i];
    qsort(file->sorted, file->csv.row_count, sizeof(void *), compare_rows);
    return TP_STATUS_OK;
}

struct tp_status tp_pool_file_read(const char *path, struct tp_pool_file **file,
                                   struct tp_error *error)
{
    TP_AUTO(tp_pool_file) struct tp_pool_file *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a pool");
    struct tp_status status = tp_file_read(path, TP_POOL_FILE_LIMIT_BYTES, &made->text, error);
    if (tp_failed(status))
        return status;
    tp_bytes_append(&made->text, "", 0); /* an empty file is NUL-terminated too */
    tp_hash("tongping.pool.file.v1", made->text.data, made->text.length, made->hash);
    if (made->text.length == 0)
        return tp_fail(error, TP_INPUT, "pool.no_header", "the pool's file is empty");
    status =
        tp_pool_csv_read_for_draw((char *)made->text.data, made->text.length, &made->csv, error);
    if (tp_ok(status))
        status = refuse_faults(&made->csv, error);
    if (tp_ok(status))
        status = sort_rows(made, error);
    if (tp_ok(status))
        *file = tp_steal(&made);
    return status;
}

struct tp_status tp_pool_file_pool(const struct tp_pool_file *file,
                                   const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES],
                                   struct tp_pool **pool, struct tp_error *error)
{
    TP_AUTO(tp_pool) struct tp_pool *made = NULL;
    struct tp_status status = tp_pool_new(&made, error);
    for (size_t i = 0; i < file->csv.row_count && tp_ok(status); i++) {
        const char *const *field = file->sorted[i]->field;
        uint8_t leaf[TP_HASH_BYTES];
        tp_pool_leaf(salt_key, field[TP_POOL_ID], field[TP_POOL_CITY], field[TP_POOL_EMPLOYER],
                     field[TP_POOL_SPECIALTIES], leaf);
        status = tp_pool_add(made, field[TP_POOL_ID], field[TP_POOL_CITY],
                             field[TP_POOL_SPECIALTIES], field[TP_POOL_EMPLOYER], leaf, error);
    }
    if (tp_ok(status))
        status = tp_pool_finish(made, error);
    if (tp_ok(status))
        *pool = tp_steal(&made);
    return status;
}

void tp_pool_file_mac(const struct tp_pool_file *file,
                      const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES], uint8_t mac[TP_HASH_BYTES])
{
    crypto_generichash(mac, TP_HASH_BYTES, file->hash, sizeof(file->hash), salt_key,
                       TP_POOL_SALT_KEY_BYTES);
}
