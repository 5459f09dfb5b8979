#include "venue-node/seat_event.h"

#include "base/link/runner.h"

void tp_seat_event_init(struct tp_seat_event *event, const char *kind, const char *seat_id,
                        const char *session_id, const char *handle, int64_t now_ms)
{
    *event = (struct tp_seat_event){
        .kind = kind,
        .seat_id = seat_id,
        .session_id = session_id,
        .handle = handle,
        .at_ms = now_ms,
    };
    tp_id_make(tp_random_system(), now_ms, "evt", event->event_id);
}

/* protobuf-c's fields are not const; packing only reads them. */
static char *text(const char *value)
{
    return (char *)(uintptr_t)value;
}

struct tp_status tp_seat_event_append(struct tp_db *db, const struct tp_seat_event *event,
                                      struct tp_error *error)
{
    struct tp_status status =
        tp_db_run(db, error,
                  "INSERT INTO seat_event (event_id, seat_id, session_id, kind, handle,"
                  " happened_at) VALUES ($1, $2, $3, $4, $5, $6)",
                  "ttttti", event->event_id, event->seat_id, event->session_id, event->kind,
                  event->handle, event->at_ms);
    if (tp_failed(status))
        return status;
    Tongping__Link__SeatEvent body;
    tongping__link__seat_event__init(&body);
    body.event_id = text(event->event_id);
    body.session_id = text(event->session_id);
    body.seat_id = text(event->seat_id);
    body.kind = text(event->kind);
    body.handle = text(event->handle);
    body.at_ms = event->at_ms;
    body.assertion.data = (uint8_t *)(uintptr_t)event->assertion;
    body.assertion.len = event->assertion_bytes;
    body.signature.data = (uint8_t *)(uintptr_t)event->signature;
    body.signature.len = event->signature_bytes;
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_SEAT_EVENT;
    message.seat_event = &body;
    uint64_t seq;
    return tp_link_outbox_append_message(db, TP_LINK_COORDINATOR_PEER, &message, event->at_ms, &seq,
                                         error);
}
