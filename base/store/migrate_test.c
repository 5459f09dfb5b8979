#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/store/store.h"
#include "base/store/store_fixture.h"

static const struct tp_migration three[] = {
    {1, "one", "CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1);"},
    {2, "two", "ALTER TABLE one ADD COLUMN b INTEGER; UPDATE one SET b = a + 1;"},
    {3, "three", "CREATE TABLE three (a INTEGER)"},
};

struct fixture {
    struct tp_test_folder folder;
    char url[TP_TEST_PATH_BYTES + 8];
};

static int setup(void **state)
{
    static struct fixture fixture;
    tp_test_folder_init(&fixture.folder);
    char path[TP_TEST_PATH_BYTES];
    snprintf(fixture.url, sizeof(fixture.url), "sqlite:%s",
             tp_test_folder_join(&fixture.folder, "m.db", path));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    tp_test_folder_fini(&((struct fixture *)*state)->folder);
    return 0;
}

static struct tp_status open_with(void **state, const struct tp_migration *migrations, size_t count,
                                  struct tp_error *error)
{
    struct tp_store *store = NULL;
    struct tp_status status =
        tp_store_open(((struct fixture *)*state)->url, migrations, count, &store, error);
    assert_true(tp_ok(status) == (store != NULL));
    tp_store_free(store);
    return status;
}

static int64_t ask_with(void **state, const struct tp_migration *migrations, size_t count,
                        const char *sql)
{
    struct tp_store *store = NULL;
    assert_true(
        tp_ok(tp_store_open(((struct fixture *)*state)->url, migrations, count, &store, NULL)));
    int64_t value = tp_store_fixture_ask(store, sql);
    tp_store_free(store);
    return value;
}

static void open__migrations_missing__are_applied_once_each(void **state)
{
    assert_true(tp_ok(open_with(state, three, 1, NULL)));
    assert_true(tp_ok(open_with(state, three, 3, NULL)));
    assert_true(tp_ok(open_with(state, three, 3, NULL)));
    assert_int_equal(ask_with(state, three, 3, "SELECT b FROM one"), 2);
    assert_int_equal(ask_with(state, three, 3, "SELECT count(*) FROM one"), 1);
    assert_int_equal(ask_with(state, three, 3, "SELECT count(*) FROM store_migration"), 3);
}

static void open__store_is_newer__is_refused(void **state)
{
    assert_true(tp_ok(open_with(state, three, 3, NULL)));
    struct tp_error error = {0};
    assert_int_equal(open_with(state, three, 2, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "store.newer");
    assert_int_equal(open_with(state, NULL, 0, &error).class, TP_CONFLICT);
}

static void open__applied_migration_changed__is_refused(void **state)
{
    assert_true(tp_ok(open_with(state, three, 3, NULL)));
    struct tp_migration changed[3];
    memcpy(changed, three, sizeof(three));
    changed[1].sql = "ALTER TABLE one ADD COLUMN c INTEGER";
    struct tp_error error = {0};
    assert_int_equal(open_with(state, changed, 3, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "store.migration_changed");
    assert_string_equal(error.field, "2 two");
    memcpy(changed, three, sizeof(three));
    changed[0].name = "another";
    assert_int_equal(open_with(state, changed, 3, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "store.migration_changed");
    assert_true(tp_ok(open_with(state, three, 3, NULL)));
}

static void open__migration_fails__leaves_nothing_and_keeps_those_before(void **state)
{
    struct tp_migration broken[3];
    memcpy(broken, three, sizeof(three));
    broken[2].sql = "CREATE TABLE three (a INTEGER); INSERT INTO nowhere VALUES (1);";
    struct tp_error error = {0};
    assert_int_equal(open_with(state, broken, 3, &error).class, TP_IO);
    assert_string_equal(error.field, "3 three");
    assert_int_equal(ask_with(state, three, 2, "SELECT count(*) FROM store_migration"), 2);
    assert_int_equal(
        ask_with(state, three, 2, "SELECT count(*) FROM sqlite_schema WHERE name = 'three'"), 0);
    assert_true(tp_ok(open_with(state, three, 3, NULL)));
}

static void open__numbers_with_a_gap__are_refused(void **state)
{
    static const struct tp_migration gap[] = {{1, "a", "SELECT 1"}, {3, "b", "SELECT 1"}};
    struct tp_error error = {0};
    assert_int_equal(open_with(state, gap, 2, &error).class, TP_INPUT);
    assert_string_equal(error.code, "store.bad_migrations");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open__migrations_missing__are_applied_once_each, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(open__store_is_newer__is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(open__applied_migration_changed__is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            open__migration_fails__leaves_nothing_and_keeps_those_before, setup, teardown),
        cmocka_unit_test_setup_teardown(open__numbers_with_a_gap__are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
