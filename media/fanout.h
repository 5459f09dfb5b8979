/*
 * One encoded stream of RTP packets and those who take it. This is the whole interface between
 * capture and encoding on one side and viewers on the other: packets one way, "please a key frame"
 * the other way. Nothing is encoded again for a further viewer.
 */
#ifndef TP_MEDIA_FANOUT_H
#define TP_MEDIA_FANOUT_H

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

#define TP_FANOUT_KEYFRAME_INTERVAL_MS 1000

enum tp_fanout_kind {
    TP_FANOUT_PICTURE, /* H.264 constrained baseline, packetization mode 1, 90 kHz */
    TP_FANOUT_SOUND,   /* Opus, 48 kHz */
};

/* A packet is a single buffer with its time on the common timeline (media/timeline.h). Called from
 * the encoder's thread; must not block and must not keep a borrowed reference. */
typedef void (*tp_fanout_push)(void *context, GstBuffer *packet);
/* Asks the encoder for a key frame; called at most once per TP_FANOUT_KEYFRAME_INTERVAL_MS. */
typedef void (*tp_fanout_keyframe)(void *context);

struct tp_fanout;

/* Reference counted: an encoder and viewers may end in any order. */
struct tp_fanout *tp_fanout_new(enum tp_fanout_kind kind);
struct tp_fanout *tp_fanout_ref(struct tp_fanout *fanout);
void tp_fanout_unref(struct tp_fanout *fanout);

enum tp_fanout_kind tp_fanout_kind(const struct tp_fanout *fanout);
/* The synchronisation source every packet carries; stays for the fan-out's life. */
uint32_t tp_fanout_ssrc(const struct tp_fanout *fanout);
/* The payload type every packet carries when it is published. */
#define TP_FANOUT_PAYLOAD 96

/* Connects the encoder that answers key frame requests; NULL when it ends. A request that came
 * before is passed on at once. */
void tp_fanout_set_encoder(struct tp_fanout *fanout, tp_fanout_keyframe keyframe, void *context);

/* Takes the packet's reference. */
void tp_fanout_publish_take(struct tp_fanout *fanout, GstBuffer *packet);

/* `context` names the subscriber. After unsubscribing returns, push is not called any more. */
void tp_fanout_subscribe(struct tp_fanout *fanout, tp_fanout_push push, void *context);
void tp_fanout_unsubscribe(struct tp_fanout *fanout, void *context);

/* Any thread. A request too soon after the last is kept and passed on by tp_fanout_tick. */
void tp_fanout_request_keyframe(struct tp_fanout *fanout);
/* Passes on a kept request when its time has come; call every 100 ms or so. */
void tp_fanout_tick(struct tp_fanout *fanout);

uint64_t tp_fanout_packet_count(struct tp_fanout *fanout);

#endif
