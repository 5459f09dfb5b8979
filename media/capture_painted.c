#include "base/log.h"
#include "media/capture.h"
#include "media/painter.h"
#include "media/timeline.h"

struct painted {
    struct tp_capture capture;
    struct tp_painter *painter;
    GThread *thread;
    GMutex lock; /* guards demand and stopping */
    GCond changed;
    struct tp_capture_demand demand;
    bool stopping;
};

static void deliver(struct painted *painted, GstBuffer *picture, GstCaps *caps)
{
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    GstSample *sample = gst_sample_new(picture, caps, &segment, NULL);
    painted->capture.sink.picture(painted->capture.sink.context, sample);
    gst_sample_unref(sample);
}

/* One picture; false when the source has gone. */
static bool paint_once(struct painted *painted, const struct tp_capture_demand *demand)
{
    struct tp_error error = {0};
    GstBuffer *picture = NULL;
    GstCaps *caps = NULL;
    struct tp_status status =
        painted->painter->class->paint(painted->painter, demand, &picture, &caps, &error);
    if (tp_ok(status)) {
        GST_BUFFER_PTS(picture) = tp_timeline_now();
        deliver(painted, picture, caps);
        gst_buffer_unref(picture);
        gst_caps_unref(caps);
    } else if (status.class != TP_LIMIT) {
        painted->capture.sink.failed(painted->capture.sink.context, error.message);
    }
    return tp_ok(status) || status.class == TP_LIMIT;
}

/* Waits until `due_us` or a sign to stop; false to stop. Wakes early when more is demanded. */
static bool wait_until(struct painted *painted, gint64 *due_us, struct tp_capture_demand *demand)
{
    g_mutex_lock(&painted->lock);
    while (!painted->stopping && g_get_monotonic_time() < *due_us) {
        unsigned before = painted->demand.frame_rate;
        g_cond_wait_until(&painted->changed, &painted->lock, *due_us);
        if (painted->demand.frame_rate > before)
            break;
    }
    bool go_on = !painted->stopping;
    *demand = painted->demand;
    g_mutex_unlock(&painted->lock);
    gint64 now_us = g_get_monotonic_time();
    gint64 interval_us = G_USEC_PER_SEC / demand->frame_rate;
    bool in_step = *due_us <= now_us && now_us - *due_us < interval_us;
    *due_us = (in_step ? *due_us : now_us) + interval_us;
    return go_on;
}

static gpointer run(gpointer data)
{
    struct painted *painted = data;
    struct tp_capture_demand demand;
    gint64 due_us = g_get_monotonic_time();
    while (wait_until(painted, &due_us, &demand) && paint_once(painted, &demand))
        ;
    return NULL;
}

static void set_demand(struct tp_capture *capture, const struct tp_capture_demand *demand)
{
    struct painted *painted = (struct painted *)capture;
    g_mutex_lock(&painted->lock);
    painted->demand = *demand;
    g_cond_signal(&painted->changed);
    g_mutex_unlock(&painted->lock);
}

static void free_painted(struct tp_capture *capture)
{
    struct painted *painted = (struct painted *)capture;
    g_mutex_lock(&painted->lock);
    painted->stopping = true;
    g_cond_signal(&painted->changed);
    g_mutex_unlock(&painted->lock);
    if (painted->thread != NULL)
        g_thread_join(painted->thread);
    painted->painter->class->free(painted->painter);
    capture->sink.release(capture->sink.context);
    g_cond_clear(&painted->changed);
    g_mutex_clear(&painted->lock);
    g_free(painted);
}

static const struct tp_capture_class painted_class = {
    .set_demand = set_demand,
    .free = free_painted,
};

struct tp_status tp_capture_painted_new(struct tp_painter *painter,
                                        const struct tp_capture_demand *demand,
                                        struct tp_capture_sink sink, struct tp_capture **capture,
                                        struct tp_error *error)
{
    struct painted *painted = g_new0(struct painted, 1);
    painted->capture = (struct tp_capture){.class = &painted_class, .sink = sink};
    painted->painter = painter;
    painted->demand = *demand;
    g_mutex_init(&painted->lock);
    g_cond_init(&painted->changed);
    GError *fault = NULL;
    painted->thread = g_thread_try_new("painter", run, painted, &fault);
    if (painted->thread == NULL) {
        struct tp_status status =
            tp_fail(error, TP_LIMIT, "capture.cannot_start", "%s", fault->message);
        g_error_free(fault);
        free_painted(&painted->capture);
        return status;
    }
    *capture = &painted->capture;
    return TP_STATUS_OK;
}
