/*
 * All viewers of the process, by id: from offer to end, each with its feed, its limit of time and
 * the connection that asked for it.
 */
#ifndef TP_MEDIA_VIEWERS_H
#define TP_MEDIA_VIEWERS_H

#include "media/feeds.h"
#include "media/viewer.h"

#define TP_VIEWER_ID_MAX_BYTES 65

struct tp_viewers;

struct tp_viewer_request {
    const char *viewer_id;
    const char *feed_id;
    const char *rendition; /* "main" or "small" */
    const char *sdp;
    int64_t expires_ms; /* 0: never */
    uint64_t owner; /* the connection: its viewers end with it, for nobody could end them later */
    uint64_t call_id;
};

struct tp_viewers_events {
    void *context;
    /* Once per accepted request; `error` is NULL when `sdp` is the answer. */
    void (*answered)(void *context, uint64_t owner, uint64_t call_id, const char *sdp,
                     const struct tp_error *error);
    void (*ended)(void *context, const char *feed_id, const char *viewer_id, const char *reason);
};

struct tp_viewers *tp_viewers_new(const struct tp_media_config *config, struct tp_feeds *feeds,
                                  struct tp_viewers_events events);
void tp_viewers_free(struct tp_viewers *viewers);

/* OK: the answer comes by event. TP_INPUT "viewer.bad_id", "viewer.bad_rendition", offer.*;
 * TP_CONFLICT "viewer.id_taken"; TP_NOT_FOUND "feed.unknown"; TP_IO "feed.failed"; TP_LIMIT
 * "viewer.too_many", "viewer.expired". */
TP_MUST_USE struct tp_status tp_viewers_offer(struct tp_viewers *viewers,
                                              const struct tp_viewer_request *request,
                                              struct tp_error *error);
/* TP_NOT_FOUND "viewer.unknown". */
TP_MUST_USE struct tp_status tp_viewers_end(struct tp_viewers *viewers, const char *viewer_id,
                                            struct tp_error *error);
void tp_viewers_end_feed(struct tp_viewers *viewers, struct tp_feed *feed);
void tp_viewers_end_owner(struct tp_viewers *viewers, uint64_t owner);

/* Every 100 ms or so. */
void tp_viewers_tick(struct tp_viewers *viewers, int64_t now_us, int64_t now_ms);

#endif
