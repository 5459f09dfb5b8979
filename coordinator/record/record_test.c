#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/fixture/fixture.h"
#include "coordinator/record/record.h"

static int set_up(void **state)
{
    static struct tp_fixture fixture;
    tp_fixture_open(&fixture, NULL, 0);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    tp_fixture_close(*state);
    return 0;
}

static struct tp_status append_three(struct tp_write *write, void *argument, struct tp_error *error)
{
    (void)argument;
    struct tp_status status = TP_STATUS_OK;
    for (int i = 0; tp_ok(status) && i < 3; i++) {
        json_t *data = json_pack("{s:i, s:s}", "number", i, "text", "远程异地评标");
        status = tp_record_append(write, "usr_1", "test.act", i == 0 ? NULL : "ses_1", data, error);
        json_decref(data);
    }
    return status;
}

static struct tp_status append_and_fail(struct tp_write *write, void *argument,
                                        struct tp_error *error)
{
    struct tp_status status = append_three(write, argument, error);
    return tp_ok(status) ? tp_fail(error, TP_CONFLICT, "test.failed", "undone") : status;
}

struct verification {
    struct tp_record_head head;
    struct tp_record_head told;
    struct tp_status status;
    struct tp_error error;
};

static struct tp_status verify(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct verification *verification = argument;
    tp_error_clear(&verification->error);
    verification->status = tp_record_verify(db, &verification->head, &verification->error);
    return tp_record_head(db, &verification->told, error);
}

static struct verification verified(struct tp_fixture *fixture)
{
    struct verification verification;
    assert_true(tp_ok(tp_store_read(fixture->app.store, verify, &verification, NULL)));
    return verification;
}

static void record_append__acts__chain_holds_and_head_tells(void **state)
{
    struct tp_fixture *fixture = *state;
    struct verification before = verified(fixture);
    assert_true(tp_ok(tp_write_run(&fixture->app, append_three, NULL, NULL)));
    struct verification after = verified(fixture);
    assert_true(tp_ok(after.status));
    assert_int_equal(after.head.n, before.head.n + 3);
    assert_memory_equal(after.head.hash, after.told.hash, TP_HASH_BYTES);
    assert_memory_not_equal(after.head.hash, before.head.hash, TP_HASH_BYTES);
}

static void record_append__act_undone__leaves_no_entry(void **state)
{
    struct tp_fixture *fixture = *state;
    assert_true(tp_failed(tp_write_run(&fixture->app, append_and_fail, NULL, NULL)));
    assert_int_equal(verified(fixture).head.n, 0);
}

/* Whatever column of whatever entry is changed, the entry is named. */
static void record_verify__any_change__is_found(void **state)
{
    struct tp_fixture *fixture = *state;
    assert_true(tp_ok(tp_write_run(&fixture->app, append_three, NULL, NULL)));
    static const char *const changes[][2] = {
        {"UPDATE record SET at = at + 1 WHERE n = 2", "UPDATE record SET at = at - 1 WHERE n = 2"},
        {"UPDATE record SET actor = 'usr_2' WHERE n = 2",
         "UPDATE record SET actor = 'usr_1' WHERE n = 2"},
        {"UPDATE record SET act = 'test.acd' WHERE n = 2",
         "UPDATE record SET act = 'test.act' WHERE n = 2"},
        {"UPDATE record SET session_id = NULL WHERE n = 2",
         "UPDATE record SET session_id = 'ses_1' WHERE n = 2"},
        {"UPDATE record SET data = replace(data, '1', '7') WHERE n = 2",
         "UPDATE record SET data = replace(data, '7', '1') WHERE n = 2"},
        {"UPDATE record SET n = 9 WHERE n = 2", "UPDATE record SET n = 2 WHERE n = 9"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        tp_fixture_run(fixture, changes[i][0]);
        struct verification broken = verified(fixture);
        assert_int_equal(broken.status.class, TP_CRYPTO);
        assert_string_equal(broken.error.code, "record.broken");
        assert_int_equal(broken.head.n, 1);
        tp_fixture_run(fixture, changes[i][1]);
        assert_true(tp_ok(verified(fixture).status));
    }
    tp_fixture_run(fixture, "DELETE FROM record WHERE n = 2");
    assert_int_equal(verified(fixture).status.class, TP_CRYPTO);
}

/* Moving a border between two fields keeps the bytes in a row the same: lengths tell them apart. */
static void record_verify__moved_border__is_found(void **state)
{
    struct tp_fixture *fixture = *state;
    assert_true(tp_ok(tp_write_run(&fixture->app, append_three, NULL, NULL)));
    tp_fixture_run(fixture, "UPDATE record SET actor = 'usr_1t', act = 'est.act' WHERE n = 3");
    assert_int_equal(verified(fixture).status.class, TP_CRYPTO);
}

static struct tp_status append_large(struct tp_write *write, void *argument, struct tp_error *error)
{
    return tp_record_append(write, "usr_1", "test.act", NULL, argument, error);
}

static void record_append__data_too_large__is_refused(void **state)
{
    struct tp_fixture *fixture = *state;
    static char text[513 * 1024];
    memset(text, 'x', sizeof text - 1);
    TP_AUTO(tp_json) json_t *data = json_pack("{s:s}", "text", text);
    struct tp_error error;
    tp_error_clear(&error);
    assert_int_equal(tp_write_run(&fixture->app, append_large, data, &error).class, TP_LIMIT);
    assert_string_equal(error.code, "record.too_large");
    assert_int_equal(verified(fixture).head.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(record_append__acts__chain_holds_and_head_tells, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(record_append__act_undone__leaves_no_entry, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(record_verify__any_change__is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(record_verify__moved_border__is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(record_append__data_too_large__is_refused, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
