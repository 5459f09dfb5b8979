#include "coordinator/evaluation/seat_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "coordinator/evaluation/evaluation_module.h"
#include "coordinator/evaluation/seat_expert.h"
#include "coordinator/fixture/fixture.h"
#include "coordinator/session/session.h"

static const struct tp_module *const modules[] = {&tp_evaluation_module};

static struct tp_fixture fixture;
static struct tp_keypair *draw_key;

static struct tp_status apply_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    return tp_session_apply(write, TP_FIXTURE_SESSION, TP_VERSION_ANY,
                            *(enum tp_session_event *)argument, "usr_staff", NULL, NULL, error);
}

static struct tp_status apply(enum tp_session_event event, struct tp_error *error)
{
    return tp_write_run(&fixture.app, apply_work, &event, error);
}

static int set_up(void **state)
{
    struct tp_error error;
    (void)state;
    tp_fixture_open(&fixture, modules, 1);
    tp_fixture_session(&fixture, "drawing");
    tp_fixture_run(&fixture, "INSERT INTO draws (session_id, draw_id, step, plan, opened_by,"
                             " opens_at, created_at) VALUES ('" TP_FIXTURE_SESSION
                             "', 'drw_1', 'started', '{}', 'usr_agency', 1, 1)");
    assert_true(tp_ok(tp_keypair_new(&draw_key, &error)));
    assert_true(tp_ok(apply(TP_EVENT_DRAW_COMPLETE, &error)));
    assert_true(tp_ok(apply(TP_EVENT_LIST_DELIVERED, &error)));
    assert_true(tp_ok(apply(TP_EVENT_OPEN_ENTRY, &error)));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_keypair_free(draw_key);
    tp_fixture_close(&fixture);
    return 0;
}

struct arrival {
    const char *center_id;
    const char *kind;
    const char *seat_id;
    const char *handle;
    const char *asserted_seat; /* NULL: the same */
    const char *draw_id;       /* NULL: drw_1 */
    bool unpinned;             /* tp-draw's key is not known here */
    bool bad_signature;
};

static struct tp_status arrive_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct arrival *arrival = argument;
    Tongping__Link__SeatEvent event;
    char texts[5][64];
    char assertion[512];
    uint8_t signature[TP_SIGNATURE_BYTES];
    snprintf(texts[0], 64, "evt_1");
    snprintf(texts[1], 64, "%s", TP_FIXTURE_SESSION);
    snprintf(texts[2], 64, "%s", arrival->seat_id);
    snprintf(texts[3], 64, "%s", arrival->handle);
    snprintf(texts[4], 64, "%s", arrival->kind);
    snprintf(assertion, sizeof(assertion),
             "{\"draw_id\":\"%s\",\"session_id\":\"%s\",\"seat_id\":\"%s\",\"venue\":\"%s\","
             "\"handle\":\"%s\",\"label\":\"专家 %s\",\"at\":1}",
             arrival->draw_id != NULL ? arrival->draw_id : "drw_1", TP_FIXTURE_SESSION,
             arrival->asserted_seat != NULL ? arrival->asserted_seat : arrival->seat_id,
             arrival->center_id, arrival->handle, arrival->handle + 2);
    struct tp_status status =
        tp_sign(draw_key, "tongping.assertion.v1", assertion, strlen(assertion), signature, error);
    if (tp_failed(status))
        return status;
    signature[3] ^= arrival->bad_signature;
    tongping__link__seat_event__init(&event);
    event.event_id = texts[0];
    event.session_id = texts[1];
    event.seat_id = texts[2];
    event.handle = texts[3];
    event.kind = texts[4];
    event.at_ms = write->now_ms;
    event.assertion = (ProtobufCBinaryData){strlen(assertion), (uint8_t *)assertion};
    event.signature = (ProtobufCBinaryData){sizeof(signature), signature};
    return tp_seat_event_apply(write, arrival->center_id, &event,
                               arrival->unpinned ? NULL : draw_key->sign_public, error);
}

static void arrive(struct arrival arrival)
{
    struct tp_error error;
    assert_true(tp_ok(tp_write_run(&fixture.app, arrive_work, &arrival, &error)));
}

static int64_t in_count(void)
{
    return tp_fixture_ask(&fixture, "SELECT count(*) FROM seat_experts WHERE state = 'in'");
}

static int64_t not_taken(const char *reason)
{
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM record WHERE act = 'seat.not_taken' AND data LIKE '%%%s%%'",
             reason);
    return tp_fixture_ask(&fixture, sql);
}

static int64_t posted(const char *center_id)
{
    char sql[200];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM link_outbox WHERE peer = '%s'", center_id);
    return tp_fixture_ask(&fixture, sql);
}

static const struct arrival first = {"lanzhou", "entered", "lanzhou-r1-s01", "h_1", NULL, NULL,
                                     false,     false};

static void entered__well_asserted__is_in_and_shown_to_both_venues(void **state)
{
    (void)state;
    const int64_t before = posted("tianshui");
    arrive(first);
    assert_int_equal(in_count(), 1);
    assert_int_equal(posted("tianshui"), before + 1);
    assert_int_equal(posted("lanzhou"), before + 1);
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'seat.entered'"), 1);
    arrive(first);
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'seat.entered'"), 1);
}

static void entered__with_a_false_assertion__is_logged_and_passed(void **state)
{
    (void)state;
    struct arrival arrival = first;
    arrival.bad_signature = true;
    arrive(arrival);
    assert_int_equal(not_taken("crypto.bad_signature"), 1);
    arrival = first;
    arrival.asserted_seat = "lanzhou-r1-s02";
    arrive(arrival);
    arrival = first;
    arrival.draw_id = "drw_2";
    arrive(arrival);
    assert_int_equal(not_taken("assertion.of_another"), 2);
    assert_int_equal(in_count(), 0);
}

static void entered__at_a_seat_of_another_center__is_not_taken(void **state)
{
    (void)state;
    struct arrival arrival = first;
    arrival.seat_id = "tianshui-r1-s01";
    arrive(arrival);
    assert_int_equal(not_taken("seat.not_booked"), 1);
    assert_int_equal(in_count(), 0);
}

static void entered__two_for_one_seat_or_one_for_two__is_not_taken(void **state)
{
    (void)state;
    arrive(first);
    struct arrival arrival = first;
    arrival.handle = "h_2";
    arrive(arrival);
    assert_int_equal(not_taken("seat.taken"), 1);
    arrival = first;
    arrival.seat_id = "lanzhou-r1-s02";
    arrive(arrival);
    assert_int_equal(not_taken("login.in_elsewhere"), 1);
    assert_int_equal(in_count(), 1);
}

static void entered__without_a_pinned_key__needs_a_login_through_us(void **state)
{
    (void)state;
    struct arrival arrival = first;
    arrival.unpinned = true;
    arrive(arrival);
    assert_int_equal(in_count(), 0);
    tp_fixture_run(&fixture, "INSERT INTO seat_experts VALUES ('" TP_FIXTURE_SESSION
                             "', 'lanzhou-r1-s01', 'lanzhou', 'h_1', 'x', 'expected', 1)");
    arrive(arrival);
    assert_int_equal(in_count(), 1);
}

static void left__then_another__may_take_the_seat(void **state)
{
    (void)state;
    arrive(first);
    struct arrival arrival = first;
    arrival.kind = "left";
    arrive(arrival);
    assert_int_equal(in_count(), 0);
    arrival = first;
    arrival.handle = "h_2";
    arrive(arrival);
    assert_int_equal(in_count(), 1);
}

static void unknown_kind_or_session__is_passed(void **state)
{
    (void)state;
    struct arrival arrival = first;
    arrival.kind = "exploded";
    arrive(arrival);
    assert_int_equal(not_taken("seat.unknown_kind"), 1);
    arrival = first;
    arrival.seat_id = "lanzhou r1; s01";
    arrive(arrival);
    assert_int_equal(in_count(), 0);
}

static void help__from_a_center_that_is_no_venue__stays_out_of_the_session_s_log(void **state)
{
    (void)state;
    struct arrival arrival = first;
    arrival.center_id = "jiuquan";
    arrival.kind = "help";
    arrive(arrival);
    assert_int_equal(not_taken("login.no_session"), 1);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act ="
                                              " 'seat.not_taken' AND session_id IS NOT NULL"),
                     0);
}

static void all_enter(void)
{
    static const struct {
        const char *center_id;
        const char *seat_id;
        const char *handle;
    } all[] = {{"lanzhou", "lanzhou-r1-s01", "h_1"},
               {"lanzhou", "lanzhou-r1-s02", "h_2"},
               {"lanzhou", "lanzhou-r1-s03", "h_3"},
               {"tianshui", "tianshui-r1-s01", "h_4"},
               {"tianshui", "tianshui-r1-s02", "h_5"}};
    for (size_t i = 0; i < 5; i++) {
        struct tp_error error;
        assert_string_equal(tp_fixture_state(&fixture), "entry");
        struct tp_status status = apply(TP_EVENT_START, &error);
        assert_int_equal(status.class, TP_CONFLICT);
        assert_string_equal(error.code, "start.not_all_in");
        struct arrival arrival = first;
        arrival.center_id = all[i].center_id;
        arrival.seat_id = all[i].seat_id;
        arrival.handle = all[i].handle;
        arrive(arrival);
    }
}

static void start__only_when_all_are_in(void **state)
{
    (void)state;
    struct tp_error error;
    all_enter();
    assert_true(tp_ok(apply(TP_EVENT_START, &error)));
    assert_string_equal(tp_fixture_state(&fixture), "evaluating");
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT started_at FROM session_views"),
                     TP_FIXTURE_NOW_MS);
}

static void leave__of_one_who_is_in__frees_the_seat_for_the_substitute(void **state)
{
    (void)state;
    struct tp_error error;
    all_enter();
    tp_fixture_run(&fixture, "INSERT INTO draw_leaves VALUES ('lve_1', '" TP_FIXTURE_SESSION
                             "', 'h_5', 'ill', 'asked', 'usr_agency', 1)");
    assert_true(tp_ok(apply(TP_EVENT_LEAVE, &error)));
    assert_int_equal(in_count(), 4);
    assert_true(tp_ok(apply(TP_EVENT_DRAW_COMPLETE, &error)));
    assert_true(tp_ok(apply(TP_EVENT_LIST_DELIVERED, &error)));
    assert_true(tp_ok(apply(TP_EVENT_OPEN_ENTRY, &error)));
    struct arrival arrival = first;
    arrival.center_id = "tianshui";
    arrival.seat_id = "tianshui-r1-s02";
    arrival.handle = "h_5";
    arrive(arrival);
    assert_int_equal(not_taken("login.has_left"), 1);
    arrival.handle = "h_6";
    arrive(arrival);
    assert_true(tp_ok(apply(TP_EVENT_START, &error)));
}

static struct tp_status expect_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    return tp_seat_expect(write, argument, error);
}

static void expect__seat_waiting_for_another__is_taken_for_a_minute(void **state)
{
    (void)state;
    struct tp_error error;
    struct tp_seat_expert expert = {.session_id = TP_FIXTURE_SESSION,
                                    .seat_id = "lanzhou-r1-s01",
                                    .center_id = "lanzhou",
                                    .handle = "h_1",
                                    .label = "1"};
    assert_true(tp_ok(tp_write_run(&fixture.app, expect_work, &expert, &error)));
    expert.handle = "h_2";
    struct tp_status status = tp_write_run(&fixture.app, expect_work, &expert, &error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "seat.taken");
    tp_manual_clock_turn(&fixture.clock, TP_SEAT_EXPECTED_MS + 1);
    assert_true(tp_ok(tp_write_run(&fixture.app, expect_work, &expert, &error)));
    /* Who never entered may sit elsewhere; who is in may not. */
    expert.seat_id = "lanzhou-r1-s02";
    assert_true(tp_ok(tp_write_run(&fixture.app, expect_work, &expert, &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM seat_experts"), 1);
}

static void plan__of_each_transition__is_posted_to_each_venue(void **state)
{
    (void)state;
    /* drawn, delivered, entry: a plan and a view each. */
    assert_int_equal(posted("lanzhou"), 6);
    assert_int_equal(posted("tianshui"), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(entered__well_asserted__is_in_and_shown_to_both_venues),
        CASE(entered__with_a_false_assertion__is_logged_and_passed),
        CASE(entered__at_a_seat_of_another_center__is_not_taken),
        CASE(entered__two_for_one_seat_or_one_for_two__is_not_taken),
        CASE(entered__without_a_pinned_key__needs_a_login_through_us),
        CASE(left__then_another__may_take_the_seat),
        CASE(unknown_kind_or_session__is_passed),
        CASE(help__from_a_center_that_is_no_venue__stays_out_of_the_session_s_log),
        CASE(start__only_when_all_are_in),
        CASE(leave__of_one_who_is_in__frees_the_seat_for_the_substitute),
        CASE(expect__seat_waiting_for_another__is_taken_for_a_minute),
        CASE(plan__of_each_transition__is_posted_to_each_venue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
