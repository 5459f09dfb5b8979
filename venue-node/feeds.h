/*
 * The feeds of this center, from the configuration, with the state tp-media last told.
 * "ROOM-env" room camera with sound, "SEAT-cam" seat camera, "SEAT-desk" desktop.
 */
#ifndef TP_VENUE_NODE_FEEDS_H
#define TP_VENUE_NODE_FEEDS_H

#include "proto/link.pb-c.h"
#include "proto/media.pb-c.h"
#include "venue-node/config.h"

struct tp_feeds;

/* `config` is borrowed. TP_INPUT "venue.feed_id" when an id would grow too long. */
TP_MUST_USE struct tp_status tp_feeds_new(const struct tp_venue_config *config,
                                          struct tp_feeds **feeds, struct tp_error *error);
void tp_feeds_free(struct tp_feeds *feeds);

bool tp_feeds_has(const struct tp_feeds *feeds, const char *feed_id);

/* All of them as tp-media wants them. `set` borrows from `feeds`; valid as long as these. */
const Tongping__Media__FeedSet *tp_feeds_set(const struct tp_feeds *feeds);

/* From any thread. */
void tp_feeds_take_status(struct tp_feeds *feeds, const Tongping__Media__MediaStatus *status);
/* tp-media is not there: all feeds are "failed". */
void tp_feeds_media_down(struct tp_feeds *feeds);

/* A copy of the states, in `count` elements of one block that the caller frees. */
struct tp_feed_status {
    const char *feed_id; /* borrowed from `feeds` */
    const char *kind;
    char state[16];
    char detail[128];
    uint32_t viewer_count;
};
struct tp_feed_status *tp_feeds_copy_status(struct tp_feeds *feeds, size_t *count);

#endif
