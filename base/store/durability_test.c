/* What was acknowledged is kept: with many writers at once, when the process is killed, and when
 * the disk takes no more. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/store/store.h"
#include "base/store/store_fixture.h"

#define WRITER_COUNT 16
#define WRITES_PER_WRITER 2000
#define REFUSED_EVERY 7
#define KILL_ROUND_COUNT 30
#define CHILD_WRITER_COUNT 4

struct row {
    int64_t owner;
    int64_t number;
    bool refuse;
};

static struct tp_status insert_row(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct row *row = argument;
    char name[32];
    snprintf(name, sizeof(name), "%lld", (long long)row->number);
    struct tp_status status = tp_db_run(db, error, "INSERT INTO item (owner, name) VALUES ($1, $2)",
                                        "it", row->owner, name);
    if (tp_ok(status) && row->refuse)
        return tp_fail(error, TP_INPUT, "test.refused", "refused after its insert");
    return status;
}

struct writing {
    struct tp_store *store;
    int64_t owner;
    int64_t kept_count;
};

static void *write_rows(void *argument)
{
    struct writing *writing = argument;
    for (int64_t i = 0; i < WRITES_PER_WRITER; i++) {
        struct row row = {writing->owner, i, i % REFUSED_EVERY == 0};
        struct tp_status status = tp_store_write(writing->store, insert_row, &row, NULL);
        assert_int_equal(status.class, row.refuse ? TP_INPUT : TP_OK);
        writing->kept_count += tp_ok(status);
    }
    return NULL;
}

static void write__sixteen_threads_some_refused__exactly_the_others_are_kept(void **state)
{
    struct tp_store_fixture *fixture = *state;
    struct writing writings[WRITER_COUNT];
    pthread_t threads[WRITER_COUNT];
    for (int i = 0; i < WRITER_COUNT; i++) {
        writings[i] = (struct writing){.store = fixture->store, .owner = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_rows, &writings[i]), 0);
    }
    int64_t kept_count = 0;
    for (int i = 0; i < WRITER_COUNT; i++) {
        pthread_join(threads[i], NULL);
        kept_count += writings[i].kept_count;
    }
    tp_store_fixture_reopen(fixture);
    assert_int_equal(kept_count,
                     WRITER_COUNT * (WRITES_PER_WRITER -
                                     (WRITES_PER_WRITER + REFUSED_EVERY - 1) / REFUSED_EVERY));
    assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT count(*) FROM item"), kept_count);
    assert_int_equal(
        tp_store_fixture_ask(fixture->store,
                             "SELECT count(*) FROM item WHERE CAST(name AS INTEGER) % 7 = 0"),
        0);
}

/* The child: writes for ever and tells each acknowledged row through the pipe. */
struct child_writing {
    struct tp_store *store;
    int64_t owner;
    int pipe;
};

static void *write_and_tell(void *argument)
{
    struct child_writing *writing = argument;
    for (int64_t i = 0;; i++) {
        struct row row = {writing->owner, i, false};
        if (tp_failed(tp_store_write(writing->store, insert_row, &row, NULL)))
            _exit(3);
        int64_t told[2] = {row.owner, row.number};
        if (write(writing->pipe, told, sizeof(told)) != (ssize_t)sizeof(told))
            _exit(4);
    }
    return NULL;
}

static void run_child(const char *url, int round, int pipe)
{
    struct tp_store *store = NULL;
    if (tp_failed(tp_store_open(url, tp_store_fixture_migrations, 2, &store, NULL)))
        _exit(2);
    struct child_writing writings[CHILD_WRITER_COUNT];
    pthread_t threads[CHILD_WRITER_COUNT];
    for (int i = 0; i < CHILD_WRITER_COUNT; i++) {
        writings[i] = (struct child_writing){store, round * CHILD_WRITER_COUNT + i, pipe};
        if (pthread_create(&threads[i], NULL, write_and_tell, &writings[i]) != 0)
            _exit(5);
    }
    for (;;)
        pause();
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Reads what the child tells, kills it `life_us` after its first row, and reads the rest. */
static void listen_and_kill(pid_t child, int pipe, int64_t life_us, int64_t last[])
{
    int64_t kill_at_us = INT64_MAX;
    bool killed = false;
    for (;;) {
        struct pollfd waiting = {.fd = pipe, .events = POLLIN};
        assert_true(poll(&waiting, 1, kill_at_us == INT64_MAX || killed ? 20000 : 0) >= 0);
        if (waiting.revents != 0) {
            int64_t told[2];
            ssize_t got = read(pipe, told, sizeof(told));
            if (got == 0)
                break;
            assert_int_equal(got, sizeof(told));
            last[told[0] % CHILD_WRITER_COUNT] = told[1];
            if (kill_at_us == INT64_MAX)
                kill_at_us = now_us() + life_us;
        } else {
            assert_true(killed || kill_at_us != INT64_MAX);
        }
        if (!killed && now_us() >= kill_at_us) {
            killed = kill(child, SIGKILL) == 0;
            assert_true(killed);
        }
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void check_told_rows(struct tp_store_fixture *fixture, int round, const int64_t last[])
{
    tp_store_fixture_reopen(fixture);
    for (int i = 0; i < CHILD_WRITER_COUNT; i++) {
        char sql[128];
        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM item WHERE owner = %d AND CAST(name AS INTEGER) <= %lld",
                 round * CHILD_WRITER_COUNT + i, (long long)last[i]);
        assert_int_equal(tp_store_fixture_ask(fixture->store, sql), last[i] + 1);
    }
}

static void write__process_killed__every_acknowledged_row_is_there(void **state)
{
    struct tp_store_fixture *fixture = *state;
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 20261121);
    int64_t told_count = 0;
    for (int round = 0; round < KILL_ROUND_COUNT; round++) {
        tp_store_free(fixture->store);
        fixture->store = NULL;
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            run_child(fixture->url, round, ends[1]);
        }
        close(ends[1]);
        int64_t last[CHILD_WRITER_COUNT] = {-1, -1, -1, -1};
        listen_and_kill(child, ends[0], tp_random_below(&random.random, 40000), last);
        close(ends[0]);
        check_told_rows(fixture, round, last);
        for (int i = 0; i < CHILD_WRITER_COUNT; i++)
            told_count += last[i] + 1;
    }
    assert_true(told_count > KILL_ROUND_COUNT);
}

static void set_file_size_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void write__disk_takes_no_more__fails_and_loses_nothing(void **state)
{
    struct tp_store_fixture *fixture = *state;
    signal(SIGXFSZ, SIG_IGN);
    int64_t kept_count = 0;
    int64_t failed_count = 0;
    set_file_size_limit(512 * 1024);
    for (int64_t i = 0; failed_count < 20 && i < 20000; i++) {
        struct row row = {1, i, false};
        struct tp_error error = {0};
        struct tp_status status = tp_store_write(fixture->store, insert_row, &row, &error);
        kept_count += tp_ok(status);
        failed_count += tp_failed(status);
        assert_true(tp_ok(status) || status.class == TP_IO);
    }
    set_file_size_limit(RLIM_INFINITY);
    assert_int_equal(failed_count, 20);
    assert_true(kept_count > 0);
    assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT count(*) FROM item"), kept_count);
    assert_true(tp_ok(tp_store_fixture_add(fixture->store, 2, "room again", NULL)));
    tp_store_fixture_reopen(fixture);
    assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT count(*) FROM item"),
                     kept_count + 1);
}

static struct tp_status limit_pages(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_db_script(db, "PRAGMA max_page_count = 40", error);
}

static void write__database_full__says_so(void **state)
{
    struct tp_store_fixture *fixture = *state;
    assert_true(tp_ok(tp_store_write(fixture->store, limit_pages, NULL, NULL)));
    int64_t kept_count = 0;
    struct tp_error error = {0};
    struct tp_status status = TP_STATUS_OK;
    for (int64_t i = 0; tp_ok(status) && i < 100000; i++) {
        struct row row = {1, i, false};
        status = tp_store_write(fixture->store, insert_row, &row, &error);
        kept_count += tp_ok(status);
    }
    assert_int_equal(status.class, TP_IO);
    assert_string_equal(error.code, "store.full");
    assert_int_equal(tp_store_fixture_ask(fixture->store, "SELECT count(*) FROM item"), kept_count);
}

#define STORE_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, tp_store_fixture_setup, tp_store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(write__sixteen_threads_some_refused__exactly_the_others_are_kept),
        STORE_TEST(write__process_killed__every_acknowledged_row_is_there),
        STORE_TEST(write__disk_takes_no_more__fails_and_loses_nothing),
        STORE_TEST(write__database_full__says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
