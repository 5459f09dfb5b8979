#include "media/fanout.h"

#include <assert.h>

struct subscriber {
    tp_fanout_push push;
    void *context;
};

struct tp_fanout {
    gatomicrefcount references;
    enum tp_fanout_kind kind;
    uint32_t ssrc;
    GMutex lock; /* guards all below */
    GArray *subscribers;
    uint64_t packet_count;
    tp_fanout_keyframe keyframe;
    void *keyframe_context;
    bool keyframe_wanted;
    gint64 keyframe_at_us; /* when the last one was asked for; 0: never */
};

struct tp_fanout *tp_fanout_new(enum tp_fanout_kind kind)
{
    struct tp_fanout *fanout = g_new0(struct tp_fanout, 1);
    g_atomic_ref_count_init(&fanout->references);
    fanout->kind = kind;
    fanout->ssrc = g_random_int();
    g_mutex_init(&fanout->lock);
    fanout->subscribers = g_array_new(FALSE, FALSE, sizeof(struct subscriber));
    return fanout;
}

struct tp_fanout *tp_fanout_ref(struct tp_fanout *fanout)
{
    g_atomic_ref_count_inc(&fanout->references);
    return fanout;
}

void tp_fanout_unref(struct tp_fanout *fanout)
{
    if (fanout == NULL || !g_atomic_ref_count_dec(&fanout->references))
        return;
    assert(fanout->subscribers->len == 0);
    g_array_unref(fanout->subscribers);
    g_mutex_clear(&fanout->lock);
    g_free(fanout);
}

enum tp_fanout_kind tp_fanout_kind(const struct tp_fanout *fanout)
{
    return fanout->kind;
}

uint32_t tp_fanout_ssrc(const struct tp_fanout *fanout)
{
    return fanout->ssrc;
}

/* With the lock held. The encoder's answer is short: it only sends an event upstream. */
static void pass_keyframe_on(struct tp_fanout *fanout)
{
    gint64 now_us = g_get_monotonic_time();
    bool due = fanout->keyframe_at_us == 0 ||
               now_us - fanout->keyframe_at_us >= TP_FANOUT_KEYFRAME_INTERVAL_MS * 1000;
    if (!fanout->keyframe_wanted || fanout->keyframe == NULL || !due)
        return;
    fanout->keyframe_wanted = false;
    fanout->keyframe_at_us = now_us;
    fanout->keyframe(fanout->keyframe_context);
}

void tp_fanout_set_encoder(struct tp_fanout *fanout, tp_fanout_keyframe keyframe, void *context)
{
    g_mutex_lock(&fanout->lock);
    fanout->keyframe = keyframe;
    fanout->keyframe_context = context;
    pass_keyframe_on(fanout);
    g_mutex_unlock(&fanout->lock);
}

void tp_fanout_publish_take(struct tp_fanout *fanout, GstBuffer *packet)
{
    g_mutex_lock(&fanout->lock);
    fanout->packet_count++;
    for (guint i = 0; i < fanout->subscribers->len; i++) {
        const struct subscriber *to = &g_array_index(fanout->subscribers, struct subscriber, i);
        to->push(to->context, packet);
    }
    g_mutex_unlock(&fanout->lock);
    gst_buffer_unref(packet);
}

void tp_fanout_subscribe(struct tp_fanout *fanout, tp_fanout_push push, void *context)
{
    struct subscriber subscriber = {push, context};
    g_mutex_lock(&fanout->lock);
    g_array_append_val(fanout->subscribers, subscriber);
    g_mutex_unlock(&fanout->lock);
}

void tp_fanout_unsubscribe(struct tp_fanout *fanout, void *context)
{
    g_mutex_lock(&fanout->lock);
    for (guint i = 0; i < fanout->subscribers->len; i++) {
        if (g_array_index(fanout->subscribers, struct subscriber, i).context == context) {
            g_array_remove_index_fast(fanout->subscribers, i);
            break;
        }
    }
    /* A wish kept for one that has left would only hold up the next one's. */
    if (fanout->subscribers->len == 0)
        fanout->keyframe_wanted = false;
    g_mutex_unlock(&fanout->lock);
}

void tp_fanout_request_keyframe(struct tp_fanout *fanout)
{
    if (fanout->kind != TP_FANOUT_PICTURE)
        return;
    g_mutex_lock(&fanout->lock);
    fanout->keyframe_wanted = true;
    pass_keyframe_on(fanout);
    g_mutex_unlock(&fanout->lock);
}

void tp_fanout_tick(struct tp_fanout *fanout)
{
    g_mutex_lock(&fanout->lock);
    pass_keyframe_on(fanout);
    g_mutex_unlock(&fanout->lock);
}

uint64_t tp_fanout_packet_count(struct tp_fanout *fanout)
{
    g_mutex_lock(&fanout->lock);
    uint64_t count = fanout->packet_count;
    g_mutex_unlock(&fanout->lock);
    return count;
}
