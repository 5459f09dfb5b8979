/*
 * What happened at a seat: written into the journal and the link's outbox in one write, so that it
 * reaches the coordinator exactly once, whenever the line stands again.
 */
#ifndef TP_VENUE_NODE_SEAT_EVENT_H
#define TP_VENUE_NODE_SEAT_EVENT_H

#include "base/random.h"
#include "base/store/store.h"

#define TP_SEAT_ENTERED "entered"
#define TP_SEAT_LEFT "left"
#define TP_SEAT_HELP "help"
#define TP_SEAT_TERMINAL_LOST "terminal_lost"
#define TP_SEAT_TERMINAL_BACK "terminal_back"

struct tp_seat_event {
    char event_id[TP_ID_BYTES]; /* tp_seat_event_init makes it */
    int64_t at_ms;
    const char *kind;
    const char *seat_id;
    const char *session_id; /* "" when the seat has none */
    const char *handle;     /* "" when nobody is logged in */
    const uint8_t *assertion;
    size_t assertion_bytes;
    const uint8_t *signature;
    size_t signature_bytes;
};

/* Makes the id and the time; the texts are borrowed. */
void tp_seat_event_init(struct tp_seat_event *event, const char *kind, const char *seat_id,
                        const char *session_id, const char *handle, int64_t now_ms);

/* Inside a write. Wake the link after the write. */
TP_MUST_USE struct tp_status
tp_seat_event_append(struct tp_db *db, const struct tp_seat_event *event, struct tp_error *error);

#endif
