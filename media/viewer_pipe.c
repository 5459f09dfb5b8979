#define GST_USE_UNSTABLE_API

#include "media/viewer_pipe.h"

#include <gst/app/gstappsrc.h>
#include <gst/rtp/gstrtpbuffer.h>
#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>
#include <nice/agent.h>
#include <string.h>

#include "media/timeline.h"

/* What may wait for a viewer whose pipeline does not keep up: about 5 s of a picture. */
#define WAITING_MAX_BYTES ((guint64)1024 * 1024)

static struct tp_status cannot_start(struct tp_error *error, const char *what)
{
    return tp_fail(error, TP_IO, "viewer.cannot_start", "%s", what);
}

static bool bind_addresses(NiceAgent *agent, const struct tp_media_config *config)
{
    for (size_t i = 0; i < config->address_count; i++) {
        NiceAddress address;
        nice_address_init(&address);
        if (!nice_address_set_from_string(&address, config->addresses[i]) ||
            !nice_agent_add_local_address(agent, &address))
            return false;
    }
    return true;
}

static struct tp_status configure_ice(struct tp_viewer_pipe *pipe,
                                      const struct tp_media_config *config, struct tp_error *error)
{
    GObject *ice = NULL;
    g_object_get(pipe->webrtc, "ice-agent", &ice, NULL);
    if (ice == NULL)
        return cannot_start(error, "no ICE agent");
    if (config->port_min != 0)
        g_object_set(ice, "min-rtp-port", (guint)config->port_min, "max-rtp-port",
                     (guint)config->port_max, NULL);
    NiceAgent *agent = NULL;
    g_object_get(ice, "agent", &agent, NULL);
    /* Looking for an UPnP gateway costs 200 ms a join. */
    g_object_set(agent, "upnp", FALSE, "ice-tcp", config->tcp, NULL);
    bool bound = bind_addresses(agent, config);
    g_object_unref(agent);
    g_object_unref(ice);
    return bound ? TP_STATUS_OK : cannot_start(error, "an address cannot be used");
}

static GstCaps *entry_caps(const struct tp_viewer_entry *entry, const struct tp_offer *offer)
{
    bool picture = tp_fanout_kind(entry->fanout) == TP_FANOUT_PICTURE;
    GstCaps *caps = gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, picture ? "video" : "audio", "payload",
        G_TYPE_INT, (int)entry->payload, "clock-rate", G_TYPE_INT, picture ? 90000 : 48000,
        "encoding-name", G_TYPE_STRING, picture ? "H264" : "OPUS", "ssrc", G_TYPE_UINT,
        tp_fanout_ssrc(entry->fanout), NULL);
    if (picture)
        gst_caps_set_simple(caps, "packetization-mode", G_TYPE_STRING, "1", "profile-level-id",
                            G_TYPE_STRING, offer->profile, NULL);
    else
        gst_caps_set_simple(caps, "encoding-params", G_TYPE_STRING, "2", NULL);
    return caps;
}

/* Requests for key frames go to the encoder over the fan-out; here is the top of this pipeline. */
static GstPadProbeReturn on_upstream_event(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    (void)pad;
    struct tp_viewer_entry *entry = context;
    if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
        return GST_PAD_PROBE_OK;
    tp_fanout_request_keyframe(entry->fanout);
    return GST_PAD_PROBE_DROP;
}

static struct tp_status open_entry(struct tp_viewer_pipe *pipe, struct tp_viewer_entry *entry,
                                   const struct tp_offer_medium *medium,
                                   const struct tp_offer *offer, struct tp_error *error)
{
    entry->payload = medium->payload;
    entry->source = gst_element_factory_make("appsrc", NULL);
    g_object_set(entry->source, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes", (guint64)0,
                 NULL);
    GstCaps *caps = entry_caps(entry, offer);
    gst_app_src_set_caps(GST_APP_SRC(entry->source), caps);
    gst_caps_unref(caps);
    gst_bin_add(GST_BIN(pipe->pipeline), entry->source);
    char name[16];
    g_snprintf(name, sizeof name, "sink_%u", medium->line);
    entry->pad = gst_element_request_pad_simple(pipe->webrtc, name);
    GstPad *source_pad = gst_element_get_static_pad(entry->source, "src");
    gst_pad_add_probe(source_pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream_event, entry,
                      NULL);
    bool linked = entry->pad != NULL && gst_pad_link(source_pad, entry->pad) == GST_PAD_LINK_OK;
    gst_object_unref(source_pad);
    if (!linked)
        return cannot_start(error, "webrtcbin takes no such medium");
    GstWebRTCRTPTransceiver *transceiver = NULL;
    g_object_get(entry->pad, "transceiver", &transceiver, NULL);
    g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack",
                 TRUE, NULL);
    gst_object_unref(transceiver);
    return TP_STATUS_OK;
}

static struct tp_status open_entries(struct tp_viewer_pipe *pipe, const struct tp_offer *offer,
                                     struct tp_error *error)
{
    const struct tp_offer_medium *media[] = {&offer->picture, &offer->sound};
    for (unsigned line = 0; line < offer->line_count; line++) {
        for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++) {
            if (pipe->entries[i].fanout == NULL || media[i]->line != line)
                continue;
            struct tp_status status = open_entry(pipe, &pipe->entries[i], media[i], offer, error);
            if (tp_failed(status))
                return status;
        }
    }
    return TP_STATUS_OK;
}

struct tp_status tp_viewer_pipe_open(struct tp_viewer_pipe *pipe, const struct tp_offer *offer,
                                     struct tp_fanout *picture, struct tp_fanout *sound,
                                     const struct tp_media_config *config, struct tp_error *error)
{
    *pipe = (struct tp_viewer_pipe){0};
    pipe->pipeline = gst_object_ref_sink(gst_pipeline_new(NULL));
    pipe->webrtc = gst_element_factory_make("webrtcbin", NULL);
    if (pipe->webrtc == NULL)
        return cannot_start(error, "webrtcbin is missing");
    gst_util_set_object_arg(G_OBJECT(pipe->webrtc), "bundle-policy", "max-bundle");
    gst_bin_add(GST_BIN(pipe->pipeline), pipe->webrtc);
    tp_timeline_join(pipe->pipeline);
    pipe->entries[0].fanout = tp_fanout_ref(picture);
    pipe->entries[1].fanout = sound != NULL ? tp_fanout_ref(sound) : NULL;
    struct tp_status status = configure_ice(pipe, config, error);
    if (tp_ok(status))
        status = open_entries(pipe, offer, error);
    if (tp_failed(status))
        return status;
    if (gst_element_set_state(pipe->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return cannot_start(error, "the pipeline does not start");
    return status;
}

bool tp_viewer_pipe_ready(const struct tp_viewer_pipe *pipe)
{
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++)
        if (pipe->entries[i].fanout != NULL && !gst_pad_has_current_caps(pipe->entries[i].pad))
            return false;
    return true;
}

/* The certificate as text (PEM), owned by the caller; stays NULL while there is none. */
static void certificate_text(const struct tp_viewer_pipe *pipe, char **pem)
{
    GstWebRTCRTPTransceiver *transceiver = NULL;
    GstWebRTCRTPSender *sender = NULL;
    GstWebRTCDTLSTransport *transport = NULL;
    g_object_get(pipe->entries[0].pad, "transceiver", &transceiver, NULL);
    if (transceiver != NULL)
        g_object_get(transceiver, "sender", &sender, NULL);
    if (sender != NULL)
        g_object_get(sender, "transport", &transport, NULL);
    if (transport != NULL)
        g_object_get(transport, "remote-certificate", pem, NULL);
    g_clear_object(&transport);
    g_clear_object(&sender);
    g_clear_object(&transceiver);
}

bool tp_viewer_pipe_certificate(const struct tp_viewer_pipe *pipe,
                                uint8_t fingerprint[TP_FINGERPRINT_BYTES])
{
    static const char head[] = "-----BEGIN CERTIFICATE-----";
    char *pem = NULL;
    certificate_text(pipe, &pem);
    char *begin = pem != NULL ? strstr(pem, head) : NULL;
    char *end = begin != NULL ? strstr(begin, "-----END CERTIFICATE-----") : NULL;
    bool found = false;
    if (end != NULL) {
        *end = '\0';
        gsize length = 0;
        guchar *der = g_base64_decode(begin + sizeof head - 1, &length);
        GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
        g_checksum_update(sum, der, (gssize)length);
        gsize size = TP_FINGERPRINT_BYTES;
        g_checksum_get_digest(sum, fingerprint, &size);
        g_checksum_free(sum);
        g_free(der);
        found = length > 0;
    }
    g_free(pem);
    return found;
}

/* Single buffers only: one buffer list shared by several appsrcs crashes in this version. */
static void on_packet(void *context, GstBuffer *packet)
{
    struct tp_viewer_entry *entry = context;
    GstAppSrc *source = GST_APP_SRC(entry->source);
    if (gst_app_src_get_current_level_bytes(source) > WAITING_MAX_BYTES) {
        g_atomic_int_set(&entry->starved, 1);
        return;
    }
    GstBuffer *copy = gst_buffer_copy(packet);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (entry->payload != TP_FANOUT_PAYLOAD && gst_rtp_buffer_map(copy, GST_MAP_READWRITE, &rtp)) {
        gst_rtp_buffer_set_payload_type(&rtp, (guint8)entry->payload);
        gst_rtp_buffer_unmap(&rtp);
    }
    gst_app_src_push_buffer(source, copy);
}

static GstPadProbeReturn on_arrival(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    (void)pad;
    (void)info;
    struct tp_viewer_pipe *pipe = context;
    g_atomic_int_set(&pipe->arrival_s, (gint)(g_get_monotonic_time() / G_USEC_PER_SEC));
    return GST_PAD_PROBE_OK;
}

static void watch_source(const GValue *item, gpointer context)
{
    GstElement *element = g_value_get_object(item);
    GstElementFactory *factory = gst_element_get_factory(element);
    if (factory == NULL || strcmp(GST_OBJECT_NAME(factory), "nicesrc") != 0)
        return;
    GstPad *pad = gst_element_get_static_pad(element, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_arrival,
                      context, NULL);
    gst_object_unref(pad);
}

/* A viewer that vanished is never reported; that nothing arrives from it any more tells. */
static void watch_arrivals(struct tp_viewer_pipe *pipe)
{
    g_atomic_int_set(&pipe->arrival_s, (gint)(g_get_monotonic_time() / G_USEC_PER_SEC));
    GstIterator *elements = gst_bin_iterate_recurse(GST_BIN(pipe->webrtc));
    while (gst_iterator_foreach(elements, watch_source, pipe) == GST_ITERATOR_RESYNC)
        gst_iterator_resync(elements);
    gst_iterator_free(elements);
}

void tp_viewer_pipe_feed(struct tp_viewer_pipe *pipe)
{
    watch_arrivals(pipe);
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++) {
        struct tp_viewer_entry *entry = &pipe->entries[i];
        if (entry->fanout == NULL)
            continue;
        tp_fanout_subscribe(entry->fanout, on_packet, entry);
        entry->subscribed = true;
        tp_fanout_request_keyframe(entry->fanout);
    }
}

void tp_viewer_pipe_tick(struct tp_viewer_pipe *pipe)
{
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++) {
        struct tp_viewer_entry *entry = &pipe->entries[i];
        if (entry->subscribed && g_atomic_int_compare_and_exchange(&entry->starved, 1, 0))
            tp_fanout_request_keyframe(entry->fanout);
    }
}

void tp_viewer_pipe_starve(struct tp_viewer_pipe *pipe)
{
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++) {
        struct tp_viewer_entry *entry = &pipe->entries[i];
        if (entry->subscribed)
            tp_fanout_unsubscribe(entry->fanout, entry);
        entry->subscribed = false;
    }
}

void tp_viewer_pipe_close(struct tp_viewer_pipe *pipe)
{
    if (pipe->pipeline != NULL)
        gst_element_set_state(pipe->pipeline, GST_STATE_NULL);
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++) {
        struct tp_viewer_entry *entry = &pipe->entries[i];
        if (entry->pad != NULL) {
            gst_element_release_request_pad(pipe->webrtc, entry->pad);
            gst_clear_object(&entry->pad);
        }
    }
    gst_clear_object(&pipe->pipeline);
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++) {
        tp_fanout_unref(pipe->entries[i].fanout);
        pipe->entries[i].fanout = NULL;
    }
}
