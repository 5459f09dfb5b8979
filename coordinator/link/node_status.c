#include "coordinator/link/node_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct tp_node_status {
    int64_t outbox_count;
    int64_t disk_free_bytes;
    double load_1min;
    uint32_t terminal_count;
    bool media_up;
    size_t feed_count;
    struct tp_node_feed *feeds; /* sorted by feed_id */
};

TP_DEFINE_CLEANUP(tp_node_status, tp_node_status_free)

void tp_node_status_free(struct tp_node_status *status)
{
    if (status == NULL)
        return;
    for (size_t i = 0; i < status->feed_count; i++) {
        free((char *)(uintptr_t)status->feeds[i].feed_id);
        free((char *)(uintptr_t)status->feeds[i].kind);
        free((char *)(uintptr_t)status->feeds[i].state);
        free((char *)(uintptr_t)status->feeds[i].detail);
    }
    free(status->feeds);
    free(status);
}

static int compare_feeds(const void *left, const void *right)
{
    const struct tp_node_feed *a = left;
    const struct tp_node_feed *b = right;
    return strcmp(a->feed_id, b->feed_id);
}

/* A copy of at most `limit` bytes; protobuf strings of a peer may hold anything. */
static char *copy_text(const char *text, size_t limit)
{
    return strndup(text != NULL ? text : "", limit);
}

static bool copy_feed(struct tp_node_feed *feed, const Tongping__Link__FeedStatus *message)
{
    *feed = (struct tp_node_feed){
        .feed_id = copy_text(message->feed_id, 64),
        .kind = copy_text(message->kind, 16),
        .state = copy_text(message->state, 15),
        .detail = copy_text(message->detail, 256),
        .viewer_count = message->viewer_count,
    };
    return feed->feed_id != NULL && feed->kind != NULL && feed->state != NULL &&
           feed->detail != NULL;
}

struct tp_status tp_node_status_new(const Tongping__Link__NodeStatus *message,
                                    struct tp_node_status **out, struct tp_error *error)
{
    if (message->n_feeds > TP_NODE_FEEDS_MOST)
        return tp_fail(error, TP_LIMIT, "link.too_many_feeds", "the node names %zu feeds",
                       message->n_feeds);
    TP_AUTO(tp_node_status) struct tp_node_status *status = calloc(1, sizeof(*status));
    if (status == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a node's status");
    *status = (struct tp_node_status){
        .outbox_count = (int64_t)(message->outbox_count & INT64_MAX),
        .disk_free_bytes = (int64_t)(message->disk_free_bytes & INT64_MAX),
        .load_1min = message->load_1min >= 0 && message->load_1min < 1e6F ? message->load_1min : 0,
        .terminal_count = message->terminal_count,
        .media_up = message->media_up,
    };
    status->feeds = calloc(message->n_feeds + 1, sizeof(*status->feeds));
    if (status->feeds == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a node's feeds");
    for (size_t i = 0; i < message->n_feeds; i++) {
        status->feed_count++;
        if (!copy_feed(&status->feeds[i], message->feeds[i]))
            return tp_fail(error, TP_NOMEM, "nomem", "no memory for a node's feed");
    }
    qsort(status->feeds, status->feed_count, sizeof(*status->feeds), compare_feeds);
    *out = tp_steal(&status);
    return TP_STATUS_OK;
}

static json_t *feeds_json(const struct tp_node_status *status)
{
    json_t *feeds = json_array();
    for (size_t i = 0; feeds != NULL && status != NULL && i < status->feed_count; i++) {
        const struct tp_node_feed *feed = &status->feeds[i];
        /* A text that is not UTF-8 makes no JSON string: such a feed is left out. */
        json_t *item = json_pack("{s:s, s:s, s:s, s:I, s:s}", "feed_id", feed->feed_id, "kind",
                                 feed->kind, "state", feed->state, "viewer_count",
                                 (json_int_t)feed->viewer_count, "detail", feed->detail);
        if (item != NULL)
            json_array_append_new(feeds, item);
    }
    return feeds;
}

struct tp_status tp_node_status_describe(const struct tp_node_status *status, json_t *node,
                                         struct tp_error *error)
{
    static const struct tp_node_status nothing = {0};
    const struct tp_node_status *said = status != NULL ? status : &nothing;
    int failed = 0;
    failed |= json_object_set_new(node, "outbox_count", json_integer(said->outbox_count));
    failed |= json_object_set_new(node, "media_up", json_boolean(said->media_up));
    failed |= json_object_set_new(node, "disk_free_bytes", json_integer(said->disk_free_bytes));
    failed |= json_object_set_new(node, "load_1min", json_real(said->load_1min));
    failed |= json_object_set_new(node, "terminal_count", json_integer(said->terminal_count));
    failed |= json_object_set_new(node, "feeds", feeds_json(status));
    if (failed != 0)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a node's status");
    return TP_STATUS_OK;
}

const struct tp_node_feed *tp_node_status_feed(const struct tp_node_status *status,
                                               const char *feed_id)
{
    const struct tp_node_feed key = {.feed_id = feed_id};
    if (status == NULL || status->feed_count == 0)
        return NULL;
    return bsearch(&key, status->feeds, status->feed_count, sizeof(*status->feeds), compare_feeds);
}

static bool compare_one_way(const struct tp_node_status *from, const struct tp_node_status *to,
                            bool only_missing, void (*changed)(void *context, const char *feed_id),
                            void *context)
{
    bool differs = false;
    for (size_t i = 0; from != NULL && i < from->feed_count; i++) {
        const struct tp_node_feed *feed = &from->feeds[i];
        const struct tp_node_feed *other = tp_node_status_feed(to, feed->feed_id);
        if (other != NULL && (only_missing || strcmp(other->state, feed->state) == 0)) {
            differs = differs || (!only_missing && other->viewer_count != feed->viewer_count);
            continue;
        }
        changed(context, feed->feed_id);
        differs = true;
    }
    return differs;
}

bool tp_node_status_compare(const struct tp_node_status *before, const struct tp_node_status *after,
                            void (*changed)(void *context, const char *feed_id), void *context)
{
    bool differs = compare_one_way(after, before, false, changed, context);
    differs = compare_one_way(before, after, true, changed, context) || differs;
    if (before == NULL || after == NULL)
        return differs || before != after;
    return differs || before->media_up != after->media_up ||
           before->terminal_count != after->terminal_count ||
           (before->outbox_count == 0) != (after->outbox_count == 0);
}
