/*
 * Brings a store's tables to the newest migration.
 */
#ifndef TP_BASE_STORE_MIGRATE_H
#define TP_BASE_STORE_MIGRATE_H

#include "base/store/store.h"

/*
 * Applies what is missing, each migration in a transaction with the row that notes it.
 * TP_CONFLICT "store.newer": the store has a migration that the list has not;
 * TP_CONFLICT "store.migration_changed": an applied one has another name or text now;
 * TP_INPUT "store.bad_migrations": the numbers are not 1, 2, 3, ...
 */
TP_MUST_USE struct tp_status tp_store_migrate(struct tp_db *db,
                                              const struct tp_migration *migrations,
                                              size_t migration_count, struct tp_error *error);

#endif
