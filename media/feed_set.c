#include "media/feed_set.h"

#include <glib.h>
#include <string.h>

#include "base/bytes.h"

static struct tp_status copy_text(const char *from, char *to, size_t size, const char *field,
                                  struct tp_error *error)
{
    size_t length = strlen(from);
    if (length >= size || !tp_utf8_valid(from, length)) {
        struct tp_status status = tp_fail(error, TP_INPUT, "feed.text_too_long",
                                          "%s: at most %zu bytes of UTF-8", field, size - 1);
        tp_error_set_field(error, "%s", field);
        return status;
    }
    memcpy(to, from, length + 1);
    return TP_STATUS_OK;
}

static struct tp_status read_feed(const Tongping__Media__Feed *feed, struct tp_feed_spec *spec,
                                  struct tp_error *error)
{
    *spec = (struct tp_feed_spec){
        .width = feed->width,
        .height = feed->height,
        .frame_rate = feed->frame_rate,
        .bitrate_kbit = feed->bitrate_kbit,
    };
    struct tp_status status =
        copy_text(feed->feed_id, spec->feed_id, sizeof spec->feed_id, "feed_id", error);
    if (tp_ok(status))
        status = copy_text(feed->kind, spec->kind, sizeof spec->kind, "kind", error);
    if (tp_ok(status))
        status = copy_text(feed->source, spec->source, sizeof spec->source, "source", error);
    if (tp_ok(status))
        status = copy_text(feed->sound, spec->sound, sizeof spec->sound, "sound", error);
    if (tp_ok(status))
        status = tp_feed_spec_check(spec, error);
    return status;
}

struct tp_status tp_feed_set_read(const Tongping__Media__FeedSet *set, struct tp_feed_spec *specs,
                                  struct tp_error *error)
{
    if (set->n_feeds > TP_FEEDS_MAX_COUNT)
        return tp_fail(error, TP_LIMIT, "feed.too_many", "at most %d feeds", TP_FEEDS_MAX_COUNT);
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < set->n_feeds && tp_ok(status); i++) {
        status = read_feed(set->feeds[i], &specs[i], error);
        if (tp_ok(status) && !g_hash_table_add(seen, specs[i].feed_id))
            status =
                tp_fail(error, TP_INPUT, "feed.twice", "feed %s stands twice", specs[i].feed_id);
    }
    g_hash_table_unref(seen);
    return status;
}
