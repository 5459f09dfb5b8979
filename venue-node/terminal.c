#include "venue-node/terminal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "venue-node/login.h"
#include "venue-node/plan.h"
#include "venue-node/seat_event.h"
#include "venue-node/seat_login.h"
#include "venue-node/seat_state.h"
#include "venue-node/seat_token.h"

#define COOKIE "tp_seat"
#define COOKIE_LIFE_S (400 * 24 * 60 * 60)
#define BODY_MOST_BYTES 8192

/* The seat whose terminal asks. */
struct caller {
    char seat_id[TP_VENUE_ID_BYTES];
    uint8_t token_hash[TP_HASH_BYTES];
};

static struct tp_status find_caller(struct tp_venue *venue, const struct tp_http_request *request,
                                    struct caller *caller, struct tp_error *error)
{
    const char *token = tp_http_request_cookie(request, COOKIE);
    if (token == NULL || strlen(token) != TP_SEAT_TOKEN_TEXT_BYTES - 1)
        return tp_fail(error, TP_DENIED, "seat.not_enrolled",
                       "this browser is not the terminal of a seat");
    tp_seat_token_hash(token, caller->token_hash);
    struct tp_status status =
        tp_seat_token_find(venue->journal, caller->token_hash, caller->seat_id, error);
    if (tp_ok(status) && tp_venue_config_seat(venue->config, caller->seat_id) == NULL)
        status = tp_fail(error, TP_DENIED, "seat.not_enrolled", "the seat is not of this venue");
    if (tp_ok(status) && !tp_rate_limit_take(venue->request_limit, caller->seat_id))
        status = tp_fail(error, TP_LIMIT, "seat.too_many_requests", "too many requests; wait");
    return status;
}

static struct tp_status read_body(const struct tp_http_request *request,
                                  const struct tp_json_field *fields, size_t field_count,
                                  json_t **json, struct tp_error *error)
{
    size_t bytes = 0;
    const uint8_t *body = tp_http_request_body(request, &bytes);
    if (bytes > BODY_MOST_BYTES)
        return tp_fail(error, TP_LIMIT, "http.body_too_large", "the body is too large");
    struct tp_status status = tp_json_parse(body, bytes, json, error);
    return tp_ok(status) ? tp_json_read(*json, NULL, fields, field_count, error) : status;
}

static void respond_json(struct tp_http_response *response, int http_status,
                         const struct tp_bytes *body)
{
    tp_http_response_status(response, http_status);
    tp_http_response_header(response, "Cache-Control", "no-store");
    tp_http_response_body(response, "application/json", body->data, body->length);
}

/* True when the code is the seat's. Takes the same time for a seat that is not there. */
static bool code_fits(const struct tp_venue_seat *seat, const char *code)
{
    uint8_t wanted[TP_HASH_BYTES], given[TP_HASH_BYTES];
    const char *right = seat != NULL ? seat->code : "";
    tp_hash("tongping.seat-code.v1", right, strlen(right), wanted);
    tp_hash("tongping.seat-code.v1", code, strlen(code), given);
    return seat != NULL && sodium_memcmp(wanted, given, sizeof wanted) == 0;
}

static struct tp_status enrol(struct tp_venue *venue, const struct tp_http_request *request,
                              struct tp_http_response *response, struct tp_error *error)
{
    const char *seat_id = NULL, *code = NULL;
    const struct tp_json_field fields[] = {
        {.name = "seat_id", .type = TP_JSON_TEXT, .value = &seat_id, .minimum = 1, .maximum = 64},
        {.name = "code", .type = TP_JSON_TEXT, .value = &code, .minimum = 1, .maximum = 64},
    };
    TP_AUTO(tp_json) json_t *body = NULL;
    struct tp_status status = read_body(request, fields, 2, &body, error);
    if (tp_failed(status))
        return status;
    if (!tp_rate_limit_take(venue->enrol_limit, seat_id))
        return tp_fail(error, TP_LIMIT, "seat.too_many_tries", "too many tries; wait a minute");
    const struct tp_venue_seat *seat = tp_venue_config_seat(venue->config, seat_id);
    if (!code_fits(seat, code))
        return tp_fail(error, TP_DENIED, "seat.refused", "seat or code do not fit");
    /* A page loaded again with its code in the address keeps its cookie, and so its login. */
    struct caller caller;
    if (tp_ok(find_caller(venue, request, &caller, NULL)) && strcmp(caller.seat_id, seat_id) == 0)
        return TP_STATUS_OK;
    char token[TP_SEAT_TOKEN_TEXT_BYTES];
    bool login_ended;
    status = tp_seat_token_issue(venue->journal, seat->id, tp_clock_now_ms(venue->clock), token,
                                 &login_ended, error);
    if (tp_failed(status))
        return status;
    if (login_ended)
        tp_uplink_wake(venue->uplink);
    tp_terminals_close(venue->terminals, seat->id);
    TP_AUTO(tp_secret_bytes) struct tp_bytes cookie = TP_BYTES_INIT;
    tp_bytes_reserve(&cookie, 160);
    tp_bytes_append_format(&cookie,
                           COOKIE "=%s; Path=/; Max-Age=%d; HttpOnly; Secure; SameSite=Strict",
                           token, COOKIE_LIFE_S);
    sodium_memzero(token, sizeof token);
    status = tp_bytes_check(&cookie, error);
    if (tp_ok(status))
        tp_http_response_header(response, "Set-Cookie", (const char *)cookie.data);
    tp_log(TP_LOG_INFO, "seat.enrolled", "seat=%s", seat->id);
    return status;
}

static void handle_enrol(void *context, const struct tp_http_request *request,
                         struct tp_http_response *response)
{
    struct tp_error error = {0};
    if (tp_failed(enrol(context, request, response, &error)))
        tp_http_response_error(response, &error);
}

static void handle_state(void *context, const struct tp_http_request *request,
                         struct tp_http_response *response)
{
    struct tp_venue *venue = context;
    struct caller caller;
    struct tp_error error = {0};
    TP_AUTO(tp_bytes) struct tp_bytes body = TP_BYTES_INIT;
    struct tp_status status = find_caller(venue, request, &caller, &error);
    if (tp_ok(status))
        status = tp_seat_state_write(venue, caller.seat_id, caller.token_hash, &body, &error);
    if (tp_ok(status))
        respond_json(response, 200, &body);
    else
        tp_http_response_error(response, &error);
}

static struct tp_status log_in(struct tp_venue *venue, const struct tp_http_request *request,
                               struct tp_login *login, struct tp_error *error)
{
    struct caller caller;
    struct tp_status status = find_caller(venue, request, &caller, error);
    if (tp_failed(status))
        return status;
    const char *text = NULL;
    const struct tp_json_field fields[] = {
        {.name = "sealed", .type = TP_JSON_TEXT, .value = &text, .minimum = 1, .maximum = 4096},
    };
    TP_AUTO(tp_json) json_t *body = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    status = read_body(request, fields, 1, &body, error);
    if (tp_ok(status))
        status = tp_base64_decode(text, strlen(text), &sealed, error);
    if (tp_failed(status))
        return status;
    if (sealed.length < TP_SEALED_LEAST_BYTES || sealed.length > TP_SEALED_MOST_BYTES)
        return tp_fail(error, TP_INPUT, "login.malformed",
                       "the sealed credential has a wrong size");
    if (!tp_rate_limit_take(venue->login_limit, caller.seat_id))
        return tp_fail(error, TP_LIMIT, "login.too_many_tries", "too many tries; wait a minute");
    return tp_seat_login(venue, caller.seat_id, caller.token_hash, &sealed, login, error);
}

static void handle_login(void *context, const struct tp_http_request *request,
                         struct tp_http_response *response)
{
    struct tp_venue *venue = context;
    struct tp_login login;
    struct tp_error error = {0};
    if (tp_failed(log_in(venue, request, &login, &error))) {
        tp_http_response_error(response, &error);
        return;
    }
    tp_uplink_wake(venue->uplink);
    tp_terminals_tell(venue->terminals, NULL);
    TP_AUTO(tp_bytes) struct tp_bytes body = TP_BYTES_INIT;
    TP_AUTO(tp_json) json_t *json = json_pack("{s:s}", "label", login.label);
    struct tp_status status = json == NULL
                                  ? tp_fail(&error, TP_NOMEM, "memory.exhausted", "no memory")
                                  : tp_json_write(json, &body, &error);
    if (tp_ok(status))
        respond_json(response, 200, &body);
    else
        tp_http_response_error(response, &error);
}

static void handle_logout(void *context, const struct tp_http_request *request,
                          struct tp_http_response *response)
{
    struct tp_venue *venue = context;
    struct caller caller;
    struct tp_error error = {0};
    bool ended = false;
    struct tp_status status = find_caller(venue, request, &caller, &error);
    if (tp_ok(status))
        status = tp_login_leave(venue->journal, caller.seat_id, tp_clock_now_ms(venue->clock),
                                &ended, &error);
    if (tp_failed(status)) {
        tp_http_response_error(response, &error);
        return;
    }
    if (!ended)
        return;
    tp_uplink_wake(venue->uplink);
    tp_terminals_tell(venue->terminals, NULL);
}

struct help_work {
    const char *seat_id;
    int64_t now_ms;
};

static struct tp_status write_help(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct help_work *work = argument;
    TP_CLEANUP(tp_plan_cleanup) Tongping__Link__SessionPlan *plan = NULL;
    struct tp_login login = {0};
    bool found;
    struct tp_status status = tp_login_of_seat(db, work->seat_id, &login, &found, error);
    if (tp_ok(status))
        status = tp_plan_of_seat(db, work->seat_id, work->now_ms, &plan, error);
    if (tp_failed(status))
        return status;
    const char *session_id = found ? login.session_id : plan != NULL ? plan->session_id : "";
    struct tp_seat_event event;
    tp_seat_event_init(&event, TP_SEAT_HELP, work->seat_id, session_id, login.handle, work->now_ms);
    return tp_seat_event_append(db, &event, error);
}

static void handle_help(void *context, const struct tp_http_request *request,
                        struct tp_http_response *response)
{
    struct tp_venue *venue = context;
    struct caller caller;
    struct tp_error error = {0};
    struct tp_status status = find_caller(venue, request, &caller, &error);
    if (tp_ok(status)) {
        struct help_work work = {caller.seat_id, tp_clock_now_ms(venue->clock)};
        status = tp_store_write(venue->journal, write_help, &work, &error);
    }
    if (tp_ok(status))
        tp_uplink_wake(venue->uplink);
    else
        tp_http_response_error(response, &error);
}

static struct tp_status events_open(void *context, const struct tp_http_request *request,
                                    void **user, struct tp_error *error)
{
    struct caller *caller = calloc(1, sizeof *caller);
    if (caller == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a socket");
    struct tp_status status = find_caller(context, request, caller, error);
    if (tp_failed(status))
        free(caller);
    else
        *user = caller;
    return status;
}

static void events_opened(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_venue *venue = context;
    const struct caller *caller = user;
    if (tp_failed(tp_terminals_add(venue->terminals, caller->seat_id, socket, NULL)))
        tp_websocket_close(socket, 1013, "too many");
}

static void events_message(void *context, void *user, struct tp_websocket *socket,
                           const uint8_t *data, size_t bytes, bool binary)
{
    (void)context;
    (void)user;
    (void)data;
    (void)bytes;
    (void)binary;
    tp_websocket_close(socket, 1008, "nothing is expected");
}

static void events_closed(void *context, void *user, struct tp_websocket *socket)
{
    struct tp_venue *venue = context;
    struct caller *caller = user;
    tp_terminals_remove(venue->terminals, caller->seat_id, socket);
    free(caller);
}

struct tp_status tp_terminal_route(struct tp_venue *venue, struct tp_error *error)
{
    static const struct {
        enum tp_http_method method;
        const char *pattern;
        tp_http_handler handler;
    } routes[] = {
        {TP_HTTP_POST, "/api/terminal/enrol", handle_enrol},
        {TP_HTTP_GET, "/api/terminal/state", handle_state},
        {TP_HTTP_POST, "/api/terminal/login", handle_login},
        {TP_HTTP_POST, "/api/terminal/logout", handle_logout},
        {TP_HTTP_POST, "/api/terminal/help", handle_help},
    };
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0] && tp_ok(status); i++)
        status = tp_http_server_route(venue->server, routes[i].method, routes[i].pattern,
                                      routes[i].handler, venue, error);
    const struct tp_websocket_handler events = {
        .context = venue,
        .open = events_open,
        .opened = events_opened,
        .message = events_message,
        .closed = events_closed,
    };
    if (tp_ok(status))
        status = tp_http_server_websocket(venue->server, "/api/terminal/events", &events, error);
    if (tp_ok(status) && venue->config->terminal_folder[0] != '\0')
        status =
            tp_http_server_files(venue->server, "/terminal", venue->config->terminal_folder, error);
    return status;
}
