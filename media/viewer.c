#define GST_USE_UNSTABLE_API

#include "media/viewer.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

#include "base/log.h"
#include "media/reaper.h"
#include "media/viewer_pipe.h"

#define ANSWER_LIMIT_US INT64_C(10000000)

enum step {
    STEP_CAPS,      /* until webrtcbin knows what will be sent */
    STEP_EXCHANGE,  /* remote description, answer, local description */
    STEP_GATHERING, /* until all candidates are in the answer */
    STEP_CONNECTING,
    STEP_WATCHING,
    STEP_ENDED,
};

struct tp_viewer {
    gatomicrefcount references;
    char *viewer_id;
    const struct tp_media_config *config;
    struct tp_viewer_events events;
    enum step step;
    int64_t started_us;
    int64_t answered_us;
    uint8_t fingerprint[TP_FINGERPRINT_BYTES];
    GstSDPMessage *offer; /* NULL once handed over */
    bool failure_told;
    struct tp_viewer_pipe pipe;
};

struct task {
    struct tp_viewer *viewer;
    void (*run)(struct tp_viewer *viewer, GstPromise *promise);
    GstPromise *promise;
};

static struct tp_viewer *ref(struct tp_viewer *viewer)
{
    g_atomic_ref_count_inc(&viewer->references);
    return viewer;
}

static void unref(struct tp_viewer *viewer)
{
    if (!g_atomic_ref_count_dec(&viewer->references))
        return;
    if (viewer->offer != NULL)
        gst_sdp_message_free(viewer->offer);
    g_free(viewer->viewer_id);
    g_free(viewer);
}

static gboolean run_task(gpointer data)
{
    struct task *task = data;
    if (task->viewer->step != STEP_ENDED)
        task->run(task->viewer, task->promise);
    return G_SOURCE_REMOVE;
}

static void free_task(gpointer data)
{
    struct task *task = data;
    if (task->promise != NULL)
        gst_promise_unref(task->promise);
    unref(task->viewer);
    g_free(task);
}

/* webrtcbin calls back on threads of its own: everything is done on the main loop instead. */
static void post(struct tp_viewer *viewer, void (*run)(struct tp_viewer *, GstPromise *),
                 GstPromise *promise)
{
    struct task *task = g_new0(struct task, 1);
    *task = (struct task){ref(viewer), run, promise};
    g_idle_add_full(G_PRIORITY_DEFAULT, run_task, task, free_task);
}

static void tell_no_answer(struct tp_viewer *viewer, enum tp_class class, const char *code,
                           const char *message)
{
    struct tp_error error = {0};
    if (tp_ok(tp_fail(&error, class, code, "%s", message)) || viewer->failure_told)
        return;
    viewer->failure_told = true;
    viewer->events.answered(viewer->events.context, viewer, NULL, &error);
}

static void tell_ended(struct tp_viewer *viewer, const char *reason)
{
    if (viewer->failure_told)
        return;
    viewer->failure_told = true;
    viewer->events.ended(viewer->events.context, viewer, reason);
}

/* A step of the exchange that ends on webrtcbin's thread and goes on here. */
struct continuation {
    struct tp_viewer *viewer;
    void (*run)(struct tp_viewer *viewer, GstPromise *promise);
};

static void on_promise(GstPromise *promise, gpointer data)
{
    struct continuation *continuation = data;
    post(continuation->viewer, continuation->run, gst_promise_ref(promise));
}

static void free_continuation(gpointer data)
{
    struct continuation *continuation = data;
    unref(continuation->viewer);
    g_free(continuation);
}

static GstPromise *promise_for(struct tp_viewer *viewer,
                               void (*run)(struct tp_viewer *, GstPromise *))
{
    struct continuation *continuation = g_new0(struct continuation, 1);
    *continuation = (struct continuation){ref(viewer), run};
    return gst_promise_new_with_change_func(on_promise, continuation, free_continuation);
}

/* False, and the failure told, when webrtcbin refused a step. */
static bool step_succeeded(struct tp_viewer *viewer, GstPromise *promise)
{
    const GstStructure *reply = gst_promise_get_reply(promise);
    bool replied = gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED;
    GError *fault = NULL;
    if (replied && reply != NULL && gst_structure_has_field(reply, "error"))
        gst_structure_get(reply, "error", G_TYPE_ERROR, &fault, NULL);
    if (replied && fault == NULL)
        return true;
    tell_no_answer(viewer, TP_INPUT, "offer.refused",
                   fault != NULL ? fault->message : "the exchange was broken off");
    g_clear_error(&fault);
    return false;
}

static void give_answer(struct tp_viewer *viewer)
{
    GstWebRTCSessionDescription *local = NULL;
    g_object_get(viewer->pipe.webrtc, "local-description", &local, NULL);
    if (local == NULL) {
        tell_no_answer(viewer, TP_IO, "viewer.no_answer", "no local description");
        return;
    }
    char *sdp = gst_sdp_message_as_text(local->sdp);
    gst_webrtc_session_description_free(local);
    viewer->step = STEP_CONNECTING;
    viewer->answered_us = g_get_monotonic_time();
    viewer->events.answered(viewer->events.context, viewer, sdp, NULL);
    g_free(sdp);
}

static void on_gathering(struct tp_viewer *viewer, GstPromise *promise)
{
    (void)promise;
    GstWebRTCICEGatheringState state;
    g_object_get(viewer->pipe.webrtc, "ice-gathering-state", &state, NULL);
    if (viewer->step == STEP_GATHERING && state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
        give_answer(viewer);
}

static void on_local_set(struct tp_viewer *viewer, GstPromise *promise)
{
    if (!step_succeeded(viewer, promise))
        return;
    viewer->step = STEP_GATHERING;
    on_gathering(viewer, NULL);
}

static void on_answer_made(struct tp_viewer *viewer, GstPromise *promise)
{
    if (!step_succeeded(viewer, promise))
        return;
    GstWebRTCSessionDescription *answer = NULL;
    gst_structure_get(gst_promise_get_reply(promise), "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                      &answer, NULL);
    GstPromise *next = promise_for(viewer, on_local_set);
    g_signal_emit_by_name(viewer->pipe.webrtc, "set-local-description", answer, next);
    gst_promise_unref(next);
    gst_webrtc_session_description_free(answer);
}

static void on_remote_set(struct tp_viewer *viewer, GstPromise *promise)
{
    if (!step_succeeded(viewer, promise))
        return;
    GstPromise *next = promise_for(viewer, on_answer_made);
    g_signal_emit_by_name(viewer->pipe.webrtc, "create-answer", NULL, next);
    gst_promise_unref(next);
}

static void on_caps(struct tp_viewer *viewer, GstPromise *promise)
{
    (void)promise;
    if (viewer->step != STEP_CAPS || !tp_viewer_pipe_ready(&viewer->pipe))
        return;
    viewer->step = STEP_EXCHANGE;
    GstWebRTCSessionDescription *offer = gst_webrtc_session_description_new(
        GST_WEBRTC_SDP_TYPE_OFFER, g_steal_pointer(&viewer->offer));
    GstPromise *next = promise_for(viewer, on_remote_set);
    g_signal_emit_by_name(viewer->pipe.webrtc, "set-remote-description", offer, next);
    gst_promise_unref(next);
    gst_webrtc_session_description_free(offer);
}

/* webrtcbin 1.22 does not compare the certificate with the offer's fingerprint: done here, before
 * the first packet. */
static void begin_watching(struct tp_viewer *viewer)
{
    uint8_t shown[TP_FINGERPRINT_BYTES];
    if (!tp_viewer_pipe_certificate(&viewer->pipe, shown) ||
        memcmp(shown, viewer->fingerprint, sizeof shown) != 0) {
        tell_ended(viewer, "viewer.wrong_certificate");
        return;
    }
    viewer->step = STEP_WATCHING;
    tp_viewer_pipe_feed(&viewer->pipe);
    tp_log(TP_LOG_INFO, "viewer.watching", "viewer=%s after_ms=%d", viewer->viewer_id,
           (int)((g_get_monotonic_time() - viewer->started_us) / 1000));
}

static void on_connection(struct tp_viewer *viewer, GstPromise *promise)
{
    (void)promise;
    GstWebRTCPeerConnectionState state;
    g_object_get(viewer->pipe.webrtc, "connection-state", &state, NULL);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED && viewer->step == STEP_CONNECTING)
        begin_watching(viewer);
    else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED)
        tell_ended(viewer, "viewer.connection_failed");
    else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
        tell_ended(viewer, "viewer.closed");
}

static void notify_caps(GObject *object, GParamSpec *property, gpointer data)
{
    (void)object;
    (void)property;
    post(data, on_caps, NULL);
}

static void notify_gathering(GObject *object, GParamSpec *property, gpointer data)
{
    (void)object;
    (void)property;
    post(data, on_gathering, NULL);
}

static void notify_connection(GObject *object, GParamSpec *property, gpointer data)
{
    (void)object;
    (void)property;
    post(data, on_connection, NULL);
}

static void unref_closure(gpointer data, GClosure *closure)
{
    (void)closure;
    unref(data);
}

static void listen_to(struct tp_viewer *viewer, gpointer object, const char *signal,
                      void (*handler)(GObject *, GParamSpec *, gpointer))
{
    g_signal_connect_data(object, signal, G_CALLBACK(handler), ref(viewer), unref_closure, 0);
}

static void listen_to_all(struct tp_viewer *viewer)
{
    struct tp_viewer_pipe *pipe = &viewer->pipe;
    listen_to(viewer, pipe->webrtc, "notify::ice-gathering-state", notify_gathering);
    listen_to(viewer, pipe->webrtc, "notify::connection-state", notify_connection);
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++)
        if (pipe->entries[i].pad != NULL)
            listen_to(viewer, pipe->entries[i].pad, "notify::caps", notify_caps);
    /* Caps may have come before anybody listened. */
    post(viewer, on_caps, NULL);
}

static void stop_listening(struct tp_viewer *viewer)
{
    struct tp_viewer_pipe *pipe = &viewer->pipe;
    if (pipe->webrtc != NULL)
        g_signal_handlers_disconnect_by_data(pipe->webrtc, viewer);
    for (size_t i = 0; i < TP_VIEWER_ENTRIES_COUNT; i++)
        if (pipe->entries[i].pad != NULL)
            g_signal_handlers_disconnect_by_data(pipe->entries[i].pad, viewer);
}

static void release(void *object)
{
    struct tp_viewer *viewer = object;
    tp_viewer_pipe_close(&viewer->pipe);
    unref(viewer);
}

void tp_viewer_end(struct tp_viewer *viewer)
{
    viewer->step = STEP_ENDED;
    stop_listening(viewer);
    tp_viewer_pipe_starve(&viewer->pipe);
    tp_reaper_take(release, viewer);
}

struct tp_status tp_viewer_new(const struct tp_viewer_plan *plan, struct tp_viewer **out,
                               struct tp_error *error)
{
    struct tp_viewer *viewer = g_new0(struct tp_viewer, 1);
    g_atomic_ref_count_init(&viewer->references);
    viewer->viewer_id = g_strdup(plan->viewer_id);
    viewer->config = plan->config;
    viewer->events = plan->events;
    viewer->started_us = g_get_monotonic_time();
    memcpy(viewer->fingerprint, plan->offer->fingerprint, sizeof viewer->fingerprint);
    gst_sdp_message_new_from_text((const char *)plan->offer->sdp.data, &viewer->offer);
    struct tp_status status = tp_viewer_pipe_open(&viewer->pipe, plan->offer, plan->picture,
                                                  plan->sound, plan->config, error);
    if (tp_failed(status)) {
        tp_viewer_end(viewer);
        return status;
    }
    listen_to_all(viewer);
    *out = viewer;
    return status;
}

const char *tp_viewer_tick(struct tp_viewer *viewer, int64_t now_us)
{
    tp_viewer_pipe_tick(&viewer->pipe);
    bool answering = viewer->step == STEP_CAPS || viewer->step == STEP_EXCHANGE ||
                     viewer->step == STEP_GATHERING;
    if (answering && now_us - viewer->started_us > ANSWER_LIMIT_US)
        return "viewer.no_answer";
    if (viewer->step == STEP_CONNECTING &&
        now_us - viewer->answered_us > viewer->config->connect_ms * 1000)
        return "viewer.not_connected";
    int64_t arrival_us = (int64_t)g_atomic_int_get(&viewer->pipe.arrival_s) * G_USEC_PER_SEC;
    if (viewer->step == STEP_WATCHING && now_us - arrival_us > viewer->config->silence_ms * 1000)
        return "viewer.silent";
    return NULL;
}

bool tp_viewer_watching(const struct tp_viewer *viewer)
{
    return viewer->step == STEP_WATCHING;
}

const char *tp_viewer_id(const struct tp_viewer *viewer)
{
    return viewer->viewer_id;
}
