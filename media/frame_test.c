#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "media/frame.h"

static void append_end(struct tp_bytes *out, uint64_t call_id, char *viewer_id)
{
    Tongping__Media__ViewerEnd end;
    tongping__media__viewer_end__init(&end);
    end.viewer_id = viewer_id;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.call_id = call_id;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_END;
    frame.viewer_end = &end;
    assert_true(tp_ok(tp_frame_append(out, &frame, NULL)));
}

static void reader__frames_in_single_bytes__each_once(void **state)
{
    (void)state;
    char first[] = "one", second[] = "two";
    struct tp_bytes bytes = TP_BYTES_INIT;
    append_end(&bytes, 1, first);
    append_end(&bytes, 2, second);
    struct tp_frame_reader reader = {0};
    uint64_t seen = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        assert_true(tp_ok(tp_frame_reader_feed(&reader, bytes.data + i, 1, NULL)));
        Tongping__Media__MediaFrame *frame = NULL;
        assert_true(tp_ok(tp_frame_reader_next(&reader, &frame, NULL)));
        if (frame != NULL) {
            assert_int_equal(frame->call_id, ++seen);
            assert_string_equal(frame->viewer_end->viewer_id, seen == 1 ? "one" : "two");
            tongping__media__media_frame__free_unpacked(frame, NULL);
        }
    }
    assert_int_equal(seen, 2);
    tp_frame_reader_fini(&reader);
    tp_bytes_fini(&bytes);
}

static void reader__many_frames_at_once__all_in_order(void **state)
{
    (void)state;
    char id[] = "viewer";
    struct tp_bytes bytes = TP_BYTES_INIT;
    for (uint64_t call = 1; call <= 100; call++)
        append_end(&bytes, call, id);
    struct tp_frame_reader reader = {0};
    assert_true(tp_ok(tp_frame_reader_feed(&reader, bytes.data, bytes.length, NULL)));
    for (uint64_t call = 1; call <= 100; call++) {
        Tongping__Media__MediaFrame *frame = NULL;
        assert_true(tp_ok(tp_frame_reader_next(&reader, &frame, NULL)));
        assert_non_null(frame);
        assert_int_equal(frame->call_id, call);
        tongping__media__media_frame__free_unpacked(frame, NULL);
    }
    tp_frame_reader_fini(&reader);
    tp_bytes_fini(&bytes);
}

static void assert_refused(const void *bytes, size_t length, const char *code)
{
    struct tp_frame_reader reader = {0};
    struct tp_error error = {0};
    Tongping__Media__MediaFrame *frame = NULL;
    assert_true(tp_ok(tp_frame_reader_feed(&reader, bytes, length, NULL)));
    assert_int_equal(tp_frame_reader_next(&reader, &frame, &error).class, TP_PEER);
    assert_null(frame);
    assert_string_equal(error.code, code);
    tp_frame_reader_fini(&reader);
}

static void reader__garbled__refused(void **state)
{
    (void)state;
    assert_refused("\0\0\0\0", 4, "media.frame_empty");
    assert_refused("\0\x10\0\1", 4, "media.frame_too_large");
    assert_refused("\xff\xff\xff\xff", 4, "media.frame_too_large");
    assert_refused("\0\0\0\3\xff\xff\xff", 7, "media.frame_garbled");
    assert_refused("\0\0\0\2\x12\x7f", 6, "media.frame_garbled");
}

static void reader__longest_frame__waits_for_its_end(void **state)
{
    (void)state;
    struct tp_frame_reader reader = {0};
    Tongping__Media__MediaFrame *frame = NULL;
    assert_true(tp_ok(tp_frame_reader_feed(&reader, "\0\x10\0\0", 4, NULL)));
    assert_true(tp_ok(tp_frame_reader_next(&reader, &frame, NULL)));
    assert_null(frame);
    tp_frame_reader_fini(&reader);
}

static void append__larger_than_a_frame__refused(void **state)
{
    (void)state;
    char *text = malloc(TP_MEDIA_FRAME_MAX_BYTES + 1);
    memset(text, 'x', TP_MEDIA_FRAME_MAX_BYTES);
    text[TP_MEDIA_FRAME_MAX_BYTES] = '\0';
    Tongping__Media__ViewerEnd end;
    tongping__media__viewer_end__init(&end);
    end.viewer_id = text;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_END;
    frame.viewer_end = &end;
    struct tp_bytes out = TP_BYTES_INIT;
    assert_int_equal(tp_frame_append(&out, &frame, NULL).class, TP_LIMIT);
    assert_int_equal(out.length, 0);
    tp_bytes_fini(&out);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader__frames_in_single_bytes__each_once),
        cmocka_unit_test(reader__many_frames_at_once__all_in_order),
        cmocka_unit_test(reader__garbled__refused),
        cmocka_unit_test(reader__longest_frame__waits_for_its_end),
        cmocka_unit_test(append__larger_than_a_frame__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
