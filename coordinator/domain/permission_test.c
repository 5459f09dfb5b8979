#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "coordinator/domain/permission.h"

static void permission__every_act__has_name_and_somebody(void **state)
{
    (void)state;
    for (int act = 0; act < TP_ACT_COUNT; act++) {
        bool somebody = false;
        assert_non_null(tp_act_name((enum tp_act)act));
        for (int role = 0; role < TP_ROLE_COUNT; role++) {
            somebody = somebody || tp_permission_role((enum tp_role)role, (enum tp_act)act);
        }
        assert_true(somebody);
    }
}

static void permission__without_relation__strangers_act_on_no_session(void **state)
{
    (void)state;
    for (int act = TP_ACT_SESSION_CHOOSE; act <= TP_ACT_SESSION_CANCEL; act++) {
        for (int role = 0; role < TP_ROLE_COUNT; role++) {
            assert_false(
                tp_permission_relation((enum tp_role)role, (enum tp_act)act, TP_RELATION_NONE));
        }
    }
    assert_false(tp_permission_relation(TP_ROLE_AGENCY, TP_ACT_SESSION_READ, TP_RELATION_NONE));
    assert_false(tp_permission_relation(TP_ROLE_STAFF, TP_ACT_SESSION_READ, TP_RELATION_NONE));
    assert_true(tp_permission_relation(TP_ROLE_REGULATOR, TP_ACT_SESSION_READ, TP_RELATION_NONE));
}

static void permission__secondary_staff__confirms_but_does_not_start(void **state)
{
    (void)state;
    assert_true(tp_permission_relation(TP_ROLE_STAFF, TP_ACT_SESSION_CONFIRM, TP_RELATION_VENUE));
    assert_false(tp_permission_relation(TP_ROLE_STAFF, TP_ACT_SESSION_START, TP_RELATION_VENUE));
    assert_true(tp_permission_relation(TP_ROLE_STAFF, TP_ACT_SESSION_START,
                                       TP_RELATION_VENUE | TP_RELATION_MAIN_VENUE));
}

/* A relation that belongs to another role gives nothing. */
static void permission__foreign_relation__gives_nothing(void **state)
{
    (void)state;
    assert_false(
        tp_permission_relation(TP_ROLE_AGENCY, TP_ACT_SESSION_CONFIRM,
                               TP_RELATION_OWNER | TP_RELATION_VENUE | TP_RELATION_MAIN_VENUE));
    assert_false(tp_permission_relation(TP_ROLE_OPERATOR, TP_ACT_SESSION_DRAW, TP_RELATION_OWNER));
    assert_false(tp_permission_relation(TP_ROLE_OPERATOR, TP_ACT_FEED_WATCH, TP_RELATION_VENUE));
}

static void role_of__names__come_back(void **state)
{
    (void)state;
    enum tp_role role = TP_ROLE_COUNT;
    for (int i = 0; i < TP_ROLE_COUNT; i++) {
        assert_true(tp_role_of(tp_role_name((enum tp_role)i), &role));
        assert_int_equal(role, i);
    }
    assert_false(tp_role_of("administrator", &role));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permission__every_act__has_name_and_somebody),
        cmocka_unit_test(permission__without_relation__strangers_act_on_no_session),
        cmocka_unit_test(permission__secondary_staff__confirms_but_does_not_start),
        cmocka_unit_test(permission__foreign_relation__gives_nothing),
        cmocka_unit_test(role_of__names__come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
