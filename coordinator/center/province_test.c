#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "coordinator/center/province.h"

#define CENTER "[center lanzhou]\nname=兰州中心\ncity=兰州\ndistrict=d\nlongitude=1\nlatitude=2\n"
#define ROOM "[room lanzhou-r1]\ncenter=lanzhou\nname=一号评标室\n"
#define SEAT "[seat lanzhou-r1-s01]\nroom=lanzhou-r1\nname=01号机位\n"

static struct tp_status read_text(const char *text, struct tp_province **province,
                                  struct tp_error *error)
{
    char path[] = "/tmp/tp-province-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    tp_error_clear(error);
    struct tp_status status = tp_province_read(path, province, error);
    unlink(path);
    return status;
}

static void province_read__whole__centers_rooms_seats(void **state)
{
    (void)state;
    struct tp_province *province = NULL;
    struct tp_error error;
    assert_true(tp_ok(read_text(CENTER ROOM SEAT, &province, &error)));
    assert_int_equal(province->center_count, 1);
    assert_int_equal(province->room_count, 1);
    assert_int_equal(province->seat_count, 1);
    assert_string_equal(province->seats[0].center_id, "lanzhou");
    assert_string_equal(province->rooms[0].name, "一号评标室");
    tp_province_free(province);
}

static void assert_refused(const char *text, const char *code)
{
    struct tp_province *province = NULL;
    struct tp_error error;
    assert_true(tp_failed(read_text(text, &province, &error)));
    assert_string_equal(error.code, code);
    assert_null(province);
}

static void province_read__faults__are_named(void **state)
{
    (void)state;
    assert_refused(CENTER "[wall a]\nname=b\n", "province.unknown_section");
    assert_refused(CENTER "[room a]\ncenter=lanzhou\nname=b\nheight=3\n", "province.unknown_key");
    assert_refused("[center Lanzhou]\nname=a\ncity=b\n", "province.bad_id");
    assert_refused("[center lanzhou]\nname=\n", "province.bad_value");
    assert_refused("[center lanzhou]\nname=a\n", "province.missing_key");
    assert_refused(CENTER "[room a]\ncenter=tianshui\nname=b\n", "province.missing_key");
    assert_refused(CENTER ROOM "[seat a]\nroom=lanzhou-r2\nname=b\n", "province.missing_key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(province_read__whole__centers_rooms_seats),
        cmocka_unit_test(province_read__faults__are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
