#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/link/outbox.h"
#include "venue-node/journal.h"
#include "venue-node/journal_fixture.h"
#include "venue-node/login.h"
#include "venue-node/plan.h"
#include "venue-node/seat_token.h"

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static struct tp_status apply(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_plan_apply(db, "lanzhou", argument, 1, error);
}

static void plan(struct tp_store *store, uint64_t version, Tongping__Link__SessionPhase phase)
{
    char *seats[] = {borrowed("s1"), borrowed("s2")};
    Tongping__Link__SessionPlan made;
    tongping__link__session_plan__init(&made);
    made.session_id = borrowed("ses");
    made.version = version;
    made.phase = phase;
    made.center_id = borrowed("lanzhou");
    made.seat_ids = seats;
    made.n_seat_ids = 2;
    assert_true(tp_ok(tp_store_write(store, apply, &made, NULL)));
}

static void open_entry(struct tp_store *store)
{
    plan(store, 1, TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENTRY);
}

static struct tp_status enter(struct tp_store *store, const char *seat_id, const char *handle,
                              struct tp_error *error)
{
    struct tp_login login = {.session_id = "ses", .label = "专家 1", .since_at = 5};
    strncpy(login.seat_id, seat_id, sizeof login.seat_id - 1);
    strncpy(login.handle, handle, sizeof login.handle - 1);
    memset(login.token_hash, 7, sizeof login.token_hash);
    struct tp_login_proof proof = {.assertion = (const uint8_t *)"a", .assertion_bytes = 1};
    return tp_login_enter(store, &login, &proof, error);
}

struct look {
    const char *seat_id;
    struct tp_login login;
    bool found;
    uint64_t outbox;
    int64_t events;
};

static struct tp_status look(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct look *seen = argument;
    bool found;
    struct tp_status status =
        tp_login_of_seat(db, seen->seat_id, &seen->login, &seen->found, error);
    if (tp_ok(status))
        status = tp_link_outbox_count(db, TP_LINK_COORDINATOR_PEER, &seen->outbox, error);
    if (tp_ok(status))
        status =
            tp_db_ask_int(db, &seen->events, &found, error, "SELECT count(*) FROM seat_event", "");
    return status;
}

static struct look looked(struct tp_store *store, const char *seat_id)
{
    struct look seen = {.seat_id = seat_id};
    assert_true(tp_ok(tp_store_read(store, look, &seen, NULL)));
    return seen;
}

static void enter__entry_open__kept_with_its_event_through_a_restart(void **state)
{
    struct tp_store *store = journal_of(state);
    open_entry(store);
    assert_true(tp_ok(enter(store, "s1", "h1", NULL)));
    struct look seen = looked(journal_reopened(state), "s1");
    assert_true(seen.found);
    assert_string_equal(seen.login.handle, "h1");
    assert_string_equal(seen.login.label, "专家 1");
    assert_int_equal(seen.login.since_at, 5);
    assert_int_equal(seen.login.token_hash[31], 7);
    assert_int_equal(seen.outbox, 1);
    assert_int_equal(seen.events, 1);
}

static void enter__seat_or_expert_in_already__refused_without_event(void **state)
{
    struct tp_store *store = journal_of(state);
    struct tp_error error = {0};
    open_entry(store);
    assert_true(tp_ok(enter(store, "s1", "h1", NULL)));
    assert_int_equal(enter(store, "s1", "h2", &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "seat.taken");
    assert_int_equal(enter(store, "s2", "h1", &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "login.already_in");
    assert_int_equal(looked(store, "s2").outbox, 1);
}

static void enter__session_closed_meanwhile_or_other_seat__refused(void **state)
{
    struct tp_store *store = journal_of(state);
    struct tp_error error = {0};
    open_entry(store);
    assert_int_equal(enter(store, "s3", "h1", &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "login.not_open");
    plan(store, 2, TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENDED);
    assert_int_equal(enter(store, "s1", "h1", &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "login.not_open");
}

static void leave__logged_in_or_not__one_event(void **state)
{
    struct tp_store *store = journal_of(state);
    bool ended;
    open_entry(store);
    assert_true(tp_ok(enter(store, "s1", "h1", NULL)));
    assert_true(tp_ok(tp_login_leave(store, "s1", 9, &ended, NULL)));
    assert_true(ended);
    assert_true(tp_ok(tp_login_leave(store, "s1", 9, &ended, NULL)));
    assert_false(ended);
    struct look seen = looked(store, "s1");
    assert_false(seen.found);
    assert_int_equal(seen.events, 2);
}

static void set_lost__told_again__one_event(void **state)
{
    struct tp_store *store = journal_of(state);
    bool changed;
    open_entry(store);
    assert_true(tp_ok(enter(store, "s1", "h1", NULL)));
    assert_true(tp_ok(tp_login_set_lost(store, "s1", true, 9, &changed, NULL)));
    assert_true(changed);
    assert_true(tp_ok(tp_login_set_lost(store, "s1", true, 9, &changed, NULL)));
    assert_false(changed);
    assert_true(looked(store, "s1").login.lost);
    assert_true(tp_ok(tp_login_set_lost(store, "s1", false, 9, &changed, NULL)));
    assert_true(changed);
    assert_int_equal(looked(store, "s1").events, 3);
    assert_true(tp_ok(tp_login_set_lost(store, "s2", true, 9, &changed, NULL)));
    assert_false(changed);
}

static void token_issue__again__the_old_is_worthless_and_the_login_ends(void **state)
{
    struct tp_store *store = journal_of(state);
    char first[TP_SEAT_TOKEN_TEXT_BYTES], second[TP_SEAT_TOKEN_TEXT_BYTES];
    char seat_id[TP_VENUE_ID_BYTES];
    uint8_t hash[TP_HASH_BYTES];
    bool login_ended;
    open_entry(store);
    assert_true(tp_ok(tp_seat_token_issue(store, "s1", 1, first, &login_ended, NULL)));
    assert_false(login_ended);
    assert_true(tp_ok(enter(store, "s1", "h1", NULL)));
    tp_seat_token_hash(first, hash);
    assert_true(tp_ok(tp_seat_token_find(store, hash, seat_id, NULL)));
    assert_string_equal(seat_id, "s1");
    assert_true(tp_ok(tp_seat_token_issue(store, "s1", 2, second, &login_ended, NULL)));
    assert_true(login_ended);
    struct tp_error error = {0};
    assert_int_equal(tp_seat_token_find(store, hash, seat_id, &error).class, TP_DENIED);
    assert_string_equal(error.code, "seat.not_enrolled");
    assert_false(looked(store, "s1").found);
}

static void tidy__a_month_later__events_go_and_what_is_to_be_sent_stays(void **state)
{
    struct tp_store *store = journal_of(state);
    const int64_t month_ms = (int64_t)30 * 24 * 60 * 60 * 1000;
    open_entry(store);
    assert_true(tp_ok(enter(store, "s1", "h1", NULL)));
    assert_true(tp_ok(tp_journal_tidy(store, month_ms, NULL)));
    assert_int_equal(looked(store, "s1").events, 1);
    assert_true(tp_ok(tp_journal_tidy(store, month_ms + 6, NULL)));
    assert_int_equal(looked(store, "s1").events, 0);
    assert_int_equal(looked(store, "s1").outbox, 1);
    assert_true(looked(store, "s1").found);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, journal_set_up, journal_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(enter__entry_open__kept_with_its_event_through_a_restart),
        CASE(enter__seat_or_expert_in_already__refused_without_event),
        CASE(enter__session_closed_meanwhile_or_other_seat__refused),
        CASE(leave__logged_in_or_not__one_event),
        CASE(set_lost__told_again__one_event),
        CASE(tidy__a_month_later__events_go_and_what_is_to_be_sent_stays),
        CASE(token_issue__again__the_old_is_worthless_and_the_login_ends),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
