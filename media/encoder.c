#include "media/encoder.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "base/log.h"
#include "media/reaper.h"
#include "media/timeline.h"

/* A key frame at least so often; divides a recording's 10 s segments. */
#define KEYFRAME_DISTANCE_S 5
#define WAITING_FRAMES_MAX_COUNT 2
#define WAITING_SOUND_MAX_COUNT 50
#define PACKET_MAX_BYTES 1200

struct tp_encoder {
    struct tp_encoder_plan plan;
    struct tp_fanout *fanout;
    GstElement *pipeline;
    GstElement *input;
    GstElement *output;
    GstCaps *caps;         /* of the last sample, as it came */
    GstClockTime next_due; /* of the next frame, on the timeline */
    gint broken;
};

static GstFlowReturn on_packet(GstAppSink *output, gpointer context)
{
    struct tp_encoder *encoder = context;
    GstSample *sample = gst_app_sink_pull_sample(output);
    if (sample == NULL)
        return GST_FLOW_EOS;
    /* x264enc stamps with an offset of 1,000 hours: only the running time means something outside.
     */
    GstClockTime running_time =
        gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                    GST_BUFFER_PTS(gst_sample_get_buffer(sample)));
    GstBuffer *packet = gst_buffer_copy(gst_sample_get_buffer(sample));
    gst_sample_unref(sample);
    GST_BUFFER_PTS(packet) = running_time;
    GST_BUFFER_DTS(packet) = GST_CLOCK_TIME_NONE;
    tp_fanout_publish_take(encoder->fanout, packet);
    return GST_FLOW_OK;
}

static void on_keyframe_wanted(void *context)
{
    struct tp_encoder *encoder = context;
    GstPad *pad = gst_element_get_static_pad(encoder->output, "sink");
    gst_pad_push_event(pad,
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    gst_object_unref(pad);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer context)
{
    (void)bus;
    struct tp_encoder *encoder = context;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError *fault = NULL;
        gst_message_parse_error(message, &fault, NULL);
        tp_log(TP_LOG_ERROR, "encoder.failed", "element=%s message=\"%s\"",
               GST_OBJECT_NAME(GST_MESSAGE_SRC(message)), fault->message);
        g_error_free(fault);
        g_atomic_int_set(&encoder->broken, 1);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static char *picture_description(const struct tp_encoder *encoder)
{
    const struct tp_encoder_plan *plan = &encoder->plan;
    /* aggregate-mode stays "none": "zero-latency" makes Chromium ask for a key frame every second.
     */
    return g_strdup_printf(
        "appsrc name=input ! videoscale ! videoconvert ! "
        "video/x-raw,format=I420,width=%u,height=%u,pixel-aspect-ratio=1/1 ! "
        "x264enc tune=zerolatency speed-preset=veryfast byte-stream=true bframes=0 threads=%u "
        "sliced-threads=false bitrate=%u key-int-max=%u ! "
        "video/x-h264,profile=constrained-baseline,stream-format=byte-stream,alignment=au ! "
        "rtph264pay config-interval=-1 aggregate-mode=none mtu=%d pt=%d ssrc=%u ! "
        "appsink name=output sync=false async=false",
        plan->width, plan->height, plan->thread_count, plan->bitrate_kbit,
        plan->frame_rate * KEYFRAME_DISTANCE_S, PACKET_MAX_BYTES, TP_FANOUT_PAYLOAD,
        tp_fanout_ssrc(encoder->fanout));
}

static char *sound_description(const struct tp_encoder *encoder)
{
    return g_strdup_printf("appsrc name=input ! audioconvert ! audioresample ! "
                           "audio/x-raw,rate=48000,channels=1 ! "
                           "opusenc bitrate=32000 frame-size=20 ! "
                           "rtpopuspay mtu=%d pt=%d ssrc=%u ! "
                           "appsink name=output sync=false async=false",
                           PACKET_MAX_BYTES, TP_FANOUT_PAYLOAD, tp_fanout_ssrc(encoder->fanout));
}

static void release(void *object)
{
    struct tp_encoder *encoder = object;
    if (encoder->pipeline != NULL) {
        gst_element_set_state(encoder->pipeline, GST_STATE_NULL);
        gst_clear_object(&encoder->input);
        gst_clear_object(&encoder->output);
        gst_object_unref(encoder->pipeline);
    }
    gst_clear_caps(&encoder->caps);
    tp_fanout_unref(encoder->fanout);
    g_free(encoder);
}

static struct tp_status build(struct tp_encoder *encoder, struct tp_error *error)
{
    bool picture = tp_fanout_kind(encoder->fanout) == TP_FANOUT_PICTURE;
    char *description = picture ? picture_description(encoder) : sound_description(encoder);
    GError *fault = NULL;
    encoder->pipeline = gst_parse_launch(description, &fault);
    g_free(description);
    if (fault != NULL || encoder->pipeline == NULL) {
        struct tp_status status = tp_fail(error, TP_IO, "encoder.cannot_start", "%s",
                                          fault != NULL ? fault->message : "no pipeline");
        g_clear_error(&fault);
        return status;
    }
    tp_timeline_join(encoder->pipeline);
    GstBus *bus = gst_element_get_bus(encoder->pipeline);
    gst_bus_set_sync_handler(bus, on_message, encoder, NULL);
    gst_object_unref(bus);
    encoder->input = gst_bin_get_by_name(GST_BIN(encoder->pipeline), "input");
    encoder->output = gst_bin_get_by_name(GST_BIN(encoder->pipeline), "output");
    g_object_set(encoder->input, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes",
                 (guint64)0, NULL);
    GstAppSinkCallbacks callbacks = {.new_sample = on_packet};
    gst_app_sink_set_callbacks(GST_APP_SINK(encoder->output), &callbacks, encoder, NULL);
    if (gst_element_set_state(encoder->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return tp_fail(error, TP_IO, "encoder.cannot_start", "the pipeline does not start");
    return TP_STATUS_OK;
}

struct tp_status tp_encoder_new(const struct tp_encoder_plan *plan, struct tp_fanout *fanout,
                                struct tp_encoder **out, struct tp_error *error)
{
    struct tp_encoder *encoder = g_new0(struct tp_encoder, 1);
    encoder->plan = *plan;
    encoder->fanout = tp_fanout_ref(fanout);
    struct tp_status status = build(encoder, error);
    if (tp_failed(status)) {
        release(encoder);
        return status;
    }
    tp_fanout_set_encoder(fanout, on_keyframe_wanted, encoder);
    *out = encoder;
    return status;
}

void tp_encoder_free(struct tp_encoder *encoder)
{
    if (encoder == NULL)
        return;
    tp_fanout_set_encoder(encoder->fanout, NULL, NULL);
    tp_reaper_take(release, encoder);
}

bool tp_encoder_broken(const struct tp_encoder *encoder)
{
    return g_atomic_int_get(&encoder->broken) != 0;
}

/* True when the frame comes at its time; a little early counts, for cameras that jitter. */
static bool frame_is_due(struct tp_encoder *encoder, GstClockTime at)
{
    GstClockTime interval = GST_SECOND / encoder->plan.frame_rate;
    if (at + interval / 4 < encoder->next_due)
        return false;
    bool late = at > encoder->next_due + interval;
    encoder->next_due = (late ? at : encoder->next_due) + interval;
    return true;
}

/* Tells appsrc about a changed form of the samples, a picture's with the rate it leaves here with.
 */
static void follow_caps(struct tp_encoder *encoder, GstSample *sample, bool picture)
{
    GstCaps *caps = gst_sample_get_caps(sample);
    if (encoder->caps != NULL && gst_caps_is_equal(caps, encoder->caps))
        return;
    gst_caps_replace(&encoder->caps, caps);
    GstCaps *with_rate = gst_caps_copy(caps);
    if (picture)
        gst_caps_set_simple(with_rate, "framerate", GST_TYPE_FRACTION,
                            (int)encoder->plan.frame_rate, 1, NULL);
    gst_app_src_set_caps(GST_APP_SRC(encoder->input), with_rate);
    gst_caps_unref(with_rate);
}

void tp_encoder_push(struct tp_encoder *encoder, GstSample *sample)
{
    bool picture = tp_fanout_kind(encoder->fanout) == TP_FANOUT_PICTURE;
    GstBuffer *raw = gst_sample_get_buffer(sample);
    GstClockTime at = gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                                  GST_BUFFER_PTS(raw));
    if (!GST_CLOCK_TIME_IS_VALID(at))
        at = tp_timeline_now();
    if (picture && !frame_is_due(encoder, at))
        return;
    guint64 limit = picture ? WAITING_FRAMES_MAX_COUNT : WAITING_SOUND_MAX_COUNT;
    if (gst_app_src_get_current_level_buffers(GST_APP_SRC(encoder->input)) >= limit)
        return;
    follow_caps(encoder, sample, picture);
    GstBuffer *buffer = gst_buffer_copy(raw);
    GST_BUFFER_PTS(buffer) = at;
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    gst_app_src_push_buffer(GST_APP_SRC(encoder->input), buffer);
}
