/*
 * The coordinator's side as the venue tests need it: enrolment by a one-time code and the link, on
 * the real base/link and base/http, led line by line from standard input, telling what happens as
 * JSON lines on standard output. It plays tp-draw too: it signs assertions, rightly or wrongly.
 */
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/http/server.h"
#include "base/link/runner.h"
#include "base/log.h"

#define ENROLMENT_CODE "FIRST-CODE"

struct connection {
    struct tp_websocket *socket;
    struct tp_link_runner *runner;
};

static struct peer {
    struct tp_store *store;
    struct tp_keypair *coordinator;
    struct tp_keypair *draw;
    struct tp_keypair *foreign;
    pthread_mutex_t lock;
    struct connection *current; /* the last one established */
    bool code_used;
    atomic_bool blocked; /* connections are refused: the line is cut */
    char login_mode[32];
    char draw_id[64];
    char last_ticket[2048];
    uint64_t last_call_id;
} peer = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const struct tp_migration migrations[] = {
    {1, "first",
     TP_LINK_SCHEMA "CREATE TABLE enrolled (center_id TEXT NOT NULL PRIMARY KEY,"
                    " sign_public BLOB NOT NULL);"
                    "CREATE TABLE applied (n INTEGER PRIMARY KEY, event_id TEXT NOT NULL);"},
};

static void must(struct tp_status status, const struct tp_error *error)
{
    if (tp_ok(status))
        return;
    fprintf(stderr, "peer: %s %s %s\n", error->code, error->field, error->message);
    exit(1);
}

/* Takes the object. */
static void tell(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    pthread_mutex_lock(&peer.lock);
    printf("%s\n", text);
    fflush(stdout);
    pthread_mutex_unlock(&peer.lock);
    free(text);
    json_decref(line);
}

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* ---- enrolment ---- */

struct enrolled {
    const char *center_id;
    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES];
};

static struct tp_status write_enrolled(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct enrolled *enrolled = argument;
    struct tp_status status = tp_link_reset(db, enrolled->center_id, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO enrolled (center_id, sign_public) VALUES ($1, $2)"
                     " ON CONFLICT (center_id) DO UPDATE SET sign_public = excluded.sign_public",
                     "tb", enrolled->center_id, enrolled->sign_public,
                     (size_t)TP_SIGN_PUBLIC_BYTES);
}

static void handle_enrol(void *context, const struct tp_http_request *request,
                         struct tp_http_response *response)
{
    (void)context;
    size_t bytes;
    const uint8_t *body = tp_http_request_body(request, &bytes);
    json_t *json = json_loadb((const char *)body, bytes, 0, NULL);
    const char *code = json_string_value(json_object_get(json, "code"));
    const char *key = json_string_value(json_object_get(json, "sign_public"));
    struct tp_error error = {0};
    struct enrolled enrolled = {json_string_value(json_object_get(json, "center_id")), {0}};
    struct tp_bytes raw = TP_BYTES_INIT;
    if (code == NULL || strcmp(code, ENROLMENT_CODE) != 0 || peer.code_used || key == NULL ||
        tp_failed(tp_base64_decode(key, strlen(key), &raw, NULL)) || raw.length != 32) {
        (void)tp_fail(&error, TP_DENIED, "enrol.refused", "the code is not good");
        tp_http_response_error(response, &error);
    } else {
        memcpy(enrolled.sign_public, raw.data, raw.length);
        must(tp_store_write(peer.store, write_enrolled, &enrolled, &error), &error);
        peer.code_used = true;
        struct tp_bytes answer = TP_BYTES_INIT;
        tp_bytes_append_text(&answer, "{\"coordinator_sign_public\":\"");
        tp_base64_append(&answer, peer.coordinator->sign_public, TP_SIGN_PUBLIC_BYTES);
        tp_bytes_append_text(&answer, "\"}");
        tp_http_response_body(response, "application/json", answer.data, answer.length);
        tp_bytes_fini(&answer);
    }
    tp_bytes_fini(&raw);
    json_decref(json);
}

/* ---- the link ---- */

static void on_send(void *context, const uint8_t *frame, size_t bytes)
{
    struct connection *connection = context;
    if (tp_failed(tp_websocket_send(connection->socket, frame, bytes, true)))
        tp_websocket_close(connection->socket, 1011, "unsent");
}

static void on_failed(void *context, const struct tp_error *error)
{
    struct connection *connection = context;
    tell(json_pack("{s:s, s:s}", "event", "failed", "code", error->code));
    tp_websocket_close(connection->socket, 1008, "refused");
}

struct key_work {
    const char *node_id;
    uint8_t *sign_public;
};

static struct tp_status read_key(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct key_work *work = argument;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT sign_public FROM enrolled WHERE center_id = $1", "t",
                    work->node_id);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    size_t bytes = 0;
    const void *key = tp_ok(status) && row ? tp_query_blob(query, 0, &bytes) : NULL;
    if (bytes == TP_SIGN_PUBLIC_BYTES)
        memcpy(work->sign_public, key, bytes);
    else if (tp_ok(status))
        status = tp_fail(error, TP_DENIED, "link.unknown_node", "the node is not enrolled");
    tp_query_end(query);
    return status;
}

static struct tp_status on_identify(void *context, const char *node_id, uint8_t *sign_public,
                                    struct tp_error *error)
{
    (void)context;
    struct key_work work = {node_id, sign_public};
    return tp_store_read(peer.store, read_key, &work, error);
}

static void on_established(void *context, const char *node_id, const char *version)
{
    pthread_mutex_lock(&peer.lock);
    peer.current = context;
    pthread_mutex_unlock(&peer.lock);
    tell(json_pack("{s:s, s:s, s:s}", "event", "established", "node", node_id, "version", version));
}

static struct tp_status on_apply(void *context, struct tp_db *db, const char *node_id,
                                 const Tongping__Link__LinkMessage *message, struct tp_error *error)
{
    (void)context;
    (void)node_id;
    if (message->kind_case != TONGPING__LINK__LINK_MESSAGE__KIND_SEAT_EVENT)
        return tp_fail(error, TP_PEER, "peer.unexpected", "only seat events are durable");
    return tp_db_run(db, error, "INSERT INTO applied (event_id) VALUES ($1)", "t",
                     message->seat_event->event_id);
}

static void on_applied(void *context, const char *node_id,
                       const Tongping__Link__LinkMessage *message)
{
    (void)context;
    (void)node_id;
    const Tongping__Link__SeatEvent *event = message->seat_event;
    tell(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "event", "seat", "id",
                   event->event_id, "session", event->session_id, "seat", event->seat_id, "kind",
                   event->kind, "handle", event->handle, "at", (json_int_t)event->at_ms,
                   "assertion_bytes", (json_int_t)event->assertion.len));
}

static void sign_assertion(const Tongping__Link__LoginCall *call, const char *mode,
                           const char *planned_draw_id, struct tp_bytes *assertion,
                           uint8_t signature[TP_SIGNATURE_BYTES])
{
    const char *seat_id = strcmp(mode, "other_seat") == 0 ? "lanzhou-r1-s09" : call->seat_id;
    const char *venue = strcmp(mode, "other_venue") == 0 ? "jiuquan" : "lanzhou";
    const char *draw_id = strcmp(mode, "other_draw") == 0 ? "drw_other" : planned_draw_id;
    const char *session_id = strcmp(mode, "other_session") == 0 ? "ses_other" : call->session_id;
    int64_t at = tp_clock_now_ms(tp_clock_system()) - (strcmp(mode, "stale") == 0 ? 600000 : 0);
    tp_bytes_append_format(assertion,
                           "{\"draw_id\":\"%s\",\"session_id\":\"%s\",\"seat_id\":\"%s\","
                           "\"venue\":\"%s\",\"handle\":\"h_%s\",\"label\":\"专家 1\",\"at\":%lld}",
                           draw_id, session_id, seat_id, venue,
                           strcmp(mode, "same_handle") == 0 ? "same" : call->seat_id,
                           (long long)at);
    const struct tp_keypair *key = strcmp(mode, "forged") == 0 ? peer.foreign : peer.draw;
    struct tp_error error = {0};
    must(tp_sign(key, "tongping.assertion.v1", assertion->data, assertion->length, signature,
                 &error),
         &error);
}

static void answer_login(const struct connection *connection, const Tongping__Link__LoginCall *call)
{
    tell(json_pack("{s:s, s:s, s:s, s:I}", "event", "login_call", "session", call->session_id,
                   "seat", call->seat_id, "sealed_bytes", (json_int_t)call->sealed.len));
    char mode[32], draw_id[64];
    pthread_mutex_lock(&peer.lock);
    memcpy(mode, peer.login_mode, sizeof mode);
    memcpy(draw_id, peer.draw_id, sizeof draw_id);
    pthread_mutex_unlock(&peer.lock);
    if (strcmp(mode, "silent") == 0)
        return;
    struct tp_bytes assertion = TP_BYTES_INIT;
    uint8_t signature[TP_SIGNATURE_BYTES];
    Tongping__Link__LoginAnswer answer;
    tongping__link__login_answer__init(&answer);
    answer.call_id = call->call_id;
    if (strcmp(mode, "refused") == 0) {
        answer.error_code = borrowed("login.refused");
    } else {
        sign_assertion(call, mode, draw_id, &assertion, signature);
        answer.ok = true;
        answer.label = borrowed("专家 1");
        answer.assertion.data = assertion.data;
        answer.assertion.len = assertion.length;
        answer.signature.data = signature;
        answer.signature.len = sizeof signature;
    }
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_LOGIN_ANSWER;
    message.login_answer = &answer;
    struct tp_error error = {0};
    must(tp_link_runner_call(connection->runner, &message, &error), &error);
    tp_bytes_fini(&assertion);
}

static void tell_status(const Tongping__Link__NodeStatus *status)
{
    json_t *feeds = json_array();
    for (size_t i = 0; i < status->n_feeds; i++)
        json_array_append_new(
            feeds, json_pack("{s:s, s:s, s:s, s:i}", "id", status->feeds[i]->feed_id, "kind",
                             status->feeds[i]->kind, "state", status->feeds[i]->state, "viewers",
                             (int)status->feeds[i]->viewer_count));
    tell(json_pack("{s:s, s:b, s:I, s:I, s:I, s:i, s:f, s:I, s:o}", "event", "status", "media_up",
                   (int)status->media_up, "outbox", (json_int_t)status->outbox_count, "disk_free",
                   (json_int_t)status->disk_free_bytes, "offset",
                   (json_int_t)status->clock_offset_ms, "terminals", (int)status->terminal_count,
                   "load", (double)status->load_1min, "round_trip",
                   (json_int_t)status->round_trip_ms, "feeds", feeds));
}

static void on_call(void *context, const char *node_id, const Tongping__Link__LinkMessage *message)
{
    (void)node_id;
    if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_LOGIN_CALL)
        answer_login(context, message->login_call);
    else if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_NODE_STATUS)
        tell_status(message->node_status);
    else if (message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_ANSWER)
        tell(json_pack("{s:s, s:b, s:s, s:s, s:s, s:I}", "event", "whep_answer", "ok",
                       (int)message->whep_answer->ok, "code", message->whep_answer->error_code,
                       "viewer", message->whep_answer->viewer_id, "sdp", message->whep_answer->sdp,
                       "call", (json_int_t)message->whep_answer->call_id));
}

static struct tp_status link_open(void *context, const struct tp_http_request *request, void **user,
                                  struct tp_error *error)
{
    (void)context;
    (void)request;
    if (peer.blocked)
        return tp_fail(error, TP_PEER, "peer.blocked", "the line is cut");
    *user = calloc(1, sizeof(struct connection));
    return *user == NULL ? tp_fail(error, TP_NOMEM, "memory", "no memory") : TP_STATUS_OK;
}

static void link_opened(void *context, void *user, struct tp_websocket *socket)
{
    (void)context;
    struct connection *connection = user;
    connection->socket = socket;
    const struct tp_link_config config = {
        .role = TP_LINK_COORDINATOR,
        .keypair = peer.coordinator,
        .clock = tp_clock_system(),
        .random = tp_random_system(),
        .heartbeat_ms = 500,
    };
    const struct tp_link_runner_handler handler = {
        .context = connection,
        .send = on_send,
        .failed = on_failed,
        .identify = on_identify,
        .established = on_established,
        .apply = on_apply,
        .applied = on_applied,
        .call = on_call,
    };
    struct tp_error error = {0};
    must(tp_link_runner_new(&config, peer.store, &handler, &connection->runner, &error), &error);
    tp_link_runner_start(connection->runner);
}

static void link_message(void *context, void *user, struct tp_websocket *socket,
                         const uint8_t *data, size_t bytes, bool binary)
{
    (void)context;
    (void)socket;
    (void)binary;
    const struct connection *connection = user;
    tp_link_runner_received(connection->runner, data, bytes);
}

static void link_closed(void *context, void *user, struct tp_websocket *socket)
{
    (void)context;
    (void)socket;
    struct connection *connection = user;
    pthread_mutex_lock(&peer.lock);
    if (peer.current == connection)
        peer.current = NULL;
    pthread_mutex_unlock(&peer.lock);
    tp_link_runner_end(connection->runner);
    tp_link_runner_unref(connection->runner);
    free(connection);
    tell(json_pack("{s:s}", "event", "closed"));
}

/* The runner of now with a reference, or NULL. */
static struct tp_link_runner *current_runner(void)
{
    pthread_mutex_lock(&peer.lock);
    struct tp_link_runner *runner =
        peer.current == NULL ? NULL : tp_link_runner_ref(peer.current->runner);
    pthread_mutex_unlock(&peer.lock);
    return runner;
}

static void *tick(void *argument)
{
    (void)argument;
    for (;;) {
        usleep(100000);
        struct tp_link_runner *runner = current_runner();
        if (runner != NULL)
            tp_link_runner_tick(runner);
        tp_link_runner_unref(runner);
    }
    return NULL;
}

/* ---- commands ---- */

static struct tp_status append_message(struct tp_db *db, void *argument, struct tp_error *error)
{
    uint64_t seq;
    return tp_link_outbox_append_message(db, "lanzhou", argument,
                                         tp_clock_now_ms(tp_clock_system()), &seq, error);
}

static void post(Tongping__Link__LinkMessage *message)
{
    struct tp_error error = {0};
    must(tp_store_write(peer.store, append_message, message, &error), &error);
    struct tp_link_runner *runner = current_runner();
    if (runner != NULL)
        tp_link_runner_wake(runner);
    tp_link_runner_unref(runner);
}

static void send_call(Tongping__Link__LinkMessage *message)
{
    struct tp_link_runner *runner = current_runner();
    struct tp_error error = {0};
    if (runner == NULL || tp_failed(tp_link_runner_call(runner, message, &error)))
        tell(json_pack("{s:s}", "event", "call_unsent"));
    tp_link_runner_unref(runner);
}

/* plan SESSION VERSION PHASE DRAW SEAT,SEAT,... */
static void command_plan(char **words)
{
    pthread_mutex_lock(&peer.lock);
    snprintf(peer.draw_id, sizeof peer.draw_id, "%s", words[4]);
    pthread_mutex_unlock(&peer.lock);
    char *seats[16];
    size_t seat_count = 0;
    char *rest = NULL;
    for (char *seat = strtok_r(words[5], ",", &rest); seat != NULL && seat_count < 16;
         seat = strtok_r(NULL, ",", &rest))
        seats[seat_count++] = seat;
    int64_t now = tp_clock_now_ms(tp_clock_system());
    Tongping__Link__VenueName venue;
    tongping__link__venue_name__init(&venue);
    venue.center_id = borrowed("lanzhou");
    venue.name = borrowed("兰州");
    venue.main_venue = true;
    venue.expert_count = 3;
    Tongping__Link__VenueName *venues[] = {&venue};
    Tongping__Link__SessionPlan plan;
    tongping__link__session_plan__init(&plan);
    plan.session_id = words[1];
    plan.version = strtoull(words[2], NULL, 10);
    plan.phase = (Tongping__Link__SessionPhase)atoi(words[3]);
    plan.lot_code = borrowed("L-1");
    plan.lot_name = borrowed("某工程");
    plan.start_ms = now + 600000;
    plan.end_ms = now + 7200000;
    plan.center_id = borrowed("lanzhou");
    plan.main_venue = true;
    plan.seat_ids = seats;
    plan.n_seat_ids = seat_count;
    plan.draw_id = words[4];
    plan.venues = venues;
    plan.n_venues = 1;
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_SESSION_PLAN;
    message.session_plan = &plan;
    post(&message);
}

/* view SESSION VERSION CENTER SEAT LABEL */
static void command_view(char **words)
{
    Tongping__Link__Presence presence;
    tongping__link__presence__init(&presence);
    presence.center_id = words[3];
    presence.seat_id = words[4];
    presence.label = words[5];
    Tongping__Link__Presence *present[] = {&presence};
    Tongping__Link__SessionView view;
    tongping__link__session_view__init(&view);
    view.session_id = words[1];
    view.version = strtoull(words[2], NULL, 10);
    view.present = present;
    view.n_present = 1;
    view.expected_count = 5;
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_SESSION_VIEW;
    message.session_view = &view;
    post(&message);
}

static void make_ticket(const struct tp_keypair *key, const char *feed_id, const char *holder,
                        int64_t valid_ms)
{
    static int number;
    long long expires_at = tp_clock_now_ms(tp_clock_system()) + valid_ms;
    struct tp_bytes payload = TP_BYTES_INIT, text = TP_BYTES_INIT;
    tp_bytes_append_format(&payload,
                           "{\"v\":1,\"feed_id\":\"%s\",\"session_id\":\"ses_1\",\"holder\":\"%s\","
                           "\"display\":\"监管员\",\"expires_at\":%lld,\"nonce\":\"n%d-%d\"}",
                           feed_id, holder, expires_at, (int)getpid(), ++number);
    uint8_t signature[TP_SIGNATURE_BYTES];
    struct tp_error error = {0};
    must(tp_sign(key, "tongping.ticket.v1", payload.data, payload.length, signature, &error),
         &error);
    tp_base64_append(&text, payload.data, payload.length);
    tp_bytes_append_text(&text, ".");
    tp_base64_append(&text, signature, sizeof signature);
    snprintf(peer.last_ticket, sizeof peer.last_ticket, "%s", (const char *)text.data);
    tp_bytes_fini(&payload);
    tp_bytes_fini(&text);
}

static void send_offer(const char *feed_id, const char *sdp)
{
    Tongping__Link__WhepOffer offer;
    tongping__link__whep_offer__init(&offer);
    offer.call_id = ++peer.last_call_id;
    offer.feed_id = borrowed(feed_id);
    offer.ticket = peer.last_ticket;
    offer.sdp = borrowed(sdp);
    offer.rendition = borrowed("small");
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_OFFER;
    message.whep_offer = &offer;
    send_call(&message);
}

/* end HOLDER */
static void command_end(char **words)
{
    Tongping__Link__WhepEnd end;
    tongping__link__whep_end__init(&end);
    end.holder = words[1];
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_WHEP_END;
    message.whep_end = &end;
    send_call(&message);
}

/* Closes the socket of now, or sends what is no frame on it. */
static void disturb(bool garble)
{
    static const uint8_t garbage[] = {0xff, 0x00, 0xff, 0x13, 0x37};
    pthread_mutex_lock(&peer.lock);
    struct tp_websocket *socket = peer.current == NULL ? NULL : peer.current->socket;
    if (socket != NULL && garble)
        garble = tp_ok(tp_websocket_send(socket, garbage, sizeof garbage, true));
    else if (socket != NULL)
        tp_websocket_close(socket, 1001, "cut");
    pthread_mutex_unlock(&peer.lock);
}

static void command(char **words, int count)
{
    const char *name = words[0];
    if (strcmp(name, "plan") == 0 && count == 6) {
        command_plan(words);
    } else if (strcmp(name, "view") == 0 && count == 6) {
        command_view(words);
    } else if (strcmp(name, "login") == 0 && count == 2) {
        pthread_mutex_lock(&peer.lock);
        snprintf(peer.login_mode, sizeof peer.login_mode, "%s", words[1]);
        pthread_mutex_unlock(&peer.lock);
    } else if (strcmp(name, "offer") == 0 && count == 6) { /* FEED TICKET_FEED HOLDER VALID SDP */
        make_ticket(peer.coordinator, words[2], words[3], atoll(words[4]));
        send_offer(words[1], words[5]);
    } else if (strcmp(name, "replay") == 0 && count == 2) {
        send_offer(words[1], "sdp");
    } else if (strcmp(name, "forge") == 0 && count == 2) {
        make_ticket(peer.foreign, words[1], "usr_1", 60000);
        send_offer(words[1], "sdp");
    } else if (strcmp(name, "end") == 0 && count == 2) {
        command_end(words);
    } else if (strcmp(name, "block") == 0) {
        peer.blocked = true;
        disturb(false);
    } else if (strcmp(name, "unblock") == 0) {
        peer.blocked = false;
    } else if (strcmp(name, "garble") == 0) {
        disturb(true);
    } else {
        fprintf(stderr, "peer: unknown command %s\n", name);
        exit(1);
    }
}

static void start(const char *folder)
{
    struct tp_error error = {0};
    char path[512], certificate[512], private_key[512];
    must(tp_crypto_init(&error), &error);
    snprintf(path, sizeof path, "%s/key", folder);
    must(tp_keypair_load_or_make(path, &peer.coordinator, &error), &error);
    snprintf(path, sizeof path, "%s/draw-key", folder);
    must(tp_keypair_load_or_make(path, &peer.draw, &error), &error);
    must(tp_keypair_new(&peer.foreign, &error), &error);
    const struct tp_public_key draw_public = tp_keypair_public(peer.draw);
    snprintf(path, sizeof path, "%s/draw.pub", folder);
    must(tp_public_key_save(&draw_public, path, &error), &error);
    snprintf(path, sizeof path, "sqlite:%s/peer.db", folder);
    must(tp_store_open(path, migrations, 1, &peer.store, &error), &error);
    snprintf(certificate, sizeof certificate, "%s/cert.pem", folder);
    snprintf(private_key, sizeof private_key, "%s/cert.key", folder);
    const struct tp_http_server_config config = {
        .address = "127.0.0.1",
        .certificate_path = certificate,
        .private_key_path = private_key,
    };
    struct tp_http_server *server = NULL;
    must(tp_http_server_new(&config, &server, &error), &error);
    must(tp_http_server_route(server, TP_HTTP_POST, "/api/v1/node/enrol", handle_enrol, NULL,
                              &error),
         &error);
    const struct tp_websocket_handler handler = {
        .open = link_open,
        .opened = link_opened,
        .message = link_message,
        .closed = link_closed,
    };
    must(tp_http_server_websocket(server, "/link", &handler, &error), &error);
    must(tp_http_server_start(server, &error), &error);
    tell(json_pack("{s:s, s:i}", "event", "ready", "port", (int)tp_http_server_port(server)));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    snprintf(peer.login_mode, sizeof peer.login_mode, "ok");
    start(argv[1]);
    pthread_t ticker;
    if (pthread_create(&ticker, NULL, tick, NULL) != 0)
        return 1;
    char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *words[8];
        int count = 0;
        char *rest = NULL;
        for (char *word = strtok_r(line, " \n", &rest); word != NULL && count < 8;
             word = strtok_r(NULL, " \n", &rest))
            words[count++] = word;
        if (count == 0)
            continue;
        command(words, count);
        tell(json_pack("{s:s}", "event", "done"));
    }
    _exit(0);
}
