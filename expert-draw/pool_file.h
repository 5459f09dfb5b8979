/*
 * A pool read from a CSV file for the offline commands: as the draw sees it, without a database.
 *
 * The columns name, id_number and phone may be empty or of any form here, because a draw does not
 * use them: an auditor can be given a pool without them. Everything else is as strict as an import.
 */
#ifndef TP_DRAW_POOL_FILE_H
#define TP_DRAW_POOL_FILE_H

#include "expert-draw/pool.h"
#include "expert-draw/pool_csv.h"

struct tp_pool_file;

/* TP_INPUT "pool.bad_row" with the first fault, and the errors of tp_file_read and
 * tp_pool_csv_read. */
TP_MUST_USE struct tp_status tp_pool_file_read(const char *path, struct tp_pool_file **file,
                                               struct tp_error *error);
void tp_pool_file_free(struct tp_pool_file *file);
TP_DEFINE_CLEANUP(tp_pool_file, tp_pool_file_free)

/* The pool with its leaves under a salt key. */
TP_MUST_USE struct tp_status tp_pool_file_pool(const struct tp_pool_file *file,
                                               const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES],
                                               struct tp_pool **pool, struct tp_error *error);
/* The keyed BLAKE2b-256 under the salt key of tp_hash("tongping.pool.file.v1", the file's bytes):
 * covers every byte, also of columns that no leaf covers. */
void tp_pool_file_mac(const struct tp_pool_file *file,
                      const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES], uint8_t mac[TP_HASH_BYTES]);

#endif
