/*
 * Tells tp-venue how the feeds are: once a second, and at once when a state, a viewer count or a
 * detail has changed or a viewer has ended.
 */
#ifndef TP_MEDIA_STATUS_H
#define TP_MEDIA_STATUS_H

#include "media/control.h"
#include "media/feeds.h"

struct tp_status_board;

struct tp_status_board *tp_status_board_new(struct tp_feeds *feeds, struct tp_control *control);
void tp_status_board_free(struct tp_status_board *board);

/* To be named in the next status. */
void tp_status_board_ended(struct tp_status_board *board, const char *feed_id,
                           const char *viewer_id);
/* Every 100 ms or so. */
void tp_status_board_tick(struct tp_status_board *board, int64_t now_us);

#endif
