/* Fails the Nth allocation of the store and of SQLite under it: what was answered with success is
 * kept, what was answered with failure is not half there, and the store works on. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/fault_allocator.h"
#include "base/store/store.h"
#include "base/store/store_fixture.h"

static sqlite3_mem_methods real_methods;

static void *faulty_malloc(int bytes)
{
    return tp_fault_strikes() ? NULL : real_methods.xMalloc(bytes);
}

static void *faulty_realloc(void *old, int bytes)
{
    return tp_fault_strikes() ? NULL : real_methods.xRealloc(old, bytes);
}

static struct tp_status write_pair(struct tp_db *db, void *argument, struct tp_error *error)
{
    int64_t owner = *(int64_t *)argument;
    static const char sql[] = "INSERT INTO item (owner, name) VALUES ($1, $2)";
    struct tp_status status = tp_db_run(db, error, sql, "it", owner, "one");
    return tp_ok(status) ? tp_db_run(db, error, sql, "it", owner, "two") : status;
}

static struct tp_status count_items(struct tp_db *db, void *argument, struct tp_error *error)
{
    bool found = false;
    return tp_db_ask_int(db, argument, &found, error, "SELECT count(*) FROM item", "");
}

static void write__memory_runs_out__keeps_whole_works_or_nothing(void **state)
{
    struct tp_store_fixture *fixture = *state;
    int64_t kept_count = 0;
    int64_t failed_count = 0;
    bool reached = true;
    for (unsigned number = 1; reached && number < 3000; number++) {
        /* Reopened each time, so that statements are compiled and pages read under the fault too.
         */
        tp_store_fixture_reopen(fixture);
        int64_t owner = number;
        struct tp_error error = {0};
        tp_fault_fail_at(number);
        struct tp_status status = tp_store_write(fixture->store, write_pair, &owner, &error);
        reached = tp_fault_was_reached();
        tp_fault_fail_at(0);
        assert_true(tp_ok(status) || status.class == TP_NOMEM || status.class == TP_IO);
        kept_count += tp_ok(status) ? 2 : 0;
        failed_count += tp_failed(status);
        assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT count(*) FROM item"),
                         kept_count);
    }
    assert_false(reached);
    assert_true(failed_count > 20);
}

static void read__memory_runs_out__fails_and_reads_later(void **state)
{
    struct tp_store_fixture *fixture = *state;
    int64_t owner = 1;
    assert_true(tp_ok(tp_store_write(fixture->store, write_pair, &owner, NULL)));
    int64_t failed_count = 0;
    bool reached = true;
    for (unsigned number = 1; reached && number < 3000; number++) {
        tp_store_fixture_reopen(fixture);
        int64_t count = 0;
        tp_fault_fail_at(number);
        struct tp_status status = tp_store_read(fixture->store, count_items, &count, NULL);
        reached = tp_fault_was_reached();
        tp_fault_fail_at(0);
        failed_count += tp_failed(status);
        assert_true(tp_failed(status) || count == 2);
        assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT count(*) FROM item"), 2);
    }
    assert_false(reached);
    assert_true(failed_count > 20);
}

static void open__memory_runs_out__fails_and_opens_later(void **state)
{
    struct tp_store_fixture *fixture = *state;
    bool reached = true;
    int64_t failed_count = 0;
    for (unsigned number = 1; reached && number < 3000; number++) {
        char path[TP_TEST_PATH_BYTES];
        char name[32];
        char url[TP_TEST_PATH_BYTES + 8];
        snprintf(name, sizeof(name), "%u.db", number);
        snprintf(url, sizeof(url), "sqlite:%s", tp_test_folder_join(&fixture->folder, name, path));
        struct tp_store *store = NULL;
        tp_fault_fail_at(number);
        struct tp_status status = tp_store_open(url, tp_store_fixture_migrations, 2, &store, NULL);
        reached = tp_fault_was_reached();
        tp_fault_fail_at(0);
        failed_count += tp_failed(status);
        assert_true(tp_ok(status) == (store != NULL));
        tp_store_free(store);
        store = NULL;
        assert_true(tp_ok(tp_store_open(url, tp_store_fixture_migrations, 2, &store, NULL)));
        assert_int_equal(tp_store_fixture_ask(store, "SELECT count(*) FROM store_migration"), 2);
        tp_store_free(store);
    }
    assert_false(reached);
    assert_true(failed_count > 20);
}

#define STORE_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, tp_store_fixture_setup, tp_store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(write__memory_runs_out__keeps_whole_works_or_nothing),
        STORE_TEST(read__memory_runs_out__fails_and_reads_later),
        STORE_TEST(open__memory_runs_out__fails_and_opens_later),
    };
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_methods) != SQLITE_OK)
        return 1;
    sqlite3_mem_methods faulty = real_methods;
    faulty.xMalloc = faulty_malloc;
    faulty.xRealloc = faulty_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty) != SQLITE_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
