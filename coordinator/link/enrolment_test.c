#include "coordinator/link/enrolment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/link/outbox.h"
#include "coordinator/fixture/fixture.h"
#include "coordinator/link/node_store.h"

static struct tp_fixture fixture;
static char code[TP_ENROLMENT_CODE_BYTES];
static const uint8_t key[TP_SIGN_PUBLIC_BYTES] = {1, 2, 3};
static const uint8_t other_key[TP_SIGN_PUBLIC_BYTES] = {9};

static int set_up(void **state)
{
    int64_t expires_at_ms = 0;
    struct tp_error error;
    (void)state;
    tp_fixture_open(&fixture, NULL, 0);
    assert_true(
        tp_ok(tp_enrolment_begin(&fixture.app, "usr_o", "lanzhou", code, &expires_at_ms, &error)));
    assert_int_equal(expires_at_ms, TP_FIXTURE_NOW_MS + TP_ENROLMENT_VALID_MS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fixture_close(&fixture);
    return 0;
}

static const char *finish(const char *center_id, const char *given, const uint8_t *sign_public)
{
    static struct tp_error error;
    struct tp_status status =
        tp_enrolment_finish(&fixture.app, center_id, given, sign_public, &error);
    if (tp_ok(status))
        return "ok";
    assert_int_equal(status.class, TP_DENIED);
    return error.code;
}

static void finish__right_code__is_good_once(void **state)
{
    (void)state;
    uint8_t kept[TP_SIGN_PUBLIC_BYTES];
    struct tp_error error;
    assert_string_equal(finish("lanzhou", code, key), "ok");
    assert_true(tp_ok(tp_node_key(fixture.app.store, "lanzhou", kept, &error)));
    assert_memory_equal(kept, key, sizeof(key));
    /* The node's repeated call, its answer lost; then somebody else with the same code. */
    assert_string_equal(finish("lanzhou", code, key), "ok");
    assert_string_equal(finish("lanzhou", code, other_key), "enrol.refused");
    assert_true(tp_ok(tp_node_key(fixture.app.store, "lanzhou", kept, &error)));
    assert_memory_equal(kept, key, sizeof(key));
    assert_int_equal(
        tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'node.enrolled'"), 1);
}

static void finish__other_center_or_code__is_refused(void **state)
{
    (void)state;
    uint8_t kept[TP_SIGN_PUBLIC_BYTES];
    struct tp_error error;
    assert_string_equal(finish("tianshui", code, key), "enrol.refused");
    assert_string_equal(finish("lanzhou", "AAAA-AAAA-AAAA-AAAA", key), "enrol.refused");
    assert_string_equal(finish("nowhere", code, key), "enrol.refused");
    struct tp_status status = tp_node_key(fixture.app.store, "lanzhou", kept, &error);
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(error.code, "link.unknown_node");
}

static void finish__after_too_many_wrong_tries__is_refused_with_the_right_code(void **state)
{
    (void)state;
    for (int i = 0; i < TP_ENROLMENT_TRIES_MOST; i++)
        assert_string_equal(finish("lanzhou", "AAAA-AAAA-AAAA-AAAA", key), "enrol.refused");
    assert_string_equal(finish("lanzhou", code, key), "enrol.refused");
}

static void finish__too_late__is_refused(void **state)
{
    (void)state;
    tp_manual_clock_turn(&fixture.clock, TP_ENROLMENT_VALID_MS);
    assert_string_equal(finish("lanzhou", code, key), "enrol.refused");
}

static void begin__of_an_unknown_center__is_not_found(void **state)
{
    (void)state;
    int64_t expires_at_ms = 0;
    struct tp_error error;
    struct tp_status status =
        tp_enrolment_begin(&fixture.app, "usr_o", "nowhere", code, &expires_at_ms, &error);
    assert_int_equal(status.class, TP_NOT_FOUND);
}

static void store__of_codes__holds_no_code(void **state)
{
    (void)state;
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT (SELECT count(*) FROM node_codes WHERE code_hash = '%s') + (SELECT count(*)"
             " FROM record WHERE data LIKE '%%%s%%')",
             code, code);
    assert_int_equal(tp_fixture_ask(&fixture, sql), 0);
}

static void set_state__same_again__is_not_logged_twice(void **state)
{
    (void)state;
    struct tp_error error;
    assert_string_equal(finish("lanzhou", code, key), "ok");
    for (int i = 0; i < 2; i++)
        assert_true(tp_ok(tp_node_set_state(&fixture.app, "lanzhou", true, "1.0", &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM record WHERE act = 'node.up'"),
                     1);
    assert_true(tp_ok(tp_node_all_down(&fixture.app, &error)));
    assert_int_equal(tp_fixture_ask(&fixture, "SELECT count(*) FROM nodes WHERE state = 'down'"),
                     1);
}

/* The columns of the link's tables, as one text. */
static struct tp_status columns_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT group_concat(o.name || o.type || o.\"notnull\" || o.pk) || (SELECT"
                    " group_concat(m.name || m.type || m.\"notnull\" || m.pk) FROM"
                    " pragma_table_info('link_mark') m) FROM pragma_table_info('link_outbox') o",
                    "");
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row)
        snprintf(argument, 512, "%s", tp_query_text(query, 0));
    tp_query_end(query);
    return status;
}

static void schema__of_the_link__is_the_one_its_library_names(void **state)
{
    (void)state;
    char ours[512] = "";
    char theirs[512] = "";
    char url[128];
    struct tp_error error;
    struct tp_store *store = NULL;
    const struct tp_migration migrations[] = {{1, "link", TP_LINK_SCHEMA}};
    snprintf(url, sizeof(url), "sqlite:%s/link.db", fixture.folder);
    assert_true(tp_ok(tp_store_open(url, migrations, 1, &store, &error)));
    assert_true(tp_ok(tp_store_read(store, columns_work, theirs, &error)));
    tp_store_free(store);
    assert_true(tp_ok(tp_store_read(fixture.app.store, columns_work, ours, &error)));
    assert_string_not_equal(ours, "");
    assert_string_equal(ours, theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(finish__right_code__is_good_once),
        CASE(finish__other_center_or_code__is_refused),
        CASE(finish__after_too_many_wrong_tries__is_refused_with_the_right_code),
        CASE(finish__too_late__is_refused),
        CASE(begin__of_an_unknown_center__is_not_found),
        CASE(store__of_codes__holds_no_code),
        CASE(set_state__same_again__is_not_logged_twice),
        CASE(schema__of_the_link__is_the_one_its_library_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
