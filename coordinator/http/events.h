/*
 * Live events: what changed, told to the pages over WS /api/v1/events as {"type","id"}; they fetch
 * it again. Only to whom it may concern: a page learns of nothing that it could not read.
 * Inside a write use tp_news_* (record/write.h): published after the commit. tp_events_publish is
 * for what is not in the store (a node's state, a feed's).
 */
#ifndef TP_COORDINATOR_HTTP_EVENTS_H
#define TP_COORDINATOR_HTTP_EVENTS_H

#include <stddef.h>

#include "base/error.h"
#include "coordinator/account/user.h"

struct tp_events;
struct tp_websocket;

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

TP_MUST_USE struct tp_status tp_events_new(struct tp_events **events, struct tp_error *error);
/* After the port is closed. NULL is allowed. */
void tp_events_free(struct tp_events *events);

/* From any thread; never blocks on a slow page: one that does not keep up is closed. */
void tp_events_publish(struct tp_events *events, const struct tp_event *event);

/* A page's socket comes and goes. TP_LIMIT "events.too_many" when the user has 32 open, or all
 * together 20,000. */
TP_MUST_USE struct tp_status tp_events_join(struct tp_events *events, struct tp_websocket *socket,
                                            const struct tp_user *user, const void *login,
                                            size_t login_bytes, struct tp_error *error);
void tp_events_leave(struct tp_events *events, struct tp_websocket *socket);

/* Closes the sockets of a login that ended; `login` as given to join. */
void tp_events_close_login(struct tp_events *events, const void *login, size_t login_bytes);

#endif
