#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "coordinator/fixture/fixture.h"
#include "coordinator/link/link_server.h"
#include "coordinator/watching/feed.h"
#include "coordinator/watching/look.h"
#include "coordinator/watching/relay.h"
#include "coordinator/watching/ticket.h"

static struct tp_fixture fixture;

static int set_up(void **state)
{
    struct tp_error error;
    (void)state;
    tp_fixture_open(&fixture, NULL, 0);
    tp_fixture_session(&fixture, "evaluating");
    assert_true(tp_ok(tp_link_server_new(&fixture.app, &fixture.app.link, &error)));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_link_server_free(fixture.app.link);
    tp_fixture_close(&fixture);
    return 0;
}

static struct tp_ticket ticket_of(const char *feed_id)
{
    struct tp_ticket ticket = {.expires_at_ms = TP_FIXTURE_NOW_MS + TP_TICKET_VALID_MS};
    snprintf(ticket.feed_id, sizeof(ticket.feed_id), "%s", feed_id);
    snprintf(ticket.session_id, sizeof(ticket.session_id), "%s", TP_FIXTURE_SESSION);
    snprintf(ticket.holder, sizeof(ticket.holder), "usr_regulator");
    snprintf(ticket.display, sizeof(ticket.display), "监管一");
    snprintf(ticket.nonce, sizeof(ticket.nonce), "n-%s", feed_id);
    return ticket;
}

static void write_ticket(const char *feed_id, struct tp_bytes *text)
{
    struct tp_error error;
    struct tp_ticket ticket = ticket_of(feed_id);
    assert_true(
        tp_ok(tp_ticket_write(&ticket, fixture.app.keypair, fixture.app.random, text, &error)));
}

static void ticket__as_written__reads_until_it_expires(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_ticket ticket;
    struct tp_error error;
    write_ticket("lanzhou-r1-env", &text);
    const uint8_t *key = fixture.app.keypair->sign_public;
    assert_true(tp_ok(tp_ticket_read((char *)text.data, key, TP_FIXTURE_NOW_MS, &ticket, &error)));
    assert_string_equal(ticket.feed_id, "lanzhou-r1-env");
    assert_string_equal(ticket.holder, "usr_regulator");
    struct tp_status status = tp_ticket_read(
        (char *)text.data, key, TP_FIXTURE_NOW_MS + TP_TICKET_VALID_MS, &ticket, &error);
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(error.code, "ticket.expired");
}

static void ticket__any_character_changed__is_invalid(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_ticket ticket;
    struct tp_error error;
    write_ticket("lanzhou-r1-env", &text);
    /* The last character of a part may hold unused bits: all others are covered. */
    for (size_t i = 0; i + 1 < text.length; i++) {
        uint8_t kept = text.data[i];
        if (text.data[i + 1] == '.')
            continue;
        text.data[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(tp_ticket_read((char *)text.data, fixture.app.keypair->sign_public,
                                        TP_FIXTURE_NOW_MS, &ticket, &error)
                             .class,
                         TP_DENIED);
        text.data[i] = kept;
    }
}

static struct tp_status begin(const char *feed_id, struct tp_look *look, struct tp_error *error)
{
    struct tp_ticket ticket = ticket_of(feed_id);
    return tp_look_begin(&fixture.app, &ticket, look, error);
}

static void look__begun_and_ended__stands_in_the_log_with_its_viewer(void **state)
{
    (void)state;
    struct tp_look look;
    struct tp_error error;
    assert_true(tp_ok(begin("lanzhou-r1-s01-cam", &look, &error)));
    assert_string_equal(look.center_id, "lanzhou");
    assert_true(tp_ok(tp_look_watching(&fixture.app, &look, "v1", &error)));
    tp_manual_clock_turn(&fixture.clock, 5000);
    assert_int_equal(tp_look_end(&fixture.app, look.id, "lanzhou-r1-env", "viewer", &error).class,
                     TP_NOT_FOUND);
    for (int i = 0; i < 2; i++)
        assert_true(
            tp_ok(tp_look_end(&fixture.app, look.id, "lanzhou-r1-s01-cam", "viewer", &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT to_at - from_at FROM looks"), 5000);
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act ="
                                              " 'feed.look' AND actor = 'usr_regulator'"),
                     1);
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'feed.look_end'"), 1);
}

static void look__ticket_again__is_used(void **state)
{
    (void)state;
    struct tp_look look;
    struct tp_error error;
    assert_true(tp_ok(begin("lanzhou-r1-env", &look, &error)));
    struct tp_status status = begin("lanzhou-r1-env", &look, &error);
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(error.code, "ticket.used");
}

static void look__of_what_is_not_in_the_session__is_not_found(void **state)
{
    (void)state;
    struct tp_look look;
    struct tp_error error;
    assert_int_equal(begin("jiuquan-r1-env", &look, &error).class, TP_NOT_FOUND);
    tp_fixture_run(&fixture, "UPDATE sessions SET state = 'drawn'");
    struct tp_status status = begin("lanzhou-r1-env", &look, &error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "feed.not_running");
}

static void look__holder_no_longer_logged_in__is_denied_and_swept(void **state)
{
    (void)state;
    struct tp_look look;
    struct tp_error error;
    assert_true(tp_ok(begin("lanzhou-r1-env", &look, &error)));
    assert_true(tp_ok(tp_look_sweep_run(&fixture.app, &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM looks WHERE to_at IS NULL"), 1);
    tp_fixture_run(&fixture, "DELETE FROM logins");
    assert_int_equal(begin("lanzhou-r1-s01-cam", &look, &error).class, TP_DENIED);
    assert_true(tp_ok(tp_look_sweep_run(&fixture.app, &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM looks WHERE to_at IS NULL"), 0);
}

static void look__session_finished__is_swept(void **state)
{
    (void)state;
    struct tp_look look;
    struct tp_error error;
    assert_true(tp_ok(begin("tianshui-r1-s02-desk", &look, &error)));
    tp_fixture_run(&fixture, "UPDATE sessions SET state = 'finished'");
    assert_true(tp_ok(tp_look_sweep_run(&fixture.app, &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM looks WHERE ended_by ="
                                              " 'session_or_login_ended'"),
                     1);
}

/* The end came while the center made its answer: nobody knew then which viewer to end. */
static void watching__look_ended_meanwhile__is_denied(void **state)
{
    (void)state;
    struct tp_look look;
    struct tp_error error;
    assert_true(tp_ok(begin("lanzhou-r1-env", &look, &error)));
    tp_fixture_run(&fixture, "DELETE FROM logins");
    assert_true(tp_ok(tp_look_end_user(&fixture.app, "usr_regulator", &error)));
    struct tp_status status = tp_look_watching(&fixture.app, &look, "v1", &error);
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(error.code, "ticket.invalid");
    /* It is kept nevertheless, to be ended once more when the center's link comes up. */
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM looks WHERE viewer_id = 'v1'"),
                     1);
}

static size_t told_again(const char *center_id)
{
    size_t count = 0;
    struct tp_error error;
    assert_true(tp_ok(tp_look_tell_ends(&fixture.app, center_id, &count, &error)));
    return count;
}

static void watch_until_ended(const char *feed_id, const char *viewer_id, const char *ended_by)
{
    struct tp_look look;
    struct tp_error error;
    assert_true(tp_ok(begin(feed_id, &look, &error)));
    assert_true(tp_ok(tp_look_watching(&fixture.app, &look, viewer_id, &error)));
    if (ended_by != NULL)
        assert_true(tp_ok(tp_look_end(&fixture.app, look.id, feed_id, ended_by, &error)));
}

static void tell_ends__of_a_user_without_open_looks__is_one_message(void **state)
{
    (void)state;
    assert_int_equal(told_again("lanzhou"), 0);
    watch_until_ended("lanzhou-r1-env", "v1", "login_ended");
    watch_until_ended("lanzhou-r1-s01-cam", "v2", "login_ended");
    assert_int_equal(told_again("lanzhou"), 1);
    assert_int_equal(told_again("tianshui"), 0);
}

static void tell_ends__beside_an_open_look__names_the_ended_viewers_alone(void **state)
{
    (void)state;
    watch_until_ended("lanzhou-r1-s02-cam", "v3", NULL);
    assert_int_equal(told_again("lanzhou"), 0);
    watch_until_ended("lanzhou-r1-env", "v1", "session_or_login_ended");
    watch_until_ended("lanzhou-r1-s01-cam", "v2", "session_or_login_ended");
    assert_int_equal(told_again("lanzhou"), 2);
}

static void tell_ends__longer_ago_than_a_viewer_lives__is_not_told(void **state)
{
    (void)state;
    watch_until_ended("lanzhou-r1-env", "v1", "login_ended");
    tp_manual_clock_turn(&fixture.clock, TP_LOOK_LONGEST_MS);
    assert_int_equal(told_again("lanzhou"), 0);
}

struct listing {
    const struct tp_user *user;
    json_t *items;
};

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    return tp_feeds_list(&fixture.app, db, TP_FIXTURE_SESSION, listing->user, &listing->items,
                         error);
}

static void feeds__of_a_session__are_its_rooms_and_seats(void **state)
{
    (void)state;
    struct tp_error error;
    struct listing all = {.user = &fixture.regulator};
    struct listing own = {.user = &fixture.staff};
    assert_true(tp_ok(tp_store_read(fixture.app.store, list_work, &all, &error)));
    assert_int_equal(json_array_size(all.items), 2 + 2 * 5);
    assert_string_equal(json_string_value(json_object_get(json_array_get(all.items, 0), "feed_id")),
                        "lanzhou-r1-env");
    assert_string_equal(json_string_value(json_object_get(json_array_get(all.items, 0), "state")),
                        "down");
    assert_true(tp_ok(tp_store_read(fixture.app.store, list_work, &own, &error)));
    assert_int_equal(json_array_size(own.items), 1 + 2 * 3);
    json_decref(all.items);
    json_decref(own.items);
}

static void relay__node_not_connected__fails_at_once(void **state)
{
    (void)state;
    struct tp_relay *relay = NULL;
    struct tp_error error;
    char viewer_id[TP_RELAY_VIEWER_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes sdp = TP_BYTES_INIT;
    const struct tp_relay_offer offer = {"lanzhou", "lanzhou-r1-env", "main", "t", "v=0"};
    assert_true(tp_ok(tp_relay_new(&fixture.app, &relay, &error)));
    struct tp_status status = tp_relay_call(relay, &offer, viewer_id, &sdp, &error);
    assert_int_equal(status.class, TP_PEER);
    assert_string_equal(error.code, "link.down");
    tp_relay_free(relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(ticket__as_written__reads_until_it_expires),
        CASE(ticket__any_character_changed__is_invalid),
        CASE(look__begun_and_ended__stands_in_the_log_with_its_viewer),
        CASE(look__ticket_again__is_used),
        CASE(look__of_what_is_not_in_the_session__is_not_found),
        CASE(look__holder_no_longer_logged_in__is_denied_and_swept),
        CASE(look__session_finished__is_swept),
        CASE(watching__look_ended_meanwhile__is_denied),
        CASE(tell_ends__of_a_user_without_open_looks__is_one_message),
        CASE(tell_ends__beside_an_open_look__names_the_ended_viewers_alone),
        CASE(tell_ends__longer_ago_than_a_viewer_lives__is_not_told),
        CASE(feeds__of_a_session__are_its_rooms_and_seats),
        CASE(relay__node_not_connected__fails_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
