#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/link/outbox.h"

static const struct tp_migration migrations[] = {{1, "link", TP_LINK_SCHEMA}};

struct fixture {
    char folder[64];
    char url[128];
    struct tp_store *store;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/outbox-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL)
        return -1;
    snprintf(fixture->url, sizeof fixture->url, "sqlite:%s/s.db", fixture->folder);
    if (tp_failed(tp_store_open(fixture->url, migrations, 1, &fixture->store, NULL)))
        return -1;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    tp_store_free(fixture->store);
    static const char *const names[] = {"s.db", "s.db-wal", "s.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", fixture->folder, names[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

struct work {
    const char *message;
    uint64_t seq;
    bool fresh;
    struct tp_link_marks marks;
    uint64_t count;
    char loaded[256]; /* "seq:message " of each row */
    uint32_t limit_count;
    size_t limit_bytes;
    bool more;
};

static struct tp_status append(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct work *work = argument;
    return tp_link_outbox_append(db, "n", work->message, strlen(work->message), 1, &work->seq,
                                 error);
}

static struct tp_status append_and_fail(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct tp_status status = append(db, argument, error);
    return tp_failed(status) ? status : tp_fail(error, TP_CONFLICT, "test", "undo");
}

static struct tp_status acknowledge(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct work *work = argument;
    return tp_link_outbox_acknowledge(db, "n", work->seq, error);
}

static struct tp_status mark(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct work *work = argument;
    return tp_link_mark_applied(db, "n", work->seq, &work->fresh, error);
}

static struct tp_status reset(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_link_reset(db, "n", error);
}

static void note(void *context, uint64_t seq, const void *message, size_t bytes)
{
    struct work *work = context;
    size_t used = strlen(work->loaded);
    snprintf(work->loaded + used, sizeof work->loaded - used, "%d:%.*s ", (int)seq, (int)bytes,
             (const char *)message);
}

static struct tp_status look(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct work *work = argument;
    work->loaded[0] = '\0';
    struct tp_status status = tp_link_marks_read(db, "n", &work->marks, error);
    if (tp_ok(status))
        status = tp_link_outbox_count(db, "n", &work->count, error);
    if (tp_ok(status))
        status = tp_link_outbox_load(db, "n", 0, work->limit_count, work->limit_bytes, note, work,
                                     &work->more, error);
    return status;
}

static uint64_t appended(struct fixture *fixture, const char *message)
{
    struct work work = {.message = message};
    assert_true(tp_ok(tp_store_write(fixture->store, append, &work, NULL)));
    return work.seq;
}

static struct work looked(struct fixture *fixture, uint32_t limit_count, size_t limit_bytes)
{
    struct work work = {.limit_count = limit_count, .limit_bytes = limit_bytes};
    assert_true(tp_ok(tp_store_read(fixture->store, look, &work, NULL)));
    return work;
}

static void append__several__numbered_and_kept_through_a_restart(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(appended(fixture, "a"), 1);
    assert_int_equal(appended(fixture, ""), 2);
    tp_store_free(fixture->store);
    assert_true(tp_ok(tp_store_open(fixture->url, migrations, 1, &fixture->store, NULL)));
    assert_int_equal(appended(fixture, "c"), 3);
    struct work work = looked(fixture, 10, 1000);
    assert_string_equal(work.loaded, "1:a 2: 3:c ");
    assert_int_equal(work.marks.sent_seq, 3);
    assert_int_equal(work.count, 3);
    assert_false(work.more);
}

static void append__its_act_fails__no_seq_is_used(void **state)
{
    struct fixture *fixture = *state;
    struct work work = {.message = "a"};
    assert_int_equal(tp_store_write(fixture->store, append_and_fail, &work, NULL).class,
                     TP_CONFLICT);
    assert_int_equal(appended(fixture, "b"), 1);
}

static void load__limits__tells_that_there_is_more(void **state)
{
    struct fixture *fixture = *state;
    (void)appended(fixture, "aaaa");
    (void)appended(fixture, "bbbb");
    (void)appended(fixture, "cccc");
    struct work by_count = looked(fixture, 2, 1000);
    assert_string_equal(by_count.loaded, "1:aaaa 2:bbbb ");
    assert_true(by_count.more);
    struct work by_bytes = looked(fixture, 10, 9);
    assert_string_equal(by_bytes.loaded, "1:aaaa 2:bbbb ");
    assert_true(by_bytes.more);
    struct work at_least_one = looked(fixture, 10, 1);
    assert_string_equal(at_least_one.loaded, "1:aaaa ");
    assert_true(at_least_one.more);
}

static void acknowledge__some__their_rows_go_and_the_mark_never_falls(void **state)
{
    struct fixture *fixture = *state;
    (void)appended(fixture, "a");
    (void)appended(fixture, "b");
    (void)appended(fixture, "c");
    struct work two = {.seq = 2}, one = {.seq = 1};
    assert_true(tp_ok(tp_store_write(fixture->store, acknowledge, &two, NULL)));
    assert_true(tp_ok(tp_store_write(fixture->store, acknowledge, &one, NULL)));
    struct work work = looked(fixture, 10, 1000);
    assert_string_equal(work.loaded, "3:c ");
    assert_int_equal(work.marks.acked_seq, 2);
}

static void mark_applied__again_or_with_a_gap__not_fresh_or_refused(void **state)
{
    struct fixture *fixture = *state;
    struct work work = {.seq = 1};
    assert_true(tp_ok(tp_store_write(fixture->store, mark, &work, NULL)));
    assert_true(work.fresh);
    assert_true(tp_ok(tp_store_write(fixture->store, mark, &work, NULL)));
    assert_false(work.fresh);
    work.seq = 3;
    struct tp_error error = {0};
    assert_int_equal(tp_store_write(fixture->store, mark, &work, &error).class, TP_PEER);
    assert_string_equal(error.code, "link.gap");
    assert_int_equal(looked(fixture, 1, 1).marks.received_seq, 1);
}

static void reset__what_was_not_acknowledged__numbered_from_one(void **state)
{
    struct fixture *fixture = *state;
    (void)appended(fixture, "a");
    (void)appended(fixture, "b");
    (void)appended(fixture, "c");
    struct work one = {.seq = 1};
    assert_true(tp_ok(tp_store_write(fixture->store, acknowledge, &one, NULL)));
    assert_true(tp_ok(tp_store_write(fixture->store, mark, &one, NULL)));
    assert_true(tp_ok(tp_store_write(fixture->store, reset, NULL, NULL)));
    struct work work = looked(fixture, 10, 1000);
    assert_string_equal(work.loaded, "1:b 2:c ");
    assert_int_equal(work.marks.sent_seq, 2);
    assert_int_equal(work.marks.acked_seq, 0);
    assert_int_equal(work.marks.received_seq, 0);
    assert_int_equal(appended(fixture, "d"), 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(append__several__numbered_and_kept_through_a_restart),
        CASE(append__its_act_fails__no_seq_is_used),
        CASE(load__limits__tells_that_there_is_more),
        CASE(acknowledge__some__their_rows_go_and_the_mark_never_falls),
        CASE(mark_applied__again_or_with_a_gap__not_fresh_or_refused),
        CASE(reset__what_was_not_acknowledged__numbered_from_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
