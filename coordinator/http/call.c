#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/http/route.h"
#include "coordinator/session/session.h"

struct tp_status tp_call_answer_take(struct tp_call *call, int status, json_t *json,
                                     struct tp_error *error)
{
    if (json == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the answer");
    }
    TP_AUTO(tp_json) json_t *answer = json;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status written = tp_json_write(answer, &text, error);
    if (tp_ok(written)) {
        tp_http_response_status(call->response, status);
        tp_http_response_header(call->response, "Cache-Control", "no-store");
        tp_http_response_body(call->response, "application/json; charset=utf-8", text.data,
                              text.length);
    }
    return written;
}

struct tp_status tp_call_answer_items_take(struct tp_call *call, json_t *items, const char *next,
                                           struct tp_error *error)
{
    json_t *cursor = next == NULL ? json_null() : json_string(next);
    return tp_call_answer_take(call, 200, json_pack("{s:o, s:o}", "items", items, "next", cursor),
                               error);
}

struct tp_status tp_call_id(struct tp_call *call, const char *name, const char **id,
                            struct tp_error *error)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    const char *value = tp_http_request_parameter(call->request, name);
    size_t length = strlen(value);
    if (length == 0 || length >= TP_NAME_BYTES || strspn(value, allowed) != length) {
        return tp_fail(error, TP_NOT_FOUND, "http.not_found", "there is no such thing");
    }
    *id = value;
    return TP_STATUS_OK;
}

struct tp_status tp_call_query_int(struct tp_call *call, const char *name, int64_t minimum,
                                   int64_t maximum, int64_t *value, struct tp_error *error)
{
    const char *text = tp_http_request_query(call->request, name);
    if (text == NULL) {
        return TP_STATUS_OK;
    }
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < minimum || number > maximum) {
        struct tp_status status =
            tp_fail(error, TP_INPUT, "query.bad_number", "a number in bounds is wanted");
        tp_error_set_field(error, "%s", name);
        return status;
    }
    *value = number;
    return TP_STATUS_OK;
}

struct reading {
    struct tp_call *call;
    const char *session_id;
    json_t *session;
};

static struct tp_status read_session(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct reading *reading = argument;
    struct tp_call *call = reading->call;
    struct tp_status status =
        tp_permit(db, call->user, TP_ACT_SESSION_READ, reading->session_id, error);
    if (tp_ok(status)) {
        status = tp_session_json(call->app, db, reading->session_id, call->user, true,
                                 &reading->session, error);
    }
    return status;
}

struct tp_status tp_call_answer_session(struct tp_call *call, int status, const char *session_id,
                                        struct tp_error *error)
{
    struct reading reading = {.call = call, .session_id = session_id};
    struct tp_status read = tp_store_read(call->app->store, read_session, &reading, error);
    if (tp_failed(read)) {
        json_decref(reading.session);
        return read;
    }
    return tp_call_answer_take(call, status, reading.session, error);
}
