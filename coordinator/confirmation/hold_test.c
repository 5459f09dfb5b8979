#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "coordinator/confirmation/hold.h"
#include "coordinator/fixture/fixture.h"
#include "coordinator/todo/todo.h"

#define HOUR_MS (INT64_C(3600) * 1000)

/* lanzhou has confirmed, tianshui has not answered; all five seats are booked for eight slots. */
static int set_up(void **state)
{
    static struct tp_fixture fixture;
    char sql[1024];
    tp_fixture_open(&fixture, NULL, 0);
    tp_fixture_session(&fixture, "confirming");
    snprintf(sql, sizeof sql,
             "UPDATE session_venues SET state = 'held' WHERE position = 1;"
             "UPDATE sessions SET hold_until_at = %lld;"
             "INSERT INTO todos (id, kind, session_id, title, center_id, created_at) VALUES"
             " ('todo_1', 'confirm_venue', '" TP_FIXTURE_SESSION "', 't', 'tianshui', 1);"
             "WITH RECURSIVE slot (n) AS (SELECT (SELECT start_at FROM sessions) / 1800000 UNION"
             " ALL SELECT n + 1 FROM slot WHERE n < (SELECT start_at FROM sessions) / 1800000 + 7)"
             " INSERT INTO bookings SELECT seats.id, slot.n, '" TP_FIXTURE_SESSION
             "' FROM seats, slot",
             (long long)(TP_FIXTURE_NOW_MS + 4 * HOUR_MS));
    tp_fixture_run(&fixture, sql);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    tp_fixture_close(*state);
    return 0;
}

static void hold_expire__before_the_deadline__changes_nothing(void **state)
{
    struct tp_fixture *fixture = *state;
    tp_manual_clock_turn(&fixture->clock, 4 * HOUR_MS - 1);
    assert_true(tp_ok(tp_hold_expire(&fixture->app, NULL)));
    assert_string_equal(tp_fixture_state(fixture), "confirming");
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM bookings"), 40);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM record"), 0);
}

static void hold_expire__at_the_deadline__frees_the_silent_venue_only(void **state)
{
    struct tp_fixture *fixture = *state;
    tp_fixture_run(fixture, "UPDATE sessions SET hold_until_at = hold_until_at - 14400000");
    assert_true(tp_ok(tp_hold_expire(&fixture->app, NULL)));
    assert_string_equal(tp_fixture_state(fixture), "choosing");
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM bookings"), 24);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM bookings WHERE seat_id LIKE"
                                             " 'tianshui%'"),
                     0);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM session_venues WHERE state ="
                                             " 'refused' AND center_id = 'tianshui'"),
                     1);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM todos WHERE kind ="
                                             " 'confirm_venue' AND done_at IS NULL"),
                     0);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM todos WHERE kind ="
                                             " 'choose_venues' AND agency_code = 'A1'"),
                     1);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM record WHERE act ="
                                             " 'session.hold_ended' AND actor = 'system'"),
                     1);
    /* The agency has a hold of its own to choose anew. */
    assert_int_equal(tp_fixture_ask(fixture, "SELECT hold_until_at FROM sessions"),
                     TP_FIXTURE_NOW_MS + 4 * HOUR_MS);
}

static void hold_expire__agency_silent_too__frees_all_once(void **state)
{
    struct tp_fixture *fixture = *state;
    tp_fixture_run(fixture, "UPDATE sessions SET hold_until_at = hold_until_at - 14400000");
    assert_true(tp_ok(tp_hold_expire(&fixture->app, NULL)));
    tp_fixture_run(fixture, "UPDATE sessions SET hold_until_at = hold_until_at - 14400000");
    assert_true(tp_ok(tp_hold_expire(&fixture->app, NULL)));
    assert_string_equal(tp_fixture_state(fixture), "choosing");
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM bookings"), 0);
    assert_int_equal(
        tp_fixture_ask(fixture, "SELECT COUNT(*) FROM session_venues WHERE state = 'refused'"), 2);
    assert_int_equal(
        tp_fixture_ask(fixture, "SELECT COUNT(*) FROM sessions WHERE hold_until_at IS NULL"), 1);
    int64_t version = tp_fixture_ask(fixture, "SELECT version FROM sessions");
    assert_true(tp_ok(tp_hold_expire(&fixture->app, NULL)));
    assert_int_equal(tp_fixture_ask(fixture, "SELECT version FROM sessions"), version);
}

static struct tp_status ask_twice(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct tp_todo *todo = argument;
    struct tp_status status = tp_todo_add(write, todo, error);
    return tp_ok(status) ? tp_todo_add(write, todo, error) : status;
}

static void todo_add__asked_twice__stands_once_with_one_message(void **state)
{
    struct tp_fixture *fixture = *state;
    tp_fixture_run(fixture, "UPDATE users SET phone = '13900000000' WHERE id = 'usr_staff'");
    struct tp_todo todo = {.kind = "matter",
                           .session_id = TP_FIXTURE_SESSION,
                           .subject_id = "mat_1",
                           .title = "t",
                           .center_id = "lanzhou",
                           .sms_text = "text"};
    assert_true(tp_ok(tp_write_run(&fixture->app, ask_twice, &todo, NULL)));
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM todos WHERE kind = 'matter'"),
                     1);
    assert_int_equal(tp_fixture_ask(fixture, "SELECT COUNT(*) FROM notices WHERE state = 'waiting'"
                                             " AND user_id = 'usr_staff'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hold_expire__before_the_deadline__changes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(hold_expire__at_the_deadline__frees_the_silent_venue_only,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(hold_expire__agency_silent_too__frees_all_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(todo_add__asked_twice__stands_once_with_one_message, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
