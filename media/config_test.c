#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/config.h"

static char path[64];

static struct tp_status read_text(const char *text, struct tp_media_config *config,
                                  struct tp_error *error)
{
    strcpy(path, "/tmp/tp-media-config-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct tp_status status = tp_media_config_read(path, config, error);
    unlink(path);
    return status;
}

static void read__least__defaults_filled(void **state)
{
    (void)state;
    struct tp_media_config config;
    assert_true(
        tp_ok(read_text("[media]\nsocket = /run/m.sock\naddresses = 127.0.0.1\n", &config, NULL)));
    assert_string_equal(config.socket, "/run/m.sock");
    assert_int_equal(config.address_count, 1);
    assert_string_equal(config.addresses[0], "127.0.0.1");
    assert_int_equal(config.linger_ms, 15000);
    assert_int_equal(config.silence_ms, 12000);
    assert_int_equal(config.port_min, 0);
}

static void read__everything__taken(void **state)
{
    (void)state;
    struct tp_media_config config;
    assert_true(tp_ok(read_text("[media]\nsocket = media.sock\naddresses = 10.0.0.1, fd00::1\n"
                                "port_min = 40000\nport_max = 40999\ntcp = no\nlinger = 2s\n"
                                "silence = 5s\nconnect = 8s\ncheck = 30s\nmax_viewers = 9\n"
                                "encoder_threads = 2\n",
                                &config, NULL)));
    assert_string_equal(config.socket, "/tmp/media.sock");
    assert_int_equal(config.address_count, 2);
    assert_string_equal(config.addresses[1], "fd00::1");
    assert_int_equal(config.port_max, 40999);
    assert_false(config.tcp);
    assert_int_equal(config.linger_ms, 2000);
    assert_int_equal(config.max_viewers, 9);
}

static void read__fault__named(void **state)
{
    (void)state;
    static const struct {
        const char *rest;
        const char *code;
    } cases[] = {
        {"addresses = localhost\n", "config.bad_address"},
        {"addresses = ,\n", "config.bad_address"},
        {"addresses = 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1\n",
         "config.too_many_addresses"},
        {"addresses = 127.0.0.1\nport_min = 5000\n", "config.bad_ports"},
        {"addresses = 127.0.0.1\nport_min = 5000\nport_max = 4000\n", "config.bad_ports"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "[media]\nsocket = /run/m.sock\n%s", cases[i].rest);
        struct tp_media_config config;
        struct tp_error error = {0};
        assert_int_equal(read_text(text, &config, &error).class, TP_INPUT);
        assert_string_equal(error.code, cases[i].code);
    }
    struct tp_media_config config;
    assert_true(tp_failed(read_text("[media]\nsocket = /m\n", &config, NULL)));
    assert_true(tp_failed(
        read_text("[media]\nsocket = /m\naddresses = 127.0.0.1\nspeed = 9\n", &config, NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__least__defaults_filled),
        cmocka_unit_test(read__everything__taken),
        cmocka_unit_test(read__fault__named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
