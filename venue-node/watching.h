/*
 * Viewers of this center's feeds: WhepOffer with its ticket from the link, ViewerOffer to tp-media,
 * the answer back; their end when their login ends.
 */
#ifndef TP_VENUE_NODE_WATCHING_H
#define TP_VENUE_NODE_WATCHING_H

#include "venue-node/feeds.h"
#include "venue-node/media_link.h"
#include "venue-node/uplink.h"

#define TP_VIEWER_LIMIT_COUNT 512
/* tp-media must answer an offer within this time. */
#define TP_VIEWER_ANSWER_MS 8000
/* No viewer lives longer, whatever happens to the link that would end it. */
#define TP_VIEWER_LIFE_MS ((int64_t)4 * 60 * 60 * 1000)

struct tp_watching;

struct tp_watching_config {
    const struct tp_clock *clock; /* borrowed, as all */
    struct tp_store *store;
    struct tp_uplink *uplink;
    struct tp_media_link *media; /* NULL: no media at this venue */
    struct tp_feeds *feeds;
    const uint8_t *coordinator_public;
};

TP_MUST_USE struct tp_status tp_watching_new(const struct tp_watching_config *config,
                                             struct tp_watching **watching, struct tp_error *error);
void tp_watching_free(struct tp_watching *watching);
void tp_watching_set_media(struct tp_watching *watching, struct tp_media_link *media);

/* From the link. Every offer gets one WhepAnswer: at once when refused, else when tp-media answers.
 */
void tp_watching_offer(struct tp_watching *watching, const Tongping__Link__WhepOffer *offer);
void tp_watching_end(struct tp_watching *watching, const Tongping__Link__WhepEnd *end);

/* From the media link. */
void tp_watching_media_frame(struct tp_watching *watching,
                             const Tongping__Media__MediaFrame *frame);
void tp_watching_media_down(struct tp_watching *watching);

/* Answers offers that tp-media left unanswered. */
void tp_watching_tick(struct tp_watching *watching);

#endif
