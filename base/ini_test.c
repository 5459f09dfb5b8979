#include "base/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/random.h"
#include "base/test_folder.h"

static struct tp_test_folder folder;
static char path[TP_TEST_PATH_BYTES];

static int setup(void **state)
{
    (void)state;
    tp_test_folder_init(&folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_test_folder_fini(&folder);
    return 0;
}

struct values {
    char address[16];
    int64_t port;
    bool open;
    int64_t wait_ms;
};

static struct tp_status read_bytes(const void *text, size_t bytes, struct values *values,
                                   struct tp_error *error)
{
    const struct tp_ini_key keys[] = {
        {"http", "address", TP_INI_TEXT, values->address, sizeof(values->address), true, 0, 0},
        {"http", "port", TP_INI_INT, &values->port, 0, false, 1, 65535},
        {"http", "open", TP_INI_BOOL, &values->open, 0, false, 0, 0},
        {"http", "wait", TP_INI_DURATION, &values->wait_ms, 0, false, 0, 3600000},
    };
    tp_test_folder_put(&folder, "a.ini", text, bytes, path);
    return tp_ini_read(path, keys, sizeof(keys) / sizeof(keys[0]), error);
}

static struct tp_status read_text(const char *text, struct values *values, struct tp_error *error)
{
    return read_bytes(text, strlen(text), values, error);
}

static void read__whole_file__fills_every_value(void **state)
{
    (void)state;
    struct values values = {0};
    assert_true(tp_ok(read_text("\xEF\xBB\xBF; a comment\n# another\n\n[http] ; with a comment\r\n"
                                "address = 127.0.0.1 ; here\n  port=8443\r\nopen = yes\n"
                                "wait: 15s",
                                &values, NULL)));
    assert_string_equal(values.address, "127.0.0.1");
    assert_int_equal(values.port, 8443);
    assert_true(values.open);
    assert_int_equal(values.wait_ms, 15000);
}

static void read__optional_keys_absent__keep_their_defaults(void **state)
{
    (void)state;
    struct values values = {.port = 7, .open = true, .wait_ms = 9};
    assert_true(tp_ok(read_text("[http]\naddress=a\n", &values, NULL)));
    assert_int_equal(values.port, 7);
    assert_true(values.open);
    assert_int_equal(values.wait_ms, 9);
}

static void read__faults__are_named_with_file_line_and_key(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *code;
        const char *field;
    } faults[] = {
        {"[http]\naddress=a\nprot=1\n", "ini.unknown_key", "a.ini:3 http.prot"},
        {"[htpp]\naddress=a\n", "ini.unknown_key", "a.ini:2 htpp.address"},
        {"address=a\n", "ini.unknown_key", "a.ini:1 address"},
        {"[http]\naddress=a\naddress=b\n", "ini.duplicate_key", "a.ini:3 address"},
        {"[http]\naddress=a\n[http]\naddress=a\n", "ini.duplicate_key", "a.ini:4 address"},
        {"[http]\nport=1\n", "ini.missing_key", "a.ini http.address"},
        {"[http]\naddress=\n", "ini.missing_key", "a.ini:2 http.address"},
        {"[http]\naddress=1234567890123456\n", "ini.text_too_long", "a.ini:2 http.address"},
        {"[http]\nport=0\n", "ini.out_of_bounds", "a.ini:2 http.port"},
        {"[http]\nport=65536\n", "ini.out_of_bounds", "a.ini:2 http.port"},
        {"[http]\nport=12x\n", "ini.bad_integer", "a.ini:2 http.port"},
        {"[http]\nport=\n", "ini.bad_integer", "a.ini:2 http.port"},
        {"[http]\nport=99999999999999999999\n", "ini.bad_integer", "a.ini:2 http.port"},
        {"[http]\nport=+1\n", "ini.bad_integer", "a.ini:2 http.port"},
        {"[http]\nopen=maybe\n", "ini.bad_boolean", "a.ini:2 http.open"},
        {"[http]\nwait=15\n", "ini.bad_duration", "a.ini:2 http.wait"},
        {"[http]\nwait=2h\n", "ini.out_of_bounds", "a.ini:2 http.wait"},
        {"[http]\naddress=a\nnonsense\n", "ini.malformed", "a.ini:3"},
        {"nonsense\n[http]\nprot=1\n", "ini.malformed", "a.ini:1"},
        {"[http\naddress=a\n", "ini.malformed", "a.ini:1"},
        {"[http] more\naddress=a\n", "ini.malformed", "a.ini:1"},
        {"[http]\n=a\n", "ini.malformed", "a.ini:2"},
        {"[http]\naddress=a\n  goes on\n", "ini.malformed", "a.ini:3"},
        {"[http]\naddress=\xFF\n", "ini.not_utf8", "a.ini:2"},
        {"[a234567890123456789012345678901234567890123456789x]\na=1\n", "ini.section_too_long",
         "a.ini:1"},
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct values values = {0};
        struct tp_error error = {0};
        assert_int_equal(read_text(faults[i].text, &values, &error).class, TP_INPUT);
        assert_string_equal(error.code, faults[i].code);
        assert_string_equal(error.field, faults[i].field);
    }
}

static void read__file_missing__is_not_found(void **state)
{
    (void)state;
    struct tp_error error = {0};
    tp_test_folder_join(&folder, "none.ini", path);
    assert_int_equal(tp_ini_read(path, NULL, 0, &error).class, TP_NOT_FOUND);
    assert_string_equal(error.code, "ini.unreadable");
}

static void read__nul_in_a_line__is_refused(void **state)
{
    (void)state;
    struct values values = {0};
    struct tp_error error = {0};
    assert_int_equal(read_bytes("[http]\naddress=a\0b\n", 19, &values, &error).class, TP_INPUT);
    assert_string_equal(error.code, "ini.not_utf8");
}

struct entries {
    struct tp_bytes text;
    int stop_at_line;
};

static struct tp_status note_entry(void *context, const char *section, const char *name,
                                   const char *value, int line, struct tp_error *error)
{
    struct entries *entries = context;
    if (line == entries->stop_at_line)
        return tp_fail(error, TP_INPUT, "test.stop", "stop");
    tp_bytes_append_format(&entries->text, "%d %s.%s=%s|", line, section, name, value);
    return TP_STATUS_OK;
}

static void read_each__sections_of_things__come_in_the_files_order(void **state)
{
    (void)state;
    struct entries entries = {0};
    const char *text = "first=1\n[feed env1]\nkind=camera\n\n[feed env2]\nkind = screen\nfirst=2\n";
    tp_test_folder_put(&folder, "b.ini", text, strlen(text), path);
    assert_true(tp_ok(tp_ini_read_each(path, note_entry, &entries, NULL)));
    assert_string_equal(
        (const char *)entries.text.data,
        "1 .first=1|3 feed env1.kind=camera|6 feed env2.kind=screen|7 feed env2.first=2|");
    tp_bytes_fini(&entries.text);
    entries = (struct entries){.stop_at_line = 3};
    struct tp_error error = {0};
    assert_int_equal(tp_ini_read_each(path, note_entry, &entries, &error).class, TP_INPUT);
    assert_string_equal(error.field, "b.ini:3 kind");
    assert_string_equal((const char *)entries.text.data, "1 .first=1|");
    tp_bytes_fini(&entries.text);
}

/* libinih alone would cut these lines at 199 bytes and read the rest as another line. */
static void read_each__long_values__arrive_whole(void **state)
{
    (void)state;
    for (size_t length = 150; length < 4000; length += length < 250 ? 1 : 371) {
        TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
        TP_AUTO(tp_bytes) struct tp_bytes wanted = TP_BYTES_INIT;
        tp_bytes_append_text(&text, "[sms]\ntext = ");
        tp_bytes_append_text(&wanted, "2 sms.text=");
        for (size_t i = 0; i < length; i++) {
            tp_bytes_append_u8(&text, (uint8_t)('a' + i % 26));
            tp_bytes_append_u8(&wanted, (uint8_t)('a' + i % 26));
        }
        tp_bytes_append_text(&text, " ; a comment\nnext=1\n");
        tp_bytes_append_text(&wanted, "|3 sms.next=1|");
        tp_test_folder_put(&folder, "c.ini", text.data, text.length, path);
        struct entries entries = {0};
        assert_true(tp_ok(tp_ini_read_each(path, note_entry, &entries, NULL)));
        assert_string_equal((const char *)entries.text.data, (const char *)wanted.data);
        tp_bytes_fini(&entries.text);
    }
}

static void read_each__line_without_end__is_refused(void **state)
{
    (void)state;
    char text[9000];
    memset(text, 'a', sizeof(text));
    memcpy(text, "a=", 2);
    tp_test_folder_put(&folder, "d.ini", text, sizeof(text), path);
    struct entries entries = {0};
    struct tp_error error = {0};
    assert_int_equal(tp_ini_read_each(path, note_entry, &entries, &error).class, TP_INPUT);
    assert_string_equal(error.code, "ini.line_too_long");
    assert_string_equal(error.field, "d.ini:1");
}

static void read__mutated_files__are_read_or_refused(void **state)
{
    (void)state;
    static const char good[] =
        "# c\n[http]\naddress = 127.0.0.1 ; c\nport=8443\nopen=yes\nwait=15s\n";
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 5);
    int taken_count = 0;
    for (int round = 0; round < 3000; round++) {
        uint8_t text[sizeof(good) + 300];
        size_t length = sizeof(good) - 1;
        memcpy(text, good, length);
        for (uint32_t i = tp_random_below(&random.random, 4); i > 0; i--) {
            static const char odd[] = "\n\r\t =:;#[]\\\"\xC3\xFF\0z9";
            text[tp_random_below(&random.random, (uint32_t)length)] =
                (uint8_t)odd[tp_random_below(&random.random, sizeof(odd) - 1)];
        }
        if (round % 5 == 0) {
            memset(text + length, 'k', 300);
            length += 300;
        }
        struct values values = {0};
        struct tp_error error = {0};
        struct tp_status status = read_bytes(text, length, &values, &error);
        assert_true(tp_ok(status) || status.class == TP_INPUT);
        assert_true(tp_ok(status) || error.field[0] != '\0');
        taken_count += tp_ok(status);
    }
    assert_true(taken_count > 100 && taken_count < 2900);
}

static void duration__known_texts__have_their_length(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wanted_ms;
    } good[] = {{"500ms", 500},
                {"15s", 15000},
                {"60min", 3600000},
                {"2h", 7200000},
                {"3d", 259200000},
                {"0s", 0},
                {"106751991167d", 9223372036828800000}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t duration_ms = -1;
        assert_true(tp_ok(tp_duration_parse(good[i].text, &duration_ms, NULL)));
        assert_int_equal(duration_ms, good[i].wanted_ms);
    }
    static const char *const bad[] = {"",
                                      "15",
                                      "s",
                                      "-1s",
                                      "+1s",
                                      "1.5h",
                                      "1 s",
                                      "1S",
                                      "1sx",
                                      "1m",
                                      " 1s",
                                      "1hh",
                                      "99999999999999999999ms",
                                      "106751991168d",
                                      "１s"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t duration_ms = -1;
        struct tp_error error = {0};
        assert_int_equal(tp_duration_parse(bad[i], &duration_ms, &error).class, TP_INPUT);
        assert_string_equal(error.code, "ini.bad_duration");
        assert_int_equal(duration_ms, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__whole_file__fills_every_value),
        cmocka_unit_test(read__optional_keys_absent__keep_their_defaults),
        cmocka_unit_test(read__faults__are_named_with_file_line_and_key),
        cmocka_unit_test(read__file_missing__is_not_found),
        cmocka_unit_test(read__nul_in_a_line__is_refused),
        cmocka_unit_test(read_each__sections_of_things__come_in_the_files_order),
        cmocka_unit_test(read_each__long_values__arrive_whole),
        cmocka_unit_test(read_each__line_without_end__is_refused),
        cmocka_unit_test(read__mutated_files__are_read_or_refused),
        cmocka_unit_test(duration__known_texts__have_their_length),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
