/*
 * One feed: its sources, its encoders, each running only while somebody needs it, and its streams
 * of packets. One thread.
 */
#ifndef TP_MEDIA_FEED_H
#define TP_MEDIA_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "media/fanout.h"
#include "media/intake.h"

#define TP_FEED_ID_MAX_BYTES 65

struct tp_feed_spec {
    char feed_id[TP_FEED_ID_MAX_BYTES];
    char kind[16]; /* "room", "camera", "desktop" */
    char source[TP_SOURCE_TARGET_MAX_BYTES + 8];
    char sound[TP_SOURCE_TARGET_MAX_BYTES + 8];
    unsigned width, height, frame_rate, bitrate_kbit;
};

struct tp_feed_options {
    int64_t linger_ms;
    int64_t check_ms;
    unsigned encoder_thread_count;
};

struct tp_feed_report {
    const char *state; /* "live", "idle", "starting", "failed" */
    char detail[TP_INTAKE_DETAIL_MAX_BYTES];
    unsigned viewer_count;
    uint64_t frame_count;
};

struct tp_feed;

/* Fills defaults and checks id, kind and sizes: TP_INPUT "feed.bad_id", "feed.bad_kind",
 * "feed.bad_size". A source that is wrong is no error here but the feed's state. */
TP_MUST_USE struct tp_status tp_feed_spec_check(struct tp_feed_spec *spec, struct tp_error *error);
bool tp_feed_spec_equal(const struct tp_feed_spec *a, const struct tp_feed_spec *b);

struct tp_feed *tp_feed_new(const struct tp_feed_spec *spec, const struct tp_feed_options *options,
                            int64_t now_us);
void tp_feed_free(struct tp_feed *feed);

const struct tp_feed_spec *tp_feed_get_spec(const struct tp_feed *feed);
bool tp_feed_has_sound(const struct tp_feed *feed);

/* A viewer comes or goes; encoders start at once and linger after the last one. */
void tp_feed_attach(struct tp_feed *feed, enum tp_rendition picture, bool sound, int64_t now_us);
void tp_feed_detach(struct tp_feed *feed, enum tp_rendition picture, bool sound, int64_t now_us);
/* Borrowed; lives as long as the feed. */
struct tp_fanout *tp_feed_fanout(struct tp_feed *feed, enum tp_rendition rendition);

/* Whether the rendition's encoder runs now. */
bool tp_feed_running(const struct tp_feed *feed, enum tp_rendition rendition);

/* Every 100 ms or so. */
void tp_feed_tick(struct tp_feed *feed, int64_t now_us);

struct tp_feed_report tp_feed_report(struct tp_feed *feed);

#endif
