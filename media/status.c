#include "media/status.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define INTERVAL_US INT64_C(1000000)

struct ended {
    char *feed_id;
    char *viewer_id;
};

struct tp_status_board {
    struct tp_feeds *feeds;
    struct tp_control *control;
    GArray *ended; /* of struct ended, since the last status */
    int64_t told_us;
    guint told_hash; /* of what was last told, counts of frames left out */
};

/* One status under way: the feeds' lines with the texts they point to. */
struct sheet {
    struct tp_status_board *board;
    GPtrArray *states; /* Tongping__Media__FeedState, owned */
    guint hash;
};

static void clear_ended(gpointer data)
{
    struct ended *ended = data;
    g_free(ended->feed_id);
    g_free(ended->viewer_id);
}

struct tp_status_board *tp_status_board_new(struct tp_feeds *feeds, struct tp_control *control)
{
    struct tp_status_board *board = g_new0(struct tp_status_board, 1);
    board->feeds = feeds;
    board->control = control;
    board->ended = g_array_new(FALSE, FALSE, sizeof(struct ended));
    g_array_set_clear_func(board->ended, clear_ended);
    return board;
}

void tp_status_board_free(struct tp_status_board *board)
{
    g_array_unref(board->ended);
    g_free(board);
}

void tp_status_board_ended(struct tp_status_board *board, const char *feed_id,
                           const char *viewer_id)
{
    struct ended ended = {g_strdup(feed_id), g_strdup(viewer_id)};
    g_array_append_val(board->ended, ended);
}

static void free_state(gpointer data)
{
    Tongping__Media__FeedState *state = data;
    g_free(state->feed_id);
    g_free(state->state);
    g_free(state->detail);
    g_free(state->ended_viewers);
    g_free(state);
}

/* The viewers of `feed_id` that ended, as borrowed texts; they leave no entry without a feed. */
static void add_ended(struct sheet *sheet, Tongping__Media__FeedState *state)
{
    GArray *ended = sheet->board->ended;
    state->ended_viewers = g_new0(char *, ended->len + 1);
    for (guint i = 0; i < ended->len; i++) {
        const struct ended *one = &g_array_index(ended, struct ended, i);
        if (strcmp(one->feed_id, state->feed_id) == 0)
            state->ended_viewers[state->n_ended_viewers++] = one->viewer_id;
    }
}

static Tongping__Media__FeedState *add_state(struct sheet *sheet, const char *feed_id,
                                             const char *state_name, const char *detail)
{
    Tongping__Media__FeedState *state = g_new0(Tongping__Media__FeedState, 1);
    tongping__media__feed_state__init(state);
    state->feed_id = g_strdup(feed_id);
    state->state = g_strdup(state_name);
    state->detail = g_strdup(detail);
    add_ended(sheet, state);
    g_ptr_array_add(sheet->states, state);
    return state;
}

static void add_feed(void *context, struct tp_feed *feed)
{
    struct sheet *sheet = context;
    struct tp_feed_report report = tp_feed_report(feed);
    Tongping__Media__FeedState *state =
        add_state(sheet, tp_feed_get_spec(feed)->feed_id, report.state, report.detail);
    state->viewer_count = report.viewer_count;
    state->frame_count = report.frame_count;
    guint line = g_str_hash(state->feed_id) * 31 + g_str_hash(state->state);
    line = (line * 31 + g_str_hash(state->detail)) * 31 + report.viewer_count;
    sheet->hash = sheet->hash * 31 + line;
}

/* Feeds that are gone but whose viewers' end has not been told. */
static void add_gone(struct sheet *sheet)
{
    GArray *ended = sheet->board->ended;
    for (guint i = 0; i < ended->len; i++) {
        const char *feed_id = g_array_index(ended, struct ended, i).feed_id;
        bool listed = false;
        for (guint s = 0; s < sheet->states->len && !listed; s++) {
            const Tongping__Media__FeedState *state = g_ptr_array_index(sheet->states, s);
            listed = strcmp(state->feed_id, feed_id) == 0;
        }
        if (!listed)
            add_state(sheet, feed_id, "failed", "the feed was taken away");
    }
}

static void send(struct sheet *sheet)
{
    Tongping__Media__MediaStatus status = TONGPING__MEDIA__MEDIA_STATUS__INIT;
    status.n_feeds = sheet->states->len;
    status.feeds = (Tongping__Media__FeedState **)sheet->states->pdata;
    Tongping__Media__MediaFrame frame = TONGPING__MEDIA__MEDIA_FRAME__INIT;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_STATUS;
    frame.status = &status;
    tp_control_send(sheet->board->control, 0, &frame);
}

void tp_status_board_tick(struct tp_status_board *board, int64_t now_us)
{
    struct sheet sheet = {board, g_ptr_array_new_with_free_func(free_state), 0};
    tp_feeds_each(board->feeds, add_feed, &sheet);
    bool changed = sheet.hash != board->told_hash || board->ended->len > 0;
    if (changed || now_us - board->told_us >= INTERVAL_US) {
        add_gone(&sheet);
        send(&sheet);
        g_array_set_size(board->ended, 0);
        board->told_hash = sheet.hash;
        board->told_us = now_us;
    }
    g_ptr_array_unref(sheet.states);
}
