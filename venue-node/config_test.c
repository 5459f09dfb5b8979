#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "venue-node/config.h"

#define NODE                                                                                       \
    "[node]\ncenter_id = lanzhou\ncenter_name = 兰州\nkey = key\njournal = /var/j.db\n"          \
    "coordinator_public = c.pub\ndraw_public = d.pub\n[coordinator]\nurl = "                       \
    "https://127.0.0.1:1/\n"                                                                       \
    "[terminal]\nport = 8443\ncertificate = a\nprivate_key = b\n"
#define ROOM "[room lanzhou-r1]\nname = 一室\nsource = test:x\n"
#define SEAT "[seat lanzhou-r1-s01]\nroom = lanzhou-r1\nname = 1\ncode = ABCD2345\n"

static struct tp_status read_text(const char *text, struct tp_venue_config *config,
                                  struct tp_error *error)
{
    char path[] = "/tmp/tp-venue-ini-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    struct tp_status status = tp_venue_config_read(path, config, error);
    unlink(path);
    return status;
}

static void expect_refused(const char *text, const char *code)
{
    struct tp_venue_config config;
    struct tp_error error = {0};
    assert_int_equal(read_text(text, &config, &error).class, TP_INPUT);
    assert_string_equal(error.code, code);
}

static void read__whole__rooms_seats_and_paths_beside_the_file(void **state)
{
    (void)state;
    TP_AUTO(tp_venue_config) struct tp_venue_config config;
    assert_true(tp_ok(
        read_text(NODE "[media]\nsocket = m.sock\nprogram = tp-media\nconfig = m.ini\n" ROOM SEAT
                       "desktop = x11::5.0\n",
                  &config, NULL)));
    assert_string_equal(config.key, "/tmp/key");
    assert_string_equal(config.journal, "/var/j.db");
    assert_string_equal(config.media_program, "tp-media");
    assert_string_equal(config.coordinator_url, "https://127.0.0.1:1");
    assert_int_equal(config.port, 8443);
    assert_int_equal(config.seat_count, 1);
    assert_string_equal(tp_venue_config_seat(&config, "lanzhou-r1-s01")->desktop, "x11::5.0");
    assert_string_equal(tp_venue_config_room(&config, "lanzhou-r1")->name, "一室");
    assert_null(tp_venue_config_seat(&config, "lanzhou-r1-s02"));
}

static void read__wrong__names_what_is_wrong(void **state)
{
    (void)state;
    expect_refused(NODE "[other]\nx = 1\n", "ini.unknown_key");
    expect_refused(NODE ROOM "more = 1\n", "ini.unknown_key");
    expect_refused("[node]\ncenter_id = lanzhou\n", "ini.missing_key");
    expect_refused(NODE "[seat lanzhou-r1-s01]\nroom = none\ncode = ABCD2345\n",
                   "venue.unknown_room");
    expect_refused(NODE ROOM "[seat lanzhou-r1-s01]\nroom = lanzhou-r1\ncode = SHORT\n",
                   "venue.short_code");
    expect_refused(NODE "[room a_b]\nname = x\n", "ini.bad_id");
    expect_refused(NODE "[media]\nprogram = x\n", "ini.missing_key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__whole__rooms_seats_and_paths_beside_the_file),
        cmocka_unit_test(read__wrong__names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
