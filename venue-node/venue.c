#include "venue-node/venue.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "venue-node/journal.h"
#include "venue-node/login.h"
#include "venue-node/node_status.h"
#include "venue-node/plan.h"
#include "venue-node/terminal.h"

#define TICK_MS 100
#define STATUS_EVERY_MS 2000
#define LOST_AFTER_MS 10000
#define LOST_CHECK_EVERY_MS 1000
#define TIDY_EVERY_MS ((int64_t)60 * 60 * 1000)
#define WORKER_COUNT 32 /* more than logins under way, so that states are answered beside them */

static struct tp_status on_apply(void *context, struct tp_db *db,
                                 const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    struct tp_venue *venue = context;
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_SESSION_PLAN)
        return tp_plan_apply(db, venue->config->center_id, message->session_plan,
                             tp_clock_now_ms(venue->clock), error);
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_SESSION_VIEW)
        return tp_view_apply(db, message->session_view, error);
    tp_log(TP_LOG_ERROR, "link.unexpected", "kind=%d", (int)message->kind_case);
    return TP_STATUS_OK;
}

static void on_applied(void *context, const Tongping__Link__LinkMessage *message)
{
    struct tp_venue *venue = context;
    (void)message;
    tp_terminals_tell(venue->terminals, NULL);
}

static void on_call(void *context, const Tongping__Link__LinkMessage *message)
{
    struct tp_venue *venue = context;
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_LOGIN_ANSWER)
        tp_login_calls_answer(venue->login_calls, message->login_answer);
    else if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_OFFER)
        tp_watching_offer(venue->watching, message->whep_offer);
    else if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_END)
        tp_watching_end(venue->watching, message->whep_end);
    else
        tp_log(TP_LOG_ERROR, "link.unexpected", "kind=%d", (int)message->kind_case);
}

static void on_link_changed(void *context, bool up)
{
    struct tp_venue *venue = context;
    if (up)
        tp_node_status_send(venue);
    else
        tp_login_calls_link_down(venue->login_calls);
    tp_terminals_tell(venue->terminals, NULL);
}

static void on_media_connected(void *context)
{
    struct tp_venue *venue = context;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.call_id = 1;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_FEED_SET;
    frame.feed_set = (Tongping__Media__FeedSet *)(uintptr_t)tp_feeds_set(venue->feeds);
    struct tp_error error = {0};
    if (tp_failed(tp_media_link_send(venue->media, &frame, &error)))
        tp_log_error(TP_LOG_ERROR, "media.feeds_unsent", &error);
}

static void on_media_frame(void *context, const Tongping__Media__MediaFrame *frame)
{
    struct tp_venue *venue = context;
    if (frame->kind_case == TONGPING__MEDIA__MEDIA_FRAME__KIND_STATUS)
        tp_feeds_take_status(venue->feeds, frame->status);
    if (frame->kind_case == TONGPING__MEDIA__MEDIA_FRAME__KIND_DONE && !frame->done->ok)
        tp_log(TP_LOG_ERROR, "media.refused", "code=%s message=%s", frame->done->error_code,
               frame->done->error_message);
    tp_watching_media_frame(venue->watching, frame);
}

static void on_media_disconnected(void *context)
{
    struct tp_venue *venue = context;
    tp_feeds_media_down(venue->feeds);
    tp_watching_media_down(venue->watching);
}

struct silent_seats {
    struct tp_venue *venue;
    size_t count;
    struct tp_login changed[64]; /* more come with the next check */
};

static void note_silent(void *context, const struct tp_login *login)
{
    struct silent_seats *seats = context;
    int64_t silent_ms = tp_terminals_silent_ms(seats->venue->terminals, login->seat_id);
    bool lost = silent_ms >= LOST_AFTER_MS;
    bool back = silent_ms == 0;
    if ((lost && !login->lost) || (back && login->lost))
        if (seats->count < sizeof seats->changed / sizeof seats->changed[0])
            seats->changed[seats->count++] = *login;
}

static struct tp_status read_silent(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_login_each(db, NULL, note_silent, argument, error);
}

static void check_silent(struct tp_venue *venue)
{
    struct silent_seats *seats = calloc(1, sizeof *seats);
    if (seats == NULL)
        return;
    seats->venue = venue;
    struct tp_error error = {0};
    if (tp_failed(tp_store_read(venue->journal, read_silent, seats, &error)))
        tp_log_error(TP_LOG_ERROR, "journal.unreadable", &error);
    bool wake = false;
    for (size_t i = 0; i < seats->count; i++) {
        bool changed = false;
        if (tp_failed(tp_login_set_lost(venue->journal, seats->changed[i].seat_id,
                                        !seats->changed[i].lost, tp_clock_now_ms(venue->clock),
                                        &changed, &error)))
            tp_log_error(TP_LOG_ERROR, "journal.unwritable", &error);
        wake = wake || changed;
    }
    free(seats);
    if (wake)
        tp_uplink_wake(venue->uplink);
}

/* Waits one tick; false when the end has come. */
static bool wait_tick(struct tp_venue *venue)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&venue->tick_lock);
    int waited = 0;
    while (!venue->stopping && waited == 0)
        waited = pthread_cond_timedwait(&venue->tick_wake, &venue->tick_lock, &until);
    bool go_on = !venue->stopping;
    pthread_mutex_unlock(&venue->tick_lock);
    return go_on;
}

static bool due(int64_t now, int64_t every_ms, int64_t *last)
{
    if (now - *last < every_ms)
        return false;
    *last = now;
    return true;
}

static void *tick(void *argument)
{
    struct tp_venue *venue = argument;
    int64_t now = tp_clock_monotonic_ms(venue->clock);
    int64_t status_at = now, silent_at = now, tidy_at = now - TIDY_EVERY_MS;
    while (wait_tick(venue)) {
        now = tp_clock_monotonic_ms(venue->clock);
        tp_uplink_tick(venue->uplink);
        tp_watching_tick(venue->watching);
        if (due(now, STATUS_EVERY_MS, &status_at))
            tp_node_status_send(venue);
        if (due(now, LOST_CHECK_EVERY_MS, &silent_at))
            check_silent(venue);
        struct tp_error error = {0};
        if (due(now, TIDY_EVERY_MS, &tidy_at) &&
            tp_failed(tp_journal_tidy(venue->journal, tp_clock_now_ms(venue->clock), &error)))
            tp_log_error(TP_LOG_ERROR, "journal.untidy", &error);
    }
    return NULL;
}

static struct tp_status load_keys(struct tp_venue *venue, struct tp_error *error)
{
    const struct tp_venue_config *config = venue->config;
    struct tp_status status = tp_keypair_load(config->key, &venue->keypair, error);
    if (tp_ok(status))
        status = tp_public_key_load(config->draw_public, &venue->draw_public, error);
    if (tp_ok(status))
        status = tp_public_key_load(config->coordinator_public, &venue->coordinator_public, error);
    if (status.class == TP_NOT_FOUND)
        tp_log(TP_LOG_ERROR, "venue.not_enrolled", "hint=run tp-venue --config FILE --enrol CODE");
    return status;
}

static struct tp_status make_uplink(struct tp_venue *venue, struct tp_error *error)
{
    const struct tp_venue_config *config = venue->config;
    const struct tp_uplink_config uplink = {
        .coordinator_url = config->coordinator_url,
        .ca_path = config->coordinator_ca[0] != '\0' ? config->coordinator_ca : NULL,
        .node_id = config->center_id,
        .version = TP_VENUE_VERSION,
        .keypair = venue->keypair,
        .coordinator_public = venue->coordinator_public.sign,
        .clock = venue->clock,
        .store = venue->journal,
    };
    const struct tp_uplink_handler handler = {
        .context = venue,
        .apply = on_apply,
        .applied = on_applied,
        .call = on_call,
        .changed = on_link_changed,
    };
    return tp_uplink_new(&uplink, &handler, &venue->uplink, error);
}

static struct tp_status make_limits(struct tp_venue *venue, struct tp_error *error)
{
    const int64_t minute_ms = 60000;
    struct tp_status status =
        tp_rate_limit_new(venue->clock, 10, minute_ms / 10, &venue->login_limit, error);
    if (tp_ok(status))
        status = tp_rate_limit_new(venue->clock, 10, minute_ms / 10, &venue->enrol_limit, error);
    if (tp_ok(status))
        status = tp_rate_limit_new(venue->clock, 120, 100, &venue->request_limit, error);
    return status;
}

static struct tp_status make_media(struct tp_venue *venue, struct tp_error *error)
{
    const struct tp_watching_config watching = {
        .clock = venue->clock,
        .store = venue->journal,
        .uplink = venue->uplink,
        .feeds = venue->feeds,
        .coordinator_public = venue->coordinator_public.sign,
    };
    struct tp_status status = tp_watching_new(&watching, &venue->watching, error);
    if (tp_failed(status) || venue->config->media_socket[0] == '\0')
        return status;
    const struct tp_media_handler handler = {
        .context = venue,
        .connected = on_media_connected,
        .frame = on_media_frame,
        .disconnected = on_media_disconnected,
    };
    status = tp_media_link_new(venue->config, venue->clock, &handler, &venue->media, error);
    if (tp_ok(status))
        tp_watching_set_media(venue->watching, venue->media);
    return status;
}

static struct tp_status make_server(struct tp_venue *venue, struct tp_error *error)
{
    const struct tp_venue_config *config = venue->config;
    const struct tp_http_server_config server = {
        .address = config->address,
        .port = config->port,
        .certificate_path = config->certificate,
        .private_key_path = config->private_key,
        .worker_count = WORKER_COUNT,
        .body_limit_bytes = 16384,
        .message_limit_bytes = 1024,
    };
    struct tp_status status = tp_http_server_new(&server, &venue->server, error);
    return tp_ok(status) ? tp_terminal_route(venue, error) : status;
}

static struct tp_status make(struct tp_venue *venue, struct tp_error *error)
{
    struct tp_status status = load_keys(venue, error);
    if (tp_ok(status))
        status = tp_journal_open(venue->config->journal, &venue->journal, error);
    if (tp_ok(status))
        status = tp_feeds_new(venue->config, &venue->feeds, error);
    if (tp_ok(status))
        status = tp_login_calls_new(&venue->login_calls, error);
    if (tp_ok(status))
        status = tp_terminals_new(venue->config, venue->clock, &venue->terminals, error);
    if (tp_ok(status))
        status = make_limits(venue, error);
    if (tp_ok(status))
        status = make_uplink(venue, error);
    if (tp_ok(status))
        status = make_media(venue, error);
    if (tp_ok(status))
        status = make_server(venue, error);
    return status;
}

static struct tp_status start(struct tp_venue *venue, struct tp_error *error)
{
    struct tp_status status = tp_http_server_start(venue->server, error);
    if (tp_ok(status))
        status = tp_uplink_start(venue->uplink, error);
    if (tp_ok(status) && venue->media != NULL)
        status = tp_media_link_start(venue->media, error);
    if (tp_ok(status) && pthread_create(&venue->ticker, NULL, tick, venue) != 0)
        status = tp_fail(error, TP_IO, "venue.thread", "no thread for the timer");
    venue->ticking = tp_ok(status);
    return status;
}

struct tp_status tp_venue_start(const struct tp_venue_config *config, struct tp_venue **venue,
                                struct tp_error *error)
{
    struct tp_venue *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the venue");
    made->config = config;
    made->clock = tp_clock_system();
    pthread_mutex_init(&made->tick_lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&made->tick_wake, &attributes);
    pthread_condattr_destroy(&attributes);
    struct tp_status status = make(made, error);
    if (tp_ok(status))
        status = start(made, error);
    if (tp_failed(status))
        tp_venue_free(made);
    else
        *venue = made;
    return status;
}

static void stop_ticker(struct tp_venue *venue)
{
    pthread_mutex_lock(&venue->tick_lock);
    venue->stopping = true;
    pthread_cond_signal(&venue->tick_wake);
    pthread_mutex_unlock(&venue->tick_lock);
    if (venue->ticking)
        pthread_join(venue->ticker, NULL);
}

void tp_venue_free(struct tp_venue *venue)
{
    if (venue == NULL)
        return;
    stop_ticker(venue);
    /* Without a link a login under way ends, and with it the server's last handler. */
    if (venue->uplink != NULL)
        tp_uplink_stop(venue->uplink);
    if (venue->login_calls != NULL)
        tp_login_calls_link_down(venue->login_calls);
    tp_http_server_free(venue->server);
    tp_media_link_free(venue->media);
    tp_uplink_free(venue->uplink);
    tp_watching_free(venue->watching);
    tp_terminals_free(venue->terminals);
    tp_login_calls_free(venue->login_calls);
    tp_feeds_free(venue->feeds);
    tp_rate_limit_free(venue->login_limit);
    tp_rate_limit_free(venue->enrol_limit);
    tp_rate_limit_free(venue->request_limit);
    tp_store_free(venue->journal);
    tp_keypair_free(venue->keypair);
    pthread_cond_destroy(&venue->tick_wake);
    pthread_mutex_destroy(&venue->tick_lock);
    free(venue);
}
