#include "coordinator/sealing/delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "coordinator/drawing/drawing_module.h"
#include "coordinator/fixture/fake_draw.h"
#include "coordinator/fixture/fake_trading.h"
#include "coordinator/sealing/sealing_module.h"
#include "coordinator/session/session.h"

static const struct tp_module *const modules[] = {&tp_drawing_module, &tp_sealing_module};

static struct tp_fixture fixture;
static struct tp_fake_draw draw;
static struct tp_fake_trading trading;

static struct tp_status apply_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    return tp_session_apply(write, TP_FIXTURE_SESSION, TP_VERSION_ANY,
                            *(enum tp_session_event *)argument, "draw", NULL, NULL, error);
}

static void apply(enum tp_session_event event)
{
    struct tp_error error;
    assert_true(tp_ok(tp_write_run(&fixture.app, apply_work, &event, &error)));
}

static int set_up(void **state)
{
    (void)state;
    tp_fixture_open(&fixture, modules, 2);
    tp_fixture_session(&fixture, "drawing");
    tp_fixture_run(&fixture, "INSERT INTO draws (session_id, draw_id, step, plan, opened_by,"
                             " opens_at, created_at) VALUES ('" TP_FIXTURE_SESSION
                             "', 'drw_1', 'started', '{}', 'usr_agency', 1, 1)");
    tp_fake_draw_open(&draw, &fixture);
    tp_fake_trading_open(&trading, &fixture);
    apply(TP_EVENT_DRAW_COMPLETE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fake_trading_close(&trading);
    tp_fake_draw_close(&draw, &fixture);
    tp_fixture_close(&fixture);
    return 0;
}

static void run_job(void)
{
    struct tp_error error;
    assert_true(tp_ok(tp_delivery_run(&fixture.app, &error)));
}

static void run__all_well__delivers_with_the_receipt_in_the_log(void **state)
{
    (void)state;
    run_job();
    run_job();
    assert_int_equal(trading.calls, 1);
    assert_false(trading.bad_request);
    assert_string_equal(tp_fixture_state(&fixture), "delivered");
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act ="
                                              " 'list.receipt' AND data LIKE '%received_at%'"),
                     1);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM deliveries WHERE state ="
                                              " 'delivered' AND receipt IS NOT NULL"),
                     1);
}

static void run__refused__tries_again_later_with_the_same_bytes(void **state)
{
    (void)state;
    trading.refuse_next = 1;
    trading.lose_answer_next = 1;
    trading.bad_signature_next = 1;
    run_job();
    assert_int_equal(trading.calls, 1);
    run_job(); /* not due yet */
    assert_int_equal(trading.calls, 1);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT tries FROM deliveries WHERE last_error ="
                                              " 'trading.refused'"),
                     1);
    tp_manual_clock_turn(&fixture.clock, 2000);
    run_job();
    tp_manual_clock_turn(&fixture.clock, 3000);
    run_job();
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT tries FROM deliveries WHERE last_error ="
                                              " 'receipt.bad_signature'"),
                     3);
    assert_string_equal(tp_fixture_state(&fixture), "drawn");
    tp_manual_clock_turn(&fixture.clock, 6000);
    run_job();
    assert_string_equal(tp_fixture_state(&fixture), "delivered");
    assert_int_equal(trading.calls, 4);
    assert_int_equal(trading.lists, 1);
    assert_int_equal(trading.contents, 1);
    assert_int_equal(draw.seals, 1);
}

static void run__draw_service_silent__seals_later(void **state)
{
    (void)state;
    draw.fail_next = 1;
    run_job();
    assert_int_equal(trading.calls, 0);
    tp_manual_clock_turn(&fixture.clock, 2000);
    run_job();
    assert_string_equal(tp_fixture_state(&fixture), "delivered");
}

static void recover__claimed_when_the_process_died__is_due_at_once(void **state)
{
    (void)state;
    struct tp_error error;
    tp_fixture_run(&fixture, "UPDATE deliveries SET next_at = next_at + 45000, tries = 1");
    run_job();
    assert_int_equal(trading.calls, 0);
    assert_true(tp_ok(tp_delivery_recover(&fixture.app, &error)));
    run_job();
    assert_string_equal(tp_fixture_state(&fixture), "delivered");
}

static void leave__after_delivery__brings_the_next_version(void **state)
{
    (void)state;
    run_job();
    assert_int_equal(trading.version, 1);
    apply(TP_EVENT_LEAVE);
    strcpy(draw.member_states[0], "left");
    apply(TP_EVENT_DRAW_COMPLETE);
    run_job();
    assert_int_equal(trading.version, 2);
    assert_int_equal(trading.lists, 2);
    assert_string_equal(tp_fixture_state(&fixture), "delivered");
}

static void leave__before_delivery__voids_what_is_on_its_way(void **state)
{
    (void)state;
    trading.refuse_next = 1;
    run_job();
    apply(TP_EVENT_LEAVE);
    tp_manual_clock_turn(&fixture.clock, 60000);
    run_job();
    assert_int_equal(trading.lists, 0);
    apply(TP_EVENT_DRAW_COMPLETE);
    run_job();
    assert_int_equal(trading.version, 2);
    assert_int_equal(trading.lists, 1);
}

static struct tp_status json_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_delivery_json(db, TP_FIXTURE_SESSION, argument, error);
}

static void json__while_refused__tells_why(void **state)
{
    (void)state;
    struct tp_error error;
    TP_AUTO(tp_json) json_t *json = NULL;
    trading.refuse_next = 1;
    run_job();
    assert_true(tp_ok(tp_store_read(fixture.app.store, json_work, &json, &error)));
    assert_string_equal(json_string_value(json_object_get(json, "state")), "waiting");
    assert_string_equal(json_string_value(json_object_get(json, "last_error")), "trading.refused");
    assert_int_equal(json_integer_value(json_object_get(json, "tries")), 1);
}

static void pause__by_tries__doubles_within_its_bounds(void **state)
{
    (void)state;
    for (int64_t tries = 1; tries < 40; tries++) {
        int64_t whole = tries < 7 ? INT64_C(1000) << (tries - 1) : 60000;
        whole = whole > 60000 ? 60000 : whole;
        int64_t pause = tp_delivery_pause_ms(tp_random_system(), tries);
        assert_in_range(pause, whole * 3 / 4, whole * 5 / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(run__all_well__delivers_with_the_receipt_in_the_log),
        CASE(run__refused__tries_again_later_with_the_same_bytes),
        CASE(run__draw_service_silent__seals_later),
        CASE(recover__claimed_when_the_process_died__is_due_at_once),
        CASE(leave__after_delivery__brings_the_next_version),
        CASE(leave__before_delivery__voids_what_is_on_its_way),
        CASE(json__while_refused__tells_why),
        cmocka_unit_test(pause__by_tries__doubles_within_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
