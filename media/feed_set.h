/*
 * A FeedSet of proto/media.proto, read into checked specs.
 */
#ifndef TP_MEDIA_FEED_SET_H
#define TP_MEDIA_FEED_SET_H

#include "media/feeds.h"
#include "proto/media.pb-c.h"

/* `specs` holds set->n_feeds. TP_INPUT "feed.*" with the feed at fault, "feed.twice",
 * "feed.text_too_long"; TP_LIMIT "feed.too_many". On failure nothing of the set may be used. */
TP_MUST_USE struct tp_status tp_feed_set_read(const Tongping__Media__FeedSet *set,
                                              struct tp_feed_spec *specs, struct tp_error *error);

#endif
