#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "coordinator/domain/session_state.h"

#define HOUR_MS (60 * 60 * 1000LL)

/* Two confirmed venues, the deadline in one hour, the draw open since eleven. */
static struct tp_session_facts ready(void)
{
    return (struct tp_session_facts){.now_ms = 1000 * HOUR_MS,
                                     .start_at_ms = 1002 * HOUR_MS,
                                     .end_at_ms = 1004 * HOUR_MS,
                                     .bid_deadline_at_ms = 1001 * HOUR_MS,
                                     .earliest_draw_before_deadline_ms = 12 * HOUR_MS,
                                     .earliest_draw_source = "甘肃手册 一.3.(1)",
                                     .entry_before_start_ms = HOUR_MS,
                                     .entry_source = "甘肃手册 三.1",
                                     .venue_count = 2,
                                     .confirmed_count = 2,
                                     .expected_count = 5,
                                     .present_count = 5};
}

static void assert_goes(enum tp_session_state from, enum tp_session_event event,
                        const struct tp_session_facts *facts, enum tp_session_state to)
{
    const struct tp_session_transition *row = NULL;
    struct tp_error error;
    tp_error_clear(&error);
    assert_true(tp_ok(tp_session_decide(from, event, facts, &row, &error)));
    assert_string_equal(tp_session_state_name(row->to), tp_session_state_name(to));
}

static void assert_refused(enum tp_session_state from, enum tp_session_event event,
                           const struct tp_session_facts *facts, const char *code,
                           const char *source)
{
    const struct tp_session_transition *row = NULL;
    struct tp_error error;
    tp_error_clear(&error);
    assert_int_equal(tp_session_decide(from, event, facts, &row, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, code);
    assert_string_equal(error.source, source);
}

static void session_decide__whole_way__reaches_finished(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    assert_goes(TP_SESSION_NONE, TP_EVENT_REQUEST, &facts, TP_SESSION_CONFIRMING);
    facts.confirmed_count = 1;
    assert_goes(TP_SESSION_CONFIRMING, TP_EVENT_CONFIRM, &facts, TP_SESSION_CONFIRMING);
    facts.confirmed_count = 2;
    assert_goes(TP_SESSION_CONFIRMING, TP_EVENT_CONFIRM, &facts, TP_SESSION_CONFIRMED);
    assert_goes(TP_SESSION_CONFIRMED, TP_EVENT_DRAW, &facts, TP_SESSION_DRAWING);
    assert_goes(TP_SESSION_DRAWING, TP_EVENT_DRAW_COMPLETE, &facts, TP_SESSION_DRAWN);
    assert_goes(TP_SESSION_DRAWN, TP_EVENT_LIST_DELIVERED, &facts, TP_SESSION_DELIVERED);
    facts.now_ms = facts.start_at_ms - HOUR_MS;
    assert_goes(TP_SESSION_DELIVERED, TP_EVENT_OPEN_ENTRY, &facts, TP_SESSION_ENTRY);
    assert_goes(TP_SESSION_ENTRY, TP_EVENT_START, &facts, TP_SESSION_EVALUATING);
    assert_goes(TP_SESSION_EVALUATING, TP_EVENT_FINISH, &facts, TP_SESSION_FINISHED);
}

static void session_decide__draw_at_the_limit__opens_to_the_millisecond(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    facts.now_ms = facts.bid_deadline_at_ms - 12 * HOUR_MS - 1;
    assert_refused(TP_SESSION_CONFIRMED, TP_EVENT_DRAW, &facts, "draw.too_early",
                   "甘肃手册 一.3.(1)");
    facts.now_ms += 1;
    assert_goes(TP_SESSION_CONFIRMED, TP_EVENT_DRAW, &facts, TP_SESSION_DRAWING);
}

static void session_decide__draw_without_all__says_not_all_confirmed(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    facts.confirmed_count = 1;
    assert_refused(TP_SESSION_CONFIRMING, TP_EVENT_DRAW, &facts, "draw.not_all_confirmed",
                   "甘肃手册 一.3.(1)");
    assert_refused(TP_SESSION_CHOOSING, TP_EVENT_DRAW, &facts, "draw.not_all_confirmed",
                   "甘肃手册 一.3.(1)");
}

static void session_decide__refusal_and_hold__go_back_to_choosing(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    assert_goes(TP_SESSION_CONFIRMING, TP_EVENT_REFUSE, &facts, TP_SESSION_CHOOSING);
    assert_refused(TP_SESSION_CONFIRMING, TP_EVENT_HOLD_ENDED, &facts, "session.hold_runs", "");
    facts.hold_until_at_ms = facts.now_ms + 1;
    assert_refused(TP_SESSION_CONFIRMING, TP_EVENT_HOLD_ENDED, &facts, "session.hold_runs", "");
    facts.hold_until_at_ms = facts.now_ms;
    assert_goes(TP_SESSION_CONFIRMING, TP_EVENT_HOLD_ENDED, &facts, TP_SESSION_CHOOSING);
}

static void session_decide__choice_with_refused_left__refused(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    facts.refused_count = 1;
    assert_refused(TP_SESSION_CHOOSING, TP_EVENT_CHOOSE, &facts, "session.venues_missing", "");
    facts.refused_count = 0;
    assert_goes(TP_SESSION_CHOOSING, TP_EVENT_CHOOSE, &facts, TP_SESSION_CONFIRMING);
}

static void session_decide__leave_after_drawn__back_to_drawing(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    const enum tp_session_state from[] = {TP_SESSION_DRAWING, TP_SESSION_DRAWN,
                                          TP_SESSION_DELIVERED, TP_SESSION_ENTRY};
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        assert_goes(from[i], TP_EVENT_LEAVE, &facts, TP_SESSION_DRAWING);
    }
    assert_refused(TP_SESSION_EVALUATING, TP_EVENT_LEAVE, &facts, "session.wrong_state", "");
}

static void session_decide__entry_and_start__wait_for_time_and_all(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    facts.now_ms = facts.start_at_ms - HOUR_MS - 1;
    assert_refused(TP_SESSION_DELIVERED, TP_EVENT_OPEN_ENTRY, &facts, "entry.too_early",
                   "甘肃手册 三.1");
    facts.present_count = 4;
    assert_refused(TP_SESSION_ENTRY, TP_EVENT_START, &facts, "start.not_all_in", "");
    facts.expected_count = 0;
    facts.present_count = 0;
    assert_refused(TP_SESSION_ENTRY, TP_EVENT_START, &facts, "start.not_all_in", "");
}

static void session_decide__cancel__from_all_before_evaluating(void **state)
{
    (void)state;
    struct tp_session_facts facts = ready();
    for (int from = TP_SESSION_CHOOSING; from < TP_SESSION_EVALUATING; from++) {
        assert_goes((enum tp_session_state)from, TP_EVENT_CANCEL, &facts, TP_SESSION_CANCELLED);
    }
    assert_refused(TP_SESSION_EVALUATING, TP_EVENT_CANCEL, &facts, "session.wrong_state", "");
    assert_refused(TP_SESSION_FINISHED, TP_EVENT_CANCEL, &facts, "session.wrong_state", "");
}

/* Whatever comes, an end stays an end, and seats are freed with it. */
static void session_transitions__ends__have_no_way_out(void **state)
{
    (void)state;
    size_t count = 0;
    const struct tp_session_transition *rows = tp_session_transitions(&count);
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(rows[i].from, TP_SESSION_FINISHED);
        assert_int_not_equal(rows[i].from, TP_SESSION_CANCELLED);
        if (rows[i].to == TP_SESSION_FINISHED || rows[i].to == TP_SESSION_CANCELLED) {
            assert_true((rows[i].effects & TP_EFFECT_FREE_SEATS) != 0);
            assert_true((rows[i].effects & TP_EFFECT_CLOSE_ALL) != 0);
        }
    }
}

static void session_state_of__every_name__comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < TP_SESSION_STATE_COUNT; i++) {
        assert_int_equal(tp_session_state_of(tp_session_state_name((enum tp_session_state)i)), i);
    }
    assert_int_equal(tp_session_state_of("evaluated"), TP_SESSION_NONE);
}

static void session_print_mermaid__documentation__is_the_table(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes page = TP_BYTES_INIT;
    tp_session_print_mermaid(&text);
    assert_true(tp_ok(tp_bytes_check(&text, NULL)));
    assert_true(tp_ok(tp_file_read("docs/session-states.md", 64 * 1024, &page, NULL)));
    if (strstr((const char *)page.data, (const char *)text.data) == NULL) {
        fail_msg("docs/session-states.md differs; it must hold:\n%s", (const char *)text.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_decide__whole_way__reaches_finished),
        cmocka_unit_test(session_decide__draw_at_the_limit__opens_to_the_millisecond),
        cmocka_unit_test(session_decide__draw_without_all__says_not_all_confirmed),
        cmocka_unit_test(session_decide__refusal_and_hold__go_back_to_choosing),
        cmocka_unit_test(session_decide__choice_with_refused_left__refused),
        cmocka_unit_test(session_decide__leave_after_drawn__back_to_drawing),
        cmocka_unit_test(session_decide__entry_and_start__wait_for_time_and_all),
        cmocka_unit_test(session_decide__cancel__from_all_before_evaluating),
        cmocka_unit_test(session_transitions__ends__have_no_way_out),
        cmocka_unit_test(session_state_of__every_name__comes_back),
        cmocka_unit_test(session_print_mermaid__documentation__is_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
