#include <gst/app/gstappsink.h>
#include <stdio.h>
#include <string.h>

#include "media/capture.h"
#include "media/timeline.h"

#define RTSP_LATENCY_MS 200
#define RTSP_TIMEOUT_US ((guint64)5000000)

struct pipeline {
    struct tp_capture capture;
    GstElement *pipeline;
    bool with_sound; /* of an RTSP source */
    gint failed;
};

static GstFlowReturn take(GstAppSink *sink, void (*deliver)(void *, GstSample *), void *context)
{
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (sample == NULL)
        return GST_FLOW_EOS;
    deliver(context, sample);
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static GstFlowReturn on_picture(GstAppSink *sink, gpointer context)
{
    struct pipeline *pipeline = context;
    return take(sink, pipeline->capture.sink.picture, pipeline->capture.sink.context);
}

static GstFlowReturn on_sound(GstAppSink *sink, gpointer context)
{
    struct pipeline *pipeline = context;
    return take(sink, pipeline->capture.sink.sound, pipeline->capture.sink.context);
}

static void fail_once(struct pipeline *pipeline, const char *detail)
{
    if (g_atomic_int_compare_and_exchange(&pipeline->failed, 0, 1))
        pipeline->capture.sink.failed(pipeline->capture.sink.context, detail);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer context)
{
    (void)bus;
    struct pipeline *pipeline = context;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        /* The debug text may hold an address with its password; the message never does. */
        GError *fault = NULL;
        gst_message_parse_error(message, &fault, NULL);
        fail_once(pipeline, fault->message);
        g_error_free(fault);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        fail_once(pipeline, "the source has ended");
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static GstElement *make_output(struct pipeline *pipeline, bool picture)
{
    GstElement *output = gst_element_factory_make("appsink", NULL);
    g_object_set(output, "sync", FALSE, "async", FALSE, "max-buffers", picture ? 2 : 50, "drop",
                 TRUE, NULL);
    GstCaps *caps = gst_caps_new_empty_simple(picture ? "video/x-raw" : "audio/x-raw");
    gst_app_sink_set_caps(GST_APP_SINK(output), caps);
    gst_caps_unref(caps);
    GstAppSinkCallbacks callbacks = {.new_sample = picture ? on_picture : on_sound};
    gst_app_sink_set_callbacks(GST_APP_SINK(output), &callbacks, pipeline, NULL);
    return output;
}

/* Adds the named elements in a row, each linked to the one before. False when a plug-in is missing.
 */
static bool add_row(struct pipeline *pipeline, GstElement **elements, size_t count)
{
    bool whole = true;
    for (size_t i = 0; i < count; i++)
        whole = whole && elements[i] != NULL;
    if (!whole) {
        for (size_t i = 0; i < count; i++)
            gst_clear_object(&elements[i]);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        gst_bin_add(GST_BIN(pipeline->pipeline), elements[i]);
    for (size_t i = 0; i + 1 < count; i++)
        if (!gst_element_link(elements[i], elements[i + 1]))
            return false;
    return true;
}

/* Decoded streams of an RTSP source are linked as they appear. */
static void on_decoded_pad(GstElement *decoder, GstPad *pad, gpointer context)
{
    (void)decoder;
    struct pipeline *pipeline = context;
    GstCaps *caps = gst_pad_get_current_caps(pad);
    if (caps == NULL)
        caps = gst_pad_query_caps(pad, NULL);
    const char *name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    bool picture = g_str_has_prefix(name, "video/");
    bool used = picture || (pipeline->with_sound && g_str_has_prefix(name, "audio/"));
    gst_caps_unref(caps);
    GstElement *output =
        used ? make_output(pipeline, picture) : gst_element_factory_make("fakesink", NULL);
    if (!used)
        g_object_set(output, "sync", FALSE, "async", FALSE, NULL);
    gst_bin_add(GST_BIN(pipeline->pipeline), output);
    gst_element_sync_state_with_parent(output);
    GstPad *entry = gst_element_get_static_pad(output, "sink");
    if (gst_pad_link(pad, entry) != GST_PAD_LINK_OK)
        fail_once(pipeline, "the source's format cannot be used");
    gst_object_unref(entry);
}

static void on_rtsp_source(GstElement *decoder, GstElement *source, gpointer context)
{
    (void)decoder;
    (void)context;
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(source), "latency") != NULL)
        g_object_set(source, "latency", RTSP_LATENCY_MS, "timeout", RTSP_TIMEOUT_US, "tcp-timeout",
                     RTSP_TIMEOUT_US, NULL);
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(source), "protocols") != NULL)
        gst_util_set_object_arg(G_OBJECT(source), "protocols", "tcp");
}

static bool build_rtsp(struct pipeline *pipeline, const struct tp_capture_plan *plan)
{
    GstElement *decoder = gst_element_factory_make("uridecodebin", NULL);
    if (decoder == NULL)
        return false;
    g_object_set(decoder, "uri", plan->picture.target, NULL);
    g_signal_connect(decoder, "source-setup", G_CALLBACK(on_rtsp_source), pipeline);
    g_signal_connect(decoder, "pad-added", G_CALLBACK(on_decoded_pad), pipeline);
    pipeline->with_sound = plan->sound.kind == TP_SOUND_RTSP;
    return gst_bin_add(GST_BIN(pipeline->pipeline), decoder);
}

/* Cameras speak raw pictures or JPEG: decodebin takes either. */
static bool build_v4l2(struct pipeline *pipeline, const struct tp_capture_plan *plan)
{
    GstElement *elements[] = {
        gst_element_factory_make("v4l2src", NULL),
        gst_element_factory_make("decodebin", NULL),
    };
    if (elements[0] != NULL)
        g_object_set(elements[0], "device", plan->picture.target, NULL);
    if (elements[1] != NULL)
        g_signal_connect(elements[1], "pad-added", G_CALLBACK(on_decoded_pad), pipeline);
    return add_row(pipeline, elements, G_N_ELEMENTS(elements));
}

static GstElement *make_sound_source(const struct tp_sound_source *sound)
{
    GstElement *source = NULL;
    switch (sound->kind) {
    case TP_SOUND_TEST:
        source = gst_element_factory_make("audiotestsrc", NULL);
        if (source != NULL)
            g_object_set(source, "is-live", TRUE, "freq", (double)sound->frequency_hz, "volume",
                         0.12, "samplesperbuffer", 960, NULL);
        break;
    case TP_SOUND_ALSA:
        source = gst_element_factory_make("alsasrc", NULL);
        if (source != NULL)
            g_object_set(source, "device", sound->target, "provide-clock", FALSE, NULL);
        break;
    case TP_SOUND_PULSE:
        source = gst_element_factory_make("pulsesrc", NULL);
        if (source != NULL) {
            g_object_set(source, "provide-clock", FALSE, NULL);
            if (sound->target[0] != '\0')
                g_object_set(source, "device", sound->target, NULL);
        }
        break;
    case TP_SOUND_NONE:
    case TP_SOUND_RTSP:
        break;
    }
    return source;
}

static bool build_sound(struct pipeline *pipeline, const struct tp_capture_plan *plan)
{
    GstElement *form = gst_element_factory_make("capsfilter", NULL);
    if (form != NULL)
        gst_util_set_object_arg(G_OBJECT(form), "caps", "audio/x-raw,rate=48000,channels=1");
    GstElement *elements[] = {
        make_sound_source(&plan->sound),
        gst_element_factory_make("audioconvert", NULL),
        gst_element_factory_make("audioresample", NULL),
        form,
        make_output(pipeline, false),
    };
    return add_row(pipeline, elements, G_N_ELEMENTS(elements));
}

static void set_demand(struct tp_capture *capture, const struct tp_capture_demand *demand)
{
    /* A camera delivers what it delivers; the encoders scale and leave frames out. */
    (void)capture;
    (void)demand;
}

static void free_pipeline(struct tp_capture *capture)
{
    struct pipeline *pipeline = (struct pipeline *)capture;
    gst_element_set_state(pipeline->pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline->pipeline);
    capture->sink.release(capture->sink.context);
    g_free(pipeline);
}

static const struct tp_capture_class pipeline_class = {
    .set_demand = set_demand,
    .free = free_pipeline,
};

static bool build(struct pipeline *pipeline, const struct tp_capture_plan *plan, bool picture)
{
    if (!picture)
        return build_sound(pipeline, plan);
    return plan->picture.kind == TP_PICTURE_RTSP ? build_rtsp(pipeline, plan)
                                                 : build_v4l2(pipeline, plan);
}

struct tp_status tp_capture_pipeline_new(const struct tp_capture_plan *plan, bool picture,
                                         struct tp_capture_sink sink, struct tp_capture **capture,
                                         struct tp_error *error)
{
    struct pipeline *pipeline = g_new0(struct pipeline, 1);
    pipeline->capture = (struct tp_capture){.class = &pipeline_class, .sink = sink};
    pipeline->pipeline = gst_object_ref_sink(gst_pipeline_new(NULL));
    tp_timeline_join(pipeline->pipeline);
    GstBus *bus = gst_element_get_bus(pipeline->pipeline);
    gst_bus_set_sync_handler(bus, on_message, pipeline, NULL);
    gst_object_unref(bus);
    if (!build(pipeline, plan, picture)) {
        free_pipeline(&pipeline->capture);
        return tp_fail(error, TP_IO, "capture.cannot_start", "a GStreamer plug-in is missing");
    }
    /* A source that fails to start says why on the bus; the change's result says only that it
     * failed. */
    if (gst_element_set_state(pipeline->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        fail_once(pipeline, "the source does not start");
    *capture = &pipeline->capture;
    return TP_STATUS_OK;
}
