#include "coordinator/matter/matter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "coordinator/fixture/fixture.h"

static struct tp_fixture fixture;
static struct tp_matter_raise raise_args;

static int set_up(void **state)
{
    struct tp_error error;
    (void)state;
    tp_fixture_open(&fixture, NULL, 0);
    tp_fixture_session(&fixture, "evaluating");
    raise_args = (struct tp_matter_raise){.user = &fixture.regulator,
                                          .session_id = TP_FIXTURE_SESSION,
                                          .center_id = "lanzhou",
                                          .text = "请调整镜头"};
    assert_true(tp_ok(tp_write_run(&fixture.app, tp_matter_raise_work, &raise_args, &error)));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fixture_close(&fixture);
    return 0;
}

static struct tp_status act(tp_write_work work, const struct tp_user *user, struct tp_error *error)
{
    struct tp_matter_act args = {.user = user, .matter_id = raise_args.id, .text = "已处理"};
    return tp_write_run(&fixture.app, work, &args, error);
}

static int64_t open_todos(void)
{
    return tp_fixture_ask(&fixture, "SELECT count(*) FROM todos WHERE kind = 'matter' AND done_at"
                                    " IS NULL AND center_id = 'lanzhou'");
}

static void raise__at_a_venue__asks_its_staff_until_they_reply(void **state)
{
    (void)state;
    struct tp_error error;
    assert_int_equal(open_todos(), 1);
    assert_true(tp_ok(act(tp_matter_reply_work, &fixture.staff, &error)));
    assert_int_equal(open_todos(), 0);
    assert_true(tp_ok(act(tp_matter_close_work, &fixture.regulator, &error)));
    struct tp_status status = act(tp_matter_reply_work, &fixture.staff, &error);
    assert_int_equal(status.class, TP_CONFLICT);
    assert_string_equal(error.code, "matter.closed");
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act LIKE"
                                              " 'matter.%' AND data NOT LIKE '%镜头%'"),
                     3);
}

static void raise__where_the_session_is_not__is_refused(void **state)
{
    (void)state;
    struct tp_error error;
    raise_args.center_id = "jiuquan";
    struct tp_status status = tp_write_run(&fixture.app, tp_matter_raise_work, &raise_args, &error);
    assert_int_equal(status.class, TP_INPUT);
    assert_string_equal(error.field, "center_id");
    raise_args.center_id = "lanzhou";
    raise_args.user = &fixture.staff;
    assert_int_equal(tp_write_run(&fixture.app, tp_matter_raise_work, &raise_args, &error).class,
                     TP_DENIED);
}

static void reply__by_staff_of_another_venue__is_denied(void **state)
{
    (void)state;
    struct tp_error error;
    snprintf(fixture.staff.center_id, sizeof(fixture.staff.center_id), "tianshui");
    assert_int_equal(act(tp_matter_reply_work, &fixture.staff, &error).class, TP_DENIED);
    assert_int_equal(act(tp_matter_close_work, &fixture.staff, &error).class, TP_DENIED);
    assert_int_equal(open_todos(), 1);
}

struct listing {
    const struct tp_user *user;
    json_t *items;
};

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    return tp_matter_list(db, listing->user, TP_FIXTURE_SESSION, NULL, &listing->items, error);
}

static void list__to_staff__holds_the_own_venue_only(void **state)
{
    (void)state;
    struct tp_error error;
    struct listing listing = {.user = &fixture.staff};
    assert_true(tp_ok(act(tp_matter_reply_work, &fixture.staff, &error)));
    assert_true(tp_ok(tp_store_read(fixture.app.store, list_work, &listing, &error)));
    const json_t *matter = json_array_get(listing.items, 0);
    assert_int_equal(json_array_size(json_object_get(matter, "replies")), 1);
    assert_string_equal(json_string_value(json_object_get(matter, "raised_by")), "regulator");
    json_decref(listing.items);
    snprintf(fixture.staff.center_id, sizeof(fixture.staff.center_id), "tianshui");
    assert_true(tp_ok(tp_store_read(fixture.app.store, list_work, &listing, &error)));
    assert_int_equal(json_array_size(listing.items), 0);
    json_decref(listing.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(raise__at_a_venue__asks_its_staff_until_they_reply),
        CASE(raise__where_the_session_is_not__is_refused),
        CASE(reply__by_staff_of_another_venue__is_denied),
        CASE(list__to_staff__holds_the_own_venue_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
