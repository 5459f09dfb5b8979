#include "coordinator/drawing/draw_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/drawing/draw_commit.h"
#include "coordinator/drawing/draw_events.h"
#include "coordinator/drawing/drawing_module.h"
#include "coordinator/drawing/leave.h"
#include "coordinator/fixture/fake_draw.h"
#include "coordinator/record/record.h"
#include "coordinator/session/session.h"

static const struct tp_module *const modules[] = {&tp_drawing_module};

static struct tp_fixture fixture;
static struct tp_fake_draw draw;

static int set_up(void **state)
{
    (void)state;
    tp_fixture_open(&fixture, modules, 1);
    tp_fixture_session(&fixture, "confirmed");
    tp_fake_draw_open(&draw, &fixture);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fake_draw_close(&draw, &fixture);
    tp_fixture_close(&fixture);
    return 0;
}

static struct tp_status open_draw(struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *none = json_array();
    const struct tp_draw_wish wish = {.exclude_employers = none};
    return tp_draw_open(&fixture.app, &fixture.agency, TP_FIXTURE_SESSION, 5, &wish, error);
}

static void run_steps(void)
{
    struct tp_error error;
    struct tp_status status = tp_draw_steps_run(&fixture.app, &error);
    assert_true(tp_ok(status));
}

static void open__all_well__commits_logs_and_starts(void **state)
{
    (void)state;
    struct tp_error error;
    assert_true(tp_ok(open_draw(&error)));
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    assert_int_equal(draw.commits, 1);
    assert_int_equal(draw.starts, 1);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM draws WHERE step = 'started'"),
                     1);
    /* The head given to tp-draw is the one of the entry that holds its commitment. */
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM record r JOIN draws d ON"
                                              " lower(hex(r.hash)) = d.log_head WHERE r.act ="
                                              " 'draw.commit' AND r.data LIKE '%pool_root%'"),
                     1);
    assert_int_equal(strlen(draw.log_head), 64);
}

static void open__key_pinned__takes_only_a_commitment_that_it_signed(void **state)
{
    (void)state;
    struct tp_error error;
    struct tp_keypair *stranger = NULL;
    assert_true(tp_ok(tp_keypair_new(&stranger, &error)));
    tp_draw_client_pin(fixture.app.draw, fixture.app.keypair->sign_public);
    const struct tp_keypair *const signers[] = {NULL, stranger};
    for (size_t i = 0; i < 2; i++) {
        draw.keypair = signers[i];
        struct tp_status status = open_draw(&error);
        assert_int_equal(status.class, TP_PEER);
        assert_string_equal(error.code, "draw.bad_commit");
        assert_string_equal(tp_fixture_state(&fixture), "confirmed");
        assert_int_equal(
            tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'draw.commit'"), 0);
    }
    assert_int_equal(draw.starts, 0);
    draw.keypair = fixture.app.keypair;
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    assert_int_equal(draw.starts, 1);
    tp_keypair_free(stranger);
}

static void commit_check__changed_beside_or_of_another_draw__is_refused(void **state)
{
    (void)state;
    struct tp_error error;
    uint8_t raw[TP_SIGNATURE_BYTES];
    static const char text[] =
        "{\"kind\":\"commit\",\"draw_id\":\"drw_1\",\"session_id\":\"ses_1\",\"pool_root\":\"aa\"}";
    const struct tp_keypair *keypair = fixture.app.keypair;
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    assert_true(
        tp_ok(tp_sign(keypair, "tongping.draw.record.v1", text, sizeof(text) - 1, raw, &error)));
    tp_base64_append(&signature, raw, sizeof(raw));
    TP_AUTO(tp_json)
    json_t *commit = json_pack("{s:s, s:s, s:s}", "record", text, "signature",
                               (const char *)signature.data, "pool_root", "aa");
    const uint8_t *key = keypair->sign_public;
    assert_true(tp_ok(tp_draw_commit_check(commit, key, "drw_1", "ses_1", &error)));
    assert_int_equal(tp_draw_commit_check(commit, key, "drw_2", "ses_1", &error).class, TP_PEER);
    assert_int_equal(tp_draw_commit_check(commit, key, "drw_1", "ses_2", &error).class, TP_PEER);
    json_object_set_new(commit, "pool_root", json_string("ab"));
    assert_int_equal(tp_draw_commit_check(commit, key, "drw_1", "ses_1", &error).class, TP_PEER);
    assert_int_equal(tp_draw_commit_check(NULL, key, "drw_1", "ses_1", &error).class, TP_PEER);
}

static void open__too_early__never_reaches_the_draw_service(void **state)
{
    (void)state;
    struct tp_error error;
    tp_fixture_run(&fixture, "UPDATE lots SET bid_deadline_at = bid_deadline_at + 86400000");
    struct tp_status status = open_draw(&error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "draw.too_early");
    assert_string_not_equal(error.source, "");
    assert_int_equal(draw.commits, 0);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM draws"), 0);
    assert_string_equal(tp_fixture_state(&fixture), "confirmed");
}

static void open__stale_version__is_refused(void **state)
{
    (void)state;
    struct tp_error error;
    tp_fixture_run(&fixture, "UPDATE sessions SET version = 6");
    struct tp_status status = open_draw(&error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "session.stale");
    assert_int_equal(draw.commits, 0);
}

static void open__infeasible__keeps_nothing_and_may_be_asked_again(void **state)
{
    (void)state;
    struct tp_error error;
    draw.infeasible = true;
    struct tp_status status = open_draw(&error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "draw.infeasible");
    assert_string_equal(tp_fixture_state(&fixture), "confirmed");
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM draws"), 0);
    draw.infeasible = false;
    assert_true(tp_ok(open_draw(&error)));
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
}

static void open__answer_lost_at_every_step__goes_on_with_the_same_draw(void **state)
{
    (void)state;
    struct tp_error error;
    draw.fail_after_doing = true;
    draw.fail_next = 1;
    assert_int_equal(open_draw(&error).class, TP_PEER);
    assert_string_equal(tp_fixture_state(&fixture), "confirmed");
    assert_string_not_equal(draw.draw_id, "");
    draw.fail_next = 1; /* the commit is repeated well, the start's answer is lost */
    draw.fail_after_doing = false;
    assert_int_equal(tp_draw_steps_run(&fixture.app, &error).class, TP_PEER);
    run_steps();
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    assert_int_equal(draw.other_ids, 0);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM draws WHERE step = 'started'"),
                     1);
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'draw.commit'"), 1);
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'session.draw'"), 1);
}

static void open__twice__is_one_draw(void **state)
{
    (void)state;
    struct tp_error error;
    assert_true(tp_ok(open_draw(&error)));
    tp_fixture_run(&fixture, "UPDATE sessions SET version = 5");
    assert_int_equal(open_draw(&error).class, TP_CONFLICT);
    assert_int_equal(draw.commits, 1);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM draws"), 1);
}

static void refresh__complete__moves_the_session_once(void **state)
{
    (void)state;
    struct tp_error error;
    assert_true(tp_ok(open_draw(&error)));
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    tp_fake_draw_complete(&draw);
    run_steps();
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawn");
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'session.draw_complete'"),
        1);
}

static void view__with_names_in_the_answer__keeps_none(void **state)
{
    (void)state;
    struct tp_error error;
    assert_true(tp_ok(open_draw(&error)));
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM draws WHERE view LIKE '%张三%'"), 0);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM draws WHERE view LIKE '%h_1%'"),
                     1);
}

static void complete_draw(void)
{
    struct tp_error error;
    assert_true(tp_ok(open_draw(&error)));
    tp_fake_draw_complete(&draw);
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawn");
}

static void leave__of_an_accepted_expert__draws_on(void **state)
{
    (void)state;
    struct tp_error error;
    complete_draw();
    assert_true(tp_ok(tp_draw_leave(&fixture.app, &fixture.agency, TP_FIXTURE_SESSION,
                                    TP_VERSION_ANY, "h_1", "ill", &error)));
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    assert_int_equal(draw.leaves, 1);
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    tp_fake_draw_complete(&draw);
    run_steps();
    assert_string_equal(tp_fixture_state(&fixture), "drawn");
    /* Not a second time. */
    assert_int_equal(tp_draw_leave(&fixture.app, &fixture.agency, TP_FIXTURE_SESSION,
                                   TP_VERSION_ANY, "h_1", "ill", &error)
                         .class,
                     TP_CONFLICT);
}

static void leave__service_silent__does_not_take_the_old_completion(void **state)
{
    (void)state;
    struct tp_error error;
    complete_draw();
    draw.fail_next = 1;
    assert_true(tp_ok(tp_draw_leave(&fixture.app, &fixture.agency, TP_FIXTURE_SESSION,
                                    TP_VERSION_ANY, "h_1", "ill", &error)));
    assert_int_equal(draw.leaves, 0);
    /* What tp-draw says now ("complete") is from before the leave. */
    assert_true(tp_ok(tp_draw_refresh(&fixture.app, TP_FIXTURE_SESSION, NULL, NULL, &error)));
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
    run_steps();
    assert_int_equal(draw.leaves, 1);
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
}

static void leave__answer_lost__is_told_once(void **state)
{
    (void)state;
    struct tp_error error;
    complete_draw();
    draw.fail_after_doing = true;
    draw.fail_next = 1;
    assert_true(tp_ok(tp_draw_leave(&fixture.app, &fixture.agency, TP_FIXTURE_SESSION,
                                    TP_VERSION_ANY, "h_1", "ill", &error)));
    run_steps();
    assert_int_equal(draw.leaves, 1);
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM draw_leaves WHERE state = 'asked'"), 0);
    assert_string_equal(tp_fixture_state(&fixture), "drawing");
}

static void leave__by_staff_of_another_venue__is_denied(void **state)
{
    (void)state;
    struct tp_error error;
    complete_draw();
    struct tp_status status = tp_draw_leave(&fixture.app, &fixture.staff, TP_FIXTURE_SESSION,
                                            TP_VERSION_ANY, "h_3", "ill", &error);
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(tp_fixture_state(&fixture), "drawn");
    assert_true(tp_ok(tp_draw_leave(&fixture.app, &fixture.staff, TP_FIXTURE_SESSION,
                                    TP_VERSION_ANY, "h_1", "ill", &error)));
}

static struct tp_status cancel_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_session_apply(write, TP_FIXTURE_SESSION, TP_VERSION_ANY, TP_EVENT_CANCEL,
                            "usr_agency", NULL, NULL, error);
}

static void cancel__while_drawing__takes_the_draw_back(void **state)
{
    (void)state;
    struct tp_error error;
    assert_true(tp_ok(open_draw(&error)));
    assert_true(tp_ok(tp_write_run(&fixture.app, cancel_work, NULL, &error)));
    draw.fail_next = 1;
    assert_int_equal(tp_draw_steps_run(&fixture.app, &error).class, TP_PEER);
    run_steps();
    assert_int_equal(draw.cancels, 1);
    run_steps();
    assert_int_equal(draw.cancels, 1);
    assert_string_equal(tp_fixture_state(&fixture), "cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(open__all_well__commits_logs_and_starts),
        CASE(open__key_pinned__takes_only_a_commitment_that_it_signed),
        CASE(commit_check__changed_beside_or_of_another_draw__is_refused),
        CASE(open__too_early__never_reaches_the_draw_service),
        CASE(open__stale_version__is_refused),
        CASE(open__infeasible__keeps_nothing_and_may_be_asked_again),
        CASE(open__answer_lost_at_every_step__goes_on_with_the_same_draw),
        CASE(open__twice__is_one_draw),
        CASE(refresh__complete__moves_the_session_once),
        CASE(view__with_names_in_the_answer__keeps_none),
        CASE(leave__of_an_accepted_expert__draws_on),
        CASE(leave__service_silent__does_not_take_the_old_completion),
        CASE(leave__answer_lost__is_told_once),
        CASE(leave__by_staff_of_another_venue__is_denied),
        CASE(cancel__while_drawing__takes_the_draw_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
