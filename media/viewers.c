#include "media/viewers.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

struct watcher {
    struct tp_viewers *viewers;
    struct tp_viewer *viewer;
    struct tp_feed *feed;
    enum tp_rendition rendition;
    bool sound;
    bool answered;
    int64_t expires_ms;
    uint64_t owner;
    uint64_t call_id;
    char viewer_id[TP_VIEWER_ID_MAX_BYTES];
};

struct tp_viewers {
    const struct tp_media_config *config;
    struct tp_feeds *feeds;
    struct tp_viewers_events events;
    GHashTable *by_id; /* id inside the watcher -> watcher, owned */
};

struct tp_viewers *tp_viewers_new(const struct tp_media_config *config, struct tp_feeds *feeds,
                                  struct tp_viewers_events events)
{
    struct tp_viewers *viewers = g_new0(struct tp_viewers, 1);
    viewers->config = config;
    viewers->feeds = feeds;
    viewers->events = events;
    viewers->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return viewers;
}

static void end(struct watcher *watcher, const char *reason)
{
    struct tp_viewers *viewers = watcher->viewers;
    const char *feed_id = tp_feed_get_spec(watcher->feed)->feed_id;
    tp_log(TP_LOG_INFO, "viewer.ended", "viewer=%s feed=%s reason=%s", watcher->viewer_id, feed_id,
           reason);
    if (watcher->viewer != NULL)
        tp_viewer_end(watcher->viewer);
    tp_feed_detach(watcher->feed, watcher->rendition, watcher->sound, g_get_monotonic_time());
    if (!watcher->answered) {
        struct tp_error error = {0};
        if (tp_failed(tp_fail(&error, TP_CONFLICT, reason, "the viewer ended before an answer")))
            viewers->events.answered(viewers->events.context, watcher->owner, watcher->call_id,
                                     NULL, &error);
    } else {
        viewers->events.ended(viewers->events.context, feed_id, watcher->viewer_id, reason);
    }
    g_hash_table_remove(viewers->by_id, watcher->viewer_id);
}

typedef const char *(*chooser)(const struct watcher *watcher, const void *context);

/* Ends every watcher for which `choose` gives a reason. */
static void end_chosen(struct tp_viewers *viewers, chooser choose, const void *context)
{
    GList *all = g_hash_table_get_values(viewers->by_id);
    for (GList *at = all; at != NULL; at = at->next) {
        struct watcher *watcher = at->data;
        const char *reason = choose(watcher, context);
        if (reason != NULL)
            end(watcher, reason);
    }
    g_list_free(all);
}

static const char *everyone(const struct watcher *watcher, const void *context)
{
    (void)watcher;
    (void)context;
    return "viewer.stopping";
}

void tp_viewers_free(struct tp_viewers *viewers)
{
    end_chosen(viewers, everyone, NULL);
    g_hash_table_unref(viewers->by_id);
    g_free(viewers);
}

static void on_answered(void *context, struct tp_viewer *viewer, const char *sdp,
                        const struct tp_error *error)
{
    (void)viewer;
    struct watcher *watcher = context;
    const struct tp_viewers_events *events = &watcher->viewers->events;
    watcher->answered = true;
    events->answered(events->context, watcher->owner, watcher->call_id, sdp, error);
    if (error != NULL)
        end(watcher, error->code);
}

static void on_ended(void *context, struct tp_viewer *viewer, const char *reason)
{
    (void)viewer;
    end(context, reason);
}

static bool id_valid(const char *id)
{
    size_t length = strlen(id);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)id[i]) && strchr("-_", id[i]) == NULL)
            return false;
    return length > 0 && length < TP_VIEWER_ID_MAX_BYTES;
}

static struct tp_status check(struct tp_viewers *viewers, const struct tp_viewer_request *request,
                              struct tp_error *error)
{
    if (!id_valid(request->viewer_id))
        return tp_fail(error, TP_INPUT, "viewer.bad_id", "letters, digits, '-' and '_'");
    if (strcmp(request->rendition, "main") != 0 && strcmp(request->rendition, "small") != 0)
        return tp_fail(error, TP_INPUT, "viewer.bad_rendition", "main or small");
    if (g_hash_table_contains(viewers->by_id, request->viewer_id))
        return tp_fail(error, TP_CONFLICT, "viewer.id_taken", "this viewer is here already");
    if (g_hash_table_size(viewers->by_id) >= (guint)viewers->config->max_viewers)
        return tp_fail(error, TP_LIMIT, "viewer.too_many", "no room for a further viewer");
    if (request->expires_ms != 0 && request->expires_ms <= tp_clock_now_ms(tp_clock_system()))
        return tp_fail(error, TP_LIMIT, "viewer.expired", "the time to watch is over");
    return TP_STATUS_OK;
}

static struct tp_status find_feed(struct tp_viewers *viewers, const char *feed_id,
                                  struct tp_feed **feed, struct tp_error *error)
{
    *feed = tp_feeds_find(viewers->feeds, feed_id);
    if (*feed == NULL)
        return tp_fail(error, TP_NOT_FOUND, "feed.unknown", "no such feed");
    struct tp_feed_report report = tp_feed_report(*feed);
    if (strcmp(report.state, "failed") == 0)
        return tp_fail(error, TP_IO, "feed.failed", "%s", report.detail);
    return TP_STATUS_OK;
}

static struct tp_status begin(struct watcher *watcher, const struct tp_offer *offer,
                              struct tp_error *error)
{
    struct tp_viewer_plan plan = {
        .viewer_id = watcher->viewer_id,
        .offer = offer,
        .picture = tp_feed_fanout(watcher->feed, watcher->rendition),
        .sound = watcher->sound ? tp_feed_fanout(watcher->feed, TP_RENDITION_SOUND) : NULL,
        .config = watcher->viewers->config,
        .events = {watcher, on_answered, on_ended},
    };
    /* Encoders warm up while the connection is being made. */
    tp_feed_attach(watcher->feed, watcher->rendition, watcher->sound, g_get_monotonic_time());
    struct tp_status status = tp_viewer_new(&plan, &watcher->viewer, error);
    if (tp_failed(status))
        tp_feed_detach(watcher->feed, watcher->rendition, watcher->sound, g_get_monotonic_time());
    return status;
}

struct tp_status tp_viewers_offer(struct tp_viewers *viewers,
                                  const struct tp_viewer_request *request, struct tp_error *error)
{
    TP_AUTO(tp_offer) struct tp_offer offer = {0};
    struct tp_feed *feed = NULL;
    struct tp_status status = check(viewers, request, error);
    if (tp_ok(status))
        status = find_feed(viewers, request->feed_id, &feed, error);
    if (tp_ok(status))
        status = tp_offer_parse(request->sdp, &offer, error);
    if (tp_failed(status))
        return status;
    struct watcher *watcher = g_new0(struct watcher, 1);
    *watcher = (struct watcher){
        .viewers = viewers,
        .feed = feed,
        .expires_ms = request->expires_ms,
        .owner = request->owner,
        .call_id = request->call_id,
    };
    strcpy(watcher->viewer_id, request->viewer_id);
    bool main = strcmp(request->rendition, "main") == 0;
    watcher->rendition = main ? TP_RENDITION_MAIN : TP_RENDITION_SMALL;
    watcher->sound = main && tp_feed_has_sound(feed) && offer.sound.wanted;
    status = begin(watcher, &offer, error);
    if (tp_failed(status)) {
        g_free(watcher);
        return status;
    }
    g_hash_table_insert(viewers->by_id, watcher->viewer_id, watcher);
    return status;
}

struct tp_status tp_viewers_end(struct tp_viewers *viewers, const char *viewer_id,
                                struct tp_error *error)
{
    struct watcher *watcher = g_hash_table_lookup(viewers->by_id, viewer_id);
    if (watcher == NULL)
        return tp_fail(error, TP_NOT_FOUND, "viewer.unknown", "no such viewer");
    end(watcher, "viewer.ended_by_call");
    return TP_STATUS_OK;
}

static const char *watches(const struct watcher *watcher, const void *feed)
{
    return watcher->feed == feed ? "viewer.feed_ended" : NULL;
}

void tp_viewers_end_feed(struct tp_viewers *viewers, struct tp_feed *feed)
{
    end_chosen(viewers, watches, feed);
}

static const char *owned(const struct watcher *watcher, const void *owner)
{
    return watcher->owner == *(const uint64_t *)owner ? "viewer.owner_gone" : NULL;
}

void tp_viewers_end_owner(struct tp_viewers *viewers, uint64_t owner)
{
    end_chosen(viewers, owned, &owner);
}

struct moment {
    int64_t now_us, now_ms;
};

static const char *due(const struct watcher *watcher, const void *context)
{
    const struct moment *moment = context;
    if (watcher->expires_ms != 0 && moment->now_ms >= watcher->expires_ms)
        return "viewer.expired";
    return tp_viewer_tick(watcher->viewer, moment->now_us);
}

void tp_viewers_tick(struct tp_viewers *viewers, int64_t now_us, int64_t now_ms)
{
    struct moment moment = {now_us, now_ms};
    end_chosen(viewers, due, &moment);
}
