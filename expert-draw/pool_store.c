#include "expert-draw/pool_store.h"

#include <sodium.h>
#include <string.h>

#include "base/random.h"
#include "expert-draw/identity_form.h"
#include "expert-draw/merkle.h"

#define SALT_NONCE_BYTES 16

struct import {
    const struct tp_vault *vault;
    const struct tp_pool_row **sorted;
    size_t count;
    int64_t now_ms;
    uint8_t salt_nonce[SALT_NONCE_BYTES];
    uint8_t salt_key[TP_POOL_SALT_KEY_BYTES];
};

static int compare_rows(const void *left, const void *right)
{
    const struct tp_pool_row *a = *(const struct tp_pool_row *const *)left;
    const struct tp_pool_row *b = *(const struct tp_pool_row *const *)right;
    return strcmp(a->field[TP_POOL_ID], b->field[TP_POOL_ID]);
}

static struct tp_status insert_expert(struct tp_db *db, const struct import *import, int64_t number,
                                      const struct tp_pool_row *row, struct tp_merkle *merkle,
                                      struct tp_error *error)
{
    const char *const *field = row->field;
    uint8_t leaf[TP_HASH_BYTES];
    struct tp_identity_macs macs;
    char place[TP_IDENTITY_PLACE_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes identity = TP_BYTES_INIT;
    tp_pool_leaf(import->salt_key, field[TP_POOL_ID], field[TP_POOL_CITY], field[TP_POOL_EMPLOYER],
                 field[TP_POOL_SPECIALTIES], leaf);
    tp_merkle_add(merkle, leaf);
    tp_identity_id_number_mac(import->vault, field[TP_POOL_ID_NUMBER], macs.id_number);
    tp_identity_phone_mac(import->vault, field[TP_POOL_PHONE], macs.phone);
    tp_identity_place(number, field[TP_POOL_ID], place);
    struct tp_status status =
        tp_identity_encrypt(import->vault, place, field[TP_POOL_NAME], field[TP_POOL_ID_NUMBER],
                            field[TP_POOL_PHONE], &identity, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO expert (pool, id, city, specialties, employer, leaf, identity,"
                     " id_number_mac, phone_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     "ittttbbbb", number, field[TP_POOL_ID], field[TP_POOL_CITY],
                     field[TP_POOL_SPECIALTIES], field[TP_POOL_EMPLOYER], leaf, sizeof(leaf),
                     identity.data, identity.length, macs.id_number, sizeof(macs.id_number),
                     macs.phone, sizeof(macs.phone));
}

static struct tp_status forget_unused(struct tp_db *db, int64_t number, struct tp_error *error)
{
    struct tp_status status = tp_db_run(
        db, error, "DELETE FROM expert WHERE pool <> $1 AND pool NOT IN (SELECT pool FROM draw)",
        "i", number);
    if (tp_ok(status))
        status = tp_db_run(
            db, error,
            "DELETE FROM pool WHERE number <> $1 AND number NOT IN (SELECT pool FROM draw)", "i",
            number);
    return status;
}

static struct tp_status import_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct import *import = argument;
    struct tp_merkle merkle;
    int64_t number = 0;
    bool found;
    tp_merkle_init(&merkle);
    struct tp_status status = tp_db_ask_int(db, &number, &found, error,
                                            "SELECT COALESCE(MAX(number), 0) + 1 FROM pool", "");
    if (tp_ok(status))
        status = tp_db_run(db, error,
                           "INSERT INTO pool (number, expert_count, root, salt_nonce, imported_at)"
                           " VALUES ($1, $2, $3, $4, $5)",
                           "iibbi", number, (int64_t)import->count, "", (size_t)0,
                           import->salt_nonce, sizeof(import->salt_nonce), import->now_ms);
    for (size_t i = 0; i < import->count && tp_ok(status); i++)
        status = insert_expert(db, import, number, import->sorted[i], &merkle, error);
    if (tp_failed(status))
        return status;
    uint8_t root[TP_HASH_BYTES];
    tp_merkle_root(&merkle, root);
    status = tp_db_run(db, error, "UPDATE pool SET root = $1 WHERE number = $2", "bi", root,
                       sizeof(root), number);
    return tp_ok(status) ? forget_unused(db, number, error) : status;
}

struct tp_status tp_pool_store_import(struct tp_store *store, const struct tp_vault *vault,
                                      const struct tp_pool_csv *csv, int64_t now_ms,
                                      struct tp_error *error)
{
    if (csv->row_count == 0)
        return tp_fail(error, TP_INPUT, "pool.empty", "the pool has no good row");
    struct import import = {.vault = vault, .count = csv->row_count, .now_ms = now_ms};
    import.sorted = malloc(csv->row_count * sizeof(void *));
    if (import.sorted == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory to import a pool");
    for (size_t i = 0; i < csv->row_count; i++)
        import.sorted[i] = &csv->rows[i];
    qsort(import.sorted, import.count, sizeof(void *), compare_rows);
    randombytes_buf(import.salt_nonce, sizeof(import.salt_nonce));
    tp_vault_mac(vault, "tongping.vault.pool_salt.v1", import.salt_nonce, sizeof(import.salt_nonce),
                 import.salt_key);
    struct tp_status status = tp_store_write(store, import_work, &import, error);
    sodium_memzero(import.salt_key, sizeof(import.salt_key));
    free(import.sorted);
    return status;
}

static struct tp_status current_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    bool found = false;
    struct tp_status status = tp_db_ask_int(
        db, argument, &found, error, "SELECT number FROM pool ORDER BY number DESC LIMIT 1", "");
    if (tp_ok(status) && !found)
        status = tp_fail(error, TP_CONFLICT, "pool.none", "no pool was imported yet");
    return status;
}

struct tp_status tp_pool_store_current(struct tp_store *store, int64_t *number,
                                       struct tp_error *error)
{
    return tp_store_read(store, current_work, number, error);
}

struct load {
    int64_t number;
    struct tp_pool *pool;
};

static struct tp_status load_row(const struct tp_query *query, struct tp_pool *pool,
                                 struct tp_error *error)
{
    size_t bytes;
    const void *leaf = tp_query_blob(query, 4, &bytes);
    if (bytes != TP_HASH_BYTES)
        return tp_fail(error, TP_IO, "pool.damaged", "a stored leaf has a wrong size");
    return tp_pool_add(pool, tp_query_text(query, 0), tp_query_text(query, 1),
                       tp_query_text(query, 2), tp_query_text(query, 3), leaf, error);
}

static struct tp_status load_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct load *load = argument;
    struct tp_query *query = NULL;
    load->pool->number = load->number;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT id, city, specialties, employer, leaf FROM expert WHERE pool = $1"
                    " ORDER BY id",
                    "i", load->number);
    for (bool row = true; tp_ok(status) && row;) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row)
            status = load_row(query, load->pool, error);
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_pool_store_load(struct tp_store *store, int64_t number, struct tp_pool **pool,
                                    struct tp_error *error)
{
    TP_AUTO(tp_pool) struct tp_pool *made = NULL;
    struct tp_status status = tp_pool_new(&made, error);
    if (tp_failed(status))
        return status;
    struct load load = {.number = number, .pool = made};
    status = tp_store_read(store, load_work, &load, error);
    if (tp_ok(status))
        status = tp_pool_finish(made, error);
    if (tp_ok(status))
        *pool = tp_steal(&made);
    return status;
}

static struct tp_status info_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    json_t **info = argument;
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT expert_count, root, imported_at FROM pool ORDER BY number DESC LIMIT 1", "");
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row) {
        TP_AUTO(tp_bytes) struct tp_bytes root = TP_BYTES_INIT;
        size_t bytes;
        const void *blob = tp_query_blob(query, 1, &bytes);
        tp_base64_append(&root, blob, bytes);
        *info =
            json_pack("{s:I,s:s,s:I}", "count", (json_int_t)tp_query_int(query, 0), "root",
                      (const char *)root.data, "imported_at", (json_int_t)tp_query_int(query, 2));
    } else {
        *info = json_pack("{s:i,s:n,s:n}", "count", 0, "root", "imported_at");
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_pool_store_info(struct tp_store *store, json_t **info, struct tp_error *error)
{
    *info = NULL;
    struct tp_status status = tp_store_read(store, info_work, info, error);
    if (tp_ok(status) && *info == NULL)
        status = tp_fail(error, TP_NOMEM, "memory", "no memory for the pool's description");
    return status;
}
