/*
 * The API's route tables. A handler gets an authenticated call whose body is parsed, and answers
 * JSON; the frame around it checks login, CSRF token, role and body, and turns a failed status into
 * the error answer.
 *
 *     static struct tp_status confirm(struct tp_call *call, struct tp_error *error) { ... }
 *     static const struct tp_route routes[] = {
 *         {TP_HTTP_POST, "/api/v1/sessions/{session_id}/confirm", TP_ACCESS_USER,
 *          TP_ACT_SESSION_CONFIRM, TP_BODY_JSON, confirm},
 *     };
 */
#ifndef TP_COORDINATOR_HTTP_ROUTE_H
#define TP_COORDINATOR_HTTP_ROUTE_H

#include <jansson.h>

#include "base/http/server.h"
#include "base/json.h"
#include "coordinator/account/login.h"
#include "coordinator/account/user.h"
#include "coordinator/app.h"
#include "coordinator/session/relation.h"

enum tp_access {
    TP_ACCESS_USER,   /* a valid login whose role may do `act`; for POST, PUT, DELETE also X-CSRF */
    TP_ACCESS_ANYONE, /* no login needed; call->user is NULL */
};

enum tp_body {
    TP_BODY_NONE, /* none, or an empty object */
    TP_BODY_JSON, /* call->body is an object */
    TP_BODY_RAW,  /* tp_http_request_body(call->request, ...) */
};

struct tp_call {
    struct tp_app *app;
    const struct tp_http_request *request;
    struct tp_http_response *response;
    const struct tp_user *user;   /* NULL with TP_ACCESS_ANYONE */
    const struct tp_login *login; /* NULL with TP_ACCESS_ANYONE */
    json_t *body;                 /* borrowed; NULL unless TP_BODY_JSON */
};

/* A handler that returns OK without an answer answers 204. */
typedef struct tp_status (*tp_call_handler)(struct tp_call *call, struct tp_error *error);

struct tp_route {
    enum tp_http_method method;
    const char *path;
    enum tp_access access;
    enum tp_act act; /* checked by role here; the relation to a session is the handler's */
    enum tp_body body;
    tp_call_handler handler;
};

/* Answers `json` (taken, also on failure; NULL is TP_NOMEM) with an HTTP status. */
TP_MUST_USE struct tp_status tp_call_answer_take(struct tp_call *call, int status, json_t *json,
                                                 struct tp_error *error);

/* {"items": items, "next": next or null}; takes `items`. */
TP_MUST_USE struct tp_status tp_call_answer_items_take(struct tp_call *call, json_t *items,
                                                       const char *next, struct tp_error *error);

/* The parameter of the path, at most 64 characters of letters, digits, '-' and '_'; anything else
 * is TP_NOT_FOUND. */
TP_MUST_USE struct tp_status tp_call_id(struct tp_call *call, const char *name, const char **id,
                                        struct tp_error *error);

/* A query argument as a number in bounds; *value is untouched when it is absent. */
TP_MUST_USE struct tp_status tp_call_query_int(struct tp_call *call, const char *name,
                                               int64_t minimum, int64_t maximum, int64_t *value,
                                               struct tp_error *error);

/* Reads the session as this user sees it and answers it with `status`. */
TP_MUST_USE struct tp_status tp_call_answer_session(struct tp_call *call, int status,
                                                    const char *session_id, struct tp_error *error);

#endif
