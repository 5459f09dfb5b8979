#include "venue-node/watching.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "venue-node/ticket.h"

enum viewer_state {
    VIEWER_FREE,
    VIEWER_OFFERED, /* tp-media has not answered yet */
    VIEWER_WATCHING,
};

struct viewer {
    enum viewer_state state;
    char id[TP_ID_BYTES];
    char holder[TP_TICKET_HOLDER_BYTES];
    uint64_t link_call_id;
    uint64_t media_call_id;
    int64_t answer_before; /* monotonic */
    int64_t ends_at;       /* monotonic */
};

struct tp_watching {
    struct tp_watching_config config;
    pthread_mutex_t lock; /* guards what follows */
    uint64_t last_call_id;
    struct viewer viewers[TP_VIEWER_LIMIT_COUNT];
};

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

struct tp_status tp_watching_new(const struct tp_watching_config *config,
                                 struct tp_watching **watching, struct tp_error *error)
{
    struct tp_watching *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for viewers");
    made->config = *config;
    pthread_mutex_init(&made->lock, NULL);
    *watching = made;
    return TP_STATUS_OK;
}

void tp_watching_free(struct tp_watching *watching)
{
    if (watching == NULL)
        return;
    pthread_mutex_destroy(&watching->lock);
    free(watching);
}

void tp_watching_set_media(struct tp_watching *watching, struct tp_media_link *media)
{
    watching->config.media = media;
}

static void send_answer(struct tp_watching *watching, Tongping__Link__WhepAnswer *answer)
{
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_ANSWER;
    message.whep_answer = answer;
    struct tp_error error = {0};
    if (tp_failed(tp_uplink_call(watching->config.uplink, &message, &error)))
        tp_log_error(TP_LOG_WARN, "watching.answer_lost", &error);
}

static void send_refusal(struct tp_watching *watching, uint64_t call_id, const char *code,
                         const char *text)
{
    Tongping__Link__WhepAnswer answer;
    tongping__link__whep_answer__init(&answer);
    answer.call_id = call_id;
    answer.error_code = borrowed(code);
    answer.error_message = borrowed(text);
    send_answer(watching, &answer);
}

/* A new entry in state OFFERED, copied into *made; TP_LIMIT when all are taken. */
static struct tp_status add_viewer(struct tp_watching *watching, const struct tp_ticket *ticket,
                                   uint64_t call_id, struct viewer *made, struct tp_error *error)
{
    struct tp_status status =
        tp_fail(error, TP_LIMIT, "watching.too_many", "too many viewers at this venue");
    int64_t now = tp_clock_monotonic_ms(watching->config.clock);
    pthread_mutex_lock(&watching->lock);
    for (size_t i = 0; i < TP_VIEWER_LIMIT_COUNT; i++) {
        struct viewer *viewer = &watching->viewers[i];
        if (viewer->state != VIEWER_FREE)
            continue;
        *viewer = (struct viewer){
            .state = VIEWER_OFFERED,
            .link_call_id = call_id,
            .media_call_id = ++watching->last_call_id,
            .answer_before = now + TP_VIEWER_ANSWER_MS,
            .ends_at = now + TP_VIEWER_LIFE_MS,
        };
        memcpy(viewer->holder, ticket->holder, sizeof viewer->holder);
        tp_id_make(tp_random_system(), tp_clock_now_ms(watching->config.clock), "vwr", viewer->id);
        *made = *viewer;
        status = TP_STATUS_OK;
        break;
    }
    pthread_mutex_unlock(&watching->lock);
    return status;
}

static void forget_viewer(struct tp_watching *watching, const char *viewer_id)
{
    pthread_mutex_lock(&watching->lock);
    for (size_t i = 0; i < TP_VIEWER_LIMIT_COUNT; i++)
        if (strcmp(watching->viewers[i].id, viewer_id) == 0)
            watching->viewers[i] = (struct viewer){0};
    pthread_mutex_unlock(&watching->lock);
}

static struct tp_status send_offer(struct tp_watching *watching,
                                   const Tongping__Link__WhepOffer *offer,
                                   const struct viewer *viewer, struct tp_error *error)
{
    static const char main_rendition[] = "main";
    Tongping__Media__ViewerOffer body;
    tongping__media__viewer_offer__init(&body);
    body.viewer_id = borrowed(viewer->id);
    body.feed_id = offer->feed_id;
    body.rendition = offer->rendition[0] == '\0' ? borrowed(main_rendition) : offer->rendition;
    body.sdp = offer->sdp;
    body.expires_ms = tp_clock_now_ms(watching->config.clock) + TP_VIEWER_LIFE_MS;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.call_id = viewer->media_call_id;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_OFFER;
    frame.viewer_offer = &body;
    if (watching->config.media == NULL)
        return tp_fail(error, TP_PEER, "media.down", "there is no media at this venue");
    return tp_media_link_send(watching->config.media, &frame, error);
}

/* All that must hold before tp-media is asked. The ticket is spent last, so that a refusal for
 * another reason leaves it good for a second try. */
static struct tp_status admit(struct tp_watching *watching, const Tongping__Link__WhepOffer *offer,
                              struct tp_ticket *ticket, struct tp_error *error)
{
    bool rendition_known = offer->rendition[0] == '\0' || strcmp(offer->rendition, "main") == 0 ||
                           strcmp(offer->rendition, "small") == 0;
    if (!rendition_known)
        return tp_fail(error, TP_INPUT, "watching.rendition", "main or small is wanted");
    /* The ticket's times are by the coordinator's clock. */
    int64_t now_ms = tp_clock_now_ms(watching->config.clock) -
                     tp_uplink_clock_offset_ms(watching->config.uplink);
    struct tp_status status = tp_ticket_check(watching->config.coordinator_public, offer->ticket,
                                              offer->feed_id, now_ms, ticket, error);
    if (tp_failed(status))
        return status;
    if (!tp_feeds_has(watching->config.feeds, offer->feed_id))
        return tp_fail(error, TP_NOT_FOUND, "watching.no_feed", "there is no such feed");
    if (watching->config.media == NULL || !tp_media_link_up(watching->config.media))
        return tp_fail(error, TP_PEER, "media.down", "tp-media is not connected");
    return tp_ticket_spend(watching->config.store, ticket, error);
}

void tp_watching_offer(struct tp_watching *watching, const Tongping__Link__WhepOffer *offer)
{
    struct tp_ticket ticket;
    struct viewer viewer = {0};
    struct tp_error error = {0};
    struct tp_status status = admit(watching, offer, &ticket, &error);
    if (tp_ok(status))
        status = add_viewer(watching, &ticket, offer->call_id, &viewer, &error);
    if (tp_ok(status)) {
        status = send_offer(watching, offer, &viewer, &error);
        if (tp_failed(status))
            forget_viewer(watching, viewer.id);
    }
    if (tp_ok(status))
        return;
    tp_log_error(TP_LOG_WARN, "watching.refused", &error);
    send_refusal(watching, offer->call_id, error.code, error.message);
}

static void end_in_media(struct tp_watching *watching, const char *viewer_id)
{
    Tongping__Media__ViewerEnd body;
    tongping__media__viewer_end__init(&body);
    body.viewer_id = borrowed(viewer_id);
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_END;
    frame.viewer_end = &body;
    pthread_mutex_lock(&watching->lock);
    frame.call_id = ++watching->last_call_id;
    pthread_mutex_unlock(&watching->lock);
    /* When tp-media is gone, so is the viewer. */
    if (watching->config.media != NULL)
        if (tp_failed(tp_media_link_send(watching->config.media, &frame, NULL)))
            tp_log(TP_LOG_INFO, "watching.end_unsent", "viewer=%s", viewer_id);
}

/* Takes out the first viewer that `end` names; false when none is left. */
static bool take_named(struct tp_watching *watching, const Tongping__Link__WhepEnd *end,
                       struct viewer *taken)
{
    bool found = false;
    pthread_mutex_lock(&watching->lock);
    for (size_t i = 0; i < TP_VIEWER_LIMIT_COUNT && !found; i++) {
        struct viewer *viewer = &watching->viewers[i];
        if (viewer->state == VIEWER_FREE)
            continue;
        found = end->viewer_id[0] != '\0' ? strcmp(viewer->id, end->viewer_id) == 0
                                          : strcmp(viewer->holder, end->holder) == 0;
        if (found) {
            *taken = *viewer;
            *viewer = (struct viewer){0};
        }
    }
    pthread_mutex_unlock(&watching->lock);
    return found;
}

void tp_watching_end(struct tp_watching *watching, const Tongping__Link__WhepEnd *end)
{
    struct viewer viewer;
    while (take_named(watching, end, &viewer)) {
        if (viewer.state == VIEWER_OFFERED)
            send_refusal(watching, viewer.link_call_id, "watching.ended", "the viewer was ended");
        end_in_media(watching, viewer.id);
    }
}

static void on_viewer_answer(struct tp_watching *watching, uint64_t call_id,
                             const Tongping__Media__ViewerAnswer *told)
{
    struct viewer viewer = {0};
    pthread_mutex_lock(&watching->lock);
    for (size_t i = 0; i < TP_VIEWER_LIMIT_COUNT; i++) {
        struct viewer *candidate = &watching->viewers[i];
        if (candidate->state != VIEWER_OFFERED || candidate->media_call_id != call_id)
            continue;
        viewer = *candidate;
        if (told->ok)
            candidate->state = VIEWER_WATCHING;
        else
            *candidate = (struct viewer){0};
    }
    pthread_mutex_unlock(&watching->lock);
    if (viewer.state == VIEWER_FREE)
        return; /* too late, or ended meanwhile */
    Tongping__Link__WhepAnswer answer;
    tongping__link__whep_answer__init(&answer);
    answer.call_id = viewer.link_call_id;
    answer.ok = told->ok;
    answer.error_code = told->error_code;
    answer.error_message = told->error_message;
    answer.viewer_id = viewer.id;
    answer.sdp = told->sdp;
    send_answer(watching, &answer);
}

void tp_watching_media_frame(struct tp_watching *watching, const Tongping__Media__MediaFrame *frame)
{
    if (frame->kind_case == TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_ANSWER) {
        on_viewer_answer(watching, frame->call_id, frame->viewer_answer);
        return;
    }
    if (frame->kind_case != TONGPING__MEDIA__MEDIA_FRAME__KIND_STATUS)
        return;
    const Tongping__Media__MediaStatus *status = frame->status;
    for (size_t i = 0; i < status->n_feeds; i++)
        for (size_t k = 0; k < status->feeds[i]->n_ended_viewers; k++)
            forget_viewer(watching, status->feeds[i]->ended_viewers[k]);
}

/* Takes out the first offer unanswered at `now`; at INT64_MAX every offer and viewer is. */
static bool take_late(struct tp_watching *watching, int64_t now, struct viewer *taken)
{
    bool found = false;
    pthread_mutex_lock(&watching->lock);
    for (size_t i = 0; i < TP_VIEWER_LIMIT_COUNT && !found; i++) {
        struct viewer *viewer = &watching->viewers[i];
        if (viewer->state == VIEWER_WATCHING && now >= viewer->ends_at)
            *viewer = (struct viewer){0};
        found = viewer->state == VIEWER_OFFERED && now >= viewer->answer_before;
        if (found) {
            *taken = *viewer;
            *viewer = (struct viewer){0};
        }
    }
    pthread_mutex_unlock(&watching->lock);
    return found;
}

void tp_watching_media_down(struct tp_watching *watching)
{
    struct viewer viewer;
    while (take_late(watching, INT64_MAX, &viewer))
        send_refusal(watching, viewer.link_call_id, "media.down", "tp-media is not connected");
}

void tp_watching_tick(struct tp_watching *watching)
{
    struct viewer viewer;
    while (take_late(watching, tp_clock_monotonic_ms(watching->config.clock), &viewer)) {
        send_refusal(watching, viewer.link_call_id, "media.timeout", "tp-media did not answer");
        end_in_media(watching, viewer.id);
    }
}
