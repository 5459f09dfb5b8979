#include "coordinator/watching/relay.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "coordinator/account/user.h"
#include "coordinator/link/link_server.h"

/* Lives on the stack of the request that waits. */
struct waiter {
    struct waiter *next;
    uint64_t call_id;
    const char *center_id;
    bool done;
    struct tp_status status;
    struct tp_error error;
    char *viewer_id;
    struct tp_bytes *sdp;
};

struct tp_relay {
    struct tp_app *app;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t last_call_id;
    struct waiter *waiters;
};

struct tp_status tp_relay_new(struct tp_app *app, struct tp_relay **out, struct tp_error *error)
{
    struct tp_relay *relay = calloc(1, sizeof(*relay));
    pthread_condattr_t attributes;
    if (relay == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the relay");
    relay->app = app;
    pthread_mutex_init(&relay->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&relay->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    /* An answer to a call from before a restart must not meet a call of today. */
    tp_random_fill(app->random, &relay->last_call_id, sizeof(relay->last_call_id));
    relay->last_call_id >>= 16;
    *out = relay;
    return TP_STATUS_OK;
}

void tp_relay_free(struct tp_relay *relay)
{
    if (relay == NULL)
        return;
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}

static void begin(struct tp_relay *relay, struct waiter *waiter)
{
    pthread_mutex_lock(&relay->lock);
    waiter->call_id = ++relay->last_call_id;
    waiter->next = relay->waiters;
    relay->waiters = waiter;
    pthread_mutex_unlock(&relay->lock);
}

static void end(struct tp_relay *relay, struct waiter *waiter)
{
    pthread_mutex_lock(&relay->lock);
    struct waiter **place = &relay->waiters;
    while (*place != waiter)
        place = &(*place)->next;
    *place = waiter->next;
    pthread_mutex_unlock(&relay->lock);
}

static bool wait_done(struct tp_relay *relay, const struct waiter *waiter)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TP_RELAY_TIMEOUT_MS / 1000;
    pthread_mutex_lock(&relay->lock);
    while (!waiter->done &&
           pthread_cond_timedwait(&relay->changed, &relay->lock, &until) != ETIMEDOUT)
        ;
    bool done = waiter->done;
    pthread_mutex_unlock(&relay->lock);
    return done;
}

/* protobuf-c's strings are not const; nothing writes through them. */
static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static struct tp_status send_offer(struct tp_relay *relay, const struct tp_relay_offer *offer,
                                   uint64_t call_id, struct tp_error *error)
{
    Tongping__Link__WhepOffer message;
    Tongping__Link__LinkMessage envelope = TONGPING__LINK__LINK_MESSAGE__INIT;
    tongping__link__whep_offer__init(&message);
    message.call_id = call_id;
    message.feed_id = borrowed(offer->feed_id);
    message.rendition = borrowed(offer->rendition);
    message.ticket = borrowed(offer->ticket);
    message.sdp = borrowed(offer->sdp);
    envelope.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_OFFER;
    envelope.whep_offer = &message;
    return tp_link_server_call(relay->app->link, offer->center_id, &envelope, error);
}

struct tp_status tp_relay_call(struct tp_relay *relay, const struct tp_relay_offer *offer,
                               char viewer_id[TP_RELAY_VIEWER_BYTES], struct tp_bytes *sdp,
                               struct tp_error *error)
{
    struct waiter waiter = {.center_id = offer->center_id, .viewer_id = viewer_id, .sdp = sdp};
    begin(relay, &waiter);
    struct tp_status status = send_offer(relay, offer, waiter.call_id, error);
    if (tp_ok(status) && !wait_done(relay, &waiter))
        status = tp_fail(error, TP_PEER, "link.timeout", "the center did not answer in time");
    end(relay, &waiter);
    if (tp_failed(status))
        return status;
    if (tp_failed(waiter.status)) {
        if (error != NULL)
            *error = waiter.error;
        return waiter.status;
    }
    return tp_bytes_check(sdp, error);
}

static void take_answer(struct waiter *waiter, const Tongping__Link__WhepAnswer *answer)
{
    if (!answer->ok) {
        waiter->status =
            tp_fail(&waiter->error, TP_PEER,
                    answer->error_code[0] != '\0' ? answer->error_code : "whep.refused", "%s",
                    answer->error_message);
    } else if (strlen(answer->viewer_id) >= TP_RELAY_VIEWER_BYTES || answer->viewer_id[0] == '\0') {
        waiter->status =
            tp_fail(&waiter->error, TP_PEER, "whep.malformed_answer", "the viewer has no id");
    } else {
        snprintf(waiter->viewer_id, TP_RELAY_VIEWER_BYTES, "%s", answer->viewer_id);
        tp_bytes_append_text(waiter->sdp, answer->sdp);
        waiter->status = TP_STATUS_OK;
    }
    waiter->done = true;
}

void tp_relay_answered(struct tp_relay *relay, const char *center_id,
                       const Tongping__Link__WhepAnswer *answer)
{
    pthread_mutex_lock(&relay->lock);
    for (struct waiter *waiter = relay->waiters; waiter != NULL; waiter = waiter->next) {
        /* The center too: a node answers its own calls and nobody else's. */
        if (waiter->call_id == answer->call_id && !waiter->done &&
            strcmp(waiter->center_id, center_id) == 0)
            take_answer(waiter, answer);
    }
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}

void tp_relay_node_lost(struct tp_relay *relay, const char *center_id)
{
    pthread_mutex_lock(&relay->lock);
    for (struct waiter *waiter = relay->waiters; waiter != NULL; waiter = waiter->next) {
        if (waiter->done || strcmp(waiter->center_id, center_id) != 0)
            continue;
        waiter->status =
            tp_fail(&waiter->error, TP_PEER, "link.down", "the center's link was lost");
        waiter->done = true;
    }
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}
