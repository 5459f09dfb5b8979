#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/fanout.h"

static unsigned keyframe_count;
static unsigned packet_count[2];

static void on_keyframe(void *context)
{
    (void)context;
    keyframe_count++;
}

static void on_packet(void *context, GstBuffer *packet)
{
    assert_non_null(packet);
    (*(unsigned *)context)++;
}

static int set_up(void **state)
{
    gst_init(NULL, NULL);
    keyframe_count = packet_count[0] = packet_count[1] = 0;
    *state = tp_fanout_new(TP_FANOUT_PICTURE);
    return 0;
}

static int tear_down(void **state)
{
    tp_fanout_unref(*state);
    return 0;
}

static void publish__subscribers__each_packet_to_each_until_it_leaves(void **state)
{
    struct tp_fanout *fanout = *state;
    tp_fanout_publish_take(fanout, gst_buffer_new());
    tp_fanout_subscribe(fanout, on_packet, &packet_count[0]);
    tp_fanout_subscribe(fanout, on_packet, &packet_count[1]);
    tp_fanout_publish_take(fanout, gst_buffer_new());
    tp_fanout_unsubscribe(fanout, &packet_count[0]);
    tp_fanout_publish_take(fanout, gst_buffer_new());
    tp_fanout_unsubscribe(fanout, &packet_count[1]);
    tp_fanout_publish_take(fanout, gst_buffer_new());
    assert_int_equal(packet_count[0], 1);
    assert_int_equal(packet_count[1], 2);
    assert_int_equal(tp_fanout_packet_count(fanout), 4);
}

static void keyframe__many_requests__one_a_second_and_none_lost(void **state)
{
    struct tp_fanout *fanout = *state;
    tp_fanout_set_encoder(fanout, on_keyframe, NULL);
    for (int i = 0; i < 50; i++)
        tp_fanout_request_keyframe(fanout);
    assert_int_equal(keyframe_count, 1);
    gint64 end = g_get_monotonic_time() + 3 * G_USEC_PER_SEC;
    gint64 begun = g_get_monotonic_time();
    while (keyframe_count < 2 && g_get_monotonic_time() < end) {
        g_usleep(10000);
        tp_fanout_tick(fanout);
    }
    assert_int_equal(keyframe_count, 2);
    assert_true(g_get_monotonic_time() - begun > 900 * 1000);
    tp_fanout_set_encoder(fanout, NULL, NULL);
}

static void keyframe__wanted_before_the_encoder__asked_when_it_comes(void **state)
{
    struct tp_fanout *fanout = *state;
    tp_fanout_request_keyframe(fanout);
    assert_int_equal(keyframe_count, 0);
    tp_fanout_set_encoder(fanout, on_keyframe, NULL);
    assert_int_equal(keyframe_count, 1);
    tp_fanout_set_encoder(fanout, NULL, NULL);
}

static void keyframe__of_sound__never(void **state)
{
    (void)state;
    struct tp_fanout *sound = tp_fanout_new(TP_FANOUT_SOUND);
    tp_fanout_set_encoder(sound, on_keyframe, NULL);
    tp_fanout_request_keyframe(sound);
    assert_int_equal(keyframe_count, 0);
    tp_fanout_set_encoder(sound, NULL, NULL);
    tp_fanout_unref(sound);
}

/* GLib, GStreamer and fontconfig keep memory for the life of the process. */
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publish__subscribers__each_packet_to_each_until_it_leaves,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(keyframe__many_requests__one_a_second_and_none_lost, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keyframe__wanted_before_the_encoder__asked_when_it_comes,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(keyframe__of_sound__never, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
