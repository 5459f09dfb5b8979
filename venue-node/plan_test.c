#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "venue-node/journal_fixture.h"
#include "venue-node/login.h"
#include "venue-node/plan.h"

#define NOW ((int64_t)1700000000000)
#define HOUR ((int64_t)3600000)

#define PHASE(name) TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_##name

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void fill(Tongping__Link__SessionPlan *plan, const char *session_id, uint64_t version,
                 Tongping__Link__SessionPhase phase, char **seats, size_t seat_count)
{
    tongping__link__session_plan__init(plan);
    plan->session_id = borrowed(session_id);
    plan->version = version;
    plan->phase = phase;
    plan->start_ms = NOW + HOUR;
    plan->end_ms = NOW + 2 * HOUR;
    plan->center_id = borrowed("lanzhou");
    plan->seat_ids = seats;
    plan->n_seat_ids = seat_count;
}

static struct tp_status apply(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_plan_apply(db, "lanzhou", argument, NOW, error);
}

static void applied(struct tp_store *store, const char *session_id, uint64_t version,
                    Tongping__Link__SessionPhase phase)
{
    char *seats[] = {borrowed("s1"), borrowed("s2")};
    Tongping__Link__SessionPlan plan;
    fill(&plan, session_id, version, phase, seats, 2);
    assert_true(tp_ok(tp_store_write(store, apply, &plan, NULL)));
}

struct look {
    const char *seat_id;
    int64_t now_ms;
    char session_id[32];
    int phase;
};

static struct tp_status look(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct look *seen = argument;
    Tongping__Link__SessionPlan *plan = NULL;
    struct tp_status status = tp_plan_of_seat(db, seen->seat_id, seen->now_ms, &plan, error);
    if (plan != NULL) {
        strncpy(seen->session_id, plan->session_id, sizeof seen->session_id - 1);
        seen->phase = plan->phase;
    }
    tongping__link__session_plan__free_unpacked(plan, NULL);
    return status;
}

static void expect_shown(struct tp_store *store, const char *seat_id, int64_t now_ms,
                         const char *session_id, int phase)
{
    struct look seen = {.seat_id = seat_id, .now_ms = now_ms};
    assert_true(tp_ok(tp_store_read(store, look, &seen, NULL)));
    assert_string_equal(seen.session_id, session_id);
    assert_int_equal(seen.phase, phase);
}

static void plan_apply__newer_version__replaces(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "a", 1, PHASE(PREPARED));
    applied(store, "a", 2, PHASE(ENTRY));
    expect_shown(store, "s1", NOW, "a", PHASE(ENTRY));
}

static void plan_apply__older_or_equal_version__changes_nothing(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "a", 2, PHASE(ENTRY));
    applied(store, "a", 2, PHASE(CANCELLED));
    applied(store, "a", 1, PHASE(PREPARED));
    expect_shown(store, "s1", NOW, "a", PHASE(ENTRY));
}

static void plan_apply__for_another_center__let_pass_and_ignored(void **state)
{
    struct tp_store *store = journal_of(state);
    char *seats[] = {borrowed("s1")};
    Tongping__Link__SessionPlan plan;
    fill(&plan, "a", 1, PHASE(ENTRY), seats, 1);
    plan.center_id = borrowed("tianshui");
    assert_true(tp_ok(tp_store_write(store, apply, &plan, NULL)));
    expect_shown(store, "s1", NOW, "", 0);
}

static void plan_apply__seat_taken_out__no_longer_shown_there(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "a", 1, PHASE(ENTRY));
    char *seats[] = {borrowed("s2")};
    Tongping__Link__SessionPlan plan;
    fill(&plan, "a", 2, PHASE(ENTRY), seats, 1);
    assert_true(tp_ok(tp_store_write(store, apply, &plan, NULL)));
    expect_shown(store, "s1", NOW, "", 0);
    expect_shown(store, "s2", NOW, "a", PHASE(ENTRY));
}

static void plan_of_seat__several__the_running_one_wins(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "prepared", 1, PHASE(PREPARED));
    applied(store, "ended", 1, PHASE(ENDED));
    expect_shown(store, "s1", NOW, "ended", PHASE(ENDED));
    expect_shown(store, "s1", NOW + 11 * 60000, "prepared", PHASE(PREPARED));
    applied(store, "entry", 1, PHASE(ENTRY));
    expect_shown(store, "s1", NOW, "entry", PHASE(ENTRY));
    applied(store, "running", 1, PHASE(EVALUATING));
    expect_shown(store, "s1", NOW, "running", PHASE(EVALUATING));
}

static void plan_of_seat__time_gone_by__not_shown(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "a", 1, PHASE(PREPARED));
    expect_shown(store, "s1", NOW + 2 * HOUR - 1, "a", PHASE(PREPARED));
    expect_shown(store, "s1", NOW + 2 * HOUR, "", 0);
    applied(store, "b", 1, PHASE(CANCELLED));
    expect_shown(store, "s1", NOW + 13 * HOUR, "", 0);
}

static struct tp_status count_logins(struct tp_db *db, void *argument, struct tp_error *error)
{
    bool found;
    return tp_db_ask_int(db, argument, &found, error, "SELECT count(*) FROM login", "");
}

static void plan_apply__session_over__its_logins_end(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "a", 1, PHASE(ENTRY));
    struct tp_login login = {.seat_id = "s1", .session_id = "a", .handle = "h", .label = "l"};
    struct tp_login_proof proof = {0};
    assert_true(tp_ok(tp_login_enter(store, &login, &proof, NULL)));
    applied(store, "a", 2, PHASE(EVALUATING));
    int64_t count = 0;
    assert_true(tp_ok(tp_store_read(store, count_logins, &count, NULL)));
    assert_int_equal(count, 1);
    applied(store, "a", 3, PHASE(ENDED));
    assert_true(tp_ok(tp_store_read(store, count_logins, &count, NULL)));
    assert_int_equal(count, 0);
}

static void plan_apply__an_expert_took_leave__that_login_alone_ends(void **state)
{
    struct tp_store *store = journal_of(state);
    applied(store, "a", 1, PHASE(ENTRY));
    struct tp_login leaver = {.seat_id = "s1", .session_id = "a", .handle = "h1", .label = "l"};
    struct tp_login other = {.seat_id = "s2", .session_id = "a", .handle = "h2", .label = "l"};
    struct tp_login_proof proof = {0};
    assert_true(tp_ok(tp_login_enter(store, &leaver, &proof, NULL)));
    assert_true(tp_ok(tp_login_enter(store, &other, &proof, NULL)));
    char *seats[] = {borrowed("s1"), borrowed("s2")};
    char *left[] = {borrowed("h1")};
    Tongping__Link__SessionPlan plan;
    fill(&plan, "a", 2, PHASE(PREPARED), seats, 2);
    plan.left_handles = left;
    plan.n_left_handles = 1;
    assert_true(tp_ok(tp_store_write(store, apply, &plan, NULL)));
    int64_t count = 0;
    assert_true(tp_ok(tp_store_read(store, count_logins, &count, NULL)));
    assert_int_equal(count, 1);
    struct tp_login substitute = {.seat_id = "s1", .session_id = "a", .handle = "h3"};
    struct tp_error error = {0};
    assert_int_equal(tp_login_enter(store, &substitute, &proof, &error).class, TP_CONFLICT);
    assert_string_equal(error.code, "login.not_open");
    applied(store, "a", 3, PHASE(ENTRY));
    assert_true(tp_ok(tp_login_enter(store, &substitute, &proof, NULL)));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, journal_set_up, journal_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(plan_apply__newer_version__replaces),
        CASE(plan_apply__older_or_equal_version__changes_nothing),
        CASE(plan_apply__for_another_center__let_pass_and_ignored),
        CASE(plan_apply__seat_taken_out__no_longer_shown_there),
        CASE(plan_apply__session_over__its_logins_end),
        CASE(plan_apply__an_expert_took_leave__that_login_alone_ends),
        CASE(plan_of_seat__several__the_running_one_wins),
        CASE(plan_of_seat__time_gone_by__not_shown),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
