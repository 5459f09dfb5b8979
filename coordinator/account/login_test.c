#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "coordinator/account/account.h"
#include "coordinator/account/login.h"
#include "coordinator/fixture/fixture.h"

#define PASSWORD "ten-or-more-1"

static struct tp_fixture fixture;

static int set_up(void **state)
{
    (void)state;
    char id[TP_ID_BYTES];
    const struct tp_new_user user = {.name = "watcher",
                                     .password = PASSWORD,
                                     .display = "w",
                                     .role = TP_ROLE_REGULATOR,
                                     .active = true};
    tp_fixture_open(&fixture, NULL, 0);
    assert_true(tp_ok(tp_accounts_new(&fixture.app.accounts, NULL)));
    assert_true(tp_ok(tp_user_add(&fixture.app, &user, id, NULL)));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_accounts_free(fixture.app.accounts);
    tp_fixture_close(&fixture);
    return 0;
}

static enum tp_class log_in(const char *password, const char *address)
{
    struct tp_login login;
    char token[TP_LOGIN_TOKEN_TEXT_BYTES];
    return tp_login_open(&fixture.app, "watcher", password, address, &login, token, NULL).class;
}

static void login_open__wrong_five_times__is_shut_at_that_address_only(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(log_in("wrong", "10.0.0.1"), TP_DENIED);
    assert_int_equal(log_in(PASSWORD, "10.0.0.1"), TP_LIMIT);
    assert_int_equal(log_in(PASSWORD, "10.0.0.2"), TP_OK);
    tp_manual_clock_turn(&fixture.clock, INT64_C(15) * 60 * 1000);
    assert_int_equal(log_in(PASSWORD, "10.0.0.1"), TP_OK);
}

static void login_open__wrong_from_many_addresses__is_shut_everywhere(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        char address[32];
        snprintf(address, sizeof(address), "10.0.1.%d", i);
        assert_int_equal(log_in("wrong", address), TP_DENIED);
    }
    assert_int_equal(log_in(PASSWORD, "10.0.0.2"), TP_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(login_open__wrong_five_times__is_shut_at_that_address_only,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(login_open__wrong_from_many_addresses__is_shut_everywhere,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
