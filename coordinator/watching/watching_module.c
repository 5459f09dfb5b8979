#include "coordinator/watching/watching_module.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "coordinator/http/route.h"
#include "coordinator/job/job.h"
#include "coordinator/link/link_server.h"
#include "coordinator/watching/feed.h"
#include "coordinator/watching/look.h"
#include "coordinator/watching/relay.h"
#include "coordinator/watching/ticket.h"

#define OFFER_MOST_BYTES ((size_t)64 * 1024)
#define SDP_TYPE "application/sdp"

/* Feeds and tickets ------------------------------------------------------------------------------
 */

struct listing {
    struct tp_call *call;
    const char *session_id;
    json_t *items;
};

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    struct tp_status status =
        tp_permit(db, listing->call->user, TP_ACT_FEED_LIST, listing->session_id, error);
    if (tp_failed(status))
        return status;
    return tp_feeds_list(listing->call->app, db, listing->session_id, listing->call->user,
                         &listing->items, error);
}

static struct tp_status list_feeds(struct tp_call *call, struct tp_error *error)
{
    struct listing listing = {.call = call};
    struct tp_status status = tp_call_id(call, "session_id", &listing.session_id, error);
    if (tp_ok(status))
        status = tp_store_read(call->app->store, list_work, &listing, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_items_take(call, listing.items, NULL, error);
}

struct ticketing {
    struct tp_call *call;
    const char *feed_id;
    const char *session_id;
};

static struct tp_status may_watch_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct ticketing *ticketing = argument;
    const struct tp_call *call = ticketing->call;
    char center_id[TP_NAME_BYTES];
    struct tp_status status =
        tp_permit(db, call->user, TP_ACT_FEED_WATCH, ticketing->session_id, error);
    if (tp_failed(status))
        return status;
    return tp_feed_check(call->app, db, ticketing->session_id, ticketing->feed_id, call->user,
                         center_id, error);
}

static struct tp_status give_ticket(struct tp_call *call, struct tp_error *error)
{
    struct ticketing ticketing = {.call = call};
    const struct tp_json_field fields[] = {{.name = "session_id",
                                            .type = TP_JSON_TEXT,
                                            .value = &ticketing.session_id,
                                            .minimum = 1,
                                            .maximum = TP_ID_BYTES - 1}};
    struct tp_status status = tp_call_id(call, "feed_id", &ticketing.feed_id, error);
    if (tp_ok(status))
        status = tp_json_read(call->body, NULL, fields, 1, error);
    if (tp_ok(status))
        status = tp_store_read(call->app->store, may_watch_work, &ticketing, error);
    if (tp_failed(status))
        return status;
    struct tp_ticket ticket = {.expires_at_ms =
                                   tp_clock_now_ms(call->app->clock) + TP_TICKET_VALID_MS};
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    snprintf(ticket.feed_id, sizeof(ticket.feed_id), "%s", ticketing.feed_id);
    snprintf(ticket.session_id, sizeof(ticket.session_id), "%s", ticketing.session_id);
    snprintf(ticket.holder, sizeof(ticket.holder), "%s", call->user->id);
    snprintf(ticket.display, sizeof(ticket.display), "%s", call->user->display);
    status = tp_ticket_write(&ticket, call->app->keypair, call->app->random, &text, error);
    if (tp_failed(status))
        return status;
    return tp_call_answer_take(call, 200,
                               json_pack("{s:s, s:I}", "ticket", (const char *)text.data,
                                         "expires_at", (json_int_t)ticket.expires_at_ms),
                               error);
}

/* WHEP -------------------------------------------------------------------------------------------
 */

struct offer {
    const char *feed_id;
    const char *ticket_text;
    const char *rendition;
    struct tp_bytes sdp; /* NUL-terminated, as the link's message wants it */
    struct tp_ticket ticket;
};

static void offer_fini(struct offer *offer)
{
    tp_bytes_fini(&offer->sdp);
}
TP_DEFINE_FINI_CLEANUP(offer, offer_fini)

static struct tp_status read_body(struct tp_call *call, struct offer *offer, struct tp_error *error)
{
    size_t bytes = 0;
    const uint8_t *body = tp_http_request_body(call->request, &bytes);
    const char *type = tp_http_request_header(call->request, "content-type");
    if (type == NULL || strncasecmp(type, SDP_TYPE, strlen(SDP_TYPE)) != 0)
        return tp_fail(error, TP_INPUT, "whep.not_sdp", "the offer is to be " SDP_TYPE);
    if (bytes == 0 || bytes > OFFER_MOST_BYTES || !tp_utf8_valid(body, bytes) ||
        memcmp(body, "v=0", bytes < 3 ? bytes : 3) != 0)
        return tp_fail(error, TP_INPUT, "whep.bad_offer", "the offer cannot be read");
    tp_bytes_append(&offer->sdp, body, bytes);
    return tp_bytes_check(&offer->sdp, error);
}

static struct tp_status read_ticket(struct tp_call *call, struct offer *offer,
                                    struct tp_error *error)
{
    static const char bearer[] = "Bearer ";
    const char *header = tp_http_request_header(call->request, "authorization");
    if (header == NULL || strncasecmp(header, bearer, strlen(bearer)) != 0)
        return tp_fail(error, TP_DENIED, "ticket.invalid", "a feed ticket is needed");
    offer->ticket_text = header + strlen(bearer);
    struct tp_status status =
        tp_ticket_read(offer->ticket_text, call->app->keypair->sign_public,
                       tp_clock_now_ms(call->app->clock), &offer->ticket, error);
    if (tp_ok(status) && strcmp(offer->ticket.feed_id, offer->feed_id) != 0)
        return tp_fail(error, TP_DENIED, "ticket.invalid", "the ticket is for another feed");
    return status;
}

static struct tp_status read_offer(struct tp_call *call, struct offer *offer,
                                   struct tp_error *error)
{
    const char *rendition = tp_http_request_query(call->request, "rendition");
    offer->rendition = rendition != NULL ? rendition : "main";
    struct tp_status status = tp_call_id(call, "feed_id", &offer->feed_id, error);
    if (tp_ok(status) && strcmp(offer->rendition, "main") != 0 &&
        strcmp(offer->rendition, "small") != 0)
        status = tp_fail(error, TP_INPUT, "whep.bad_rendition", "renditions are main and small");
    if (tp_ok(status))
        status = read_ticket(call, offer, error);
    if (tp_ok(status))
        status = read_body(call, offer, error);
    return status;
}

static void give_up(struct tp_app *app, const struct tp_look *look, const char *feed_id)
{
    struct tp_error error;
    if (tp_failed(tp_look_end(app, look->id, feed_id, "failed", &error)))
        tp_log_error(TP_LOG_WARN, "look.not_ended", &error);
}

static struct tp_status watch(struct tp_call *call, struct tp_error *error)
{
    TP_AUTO(offer) struct offer offer = {0};
    struct tp_look look;
    char viewer_id[TP_RELAY_VIEWER_BYTES];
    char location[160];
    TP_AUTO(tp_bytes) struct tp_bytes answer = TP_BYTES_INIT;
    struct tp_status status = read_offer(call, &offer, error);
    if (tp_ok(status))
        status = tp_look_begin(call->app, &offer.ticket, &look, error);
    if (tp_failed(status))
        return status;
    const struct tp_relay_offer relayed = {.center_id = look.center_id,
                                           .feed_id = offer.feed_id,
                                           .rendition = offer.rendition,
                                           .ticket = offer.ticket_text,
                                           .sdp = (const char *)offer.sdp.data};
    status = tp_relay_call(call->app->relay, &relayed, viewer_id, &answer, error);
    if (tp_ok(status))
        status = tp_look_watching(call->app, &look, viewer_id, error);
    if (tp_failed(status)) {
        give_up(call->app, &look, offer.feed_id);
        return status;
    }
    snprintf(location, sizeof(location), "/api/v1/whep/%s/%s", offer.feed_id, look.id);
    tp_http_response_status(call->response, 201);
    tp_http_response_header(call->response, "Location", location);
    tp_http_response_body(call->response, SDP_TYPE, answer.data, answer.length);
    return TP_STATUS_OK;
}

/* The id in the location is random and known to the viewer alone: to name it is to be the viewer.
 */
static struct tp_status end_watching(struct tp_call *call, struct tp_error *error)
{
    const char *feed_id = NULL;
    const char *look_id = NULL;
    struct tp_status status = tp_call_id(call, "feed_id", &feed_id, error);
    if (tp_ok(status))
        status = tp_call_id(call, "viewer_id", &look_id, error);
    if (tp_ok(status))
        status = tp_look_end(call->app, look_id, feed_id, "viewer", error);
    return status;
}

/* Hooks ------------------------------------------------------------------------------------------
 */

static void login_ended(struct tp_app *app, const char *user_id)
{
    struct tp_error error;
    char holder[TP_ID_BYTES];
    Tongping__Link__WhepEnd message;
    Tongping__Link__LinkMessage envelope = TONGPING__LINK__LINK_MESSAGE__INIT;
    snprintf(holder, sizeof(holder), "%s", user_id);
    tongping__link__whep_end__init(&message);
    message.holder = holder;
    envelope.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_END;
    envelope.whep_end = &message;
    if (app->link != NULL)
        tp_link_server_call_all(app->link, &envelope);
    if (tp_failed(tp_look_end_user(app, user_id, &error)))
        tp_log_error(TP_LOG_WARN, "look.not_ended", &error);
}

static void take_call(struct tp_app *app, const char *center_id,
                      const Tongping__Link__LinkMessage *message)
{
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_ANSWER)
        tp_relay_answered(app->relay, center_id, message->whep_answer);
}

static void node_changed(struct tp_app *app, const char *center_id, bool up)
{
    struct tp_error error;
    size_t count = 0;
    if (!up)
        tp_relay_node_lost(app->relay, center_id);
    else if (tp_failed(tp_look_tell_ends(app, center_id, &count, &error)))
        tp_log_error(TP_LOG_WARN, "look.ends_not_told", &error);
}

static const struct tp_link_subscriber subscriber = {.call = take_call,
                                                     .node_changed = node_changed};

static struct tp_status start(struct tp_app *app, struct tp_error *error)
{
    struct tp_status status = tp_relay_new(app, &app->relay, error);
    if (tp_failed(status))
        return status;
    return tp_link_server_subscribe(app->link, &subscriber, error);
}

static void stop(struct tp_app *app)
{
    tp_relay_free(app->relay);
    app->relay = NULL;
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/sessions/{session_id}/feeds", TP_ACCESS_USER, TP_ACT_FEED_LIST,
     TP_BODY_NONE, list_feeds},
    {TP_HTTP_POST, "/api/v1/feeds/{feed_id}/ticket", TP_ACCESS_USER, TP_ACT_FEED_WATCH,
     TP_BODY_JSON, give_ticket},
    {TP_HTTP_POST, "/api/v1/whep/{feed_id}", TP_ACCESS_ANYONE, TP_ACT_FEED_WATCH, TP_BODY_RAW,
     watch},
    {TP_HTTP_DELETE, "/api/v1/whep/{feed_id}/{viewer_id}", TP_ACCESS_ANYONE, TP_ACT_FEED_WATCH,
     TP_BODY_NONE, end_watching},
};

static const struct tp_job jobs[] = {
    {"watching.sweep", 2000, tp_look_sweep_run},
};

const struct tp_module tp_watching_module = {
    .name = "watching",
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .jobs = jobs,
    .job_count = sizeof(jobs) / sizeof(jobs[0]),
    .start = start,
    .stop = stop,
    .login_ended = login_ended,
};
