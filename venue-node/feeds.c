#include "venue-node/feeds.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text on a desktop must be sharp rather than smooth. */
#define DESKTOP_FRAME_RATE 10

struct tp_feeds {
    pthread_mutex_t lock; /* guards statuses */
    size_t count;
    Tongping__Media__Feed *feeds;
    Tongping__Media__Feed **pointers;
    Tongping__Media__FeedSet set;
    char (*ids)[TP_VENUE_ID_BYTES + 8];
    struct tp_feed_status *statuses;
};

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static struct tp_status add(struct tp_feeds *feeds, const char *owner_id, const char *suffix,
                            const char *kind, const char *source, const char *sound,
                            struct tp_error *error)
{
    static const char no_sound[] = "";
    if (source[0] == '\0')
        return TP_STATUS_OK;
    size_t i = feeds->count;
    int bytes = snprintf(feeds->ids[i], sizeof feeds->ids[i], "%s-%s", owner_id, suffix);
    if (bytes >= TP_VENUE_ID_BYTES)
        return tp_fail(error, TP_INPUT, "venue.feed_id", "the id of a feed would be too long");
    Tongping__Media__Feed *feed = &feeds->feeds[i];
    tongping__media__feed__init(feed);
    feed->feed_id = feeds->ids[i];
    feed->kind = borrowed(kind);
    feed->source = borrowed(source);
    feed->sound = borrowed(sound != NULL ? sound : no_sound);
    feed->frame_rate = strcmp(kind, "desktop") == 0 ? DESKTOP_FRAME_RATE : 0;
    feeds->pointers[i] = feed;
    feeds->statuses[i].feed_id = feeds->ids[i];
    feeds->statuses[i].kind = kind;
    feeds->count++;
    return TP_STATUS_OK;
}

static struct tp_status add_all(struct tp_feeds *feeds, const struct tp_venue_config *config,
                                struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < config->room_count && tp_ok(status); i++) {
        const struct tp_venue_room *room = &config->rooms[i];
        status = add(feeds, room->id, "env", "room", room->source, room->sound, error);
    }
    for (size_t i = 0; i < config->seat_count && tp_ok(status); i++) {
        const struct tp_venue_seat *seat = &config->seats[i];
        status = add(feeds, seat->id, "cam", "camera", seat->camera, NULL, error);
        if (tp_ok(status))
            status = add(feeds, seat->id, "desk", "desktop", seat->desktop, NULL, error);
    }
    return status;
}

struct tp_status tp_feeds_new(const struct tp_venue_config *config, struct tp_feeds **feeds,
                              struct tp_error *error)
{
    size_t most = config->room_count + 2 * config->seat_count + 1;
    struct tp_feeds *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for feeds");
    pthread_mutex_init(&made->lock, NULL);
    made->feeds = calloc(most, sizeof *made->feeds);
    made->pointers = calloc(most, sizeof(Tongping__Media__Feed *));
    made->ids = calloc(most, sizeof *made->ids);
    made->statuses = calloc(most, sizeof *made->statuses);
    struct tp_status status = TP_STATUS_OK;
    if (made->feeds == NULL || made->pointers == NULL || made->ids == NULL ||
        made->statuses == NULL)
        status = tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for feeds");
    if (tp_ok(status))
        status = add_all(made, config, error);
    if (tp_failed(status)) {
        tp_feeds_free(made);
        return status;
    }
    tongping__media__feed_set__init(&made->set);
    made->set.feeds = made->pointers;
    made->set.n_feeds = made->count;
    tp_feeds_media_down(made);
    *feeds = made;
    return TP_STATUS_OK;
}

void tp_feeds_free(struct tp_feeds *feeds)
{
    if (feeds == NULL)
        return;
    pthread_mutex_destroy(&feeds->lock);
    free(feeds->feeds);
    free(feeds->pointers);
    free(feeds->ids);
    free(feeds->statuses);
    free(feeds);
}

bool tp_feeds_has(const struct tp_feeds *feeds, const char *feed_id)
{
    for (size_t i = 0; i < feeds->count; i++)
        if (strcmp(feeds->ids[i], feed_id) == 0)
            return true;
    return false;
}

const Tongping__Media__FeedSet *tp_feeds_set(const struct tp_feeds *feeds)
{
    return &feeds->set;
}

static void set_status(struct tp_feed_status *status, const char *state, const char *detail,
                       uint32_t viewer_count)
{
    snprintf(status->state, sizeof status->state, "%s", state);
    snprintf(status->detail, sizeof status->detail, "%s", detail);
    status->viewer_count = viewer_count;
}

void tp_feeds_take_status(struct tp_feeds *feeds, const Tongping__Media__MediaStatus *status)
{
    pthread_mutex_lock(&feeds->lock);
    for (size_t i = 0; i < status->n_feeds; i++) {
        const Tongping__Media__FeedState *told = status->feeds[i];
        for (size_t k = 0; k < feeds->count; k++)
            if (strcmp(feeds->ids[k], told->feed_id) == 0)
                set_status(&feeds->statuses[k], told->state, told->detail, told->viewer_count);
    }
    pthread_mutex_unlock(&feeds->lock);
}

void tp_feeds_media_down(struct tp_feeds *feeds)
{
    pthread_mutex_lock(&feeds->lock);
    for (size_t i = 0; i < feeds->count; i++)
        set_status(&feeds->statuses[i], "failed", "media.down", 0);
    pthread_mutex_unlock(&feeds->lock);
}

struct tp_feed_status *tp_feeds_copy_status(struct tp_feeds *feeds, size_t *count)
{
    *count = 0;
    struct tp_feed_status *copy = calloc(feeds->count + 1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    pthread_mutex_lock(&feeds->lock);
    memcpy(copy, feeds->statuses, feeds->count * sizeof *copy);
    *count = feeds->count;
    pthread_mutex_unlock(&feeds->lock);
    return copy;
}
