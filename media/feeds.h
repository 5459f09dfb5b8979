/*
 * All feeds of the process, by id.
 */
#ifndef TP_MEDIA_FEEDS_H
#define TP_MEDIA_FEEDS_H

#include <stddef.h>

#include "media/feed.h"

#define TP_FEEDS_MAX_COUNT 1000

struct tp_feeds;

struct tp_feeds *tp_feeds_new(const struct tp_feed_options *options);
void tp_feeds_free(struct tp_feeds *feeds);

/* Called before a feed goes: its viewers must be ended before it returns. */
typedef void (*tp_feeds_leaving)(void *context, struct tp_feed *feed);

/* Makes the set what `specs` say: unchanged feeds go on undisturbed, others end or begin. The specs
 * must be checked and their ids different. */
void tp_feeds_apply(struct tp_feeds *feeds, const struct tp_feed_spec *specs, size_t spec_count,
                    tp_feeds_leaving leaving, void *context, int64_t now_us);

/* NULL when there is none. */
struct tp_feed *tp_feeds_find(struct tp_feeds *feeds, const char *feed_id);

typedef void (*tp_feeds_visit)(void *context, struct tp_feed *feed);
void tp_feeds_each(struct tp_feeds *feeds, tp_feeds_visit visit, void *context);

#endif
