#include "coordinator/evaluation/seat_events.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "coordinator/evaluation/assertion.h"
#include "coordinator/evaluation/seat_expert.h"
#include "coordinator/evaluation/session_post.h"
#include "coordinator/record/record.h"

#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static bool id_like(const char *text)
{
    size_t length = strspn(text, ID_CHARACTERS);
    return length > 0 && length < TP_NAME_BYTES && text[length] == '\0';
}

struct seat_event {
    const char *center_id;
    const Tongping__Link__SeatEvent *message;
    const uint8_t *draw_sign_public;
    bool foreign; /* the session is not at this center: its log is not to be written to */
};

static struct tp_status append(struct tp_write *write, const struct seat_event *event,
                               const char *act, const char *label, const char *reason,
                               struct tp_error *error)
{
    char actor[TP_NAME_BYTES + 8];
    snprintf(actor, sizeof(actor), "node:%s", event->center_id);
    TP_AUTO(tp_json)
    json_t *data = json_pack("{s:s, s:s, s:I, s:s*, s:s*}", "center_id", event->center_id,
                             "seat_id", event->message->seat_id, "at",
                             (json_int_t)event->message->at_ms, "label", label, "reason", reason);
    if (data == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for an entry of the log");
    if (id_like(event->message->handle))
        json_object_set_new(data, "handle", json_string(event->message->handle));
    if (event->message->session_id[0] == '\0' || event->foreign)
        return tp_record_append(write, actor, act, NULL, data, error);
    tp_news_session(write, TP_EVENT_TYPE_SESSION, event->message->session_id, NULL);
    return tp_record_append(write, actor, act, event->message->session_id, data, error);
}

/* The assertion must be of this entry and no other. */
static struct tp_status check_assertion(struct tp_write *write, const struct seat_event *event,
                                        struct tp_assertion *assertion, struct tp_error *error)
{
    const Tongping__Link__SeatEvent *message = event->message;
    struct tp_status status =
        tp_assertion_read(message->assertion.data, message->assertion.len, message->signature.data,
                          message->signature.len, event->draw_sign_public, assertion, error);
    if (tp_failed(status))
        return status;
    if (strcmp(assertion->session_id, message->session_id) != 0 ||
        strcmp(assertion->seat_id, message->seat_id) != 0 ||
        strcmp(assertion->handle, message->handle) != 0 ||
        strcmp(assertion->venue, event->center_id) != 0)
        return tp_fail(error, TP_CRYPTO, "assertion.of_another",
                       "the assertion is of another seat");
    int64_t one = 0;
    bool found = false;
    if (event->draw_sign_public != NULL)
        status = tp_db_ask_int(write->db, &one, &found, error,
                               "SELECT 1 FROM draws WHERE session_id = $1 AND draw_id = $2", "tt",
                               message->session_id, assertion->draw_id);
    else
        status = tp_db_ask_int(write->db, &one, &found, error,
                               "SELECT 1 FROM seat_experts WHERE session_id = $1 AND seat_id = $2"
                               " AND handle = $3",
                               "ttt", message->session_id, message->seat_id, message->handle);
    if (tp_ok(status) && !found)
        return tp_fail(error, TP_CRYPTO, "assertion.of_another",
                       "the assertion is of another draw");
    return status;
}

static struct tp_status leaver(struct tp_db *db, const char *session_id, const char *handle,
                               struct tp_error *error)
{
    int64_t one = 0;
    bool found = false;
    struct tp_status status = tp_db_ask_int(db, &one, &found, error,
                                            "SELECT 1 FROM draw_leaves WHERE session_id = $1 AND"
                                            " handle = $2 AND state <> 'refused'",
                                            "tt", session_id, handle);
    if (tp_ok(status) && found)
        return tp_fail(error, TP_CONFLICT, "login.has_left", "the expert has taken leave");
    return status;
}

static struct tp_status enter(struct tp_write *write, const struct seat_event *event,
                              struct tp_error *error)
{
    TP_AUTO(tp_assertion) struct tp_assertion assertion = {0};
    const Tongping__Link__SeatEvent *message = event->message;
    bool changed = false;
    struct tp_status status = check_assertion(write, event, &assertion, error);
    if (tp_ok(status))
        status = leaver(write->db, message->session_id, message->handle, error);
    if (tp_failed(status))
        return status;
    const struct tp_seat_expert expert = {.session_id = message->session_id,
                                          .seat_id = message->seat_id,
                                          .center_id = event->center_id,
                                          .handle = message->handle,
                                          .label = assertion.label};
    status = tp_seat_enter(write, &expert, message->at_ms, &changed, error);
    if (tp_failed(status) || !changed)
        return status;
    status = append(write, event, "seat.entered", assertion.label, NULL, error);
    if (tp_failed(status))
        return status;
    return tp_session_post_view(write, message->session_id, error);
}

static struct tp_status leave(struct tp_write *write, const struct seat_event *event,
                              struct tp_error *error)
{
    const Tongping__Link__SeatEvent *message = event->message;
    bool changed = false;
    struct tp_status status = tp_seat_leave(write, message->session_id, message->seat_id,
                                            message->handle, &changed, error);
    if (tp_ok(status))
        status = append(write, event, "seat.left", NULL, NULL, error);
    if (tp_failed(status) || !changed)
        return status;
    return tp_session_post_view(write, message->session_id, error);
}

static struct tp_status note(struct tp_write *write, const struct seat_event *event,
                             struct tp_error *error)
{
    char act[32];
    snprintf(act, sizeof(act), "seat.%s", event->message->kind);
    return append(write, event, act, NULL, NULL, error);
}

static struct tp_status carry_out(struct tp_write *write, const struct seat_event *event,
                                  struct tp_error *error)
{
    static const struct {
        const char *kind;
        struct tp_status (*apply)(struct tp_write *write, const struct seat_event *event,
                                  struct tp_error *error);
    } kinds[] = {{"entered", enter},
                 {"left", leave},
                 {"help", note},
                 {"terminal_lost", note},
                 {"terminal_back", note}};
    struct tp_status status = TP_STATUS_OK;
    /* A terminal without a session may be lost, or call for help, too. */
    if (event->message->session_id[0] != '\0')
        status = tp_seat_check(write->db, event->message->session_id, event->center_id,
                               event->message->seat_id, NULL, error);
    /* An event may arrive late, after a cut: the seat must have been of this session, no more. */
    if (tp_failed(status) && (error == NULL || strcmp(error->code, "login.not_open") != 0))
        return status;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, event->message->kind) == 0)
            return kinds[i].apply(write, event, error);
    }
    return tp_fail(error, TP_INPUT, "seat.unknown_kind", "the kind of event is not known");
}

static bool readable(const Tongping__Link__SeatEvent *message)
{
    return (message->session_id[0] == '\0' || id_like(message->session_id)) &&
           id_like(message->seat_id) && (message->handle[0] == '\0' || id_like(message->handle));
}

static bool about_the_event(struct tp_status status)
{
    return status.class == TP_INPUT || status.class == TP_DENIED || status.class == TP_CONFLICT ||
           status.class == TP_CRYPTO || status.class == TP_NOT_FOUND;
}

struct tp_status tp_seat_event_apply(struct tp_write *write, const char *center_id,
                                     const Tongping__Link__SeatEvent *message,
                                     const uint8_t *draw_sign_public, struct tp_error *error)
{
    struct seat_event event = {center_id, message, draw_sign_public, false};
    struct tp_error why;
    if (!readable(message)) {
        tp_log(TP_LOG_WARN, "seat.event_malformed", "center=%s", center_id);
        return TP_STATUS_OK;
    }
    struct tp_status status = carry_out(write, &event, &why);
    if (tp_ok(status))
        return status;
    if (!about_the_event(status)) {
        if (error != NULL)
            *error = why;
        return status;
    }
    event.foreign = strcmp(why.code, "login.no_session") == 0;
    return append(write, &event, "seat.not_taken", NULL, why.code, error);
}
