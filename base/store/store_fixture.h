/*
 * A store in a folder of its own for tests, with the table `item`.
 */
#ifndef TP_BASE_STORE_STORE_FIXTURE_H
#define TP_BASE_STORE_STORE_FIXTURE_H

#include "base/store/store.h"
#include "base/test_folder.h"

struct tp_store_fixture {
    struct tp_test_folder folder;
    char path[TP_TEST_PATH_BYTES];
    char url[TP_TEST_PATH_BYTES + 8];
    struct tp_store *store;
};

/* item(id INTEGER PRIMARY KEY, owner INTEGER, name TEXT, body BLOB), UNIQUE(owner, name) and the
 * child table part(item_id REFERENCES item, amount CHECK amount > 0). */
extern const struct tp_migration tp_store_fixture_migrations[2];

/* For cmocka's setup and teardown; *state becomes the fixture with an open store. */
int tp_store_fixture_setup(void **state);
int tp_store_fixture_teardown(void **state);

/* Closes and opens the store again. */
void tp_store_fixture_reopen(struct tp_store_fixture *fixture);

/* Writes one item; name and body may be NULL. */
struct tp_status tp_store_fixture_add(struct tp_store *store, int64_t owner, const char *name,
                                      struct tp_error *error);

/* Asks one integer in a read of its own; fails the test when it cannot. */
int64_t tp_store_fixture_ask(struct tp_store *store, const char *sql);

#endif
