#include "media/service.h"

#include <glib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "media/control.h"
#include "media/feed_set.h"
#include "media/status.h"
#include "media/viewers.h"

#define TICK_MS 100

struct tp_service {
    const struct tp_media_config *config;
    struct tp_feeds *feeds;
    struct tp_viewers *viewers;
    struct tp_control *control;
    struct tp_status_board *board;
    guint timer;
};

static void send_done(struct tp_service *service, uint64_t connection, uint64_t call_id,
                      const struct tp_error *error)
{
    Tongping__Media__Done done;
    tongping__media__done__init(&done);
    struct tp_error copy = error != NULL ? *error : (struct tp_error){0};
    done.ok = error == NULL;
    done.error_code = copy.code;
    done.error_message = copy.message;
    Tongping__Media__MediaFrame frame = TONGPING__MEDIA__MEDIA_FRAME__INIT;
    frame.call_id = call_id;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_DONE;
    frame.done = &done;
    tp_control_send(service->control, connection, &frame);
}

static void send_answer(struct tp_service *service, uint64_t connection, uint64_t call_id,
                        const char *sdp, const struct tp_error *error)
{
    Tongping__Media__ViewerAnswer answer;
    tongping__media__viewer_answer__init(&answer);
    struct tp_error copy = error != NULL ? *error : (struct tp_error){0};
    char *text = g_strdup(sdp != NULL ? sdp : "");
    answer.ok = error == NULL;
    answer.error_code = copy.code;
    answer.error_message = copy.message;
    answer.sdp = text;
    Tongping__Media__MediaFrame frame = TONGPING__MEDIA__MEDIA_FRAME__INIT;
    frame.call_id = call_id;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_ANSWER;
    frame.viewer_answer = &answer;
    tp_control_send(service->control, connection, &frame);
    g_free(text);
}

static void on_answered(void *context, uint64_t owner, uint64_t call_id, const char *sdp,
                        const struct tp_error *error)
{
    send_answer(context, owner, call_id, sdp, error);
}

static void on_ended(void *context, const char *feed_id, const char *viewer_id, const char *reason)
{
    (void)reason;
    struct tp_service *service = context;
    tp_status_board_ended(service->board, feed_id, viewer_id);
}

static void on_feed_leaving(void *context, struct tp_feed *feed)
{
    struct tp_service *service = context;
    tp_viewers_end_feed(service->viewers, feed);
}

static void set_feeds(struct tp_service *service, uint64_t connection, uint64_t call_id,
                      const Tongping__Media__FeedSet *set)
{
    struct tp_error error = {0};
    struct tp_feed_spec *specs = g_new0(struct tp_feed_spec, set->n_feeds + 1);
    if (tp_failed(tp_feed_set_read(set, specs, &error))) {
        tp_log_error(TP_LOG_WARN, "feeds.refused", &error);
        send_done(service, connection, call_id, &error);
    } else {
        tp_feeds_apply(service->feeds, specs, set->n_feeds, on_feed_leaving, service,
                       g_get_monotonic_time());
        send_done(service, connection, call_id, NULL);
    }
    g_free(specs);
}

static void take_offer(struct tp_service *service, uint64_t connection, uint64_t call_id,
                       const Tongping__Media__ViewerOffer *offer)
{
    struct tp_viewer_request request = {
        .viewer_id = offer->viewer_id,
        .feed_id = offer->feed_id,
        .rendition = offer->rendition,
        .sdp = offer->sdp,
        .expires_ms = offer->expires_ms,
        .owner = connection,
        .call_id = call_id,
    };
    struct tp_error error = {0};
    if (tp_failed(tp_viewers_offer(service->viewers, &request, &error)))
        send_answer(service, connection, call_id, NULL, &error);
}

static void end_viewer(struct tp_service *service, uint64_t connection, uint64_t call_id,
                       const Tongping__Media__ViewerEnd *viewer_end)
{
    struct tp_error error = {0};
    struct tp_status status = tp_viewers_end(service->viewers, viewer_end->viewer_id, &error);
    send_done(service, connection, call_id, tp_ok(status) ? NULL : &error);
}

static void on_frame(void *context, uint64_t connection, const Tongping__Media__MediaFrame *frame)
{
    struct tp_service *service = context;
    struct tp_error error = {0};
    switch (frame->kind_case) {
    case TONGPING__MEDIA__MEDIA_FRAME__KIND_FEED_SET:
        set_feeds(service, connection, frame->call_id, frame->feed_set);
        return;
    case TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_OFFER:
        take_offer(service, connection, frame->call_id, frame->viewer_offer);
        return;
    case TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_END:
        end_viewer(service, connection, frame->call_id, frame->viewer_end);
        return;
    case TONGPING__MEDIA__MEDIA_FRAME__KIND__NOT_SET:
    case TONGPING__MEDIA__MEDIA_FRAME__KIND_DONE:
    case TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_ANSWER:
    case TONGPING__MEDIA__MEDIA_FRAME__KIND_STATUS:
    case _TONGPING__MEDIA__MEDIA_FRAME__KIND__CASE_IS_INT_SIZE:
        break;
    }
    if (tp_failed(tp_fail(&error, TP_INPUT, "media.unknown_call", "not a call of tp-venue")))
        send_done(service, connection, frame->call_id, &error);
}

static void on_closed(void *context, uint64_t connection)
{
    struct tp_service *service = context;
    tp_viewers_end_owner(service->viewers, connection);
}

static void tick_feed(void *context, struct tp_feed *feed)
{
    tp_feed_tick(feed, *(const int64_t *)context);
}

static gboolean on_tick(gpointer data)
{
    struct tp_service *service = data;
    int64_t now_us = g_get_monotonic_time();
    tp_viewers_tick(service->viewers, now_us, tp_clock_now_ms(tp_clock_system()));
    tp_feeds_each(service->feeds, tick_feed, &now_us);
    tp_status_board_tick(service->board, now_us);
    return G_SOURCE_CONTINUE;
}

struct tp_status tp_service_start(const struct tp_media_config *config, struct tp_service **out,
                                  struct tp_error *error)
{
    struct tp_service *service = g_new0(struct tp_service, 1);
    struct tp_feed_options options = {
        .linger_ms = config->linger_ms,
        .check_ms = config->check_ms,
        .encoder_thread_count = (unsigned)config->encoder_threads,
    };
    service->config = config;
    struct tp_control_events control_events = {service, on_frame, on_closed};
    struct tp_status status =
        tp_control_open(config->socket, control_events, &service->control, error);
    if (tp_failed(status)) {
        g_free(service);
        return status;
    }
    service->feeds = tp_feeds_new(&options);
    struct tp_viewers_events viewers_events = {service, on_answered, on_ended};
    service->viewers = tp_viewers_new(config, service->feeds, viewers_events);
    service->board = tp_status_board_new(service->feeds, service->control);
    service->timer = g_timeout_add(TICK_MS, on_tick, service);
    *out = service;
    return status;
}

void tp_service_stop(struct tp_service *service)
{
    g_source_remove(service->timer);
    tp_viewers_free(service->viewers);
    tp_control_close(service->control);
    tp_feeds_free(service->feeds);
    tp_status_board_free(service->board);
    g_free(service);
}
