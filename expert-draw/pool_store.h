/*
 * The pool in the database: imports, what the draw needs of it, and the identities behind it.
 */
#ifndef TP_DRAW_POOL_STORE_H
#define TP_DRAW_POOL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/store/store.h"
#include "expert-draw/pool.h"
#include "expert-draw/pool_csv.h"
#include "expert-draw/vault.h"

/* Stores good rows as a new import, which draws use from then on; imports that no draw keeps to are
 * removed. TP_INPUT "pool.empty" without rows. */
TP_MUST_USE struct tp_status tp_pool_store_import(struct tp_store *store,
                                                  const struct tp_vault *vault,
                                                  const struct tp_pool_csv *csv, int64_t now_ms,
                                                  struct tp_error *error);

/* Names of specialties: CSV with the columns code, name and parent. Replaces the former ones. */
TP_MUST_USE struct tp_status tp_pool_store_import_specialties(struct tp_store *store, char *text,
                                                              size_t bytes, struct tp_error *error);

/* The number of the import in use; TP_CONFLICT "pool.none" when nothing was imported. */
TP_MUST_USE struct tp_status tp_pool_store_current(struct tp_store *store, int64_t *number,
                                                   struct tp_error *error);

/* Loads one import. */
TP_MUST_USE struct tp_status tp_pool_store_load(struct tp_store *store, int64_t number,
                                                struct tp_pool **pool, struct tp_error *error);

/* {"count","root","imported_at"} of the import in use. */
TP_MUST_USE struct tp_status tp_pool_store_info(struct tp_store *store, json_t **info,
                                                struct tp_error *error);

/* [{"code","name","parent"?,"cities":[{"city","count"}]}]: counts over `pool`. */
TP_MUST_USE struct tp_status tp_pool_store_specialties(struct tp_store *store,
                                                       const struct tp_pool *pool,
                                                       json_t **specialties,
                                                       struct tp_error *error);

struct tp_identity {
    char name[TP_POOL_FIELD_LIMIT_BYTES + 1];
    char id_number[TP_POOL_FIELD_LIMIT_BYTES + 1];
    char phone[TP_POOL_FIELD_LIMIT_BYTES + 1];
};

struct tp_identity_macs {
    uint8_t id_number[TP_VAULT_MAC_BYTES];
    uint8_t phone[TP_VAULT_MAC_BYTES];
};

void tp_identity_id_number_mac(const struct tp_vault *vault, const char *id_number,
                               uint8_t mac[TP_VAULT_MAC_BYTES]);
/* Of the digits from the last eleven on, so that +86 before a number does not matter. */
void tp_identity_phone_mac(const struct tp_vault *vault, const char *phone,
                           uint8_t mac[TP_VAULT_MAC_BYTES]);

/* Inside a read or write. The caller wipes `identity`. */
TP_MUST_USE struct tp_status tp_identity_read(struct tp_db *db, const struct tp_vault *vault,
                                              int64_t pool, const char *expert_id,
                                              struct tp_identity *identity, struct tp_error *error);
TP_MUST_USE struct tp_status tp_identity_macs_read(struct tp_db *db, int64_t pool,
                                                   const char *expert_id,
                                                   struct tp_identity_macs *macs,
                                                   struct tp_error *error);

#endif
