#include "venue-node/node_status.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/log.h"

static uint64_t disk_free_bytes(const char *journal)
{
    char folder[TP_VENUE_PATH_BYTES];
    const char *slash = strrchr(journal, '/');
    size_t bytes = slash == NULL ? 0 : (size_t)(slash - journal);
    memcpy(folder, journal, bytes);
    folder[bytes] = '\0';
    struct statvfs about;
    if (statvfs(bytes == 0 ? "." : folder, &about) != 0)
        return 0;
    return (uint64_t)about.f_bavail * about.f_frsize;
}

static struct tp_status count_outbox(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_link_outbox_count(db, TP_LINK_COORDINATOR_PEER, argument, error);
}

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void measure(struct tp_venue *venue, Tongping__Link__NodeStatus *status)
{
    status->time_ms = tp_clock_now_ms(venue->clock);
    status->clock_offset_ms = tp_uplink_clock_offset_ms(venue->uplink);
    status->round_trip_ms = tp_uplink_round_trip_ms(venue->uplink);
    if (tp_failed(tp_store_read(venue->journal, count_outbox, &status->outbox_count, NULL)))
        status->outbox_count = 0;
    status->media_up = venue->media != NULL && tp_media_link_up(venue->media);
    status->disk_free_bytes = disk_free_bytes(venue->config->journal);
    double load = 0;
    if (getloadavg(&load, 1) == 1)
        status->load_1min = (float)load;
    status->terminal_count = tp_terminals_count(venue->terminals);
    status->version = borrowed(TP_VENUE_VERSION);
}

static void send_with_feeds(struct tp_venue *venue, Tongping__Link__NodeStatus *status,
                            struct tp_feed_status *feeds, size_t count)
{
    Tongping__Link__FeedStatus *bodies = calloc(count + 1, sizeof *bodies);
    Tongping__Link__FeedStatus **pointers = calloc(count + 1, sizeof(Tongping__Link__FeedStatus *));
    if (bodies != NULL && pointers != NULL) {
        for (size_t i = 0; i < count; i++) {
            tongping__link__feed_status__init(&bodies[i]);
            bodies[i].feed_id = borrowed(feeds[i].feed_id);
            bodies[i].kind = borrowed(feeds[i].kind);
            bodies[i].state = feeds[i].state;
            bodies[i].viewer_count = feeds[i].viewer_count;
            bodies[i].detail = feeds[i].detail;
            pointers[i] = &bodies[i];
        }
        status->feeds = pointers;
        status->n_feeds = count;
        Tongping__Link__LinkMessage message;
        tongping__link__link_message__init(&message);
        message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_NODE_STATUS;
        message.node_status = status;
        struct tp_error error = {0};
        if (tp_failed(tp_uplink_call(venue->uplink, &message, &error)))
            tp_log_error(TP_LOG_DEBUG, "status.unsent", &error);
    }
    free(bodies);
    free(pointers);
}

void tp_node_status_send(struct tp_venue *venue)
{
    if (!tp_uplink_up(venue->uplink))
        return;
    Tongping__Link__NodeStatus status;
    tongping__link__node_status__init(&status);
    measure(venue, &status);
    size_t count;
    struct tp_feed_status *feeds = tp_feeds_copy_status(venue->feeds, &count);
    send_with_feeds(venue, &status, feeds, count);
    free(feeds);
}
