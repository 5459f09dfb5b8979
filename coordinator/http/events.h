/*
 * Live events: what changed, told to the pages over WS /api/v1/events as {"type","id"}; they fetch
 * it again. Only to whom it may concern: a page learns of nothing that it could not read.
 * Inside a write use tp_news_* (record/write.h): published after the commit. tp_events_publish is
 * for what is not in the store (a node's state, a feed's).
 */
#ifndef TP_COORDINATOR_HTTP_EVENTS_H
#define TP_COORDINATOR_HTTP_EVENTS_H

#include "coordinator/account/user.h"

struct tp_app;
struct tp_events;

enum tp_event_type {
    TP_EVENT_TYPE_TODO,
    TP_EVENT_TYPE_SESSION,
    TP_EVENT_TYPE_NODE,
    TP_EVENT_TYPE_FEED,
    TP_EVENT_TYPE_MATTER,
    TP_EVENT_TYPE_LOG,
};

#define TP_ROLE_BIT(role) (1U << (role))
#define TP_ROLE_BITS_ALL ((1U << TP_ROLE_COUNT) - 1)
#define TP_EVENT_CENTERS_MOST 16

struct tp_event {
    enum tp_event_type type;
    char id[TP_NAME_BYTES];
    unsigned role_bits;                                 /* every user of these roles */
    char user_id[TP_ID_BYTES];                          /* and this user */
    char agency_code[TP_NAME_BYTES];                    /* and the users of this agency */
    char centers[TP_EVENT_CENTERS_MOST][TP_NAME_BYTES]; /* and the staff of these centers */
    size_t center_count;
};

/* From any thread; never blocks on a slow page: one that does not keep up is closed. */
void tp_events_publish(struct tp_events *events, const struct tp_event *event);

#endif
