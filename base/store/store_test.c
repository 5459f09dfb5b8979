#include "base/store/store.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/store/store_fixture.h"

static struct tp_store_fixture *fixture_of(void **state)
{
    return *state;
}

static struct tp_status write_work(void **state, tp_store_work work, struct tp_error *error)
{
    return tp_store_write(fixture_of(state)->store, work, NULL, error);
}

static void open__address_not_known__is_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"", "sqlite", "sqlite:", "oracle:x", "sqlite::memory:"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct tp_store *store = NULL;
        struct tp_error error = {0};
        assert_int_equal(tp_store_open(urls[i], NULL, 0, &store, &error).class, TP_INPUT);
        assert_string_equal(error.code, "store.bad_url");
        assert_null(store);
    }
}

static void open__new_store__only_the_owner_reads_its_files(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    assert_true(tp_ok(tp_store_fixture_add(fixture_of(state)->store, 1, "a", NULL)));
    for (size_t i = 0; i < 3; i++) {
        char path[TP_TEST_PATH_BYTES + 8];
        snprintf(path, sizeof(path), "%s%s", fixture_of(state)->path, endings[i]);
        struct stat about;
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
}

static void open__file_is_no_database__is_corrupt(void **state)
{
    struct tp_store_fixture *fixture = fixture_of(state);
    char garbage[8192];
    memset(garbage, 'x', sizeof(garbage));
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_put(&fixture->folder, "garbage.db", garbage, sizeof(garbage), path);
    char url[TP_TEST_PATH_BYTES + 8];
    snprintf(url, sizeof(url), "sqlite:%s", path);
    struct tp_store *store = NULL;
    struct tp_error error = {0};
    assert_int_equal(tp_store_open(url, NULL, 0, &store, &error).class, TP_IO);
    assert_string_equal(error.code, "store.corrupt");
    assert_null(store);
}

static void open__folder_missing__cannot_open(void **state)
{
    (void)state;
    struct tp_store *store = NULL;
    struct tp_error error = {0};
    assert_int_equal(tp_store_open("sqlite:/nonexistent/a.db", NULL, 0, &store, &error).class,
                     TP_IO);
    assert_string_equal(error.code, "store.cannot_open");
}

static struct tp_status check_pragmas(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    static const struct {
        const char *sql;
        int64_t value;
    } wanted[] = {{"PRAGMA synchronous", 2}, {"PRAGMA foreign_keys", 1}};
    for (size_t i = 0; i < 2; i++) {
        int64_t value = -1;
        bool found = false;
        assert_true(tp_ok(tp_db_ask_int(db, &value, &found, error, wanted[i].sql, "")));
        assert_int_equal(value, wanted[i].value);
    }
    struct tp_query *query = NULL;
    bool row = false;
    assert_true(tp_ok(tp_db_query(db, &query, error, "PRAGMA journal_mode", "")));
    assert_true(tp_ok(tp_query_next(query, &row, error)));
    assert_string_equal(tp_query_text(query, 0), "wal");
    tp_query_end(query);
    return TP_STATUS_OK;
}

static void write__every_commit__waits_for_the_disk(void **state)
{
    assert_true(tp_ok(write_work(state, check_pragmas, NULL)));
}

static void write__done__is_there_after_reopening(void **state)
{
    struct tp_store_fixture *fixture = fixture_of(state);
    assert_true(tp_ok(tp_store_fixture_add(fixture->store, 7, "kept", NULL)));
    tp_store_fixture_reopen(fixture);
    assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT owner FROM item"), 7);
}

static void write__unique_key_broken__is_a_conflict_with_its_columns(void **state)
{
    struct tp_store_fixture *fixture = fixture_of(state);
    struct tp_error error = {0};
    assert_true(tp_ok(tp_store_fixture_add(fixture->store, 1, "secret name", &error)));
    struct tp_status status = tp_store_fixture_add(fixture->store, 1, "secret name", &error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "store.unique");
    assert_string_equal(error.field, "item.owner, item.name");
    assert_null(strstr(error.message, "secret"));
}

static struct tp_status break_primary_key(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    struct tp_status status =
        tp_db_run(db, error, "INSERT INTO item (id, owner) VALUES (1, 1)", "");
    return tp_ok(status) ? tp_db_run(db, error, "INSERT INTO item (id, owner) VALUES ($1, 2)", "i",
                                     (int64_t)1)
                         : status;
}

static void write__primary_key_broken__is_a_conflict(void **state)
{
    struct tp_error error = {0};
    assert_int_equal(write_work(state, break_primary_key, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "store.unique");
    assert_string_equal(error.field, "item.id");
    assert_int_equal(tp_store_fixture_ask(fixture_of(state)->store, "SELECT count(*) FROM item"),
                     0);
}

static struct tp_status break_foreign_key(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_db_run(db, error, "INSERT INTO part (item_id, amount) VALUES (99, 1)", "");
}

static struct tp_status break_check(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_db_run(db, error, "INSERT INTO part (item_id, amount) VALUES (1, 0)", "");
}

static void write__foreign_key_or_check_broken__is_a_constraint(void **state)
{
    static const tp_store_work works[] = {break_foreign_key, break_check};
    for (size_t i = 0; i < 2; i++) {
        struct tp_error error = {0};
        assert_int_equal(write_work(state, works[i], &error).class, TP_CONFLICT);
        assert_string_equal(error.code, "store.constraint");
    }
}

/* A failed statement ends that statement; the work may go on and be kept. */
static struct tp_status go_on_after_failure(struct tp_db *db, void *argument,
                                            struct tp_error *error)
{
    assert_int_equal(break_check(db, argument, error).class, TP_CONFLICT);
    return tp_db_run(db, error, "INSERT INTO item (owner) VALUES (5)", "");
}

static void write__work_survives_a_failed_statement__is_kept(void **state)
{
    assert_true(tp_ok(write_work(state, go_on_after_failure, NULL)));
    assert_int_equal(tp_store_fixture_ask(fixture_of(state)->store, "SELECT owner FROM item"), 5);
}

static struct tp_status use_every_type(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    static const uint8_t blob[] = {0, 1, 255};
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT $6, $1, $2, $3, $4, $5, 1.5, $1", "itbtbn",
                    INT64_MIN, "同评", blob, sizeof(blob), (const char *)NULL, "", (size_t)0);
    assert_true(tp_ok(status));
    bool row = false;
    assert_true(tp_ok(tp_query_next(query, &row, error)) && row);
    assert_true(tp_query_is_null(query, 0));
    assert_true(tp_query_int(query, 1) == INT64_MIN);
    assert_string_equal(tp_query_text(query, 2), "同评");
    size_t bytes = 0;
    assert_memory_equal(tp_query_blob(query, 3, &bytes), blob, 3);
    assert_int_equal(bytes, 3);
    assert_true(tp_query_is_null(query, 4));
    assert_null(tp_query_text(query, 4));
    assert_null(tp_query_blob(query, 4, &bytes));
    assert_false(tp_query_is_null(query, 5));
    assert_non_null(tp_query_blob(query, 5, &bytes));
    assert_int_equal(bytes, 0);
    assert_true(tp_query_real(query, 6) == 1.5);
    assert_true(tp_query_int(query, 7) == INT64_MIN);
    assert_true(tp_ok(tp_query_next(query, &row, error)) && !row);
    tp_query_end(query);
    return TP_STATUS_OK;
}

static void query__arguments_in_any_order__are_bound_by_number(void **state)
{
    assert_true(tp_ok(write_work(state, use_every_type, NULL)));
    assert_true(tp_ok(tp_store_read(fixture_of(state)->store, use_every_type, NULL, NULL)));
}

static struct tp_status wrong_statements(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    static const char *const sqls[] = {"SELECT $1",
                                       "SELEKT 1",
                                       "SELECT $2, $3",
                                       "SELECT ?1, ?2",
                                       "SELECT \"text\", $1, $2",
                                       "SELECT $1, $2; SELECT 1",
                                       ""};
    for (size_t i = 0; i < sizeof(sqls) / sizeof(sqls[0]); i++) {
        struct tp_status status = tp_db_run(db, error, sqls[i], "ii", (int64_t)1, (int64_t)2);
        assert_int_equal(status.class, TP_IO);
        assert_string_equal(error->code, "store.bad_statement");
    }
    return TP_STATUS_OK;
}

static void run__statement_wrong__is_told(void **state)
{
    struct tp_error error = {0};
    assert_true(tp_ok(write_work(state, wrong_statements, &error)));
}

static struct tp_status nest_one_statement(struct tp_db *db, void *argument, struct tp_error *error)
{
    static const char sql[] = "SELECT id FROM item WHERE id >= $1 ORDER BY id";
    (void)argument;
    struct tp_query *outer = NULL;
    assert_true(tp_ok(tp_db_query(db, &outer, error, sql, "i", (int64_t)1)));
    int64_t pair_count = 0;
    bool row = true;
    while (tp_ok(tp_query_next(outer, &row, error)) && row) {
        struct tp_query *inner = NULL;
        assert_true(tp_ok(tp_db_query(db, &inner, error, sql, "i", tp_query_int(outer, 0))));
        while (tp_ok(tp_query_next(inner, &row, error)) && row)
            pair_count++;
        tp_query_end(inner);
    }
    tp_query_end(outer);
    assert_int_equal(pair_count, 6);
    return TP_STATUS_OK;
}

static void query__same_statement_inside_itself__has_rows_of_its_own(void **state)
{
    struct tp_store *store = fixture_of(state)->store;
    for (int i = 0; i < 3; i++)
        assert_true(tp_ok(tp_store_fixture_add(store, i, "x", NULL)));
    assert_true(tp_ok(tp_store_read(store, nest_one_statement, NULL, NULL)));
}

static struct tp_status run_many_statements(struct tp_db *db, void *argument,
                                            struct tp_error *error)
{
    (void)argument;
    for (int round = 0; round < 2; round++) {
        for (int64_t i = 0; i < 1500; i++) {
            char sql[64];
            snprintf(sql, sizeof(sql), "SELECT %lld + $1", (long long)i);
            int64_t value = 0;
            bool found = false;
            assert_true(tp_ok(tp_db_ask_int(db, &value, &found, error, sql, "i", i)));
            assert_int_equal(value, 2 * i);
        }
    }
    return TP_STATUS_OK;
}

static void query__more_statements_than_the_cache_holds__all_answer(void **state)
{
    assert_true(tp_ok(tp_store_read(fixture_of(state)->store, run_many_statements, NULL, NULL)));
}

static struct tp_status leave_query_open(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", "");
    assert_true(tp_ok(status) && tp_ok(tp_query_next(query, &row, error)));
    return argument == NULL ? TP_STATUS_OK : tp_fail(error, TP_INPUT, "test.refused", "refused");
}

static void work__leaves_a_query_open__hurts_no_other(void **state)
{
    struct tp_store *store = fixture_of(state)->store;
    int refuse = 1;
    assert_true(tp_ok(tp_store_write(store, leave_query_open, NULL, NULL)));
    assert_int_equal(tp_store_write(store, leave_query_open, &refuse, NULL).class, TP_INPUT);
    assert_true(tp_ok(tp_store_read(store, leave_query_open, NULL, NULL)));
    assert_true(tp_ok(tp_store_fixture_add(store, 1, "after", NULL)));
    assert_int_equal(tp_store_fixture_ask(store, "SELECT count(*) FROM item"), 1);
}

static struct tp_status insert_plainly(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_db_run(db, error, "INSERT INTO item (owner) VALUES (1)", "");
}

static void read__work_writes__is_refused(void **state)
{
    struct tp_store *store = fixture_of(state)->store;
    struct tp_error error = {0};
    assert_int_equal(tp_store_read(store, insert_plainly, NULL, &error).class, TP_IO);
    assert_string_equal(error.code, "store.read_only");
    assert_int_equal(tp_store_fixture_ask(store, "SELECT count(*) FROM item"), 0);
}

struct snapshot {
    struct tp_store *store;
    sem_t first_read;
    sem_t may_go_on;
    int64_t before;
    int64_t after;
};

static struct tp_status read_twice(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct snapshot *snapshot = argument;
    bool found = false;
    const char *sql = "SELECT count(*) FROM item";
    assert_true(tp_ok(tp_db_ask_int(db, &snapshot->before, &found, error, sql, "")));
    sem_post(&snapshot->first_read);
    sem_wait(&snapshot->may_go_on);
    assert_true(tp_ok(tp_db_ask_int(db, &snapshot->after, &found, error, sql, "")));
    return TP_STATUS_OK;
}

static void *read_in_thread(void *argument)
{
    struct snapshot *snapshot = argument;
    assert_true(tp_ok(tp_store_read(snapshot->store, read_twice, snapshot, NULL)));
    return NULL;
}

static void read__others_write_meanwhile__sees_one_snapshot(void **state)
{
    struct snapshot snapshot = {.store = fixture_of(state)->store};
    sem_init(&snapshot.first_read, 0, 0);
    sem_init(&snapshot.may_go_on, 0, 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_in_thread, &snapshot), 0);
    sem_wait(&snapshot.first_read);
    assert_true(tp_ok(tp_store_fixture_add(snapshot.store, 1, "new", NULL)));
    assert_int_equal(tp_store_fixture_ask(snapshot.store, "SELECT count(*) FROM item"), 1);
    sem_post(&snapshot.may_go_on);
    pthread_join(thread, NULL);
    assert_int_equal(snapshot.before, 0);
    assert_int_equal(snapshot.after, 0);
    sem_destroy(&snapshot.first_read);
    sem_destroy(&snapshot.may_go_on);
}

static struct tp_status meet_others(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    int64_t value = 0;
    bool found = false;
    return tp_db_ask_int(db, &value, &found, error, "SELECT count(*) FROM item", "");
}

static void *read_often(void *store)
{
    for (int i = 0; i < 200; i++)
        assert_true(tp_ok(tp_store_read(store, meet_others, NULL, NULL)));
    return NULL;
}

static void read__more_threads_than_connections__all_are_served(void **state)
{
    pthread_t threads[32];
    for (size_t i = 0; i < 32; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, fixture_of(state)->store),
                         0);
    for (size_t i = 0; i < 32; i++)
        pthread_join(threads[i], NULL);
}

static struct tp_status insert_huge(struct tp_db *db, void *argument, struct tp_error *error)
{
    size_t bytes = *(size_t *)argument;
    void *data = calloc(1, bytes);
    assert_non_null(data);
    struct tp_status status = tp_db_run(db, error, "INSERT INTO item (owner, body) VALUES (1, $1)",
                                        "b", (const void *)data, bytes);
    free(data);
    return status;
}

static void write__blob_over_the_limit__is_refused(void **state)
{
    struct tp_store *store = fixture_of(state)->store;
    struct tp_error error = {0};
    size_t bytes = 64 * 1024 * 1024 + 1;
    assert_int_equal(tp_store_write(store, insert_huge, &bytes, &error).class, TP_LIMIT);
    assert_string_equal(error.code, "store.too_large");
    bytes = 4 * 1024 * 1024;
    assert_true(tp_ok(tp_store_write(store, insert_huge, &bytes, &error)));
    assert_int_equal(tp_store_fixture_ask(store, "SELECT length(body) FROM item"), bytes);
}

static struct tp_status count_changes(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_db_run_count(db, argument, error, "UPDATE item SET owner = owner + $1", "i",
                           (int64_t)10);
}

static void run_count__rows_changed__are_counted(void **state)
{
    struct tp_store *store = fixture_of(state)->store;
    int64_t changed = -1;
    assert_true(tp_ok(tp_store_write(store, count_changes, &changed, NULL)));
    assert_int_equal(changed, 0);
    for (int i = 0; i < 3; i++)
        assert_true(tp_ok(tp_store_fixture_add(store, i, "x", NULL)));
    assert_true(tp_ok(tp_store_write(store, count_changes, &changed, NULL)));
    assert_int_equal(changed, 3);
}

#define STORE_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, tp_store_fixture_setup, tp_store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__address_not_known__is_refused),
        STORE_TEST(open__new_store__only_the_owner_reads_its_files),
        STORE_TEST(open__file_is_no_database__is_corrupt),
        cmocka_unit_test(open__folder_missing__cannot_open),
        STORE_TEST(write__every_commit__waits_for_the_disk),
        STORE_TEST(write__done__is_there_after_reopening),
        STORE_TEST(write__unique_key_broken__is_a_conflict_with_its_columns),
        STORE_TEST(write__primary_key_broken__is_a_conflict),
        STORE_TEST(write__foreign_key_or_check_broken__is_a_constraint),
        STORE_TEST(write__work_survives_a_failed_statement__is_kept),
        STORE_TEST(query__arguments_in_any_order__are_bound_by_number),
        STORE_TEST(run__statement_wrong__is_told),
        STORE_TEST(query__same_statement_inside_itself__has_rows_of_its_own),
        STORE_TEST(query__more_statements_than_the_cache_holds__all_answer),
        STORE_TEST(work__leaves_a_query_open__hurts_no_other),
        STORE_TEST(read__work_writes__is_refused),
        STORE_TEST(read__others_write_meanwhile__sees_one_snapshot),
        STORE_TEST(read__more_threads_than_connections__all_are_served),
        STORE_TEST(write__blob_over_the_limit__is_refused),
        STORE_TEST(run_count__rows_changed__are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
