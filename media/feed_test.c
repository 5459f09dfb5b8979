#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "media/feed_set.h"
#include "media/input.h"
#include "media/reaper.h"
#include "media/timeline.h"

static const struct tp_feed_options options = {
    .linger_ms = 1000,
    .check_ms = 60000,
    .encoder_thread_count = 1,
};

static struct tp_feed_spec spec_of(const char *source)
{
    struct tp_feed_spec spec = {.feed_id = "lanzhou-r1-env", .kind = "room"};
    strcpy(spec.source, source);
    assert_true(tp_ok(tp_feed_spec_check(&spec, NULL)));
    return spec;
}

/* Turns the feed's clock until its state is `state_name`; false when it never is. */
static bool reaches(struct tp_feed *feed, const char *state_name)
{
    gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    while (g_get_monotonic_time() < end) {
        tp_feed_tick(feed, g_get_monotonic_time());
        if (strcmp(tp_feed_report(feed).state, state_name) == 0)
            return true;
        g_usleep(10000);
    }
    return false;
}

static void spec__zeroes__defaults(void **state)
{
    (void)state;
    struct tp_feed_spec spec = spec_of("test:x");
    assert_int_equal(spec.width, 1280);
    assert_int_equal(spec.height, 720);
    assert_int_equal(spec.frame_rate, 15);
    assert_int_equal(spec.bitrate_kbit, 1500);
}

static void spec__out_of_bounds__refused(void **state)
{
    (void)state;
    struct tp_feed_spec odd = {.feed_id = "a", .kind = "room", .width = 1279};
    struct tp_feed_spec fast = {.feed_id = "a", .kind = "room", .frame_rate = 61};
    struct tp_feed_spec nameless = {.feed_id = "", .kind = "room"};
    struct tp_feed_spec kindless = {.feed_id = "a", .kind = ""};
    assert_int_equal(tp_feed_spec_check(&odd, NULL).class, TP_INPUT);
    assert_int_equal(tp_feed_spec_check(&fast, NULL).class, TP_INPUT);
    assert_int_equal(tp_feed_spec_check(&nameless, NULL).class, TP_INPUT);
    assert_int_equal(tp_feed_spec_check(&kindless, NULL).class, TP_INPUT);
}

static void back_off__failures_in_a_row__doubles_to_thirty_seconds(void **state)
{
    (void)state;
    assert_int_equal(tp_input_back_off_us(1), 1000000);
    assert_int_equal(tp_input_back_off_us(2), 2000000);
    assert_int_equal(tp_input_back_off_us(5), 16000000);
    assert_int_equal(tp_input_back_off_us(6), 30000000);
    assert_int_equal(tp_input_back_off_us(4000000000U), 30000000);
}

static void feed__watched_and_left__live_then_idle_and_encoder_gone(void **state)
{
    (void)state;
    struct tp_feed_spec spec = spec_of("test:x");
    struct tp_feed *feed = tp_feed_new(&spec, &options, g_get_monotonic_time());
    assert_true(reaches(feed, "idle"));
    tp_feed_attach(feed, TP_RENDITION_SMALL, false, g_get_monotonic_time());
    assert_true(reaches(feed, "live"));
    struct tp_fanout *small = tp_feed_fanout(feed, TP_RENDITION_SMALL);
    gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    while (tp_fanout_packet_count(small) == 0 && g_get_monotonic_time() < end) {
        tp_feed_tick(feed, g_get_monotonic_time());
        g_usleep(10000);
    }
    assert_true(tp_fanout_packet_count(small) > 0);
    assert_int_equal(tp_fanout_packet_count(tp_feed_fanout(feed, TP_RENDITION_MAIN)), 0);
    int64_t left_us = g_get_monotonic_time();
    tp_feed_detach(feed, TP_RENDITION_SMALL, false, left_us);
    tp_feed_tick(feed, left_us + 999000);
    assert_true(tp_feed_running(feed, TP_RENDITION_SMALL));
    tp_feed_tick(feed, left_us + 1001000);
    assert_false(tp_feed_running(feed, TP_RENDITION_SMALL));
    assert_true(reaches(feed, "idle"));
    tp_feed_free(feed);
    assert_true(tp_reaper_drain(5000));
}

static void feed__unknown_source__failed_for_good(void **state)
{
    (void)state;
    struct tp_feed_spec spec = spec_of("telepathy:x");
    struct tp_feed *feed = tp_feed_new(&spec, &options, 0);
    tp_feed_tick(feed, 0);
    assert_string_equal(tp_feed_report(feed).state, "failed");
    assert_true(strlen(tp_feed_report(feed).detail) > 0);
    tp_feed_free(feed);
}

static void feed__unknown_sound__picture_goes_on(void **state)
{
    (void)state;
    struct tp_feed_spec spec = spec_of("test:x");
    strcpy(spec.sound, "jack:1");
    struct tp_feed *feed = tp_feed_new(&spec, &options, g_get_monotonic_time());
    assert_true(reaches(feed, "idle"));
    assert_false(tp_feed_has_sound(feed));
    assert_non_null(strstr(tp_feed_report(feed).detail, "sound"));
    tp_feed_free(feed);
    assert_true(tp_reaper_drain(5000));
}

static void set__one_bad_feed__whole_set_refused(void **state)
{
    (void)state;
    char id[] = "cam", kind[] = "camera", source[] = "test:x", none[] = "";
    Tongping__Media__Feed feeds[2];
    Tongping__Media__Feed *pointers[2] = {&feeds[0], &feeds[1]};
    for (int i = 0; i < 2; i++) {
        tongping__media__feed__init(&feeds[i]);
        feeds[i].feed_id = id;
        feeds[i].kind = kind;
        feeds[i].source = source;
        feeds[i].sound = none;
    }
    Tongping__Media__FeedSet set;
    tongping__media__feed_set__init(&set);
    set.feeds = pointers;
    set.n_feeds = 1;
    struct tp_feed_spec specs[2];
    struct tp_error error = {0};
    assert_true(tp_ok(tp_feed_set_read(&set, specs, &error)));
    set.n_feeds = 2;
    assert_int_equal(tp_feed_set_read(&set, specs, &error).class, TP_INPUT);
    assert_string_equal(error.code, "feed.twice");
}

/* GLib, GStreamer and fontconfig keep memory for the life of the process. */
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return 1;
}

int main(void)
{
    gst_init(NULL, NULL);
    tp_timeline_start();
    tp_reaper_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spec__zeroes__defaults),
        cmocka_unit_test(spec__out_of_bounds__refused),
        cmocka_unit_test(back_off__failures_in_a_row__doubles_to_thirty_seconds),
        cmocka_unit_test(feed__watched_and_left__live_then_idle_and_encoder_gone),
        cmocka_unit_test(feed__unknown_source__failed_for_good),
        cmocka_unit_test(feed__unknown_sound__picture_goes_on),
        cmocka_unit_test(set__one_bad_feed__whole_set_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
