#include "media/feeds.h"

#include <glib.h>

#include "base/log.h"

struct tp_feeds {
    struct tp_feed_options options;
    GHashTable *by_id; /* borrowed id -> owned feed */
    GPtrArray *order;  /* borrowed feeds, as they were given */
};

static void free_feed(gpointer feed)
{
    tp_feed_free(feed);
}

struct tp_feeds *tp_feeds_new(const struct tp_feed_options *options)
{
    struct tp_feeds *feeds = g_new0(struct tp_feeds, 1);
    feeds->options = *options;
    feeds->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_feed);
    feeds->order = g_ptr_array_new();
    return feeds;
}

void tp_feeds_free(struct tp_feeds *feeds)
{
    g_ptr_array_unref(feeds->order);
    g_hash_table_unref(feeds->by_id);
    g_free(feeds);
}

struct tp_feed *tp_feeds_find(struct tp_feeds *feeds, const char *feed_id)
{
    return g_hash_table_lookup(feeds->by_id, feed_id);
}

static const struct tp_feed_spec *named(const struct tp_feed_spec *specs, size_t spec_count,
                                        const char *feed_id)
{
    for (size_t i = 0; i < spec_count; i++)
        if (g_str_equal(specs[i].feed_id, feed_id))
            return &specs[i];
    return NULL;
}

/* Ends the feeds that are not named or named with other values. */
static void end_others(struct tp_feeds *feeds, const struct tp_feed_spec *specs, size_t spec_count,
                       tp_feeds_leaving leaving, void *context)
{
    for (guint i = 0; i < feeds->order->len; i++) {
        struct tp_feed *feed = g_ptr_array_index(feeds->order, i);
        const struct tp_feed_spec *old = tp_feed_get_spec(feed);
        const struct tp_feed_spec *spec = named(specs, spec_count, old->feed_id);
        if (spec != NULL && tp_feed_spec_equal(spec, old))
            continue;
        leaving(context, feed);
        tp_log(TP_LOG_INFO, "feed.ended", "feed=%s", old->feed_id);
        g_hash_table_remove(feeds->by_id, old->feed_id);
    }
}

void tp_feeds_apply(struct tp_feeds *feeds, const struct tp_feed_spec *specs, size_t spec_count,
                    tp_feeds_leaving leaving, void *context, int64_t now_us)
{
    end_others(feeds, specs, spec_count, leaving, context);
    g_ptr_array_set_size(feeds->order, 0);
    for (size_t i = 0; i < spec_count; i++) {
        struct tp_feed *feed = tp_feeds_find(feeds, specs[i].feed_id);
        if (feed == NULL) {
            feed = tp_feed_new(&specs[i], &feeds->options, now_us);
            g_hash_table_insert(feeds->by_id, (gpointer)(uintptr_t)tp_feed_get_spec(feed)->feed_id,
                                feed);
            tp_log(TP_LOG_INFO, "feed.begun", "feed=%s kind=%s", specs[i].feed_id, specs[i].kind);
        }
        g_ptr_array_add(feeds->order, feed);
    }
}

void tp_feeds_each(struct tp_feeds *feeds, tp_feeds_visit visit, void *context)
{
    for (guint i = 0; i < feeds->order->len; i++)
        visit(context, g_ptr_array_index(feeds->order, i));
}
