#include "base/store/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

const struct tp_migration tp_store_fixture_migrations[2] = {
    {1, "items",
     "CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, name TEXT, body BLOB,"
     " UNIQUE (owner, name))"},
    {2, "parts",
     "CREATE TABLE part (item_id INTEGER NOT NULL REFERENCES item (id),"
     " amount INTEGER NOT NULL CHECK (amount > 0));"
     "CREATE INDEX part_by_item ON part (item_id);"},
};

static struct tp_store *open_store(const char *url)
{
    struct tp_store *store = NULL;
    struct tp_error error = {0};
    if (tp_failed(tp_store_open(url, tp_store_fixture_migrations, 2, &store, &error)))
        fail_msg("%s %s", error.code, error.message);
    return store;
}

int tp_store_fixture_setup(void **state)
{
    struct tp_store_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    tp_test_folder_init(&fixture->folder);
    tp_test_folder_join(&fixture->folder, "store.db", fixture->path);
    snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s", fixture->path);
    fixture->store = open_store(fixture->url);
    *state = fixture;
    return 0;
}

int tp_store_fixture_teardown(void **state)
{
    struct tp_store_fixture *fixture = *state;
    tp_store_free(fixture->store);
    tp_test_folder_fini(&fixture->folder);
    free(fixture);
    return 0;
}

void tp_store_fixture_reopen(struct tp_store_fixture *fixture)
{
    tp_store_free(fixture->store);
    fixture->store = open_store(fixture->url);
}

struct item {
    int64_t owner;
    const char *name;
};

static struct tp_status insert_item(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct item *item = argument;
    return tp_db_run(db, error, "INSERT INTO item (owner, name) VALUES ($1, $2)", "it", item->owner,
                     item->name);
}

struct tp_status tp_store_fixture_add(struct tp_store *store, int64_t owner, const char *name,
                                      struct tp_error *error)
{
    struct item item = {owner, name};
    return tp_store_write(store, insert_item, &item, error);
}

struct question {
    const char *sql;
    int64_t answer;
};

static struct tp_status ask(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct question *question = argument;
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(db, &question->answer, &found, error, question->sql, "");
    if (tp_ok(status) && !found)
        return tp_fail(error, TP_NOT_FOUND, "test.no_row", "no row");
    return status;
}

int64_t tp_store_fixture_ask(struct tp_store *store, const char *sql)
{
    struct question question = {.sql = sql};
    struct tp_error error = {0};
    if (tp_failed(tp_store_read(store, ask, &question, &error)))
        fail_msg("%s %s", error.code, error.message);
    return question.answer;
}
