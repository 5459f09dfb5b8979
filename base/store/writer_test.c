/* The group commit against an engine that remembers: what is in one transaction, and what becomes
 * of the neighbours when a work, a savepoint or the commit fails. */
#include "base/store/writer.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROW_MOST_COUNT 4096

struct fake_db {
    struct tp_db db;
    bool in_transaction;
    int pending[ROW_MOST_COUNT]; /* rows of the transaction under way */
    size_t pending_count;
    size_t savepoint_count; /* rows before the savepoint */
    int kept[ROW_MOST_COUNT];
    size_t kept_count;
    size_t begin_count;
    size_t commit_count;
    int failing_commits;      /* how many of the next commits fail */
    const char *failing_code; /* with which code */
    int begin_failures;
    int release_failures;
};

static struct fake_db *fake_of(struct tp_db *db)
{
    return (struct fake_db *)db;
}

static struct tp_status fake_begin(struct tp_db *db, struct tp_error *error)
{
    struct fake_db *fake = fake_of(db);
    assert_false(fake->in_transaction);
    if (fake->begin_failures > 0) {
        fake->begin_failures--;
        return tp_fail(error, TP_IO, "store.busy", "begin fails");
    }
    fake->in_transaction = true;
    fake->pending_count = 0;
    fake->begin_count++;
    return TP_STATUS_OK;
}

static void fake_rollback(struct tp_db *db)
{
    fake_of(db)->in_transaction = false;
    fake_of(db)->pending_count = 0;
}

static struct tp_status fake_commit(struct tp_db *db, struct tp_error *error)
{
    struct fake_db *fake = fake_of(db);
    assert_true(fake->in_transaction);
    if (fake->failing_commits > 0) {
        fake->failing_commits--;
        fake_rollback(db);
        return tp_fail(error, TP_IO, fake->failing_code, "the commit fails");
    }
    memcpy(fake->kept + fake->kept_count, fake->pending, fake->pending_count * sizeof(int));
    fake->kept_count += fake->pending_count;
    fake->in_transaction = false;
    fake->commit_count++;
    return TP_STATUS_OK;
}

static bool fake_in_transaction(struct tp_db *db)
{
    return fake_of(db)->in_transaction;
}

static struct tp_status fake_savepoint(struct tp_db *db, struct tp_error *error)
{
    (void)error;
    fake_of(db)->savepoint_count = fake_of(db)->pending_count;
    return TP_STATUS_OK;
}

static struct tp_status fake_release(struct tp_db *db, struct tp_error *error)
{
    if (fake_of(db)->release_failures > 0) {
        fake_of(db)->release_failures--;
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "release fails");
    }
    return TP_STATUS_OK;
}

static struct tp_status fake_rollback_to(struct tp_db *db, struct tp_error *error)
{
    (void)error;
    fake_of(db)->pending_count = fake_of(db)->savepoint_count;
    return TP_STATUS_OK;
}

static size_t fake_end_queries(struct tp_db *db)
{
    (void)db;
    return 0;
}

static const struct tp_engine fake_engine = {
    .scheme = "fake",
    .begin = fake_begin,
    .commit = fake_commit,
    .rollback = fake_rollback,
    .in_transaction = fake_in_transaction,
    .savepoint = fake_savepoint,
    .release = fake_release,
    .rollback_to = fake_rollback_to,
    .end_queries = fake_end_queries,
};

struct fixture {
    struct fake_db fake;
    struct tp_writer *writer;
    sem_t entered; /* the gate work runs */
    sem_t opened;  /* it may end */
};

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    fixture.fake.db.engine = &fake_engine;
    sem_init(&fixture.entered, 0, 0);
    sem_init(&fixture.opened, 0, 0);
    *state = &fixture;
    return tp_failed(tp_writer_new(&fixture.fake.db, &fixture.writer, NULL));
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    tp_writer_free(fixture->writer);
    sem_destroy(&fixture->entered);
    sem_destroy(&fixture->opened);
    return 0;
}

/* A call of tp_writer_run in a thread of its own. */
struct call {
    struct fixture *fixture;
    pthread_t thread;
    tp_store_work work;
    int row;
    int run_count;
    struct tp_status status;
    struct tp_error error;
};

static struct tp_status add_row(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)error;
    struct call *call = argument;
    call->run_count++;
    fake_of(db)->pending[fake_of(db)->pending_count++] = call->row;
    return TP_STATUS_OK;
}

static struct tp_status add_row_and_fail(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct tp_status status = add_row(db, argument, error);
    assert_true(tp_ok(status));
    return tp_fail(error, TP_CONFLICT, "test.refused", "refused");
}

static struct tp_status lose_transaction_once(struct tp_db *db, void *argument,
                                              struct tp_error *error)
{
    struct call *call = argument;
    if (call->run_count > 0)
        return add_row(db, argument, error);
    call->run_count++;
    fake_rollback(db);
    return tp_fail(error, TP_IO, "store.full", "the disk is full");
}

/* Holds the writer, so that what comes behind it waits together. */
static struct tp_status gate(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)db;
    (void)error;
    struct call *call = argument;
    if (call->run_count++ > 0)
        return TP_STATUS_OK;
    sem_post(&call->fixture->entered);
    sem_wait(&call->fixture->opened);
    return TP_STATUS_OK;
}

static void *run_call(void *argument)
{
    struct call *call = argument;
    call->status = tp_writer_run(call->fixture->writer, call->work, call, &call->error);
    return NULL;
}

/* Starts the gate and behind it `count` calls in their order; opens the gate; waits for all. */
static void run_together(struct fixture *fixture, struct call *calls, size_t count)
{
    struct call first = {.fixture = fixture, .work = gate};
    assert_int_equal(pthread_create(&first.thread, NULL, run_call, &first), 0);
    sem_wait(&fixture->entered);
    for (size_t i = 0; i < count; i++) {
        calls[i].fixture = fixture;
        assert_int_equal(pthread_create(&calls[i].thread, NULL, run_call, &calls[i]), 0);
        while (tp_writer_waiting_count(fixture->writer) <= i)
            sched_yield();
    }
    sem_post(&fixture->opened);
    pthread_join(first.thread, NULL);
    for (size_t i = 0; i < count; i++)
        pthread_join(calls[i].thread, NULL);
}

static void run__works_that_wait__share_one_commit(void **state)
{
    struct fixture *fixture = *state;
    struct call calls[100];
    memset(calls, 0, sizeof(calls));
    for (int i = 0; i < 100; i++)
        calls[i] = (struct call){.work = add_row, .row = i};
    run_together(fixture, calls, 100);
    assert_int_equal(fixture->fake.commit_count, 1);
    assert_int_equal(fixture->fake.kept_count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fixture->fake.kept[i], i);
}

static void counts__grouped_failed_and_undone__tell_what_was_kept(void **state)
{
    struct fixture *fixture = *state;
    struct call grouped[] = {{.work = add_row, .row = 1},
                             {.work = add_row_and_fail, .row = 2},
                             {.work = add_row, .row = 3}};
    run_together(fixture, grouped, 3);
    struct tp_store_counts counts = tp_writer_counts(fixture->writer);
    assert_int_equal(counts.write_count, 3); /* with the gate's own */
    assert_int_equal(counts.commit_count, 1);
    fixture->fake.failing_commits = 1;
    fixture->fake.failing_code = "store.sync";
    struct call lost = {.fixture = fixture, .work = add_row, .row = 4};
    run_call(&lost);
    assert_true(tp_failed(lost.status));
    assert_int_equal(tp_writer_counts(fixture->writer).commit_count, 1);
    assert_int_equal(tp_writer_counts(fixture->writer).write_count, counts.write_count);
}

static void run__more_works_than_a_group_takes__go_into_the_next(void **state)
{
    struct fixture *fixture = *state;
    static struct call calls[300];
    for (int i = 0; i < 300; i++)
        calls[i] = (struct call){.work = add_row, .row = i};
    run_together(fixture, calls, 300);
    assert_int_equal(fixture->fake.commit_count, 2);
    assert_int_equal(fixture->fake.kept_count, 300);
}

static void run__one_work_fails__undoes_that_work_alone(void **state)
{
    struct fixture *fixture = *state;
    struct call calls[] = {{.work = add_row, .row = 1},
                           {.work = add_row_and_fail, .row = 2},
                           {.work = add_row, .row = 3}};
    run_together(fixture, calls, 3);
    assert_true(tp_ok(calls[0].status));
    assert_int_equal(calls[1].status.class, TP_CONFLICT);
    assert_string_equal(calls[1].error.code, "test.refused");
    assert_true(tp_ok(calls[2].status));
    assert_int_equal(fixture->fake.kept_count, 2);
    assert_int_equal(fixture->fake.kept[0], 1);
    assert_int_equal(fixture->fake.kept[1], 3);
    assert_int_equal(fixture->fake.commit_count, 1);
}

static void run__group_commit_fails__every_work_runs_again_alone(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.failing_commits = 1;
    fixture->fake.failing_code = "store.full";
    struct call calls[] = {{.work = add_row, .row = 1},
                           {.work = add_row_and_fail, .row = 2},
                           {.work = add_row, .row = 3}};
    run_together(fixture, calls, 3);
    assert_true(tp_ok(calls[0].status));
    assert_string_equal(calls[0].error.code, "");
    assert_int_equal(calls[1].status.class, TP_CONFLICT);
    assert_true(tp_ok(calls[2].status));
    assert_int_equal(calls[0].run_count, 2);
    assert_int_equal(fixture->fake.kept_count, 2);
}

static void run__every_commit_fails__each_caller_is_told(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.failing_commits = 100;
    fixture->fake.failing_code = "store.full";
    struct call calls[] = {{.work = add_row, .row = 1}, {.work = add_row, .row = 2}};
    run_together(fixture, calls, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(calls[i].status.class, TP_IO);
        assert_string_equal(calls[i].error.code, "store.full");
    }
    assert_int_equal(fixture->fake.kept_count, 0);
}

static void run__sync_fails__nothing_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.failing_commits = 1;
    fixture->fake.failing_code = "store.sync";
    struct call calls[] = {{.work = add_row, .row = 1}, {.work = add_row_and_fail, .row = 2}};
    run_together(fixture, calls, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(calls[i].status.class, TP_IO);
        assert_string_equal(calls[i].error.code, "store.sync");
        assert_int_equal(calls[i].run_count, 1);
    }
    assert_int_equal(fixture->fake.kept_count, 0);
}

static void run__transaction_lost_in_a_work__neighbours_are_kept(void **state)
{
    struct fixture *fixture = *state;
    struct call calls[] = {{.work = add_row, .row = 1},
                           {.work = lose_transaction_once, .row = 2},
                           {.work = add_row, .row = 3}};
    run_together(fixture, calls, 3);
    for (int i = 0; i < 3; i++)
        assert_true(tp_ok(calls[i].status));
    assert_int_equal(fixture->fake.kept_count, 3);
}

static void run__release_fails__what_was_told_as_failed_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.release_failures = 1;
    struct call call = {.fixture = fixture, .work = add_row, .row = 1};
    run_call(&call);
    assert_int_equal(call.status.class, TP_NOMEM);
    assert_int_equal(fixture->fake.kept_count, 0);
}

static void run__transaction_cannot_begin__caller_is_told(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.begin_failures = 1;
    struct call call = {.fixture = fixture, .work = add_row, .row = 1};
    run_call(&call);
    assert_int_equal(call.status.class, TP_IO);
    assert_string_equal(call.error.code, "store.busy");
    run_call(&call);
    assert_true(tp_ok(call.status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(run__works_that_wait__share_one_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(counts__grouped_failed_and_undone__tell_what_was_kept,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(run__more_works_than_a_group_takes__go_into_the_next, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(run__one_work_fails__undoes_that_work_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(run__group_commit_fails__every_work_runs_again_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(run__every_commit_fails__each_caller_is_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(run__sync_fails__nothing_is_tried_again, setup, teardown),
        cmocka_unit_test_setup_teardown(run__transaction_lost_in_a_work__neighbours_are_kept, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(run__release_fails__what_was_told_as_failed_is_not_kept,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(run__transaction_cannot_begin__caller_is_told, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
