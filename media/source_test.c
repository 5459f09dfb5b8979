#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "media/source.h"

static void picture__every_known_kind__its_target(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tp_picture_kind kind;
        const char *target;
    } cases[] = {
        {"test:兰州 第一评标室", TP_PICTURE_TEST, "兰州 第一评标室"},
        {"test:", TP_PICTURE_TEST, ""},
        {"v4l2:/dev/video0", TP_PICTURE_V4L2, "/dev/video0"},
        {"rtsp://user:secret@10.0.0.9:554/a?b=1", TP_PICTURE_RTSP,
         "rtsp://user:secret@10.0.0.9:554/a?b=1"},
        {"rtsps://camera/x", TP_PICTURE_RTSP, "rtsps://camera/x"},
        {"x11::90", TP_PICTURE_X11, ":90"},
        {"x11::90.2", TP_PICTURE_X11, ":90.2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tp_picture_source source;
        assert_true(tp_ok(tp_picture_source_parse(cases[i].text, &source, NULL)));
        assert_int_equal(source.kind, cases[i].kind);
        assert_string_equal(source.target, cases[i].target);
    }
}

static void picture__anything_else__refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *code;
    } cases[] = {
        {"", "source.unknown"},
        {"http://camera/", "source.unknown"},
        {"file:///etc/passwd", "source.unknown"},
        {"v4l2:/etc/passwd", "source.malformed"},
        {"v4l2:/dev/../etc/passwd", "source.malformed"},
        {"v4l2:/dev/", "source.malformed"},
        {"rtsp://", "source.malformed"},
        {"rtsp:///path", "source.malformed"},
        {"rtsp://host/a b", "source.malformed"},
        {"x11:90", "source.malformed"},
        {"x11::", "source.malformed"},
        {"x11:host:0", "source.malformed"},
        {"x11::1234567", "source.malformed"},
        {"x11::1.", "source.malformed"},
        {"x11::1.999", "source.malformed"},
        {"test:a\nb", "source.malformed"},
        {"test:\xff\xfe", "source.malformed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tp_picture_source source;
        struct tp_error error = {0};
        struct tp_status status = tp_picture_source_parse(cases[i].text, &source, &error);
        assert_int_equal(status.class, TP_INPUT);
        assert_string_equal(error.code, cases[i].code);
    }
}

static void picture__too_long__refused(void **state)
{
    (void)state;
    char text[TP_SOURCE_TARGET_MAX_BYTES + 10];
    memset(text, 'x', sizeof text);
    memcpy(text, "test:", 5);
    text[sizeof text - 1] = '\0';
    struct tp_picture_source source;
    assert_int_equal(tp_picture_source_parse(text, &source, NULL).class, TP_INPUT);
    text[TP_SOURCE_TARGET_MAX_BYTES + 4] = '\0';
    assert_true(tp_ok(tp_picture_source_parse(text, &source, NULL)));
}

static void sound__every_known_kind__its_values(void **state)
{
    (void)state;
    struct tp_picture_source test = {.kind = TP_PICTURE_TEST};
    struct tp_picture_source camera = {.kind = TP_PICTURE_RTSP};
    struct tp_sound_source sound;
    assert_true(tp_ok(tp_sound_source_parse("", &test, &sound, NULL)));
    assert_int_equal(sound.kind, TP_SOUND_NONE);
    assert_true(tp_ok(tp_sound_source_parse("test:440", &test, &sound, NULL)));
    assert_int_equal(sound.kind, TP_SOUND_TEST);
    assert_int_equal(sound.frequency_hz, 440);
    assert_true(tp_ok(tp_sound_source_parse("alsa:hw:1,0", &test, &sound, NULL)));
    assert_int_equal(sound.kind, TP_SOUND_ALSA);
    assert_string_equal(sound.target, "hw:1,0");
    assert_true(tp_ok(tp_sound_source_parse("pulse:", &test, &sound, NULL)));
    assert_int_equal(sound.kind, TP_SOUND_PULSE);
    assert_true(tp_ok(tp_sound_source_parse("rtsp", &camera, &sound, NULL)));
    assert_int_equal(sound.kind, TP_SOUND_RTSP);
}

static void sound__anything_else__refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *code;
    } cases[] = {
        {"rtsp", "sound.needs_rtsp"},   {"test:", "sound.malformed"},
        {"test:19", "sound.malformed"}, {"test:20001", "sound.malformed"},
        {"test:-5", "sound.malformed"}, {"test:440Hz", "sound.malformed"},
        {"alsa:", "sound.malformed"},   {"jack:x", "sound.unknown"},
    };
    struct tp_picture_source test = {.kind = TP_PICTURE_TEST};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tp_sound_source sound;
        struct tp_error error = {0};
        assert_int_equal(tp_sound_source_parse(cases[i].text, &test, &sound, &error).class,
                         TP_INPUT);
        assert_string_equal(error.code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picture__every_known_kind__its_target),
        cmocka_unit_test(picture__anything_else__refused),
        cmocka_unit_test(picture__too_long__refused),
        cmocka_unit_test(sound__every_known_kind__its_values),
        cmocka_unit_test(sound__anything_else__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
