/*
 * The conversation with tp-media (proto/media.proto) over its local socket, and the care for the
 * process: started, restarted when it dies or falls silent, connected to again.
 */
#ifndef TP_VENUE_NODE_MEDIA_LINK_H
#define TP_VENUE_NODE_MEDIA_LINK_H

#include "base/cleanup.h"
#include "base/clock.h"
#include "proto/media.pb-c.h"
#include "venue-node/config.h"

#define TP_MEDIA_FRAME_MOST_BYTES ((size_t)1024 * 1024)
/* tp-media tells its status each second: after this long without a word it hangs. */
#define TP_MEDIA_SILENT_MS 15000

struct tp_media_link;

/* Come from the link's own thread, one at a time. */
struct tp_media_handler {
    void *context;
    void (*connected)(void *context); /* say the feeds now */
    void (*frame)(void *context, const Tongping__Media__MediaFrame *frame);
    void (*disconnected)(void *context);
};

/* `config` and `clock` are borrowed. */
TP_MUST_USE struct tp_status tp_media_link_new(const struct tp_venue_config *config,
                                               const struct tp_clock *clock,
                                               const struct tp_media_handler *handler,
                                               struct tp_media_link **link, struct tp_error *error);
/* Starts the thread. */
TP_MUST_USE struct tp_status tp_media_link_start(struct tp_media_link *link,
                                                 struct tp_error *error);
/* Ends thread and child process. NULL is allowed. */
void tp_media_link_free(struct tp_media_link *link);

bool tp_media_link_up(struct tp_media_link *link);
/* From any thread. TP_PEER "media.down" when not connected. */
TP_MUST_USE struct tp_status tp_media_link_send(struct tp_media_link *link,
                                                const Tongping__Media__MediaFrame *frame,
                                                struct tp_error *error);

#endif
