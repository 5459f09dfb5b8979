#include "coordinator/record/write.h"

#include <stdio.h>
#include <string.h>

struct running {
    tp_write_work work;
    void *argument;
    struct tp_write write;
};

static struct tp_status run(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct running *running = argument;
    running->write.db = db;
    running->write.news_count = 0;
    return running->work(&running->write, running->argument, error);
}

struct tp_status tp_write_run(struct tp_app *app, tp_write_work work, void *argument,
                              struct tp_error *error)
{
    struct running running;
    running.work = work;
    running.argument = argument;
    running.write.app = app;
    running.write.now_ms = tp_clock_now_ms(app->clock);
    running.write.news_count = 0;
    struct tp_status status = tp_store_write(app->store, run, &running, error);
    if (tp_failed(status)) {
        return status;
    }
    for (size_t i = 0; i < running.write.news_count; i++) {
        tp_events_publish(app->events, &running.write.news[i]);
    }
    return TP_STATUS_OK;
}

static bool same_audience(const struct tp_event *a, const struct tp_event *b)
{
    return a->role_bits == b->role_bits && strcmp(a->user_id, b->user_id) == 0 &&
           strcmp(a->agency_code, b->agency_code) == 0 && a->center_count == b->center_count &&
           memcmp(a->centers, b->centers, a->center_count * sizeof a->centers[0]) == 0;
}

void tp_news_add(struct tp_write *write, const struct tp_event *event)
{
    for (size_t i = 0; i < write->news_count; i++) {
        struct tp_event *told = &write->news[i];
        if (told->type == event->type && strcmp(told->id, event->id) == 0 &&
            same_audience(told, event)) {
            return;
        }
    }
    if (write->news_count < TP_NEWS_MOST) {
        write->news[write->news_count++] = *event;
    }
}

static struct tp_event make(enum tp_event_type type, const char *id)
{
    struct tp_event event = {.type = type};
    snprintf(event.id, sizeof event.id, "%s", id == NULL ? "" : id);
    return event;
}

void tp_news_roles(struct tp_write *write, enum tp_event_type type, unsigned role_bits,
                   const char *id)
{
    struct tp_event event = make(type, id);
    event.role_bits = role_bits;
    tp_news_add(write, &event);
}

void tp_news_center(struct tp_write *write, enum tp_event_type type, const char *center_id,
                    const char *id)
{
    struct tp_event event = make(type, id);
    event.role_bits = TP_ROLE_BIT(TP_ROLE_REGULATOR) | TP_ROLE_BIT(TP_ROLE_OPERATOR);
    snprintf(event.centers[0], sizeof event.centers[0], "%s", center_id);
    event.center_count = 1;
    tp_news_add(write, &event);
}

/* Best effort: when the audience cannot be read, the pages fetch again with the next event. */
void tp_news_session(struct tp_write *write, enum tp_event_type type, const char *session_id,
                     const char *id)
{
    struct tp_event event = make(type, id == NULL ? session_id : id);
    event.role_bits = TP_ROLE_BIT(TP_ROLE_REGULATOR) | TP_ROLE_BIT(TP_ROLE_OPERATOR);
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(write->db, &query, NULL,
                    "SELECT s.agency_code, v.center_id FROM sessions s JOIN session_venues v"
                    " ON v.session_id = s.id WHERE s.id = $1",
                    "t", session_id);
    bool row = false;
    while (tp_ok(status) && tp_ok(tp_query_next(query, &row, NULL)) && row) {
        snprintf(event.agency_code, sizeof event.agency_code, "%s", tp_query_text(query, 0));
        if (event.center_count < TP_EVENT_CENTERS_MOST) {
            snprintf(event.centers[event.center_count++], sizeof event.centers[0], "%s",
                     tp_query_text(query, 1));
        }
    }
    tp_query_end(query);
    tp_news_add(write, &event);
}
