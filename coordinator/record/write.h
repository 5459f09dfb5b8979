/*
 * One act that changes something: state, bookings, to-dos, outbox and log in one transaction, news
 * to the live pages after its commit. All writing of the coordinator goes through here.
 */
#ifndef TP_COORDINATOR_RECORD_WRITE_H
#define TP_COORDINATOR_RECORD_WRITE_H

#include "coordinator/app.h"
#include "coordinator/http/events.h"

#define TP_NEWS_MOST 32

struct tp_write {
    struct tp_app *app;
    struct tp_db *db;
    int64_t now_ms; /* of the act: the same in state, log and to-dos */
    /* What was told with tp_news_*; published after the commit. Beyond TP_NEWS_MOST dropped: the
     * pages then fetch again with the next one. */
    struct tp_event news[TP_NEWS_MOST];
    size_t news_count;
};

/* As tp_store_work: may run twice, must write results only into `argument`, must not block. */
typedef struct tp_status (*tp_write_work)(struct tp_write *write, void *argument,
                                          struct tp_error *error);

/* Runs `work`, and returns when its transaction is durable; then publishes the news. */
TP_MUST_USE struct tp_status tp_write_run(struct tp_app *app, tp_write_work work, void *argument,
                                          struct tp_error *error);

/* News for everyone related to a session: its agency, the staff of its venues, regulators and
 * operators. `id` may be NULL: the session's. */
void tp_news_session(struct tp_write *write, enum tp_event_type type, const char *session_id,
                     const char *id);
/* News for the staff of a center, regulators and operators. */
void tp_news_center(struct tp_write *write, enum tp_event_type type, const char *center_id,
                    const char *id);
/* News for whole roles: TP_ROLE_BIT(TP_ROLE_OPERATOR) | ... */
void tp_news_roles(struct tp_write *write, enum tp_event_type type, unsigned role_bits,
                   const char *id);
/* News for exactly this audience. */
void tp_news_add(struct tp_write *write, const struct tp_event *event);

#endif
