#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/config/config.h"
#include "coordinator/config/policy.h"

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/tp-config-XXXXXX");
    assert_true(tp_ok(tp_crypto_init(NULL)));
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    assert_true(tp_ok(tp_file_write(path_of(name), text, strlen(text), 0600, NULL)));
}

static void put_key(const char *name)
{
    struct tp_keypair *keypair = NULL;
    assert_true(tp_ok(tp_keypair_new(&keypair, NULL)));
    struct tp_public_key key = tp_keypair_public(keypair);
    assert_true(tp_ok(tp_public_key_save(&key, path_of(name), NULL)));
    tp_keypair_free(keypair);
}

static const char whole[] = "[server]\nport=0\ncertificate=cert.pem\nprivate_key=/etc/tp/cert.key\n"
                            "[store]\nurl=sqlite:data/store.db\n[keys]\nkey=key\n"
                            "[files]\nprovince=province.ini\npolicy=policy.ini\n"
                            "trading_systems=trading.ini\n"
                            "[draw]\nurl=https://127.0.0.1:1\nca=ca.pem\ncertificate=c.pem\n"
                            "private_key=c.key\n";

static void config_read__relative_paths__stand_beside_the_file(void **state)
{
    (void)state;
    put("coordinator.ini", whole);
    put("trading.ini", "[trading-system ets]\nname=交易系统\nurl=https://127.0.0.1:2\n"
                       "ca=ca.pem\npublic_key=ets.pub\n");
    put_key("ets.pub");
    struct tp_config *config = NULL;
    struct tp_error error;
    tp_error_clear(&error);
    struct tp_status status = tp_config_read(path_of("coordinator.ini"), &config, &error);
    if (tp_failed(status)) {
        fail_msg("%s %s %s", error.code, error.field, error.message);
    }
    assert_string_equal(config->certificate_path, path_of("cert.pem"));
    assert_string_equal(config->private_key_path, "/etc/tp/cert.key");
    assert_string_equal(config->store_url + strlen("sqlite:"), path_of("data/store.db"));
    assert_string_equal(config->web_folder, "");
    assert_string_equal(config->address, "127.0.0.1");
    assert_int_equal(config->worker_count, 48);
    assert_non_null(tp_config_trading_system(config, "ets"));
    assert_null(tp_config_trading_system(config, "other"));
    tp_config_free(config);
}

static void assert_refused(const char *code)
{
    struct tp_config *config = NULL;
    struct tp_error error;
    tp_error_clear(&error);
    assert_int_equal(tp_config_read(path_of("coordinator.ini"), &config, &error).class, TP_INPUT);
    assert_string_equal(error.code, code);
    assert_null(config);
}

static void config_read__faults__are_refused(void **state)
{
    (void)state;
    char text[1024];
    put("trading.ini", "");
    snprintf(text, sizeof text, "%s[server2]\nport=1\n", whole);
    put("coordinator.ini", text);
    assert_refused("ini.unknown_key");
    put("coordinator.ini", whole);
    put("trading.ini", "[trading-system ets]\nname=a\nurl=https://127.0.0.1:2\n");
    assert_refused("config.missing_key");
    put("trading.ini", "[trading ets]\nname=a\n");
    assert_refused("config.unknown_section");
}

static void put_policy(const char *rule, const char *value)
{
    char text[4096] = "[pack]\nname=甘肃\n";
    for (int i = 0; i < TP_RULE_COUNT; i++) {
        const char *name = tp_rule_name((enum tp_rule)i);
        bool number = strstr(name, "committee") != NULL || strcmp(name, "overnight") == 0;
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "[%s]\nvalue=%s\nsource=条\n", name,
                 strcmp(name, rule) == 0 ? value : (number ? "1" : "24h"));
    }
    put("policy.ini", text);
}

static struct tp_status read_policy(struct tp_policy *policy, struct tp_error *error)
{
    tp_error_clear(error);
    return tp_policy_read(path_of("policy.ini"), policy, error);
}

static void policy_read__rules__need_value_and_source(void **state)
{
    (void)state;
    static struct tp_policy policy;
    struct tp_error error;
    put_policy("slot", "30min");
    assert_true(tp_ok(read_policy(&policy, &error)));
    assert_int_equal(tp_policy_value(&policy, TP_RULE_SLOT), 30 * 60 * 1000);
    assert_string_equal(tp_policy_source(&policy, TP_RULE_SLOT), "条");
    put_policy("slot", "35min");
    assert_int_equal(read_policy(&policy, &error).class, TP_INPUT);
    assert_string_equal(error.code, "policy.bad_slot");
    put_policy("overnight", "2");
    assert_int_equal(read_policy(&policy, &error).class, TP_INPUT);
    put("policy.ini", "[pack]\nname=甘肃\n");
    assert_int_equal(read_policy(&policy, &error).class, TP_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(config_read__relative_paths__stand_beside_the_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(config_read__faults__are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(policy_read__rules__need_value_and_source, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
