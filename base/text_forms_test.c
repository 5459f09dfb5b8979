#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define ROUND_COUNT 20000

static void hex__every_byte__comes_back(void **state)
{
    (void)state;
    uint8_t all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    char text[513];
    uint8_t back[256];
    tp_hex_encode(all, sizeof(all), text);
    assert_memory_equal(text, "000102", 6);
    assert_int_equal(strlen(text), 512);
    assert_true(tp_ok(tp_hex_decode(text, back, sizeof(back), NULL)));
    assert_memory_equal(back, all, sizeof(all));
    assert_true(tp_ok(tp_hex_decode("AbFF", back, 2, NULL)));
    assert_int_equal(back[0], 0xAB);
}

static void hex_decode__malformed__is_refused_and_writes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"",     "0",    "00000", "0g00",
                                        "00 0", "0x00", "000",   "00\xC3\xA9"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint8_t out[2] = {7, 7};
        struct tp_error error = {0};
        assert_int_equal(tp_hex_decode(texts[i], out, 2, &error).class, TP_INPUT);
        assert_string_equal(error.code, "hex.malformed");
        assert_int_equal(out[0], 7);
    }
}

/* RFC 4648, section 10. */
static void base64__vectors_of_the_rfc__hold(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF", "-_8"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
        TP_AUTO(tp_bytes) struct tp_bytes back = TP_BYTES_INIT;
        tp_base64_append(&text, pairs[i][0], strlen(pairs[i][0]));
        assert_int_equal(text.length, strlen(pairs[i][1]));
        assert_memory_equal(text.data, pairs[i][1], text.length);
        assert_true(tp_ok(tp_base64_decode((const char *)text.data, text.length, &back, NULL)));
        assert_int_equal(back.length, strlen(pairs[i][0]));
        assert_memory_equal(back.data, pairs[i][0], back.length);
    }
}

static void base64_decode__with_padding__is_taken(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
    assert_true(tp_ok(tp_base64_decode("Zg==", 4, &out, NULL)));
    assert_true(tp_ok(tp_base64_decode("Zm8=", 4, &out, NULL)));
    assert_string_equal((const char *)out.data, "ffo");
}

static void base64_decode__malformed__is_refused_and_appends_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Z",  "Zg=", "Zg===", "Zm9v=", "Z===", "====",   "=",
        "Zh", "Zm9", "Zm+v",  "Zm/v",  "Zm v", "Zm9v\n", "Zg==Zg=="};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
        tp_bytes_append_text(&out, "before");
        struct tp_error error = {0};
        assert_int_equal(tp_base64_decode(texts[i], strlen(texts[i]), &out, &error).class,
                         TP_INPUT);
        assert_string_equal(error.code, "base64.malformed");
        assert_string_equal((const char *)out.data, "before");
        assert_int_equal(out.length, 6);
    }
}

/* What decodes encodes to the same text again, whatever the text is. */
static void base64__random_texts__have_one_form_or_none(void **state)
{
    (void)state;
    static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234-_=";
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 1);
    int taken_count = 0;
    for (int round = 0; round < ROUND_COUNT; round++) {
        char text[24];
        size_t length = tp_random_below(&random.random, sizeof(text));
        for (size_t i = 0; i < length; i++)
            text[i] = characters[tp_random_below(&random.random, sizeof(characters) - 1)];
        TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
        TP_AUTO(tp_bytes) struct tp_bytes again = TP_BYTES_INIT;
        if (tp_failed(tp_base64_decode(text, length, &out, NULL)))
            continue;
        taken_count++;
        while (length > 0 && text[length - 1] == '=')
            length--;
        tp_base64_append(&again, out.data, out.length);
        assert_int_equal(again.length, length);
        assert_memory_equal(again.data, text, length);
    }
    assert_true(taken_count > ROUND_COUNT / 100);
}

static void base64__random_bytes__come_back(void **state)
{
    (void)state;
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, 2);
    for (int round = 0; round < ROUND_COUNT; round++) {
        uint8_t data[64];
        size_t length = tp_random_below(&random.random, sizeof(data));
        tp_random_fill(&random.random, data, length);
        TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
        TP_AUTO(tp_bytes) struct tp_bytes back = TP_BYTES_INIT;
        tp_base64_append(&text, data, length);
        assert_true(tp_ok(tp_base64_decode((const char *)text.data, text.length, &back, NULL)));
        assert_int_equal(back.length, length);
        assert_memory_equal(back.data, data, length);
    }
}

static void utf8__well_formed__is_valid(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "plain",
                                        "同评",
                                        "\xC2\x80",
                                        "\xDF\xBF",
                                        "\xE0\xA0\x80",
                                        "\xED\x9F\xBF",
                                        "\xEE\x80\x80",
                                        "\xF0\x90\x80\x80",
                                        "\xF4\x8F\xBF\xBF"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(tp_utf8_valid(texts[i], strlen(texts[i])));
}

static void utf8__ill_formed__is_not(void **state)
{
    (void)state;
    static const char *const texts[] = {"\x80",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xE0\x9F\xBF",
                                        "\xED\xA0\x80",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFF",
                                        "a\xE5\x90",
                                        "\xC2",
                                        "\xE5\x90x",
                                        "\xF0\x9F\x98",
                                        "\xE5\x41\x80"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(tp_utf8_valid(texts[i], strlen(texts[i])));
    assert_false(tp_utf8_valid("a\0b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex__every_byte__comes_back),
        cmocka_unit_test(hex_decode__malformed__is_refused_and_writes_nothing),
        cmocka_unit_test(base64__vectors_of_the_rfc__hold),
        cmocka_unit_test(base64_decode__with_padding__is_taken),
        cmocka_unit_test(base64_decode__malformed__is_refused_and_appends_nothing),
        cmocka_unit_test(base64__random_texts__have_one_form_or_none),
        cmocka_unit_test(base64__random_bytes__come_back),
        cmocka_unit_test(utf8__well_formed__is_valid),
        cmocka_unit_test(utf8__ill_formed__is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
