#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

static json_t *parsed(const char *text)
{
    json_t *json = NULL;
    struct tp_error error = {0};
    if (tp_failed(tp_json_parse(text, strlen(text), &json, &error)))
        fail_msg("%s", error.message);
    return json;
}

static void parse__malformed__is_refused_and_quotes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "1",
                                        "\"a\"",
                                        "null",
                                        "{",
                                        "[1,]",
                                        "{\"secret\":1,}",
                                        "{\"secret\":1,\"secret\":2}",
                                        "{\"a\":\"secret\xFF\"}",
                                        "{\"a\":\"\\u0000\"}",
                                        "[1] secret",
                                        "{\"a\":secret}",
                                        "{\"a\":99999999999999999999}",
                                        "[\"\\ud800\"]",
                                        "{'a':1}",
                                        "[01]",
                                        "[1e999]"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *json = NULL;
        struct tp_error error = {0};
        assert_int_equal(tp_json_parse(texts[i], strlen(texts[i]), &json, &error).class, TP_INPUT);
        assert_string_equal(error.code, "json.malformed");
        assert_non_null(strstr(error.message, "line"));
        assert_null(strstr(error.message, "secret"));
        assert_null(json);
    }
}

static void parse__sixteen_levels__is_the_most(void **state)
{
    (void)state;
    char text[64] = "";
    for (int depth = 1; depth <= 17; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        TP_AUTO(tp_json) json_t *json = NULL;
        struct tp_status status = tp_json_parse(text, (size_t)depth * 2, &json, NULL);
        assert_int_equal(status.class, depth <= 16 ? TP_OK : TP_INPUT);
    }
    TP_AUTO(tp_json) json_t *json = parsed("[\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[\", 1]");
    assert_int_equal(json_array_size(json), 2);
}

struct lot {
    const char *name;
    int64_t seats;
    bool remote;
    json_t *venues;
    json_t *extra;
    const char *note;
};

static struct tp_status read_lot(const json_t *json, const char *path, struct lot *lot,
                                 struct tp_error *error)
{
    const struct tp_json_field fields[] = {
        {"name", TP_JSON_TEXT, &lot->name, false, 1, 4},
        {"seats", TP_JSON_INT, &lot->seats, false, 1, 9},
        {"remote", TP_JSON_BOOL, &lot->remote, false, 0, 0},
        {"venues", TP_JSON_ARRAY, &lot->venues, true, 1, 2},
        {"extra", TP_JSON_OBJECT, &lot->extra, true, 0, 0},
        {"note", TP_JSON_TEXT, &lot->note, true, 0, 0},
    };
    return tp_json_read(json, path, fields, sizeof(fields) / sizeof(fields[0]), error);
}

static void read__whole_object__fills_every_value(void **state)
{
    (void)state;
    TP_AUTO(tp_json)
    json_t *json =
        parsed("{\"note\":\"\",\"extra\":{\"x\":1},\"venues\":[1,2],\"remote\":true,\"seats\":9,"
               "\"name\":\"远程评标\"}");
    struct lot lot = {0};
    assert_true(tp_ok(read_lot(json, NULL, &lot, NULL)));
    assert_string_equal(lot.name, "远程评标");
    assert_int_equal(lot.seats, 9);
    assert_true(lot.remote);
    assert_int_equal(json_array_size(lot.venues), 2);
    assert_int_equal(json_object_size(lot.extra), 1);
    assert_string_equal(lot.note, "");
}

static void read__optional_absent_or_null__is_untouched(void **state)
{
    (void)state;
    TP_AUTO(tp_json)
    json_t *json = parsed("{\"name\":\"a\",\"seats\":1,\"remote\":false,\"note\":null}");
    struct lot lot = {.note = "default"};
    assert_true(tp_ok(read_lot(json, NULL, &lot, NULL)));
    assert_string_equal(lot.note, "default");
    assert_null(lot.venues);
}

#define REST ",\"seats\":1,\"remote\":false}"

static void read__faults__are_named_with_their_path(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *code;
        const char *field;
    } faults[] = {
        {"[]", "json.wrong_type", "lots[1]"},
        {"{\"name\":\"a\",\"odd\":1" REST, "json.unknown_field", "lots[1].odd"},
        {"{\"x\":1" REST, "json.unknown_field", "lots[1].x"},
        {"{\"seats\":1,\"remote\":false}", "json.missing_field", "lots[1].name"},
        {"{\"name\":null" REST, "json.missing_field", "lots[1].name"},
        {"{\"name\":1" REST, "json.wrong_type", "lots[1].name"},
        {"{\"name\":\"\"" REST, "json.out_of_bounds", "lots[1].name"},
        {"{\"name\":\"一二三四五\"" REST, "json.out_of_bounds", "lots[1].name"},
        {"{\"name\":\"a\",\"seats\":0,\"remote\":true}", "json.out_of_bounds", "lots[1].seats"},
        {"{\"name\":\"a\",\"seats\":1.0,\"remote\":true}", "json.wrong_type", "lots[1].seats"},
        {"{\"name\":\"a\",\"seats\":\"1\",\"remote\":true}", "json.wrong_type", "lots[1].seats"},
        {"{\"name\":\"a\",\"seats\":1,\"remote\":1}", "json.wrong_type", "lots[1].remote"},
        {"{\"venues\":[],\"name\":\"a\"" REST, "json.out_of_bounds", "lots[1].venues"},
        {"{\"venues\":{},\"name\":\"a\"" REST, "json.wrong_type", "lots[1].venues"},
        {"{\"extra\":[],\"name\":\"a\"" REST, "json.wrong_type", "lots[1].extra"},
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        TP_AUTO(tp_json) json_t *json = parsed(faults[i].text);
        struct lot lot = {0};
        struct tp_error error = {0};
        assert_int_equal(read_lot(json, "lots[1]", &lot, &error).class, TP_INPUT);
        assert_string_equal(error.code, faults[i].code);
        assert_string_equal(error.field, faults[i].field);
    }
}

static void read__text_without_bounds__has_at_most_4096_bytes(void **state)
{
    (void)state;
    for (size_t length = 4096; length <= 4097; length++) {
        char note[4098] = "";
        memset(note, 'a', length);
        TP_AUTO(tp_json)
        json_t *json =
            json_pack("{s:s,s:i,s:b,s:s}", "name", "a", "seats", 1, "remote", 0, "note", note);
        struct lot lot = {0};
        struct tp_error error = {0};
        assert_int_equal(read_lot(json, NULL, &lot, &error).class,
                         length == 4096 ? TP_OK : TP_INPUT);
        assert_string_equal(error.field, length == 4096 ? "" : "note");
    }
}

static void write__object__is_compact_and_keeps_the_order(void **state)
{
    (void)state;
    const char *text = "{\"z\":[1,true,null],\"a\":\"评\\n\\\"\",\"m\":{}}";
    TP_AUTO(tp_json) json_t *json = parsed(text);
    TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
    tp_bytes_append_text(&out, "data: ");
    assert_true(tp_ok(tp_json_write(json, &out, NULL)));
    assert_string_equal((const char *)out.data + 6, text);
}

/* What is taken can be written and read to the same value. */
static void parse__mutated_texts__are_taken_or_refused(void **state)
{
    (void)state;
    static const char good[] =
        "{\"name\":\"评标\",\"seats\":[1,-2.5e3,true,null,{\"a\":\"\\u8bc4\"}]}";
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 9);
    int taken_count = 0;
    for (int round = 0; round < 50000; round++) {
        static const char odd[] = "{}[]\",:\\u0e.-+\xE8\xFF 1\n";
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        for (uint32_t i = 1 + tp_random_below(&random.random, 3); i > 0; i--)
            text[tp_random_below(&random.random, sizeof(good) - 1)] =
                odd[tp_random_below(&random.random, sizeof(odd) - 1)];
        TP_AUTO(tp_json) json_t *json = NULL;
        if (tp_failed(tp_json_parse(text, sizeof(good) - 1, &json, NULL)))
            continue;
        taken_count++;
        TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
        TP_AUTO(tp_json) json_t *again = NULL;
        assert_true(tp_ok(tp_json_write(json, &out, NULL)));
        assert_true(tp_ok(tp_json_parse(out.data, out.length, &again, NULL)));
        assert_true(json_equal(json, again));
    }
    assert_true(taken_count > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__malformed__is_refused_and_quotes_nothing),
        cmocka_unit_test(parse__sixteen_levels__is_the_most),
        cmocka_unit_test(read__whole_object__fills_every_value),
        cmocka_unit_test(read__optional_absent_or_null__is_untouched),
        cmocka_unit_test(read__faults__are_named_with_their_path),
        cmocka_unit_test(read__text_without_bounds__has_at_most_4096_bytes),
        cmocka_unit_test(write__object__is_compact_and_keeps_the_order),
        cmocka_unit_test(parse__mutated_texts__are_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
