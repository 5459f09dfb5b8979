#include <stdio.h>
#include <string.h>

#include "coordinator/http/idempotency.h"
#include "coordinator/request/handlers.h"
#include "coordinator/request/request_body.h"
#include "coordinator/request/venue_write.h"
#include "coordinator/session/seats.h"
#include "coordinator/session/session.h"

/* Seats are chosen on a snapshot beside the writer; when another session was faster they are chosen
 * anew, the last time inside the write itself, where nobody can be faster. */
#define TRIES_BESIDE 3

struct adding {
    struct tp_call *call;
    struct tp_request request;
    struct tp_idempotency idempotency;
    bool plan_inside;
    struct tp_slots slots;
    struct tp_seat_list seats;
    struct tp_venue_place places[TP_VENUES_MOST];
    json_t *lot_record;
    char id[TP_ID_BYTES];
    bool made_before;
};

static void forget_plan(struct adding *adding)
{
    tp_seat_list_fini(&adding->seats);
    json_decref(adding->lot_record);
    adding->lot_record = NULL;
}

struct lot_facts {
    char agency_code[TP_NAME_BYTES];
    bool in_session;
};

static struct tp_status read_lot(struct tp_db *db, const char *lot_id, struct lot_facts *facts,
                                 bool *found, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT l.agency_code, COALESCE(s.state, 'cancelled') <>"
                    " 'cancelled' FROM lots l LEFT JOIN sessions s ON s.id = l.session_id"
                    " WHERE l.id = $1",
                    "t", lot_id);
    *found = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, found, error);
    }
    if (tp_ok(status) && *found) {
        snprintf(facts->agency_code, sizeof facts->agency_code, "%s", tp_query_text(query, 0));
        facts->in_session = tp_query_int(query, 1) != 0;
    }
    tp_query_end(query);
    return status;
}

static struct tp_status check_lot(struct tp_db *db, struct adding *adding, int64_t now_ms,
                                  struct tp_error *error)
{
    const struct tp_request *request = &adding->request;
    struct lot_facts facts = {0};
    bool found = false;
    struct tp_status status = read_lot(db, request->lot_id, &facts, &found, error);
    if (tp_failed(status)) {
        return status;
    }
    if (!found || strcmp(facts.agency_code, adding->call->user->agency_code) != 0) {
        status = tp_fail(error, TP_NOT_FOUND, "lot.not_found", "there is no such lot");
        tp_error_set_field(error, "lot_id");
        return status;
    }
    if (facts.in_session) {
        return tp_fail(error, TP_CONFLICT, "lot.has_session", "the lot has a session already");
    }
    struct tp_time_rules rules;
    tp_request_time_rules(adding->call->app, &rules);
    return tp_slots_of(&rules, now_ms, request->start_at_ms, request->end_at_ms, &adding->slots,
                       error);
}

static struct tp_status plan(struct tp_db *db, struct adding *adding, int64_t now_ms,
                             struct tp_error *error)
{
    forget_plan(adding);
    struct tp_status status =
        tp_idempotency_find(db, &adding->idempotency, adding->id, &adding->made_before, error);
    if (tp_failed(status) || adding->made_before) {
        return status;
    }
    status = check_lot(db, adding, now_ms, error);
    if (tp_ok(status)) {
        status = tp_seat_list_read(db, adding->slots, &adding->seats, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    struct tp_venue_wish wishes[TP_VENUES_MOST];
    for (size_t i = 0; i < adding->request.venue_count; i++) {
        wishes[i] = adding->request.venues[i].wish;
    }
    uint8_t seed[TP_LOT_SEED_BYTES];
    tp_random_fill(adding->call->app->random, seed, sizeof seed);
    return tp_allocate(&adding->seats, wishes, adding->request.venue_count, NULL, 0, seed,
                       adding->places, &adding->lot_record, error);
}

static struct tp_status plan_beside(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct adding *adding = argument;
    return plan(db, adding, tp_clock_now_ms(adding->call->app->clock), error);
}

static json_t *venue_data(const struct tp_venue_request *venue, const struct tp_venue_place *place)
{
    json_t *seats = json_array();
    json_t *experts = json_array();
    for (size_t i = 0; i < place->seat_count; i++) {
        json_array_append_new(seats, json_string(place->seats[i]->id));
    }
    for (size_t i = 0; i < venue->specialty_count; i++) {
        json_array_append_new(experts,
                              json_pack("{s:s, s:I}", "specialty", venue->experts[i].specialty,
                                        "count", (json_int_t)venue->experts[i].count));
    }
    return json_pack("{s:s, s:o, s:I, s:o}", "center_id", place->center_id, "seat_ids", seats,
                     "representatives", (json_int_t)venue->representatives, "experts", experts);
}

static json_t *request_data(const struct adding *adding)
{
    const struct tp_request *request = &adding->request;
    json_t *venues = json_array();
    for (size_t i = 0; i < request->venue_count; i++) {
        json_array_append_new(venues, venue_data(&request->venues[i], &adding->places[i]));
    }
    json_t *data =
        json_pack("{s:s, s:I, s:I, s:s, s:o}", "lot_id", request->lot_id, "start_at",
                  (json_int_t)request->start_at_ms, "end_at", (json_int_t)request->end_at_ms,
                  "choice", request->by_lot ? "lot" : "pick", "venues", venues);
    if (adding->lot_record != NULL) {
        json_object_set(data, "lot_record", adding->lot_record);
    }
    return data;
}

static struct tp_status insert_session(struct tp_write *write, const struct adding *adding,
                                       struct tp_error *error)
{
    const struct tp_request *request = &adding->request;
    const struct tp_user *user = adding->call->user;
    TP_AUTO_FREE char *lot_record =
        adding->lot_record == NULL ? NULL : json_dumps(adding->lot_record, JSON_COMPACT);
    struct tp_status status = tp_db_run(
        write->db, error,
        "INSERT INTO sessions (id, lot_id, agency_code, state, version, start_at, end_at, choice,"
        " lot_record, created_at, created_by, changed_at)"
        " VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, $9)",
        "ttttiitti"
        "t",
        adding->id, request->lot_id, user->agency_code, tp_session_state_name(TP_SESSION_NONE),
        request->start_at_ms, request->end_at_ms, request->by_lot ? "lot" : "pick", lot_record,
        write->now_ms, user->id);
    if (tp_ok(status)) {
        status = tp_db_run(write->db, error, "UPDATE lots SET session_id = $2 WHERE id = $1", "tt",
                           request->lot_id, adding->id);
    }
    return status;
}

static struct tp_status insert_venues(struct tp_write *write, const struct adding *adding,
                                      struct tp_error *error)
{
    const struct tp_request *request = &adding->request;
    char title[TP_SESSION_TITLE_BYTES];
    struct tp_status status =
        tp_session_title(write->db, request->lot_id, "核对并确认远程异地评标场地：", title, error);
    for (size_t i = 0; tp_ok(status) && i < request->venue_count; i++) {
        const struct tp_venue_request *venue = &request->venues[i];
        status = tp_venue_write(write, adding->id, &adding->places[i], venue->representatives,
                                adding->slots, title, error);
        if (tp_ok(status)) {
            status = tp_venue_experts_write(write, adding->id, venue->wish.position, venue, error);
        }
    }
    return status;
}

static struct tp_status write_all(struct tp_write *write, struct adding *adding,
                                  struct tp_error *error)
{
    tp_id_make(write->app->random, write->now_ms, "ses", adding->id);
    struct tp_status status = insert_session(write, adding, error);
    if (tp_ok(status)) {
        status = insert_venues(write, adding, error);
    }
    if (tp_ok(status)) {
        status =
            tp_idempotency_keep(write->db, &adding->idempotency, adding->id, write->now_ms, error);
    }
    if (tp_ok(status)) {
        json_t *data = request_data(adding);
        status = tp_session_apply(write, adding->id, TP_VERSION_ANY, TP_EVENT_REQUEST,
                                  adding->call->user->id, data, NULL, error);
        json_decref(data);
    }
    return status;
}

static struct tp_status add(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct adding *adding = argument;
    struct tp_status status;
    if (adding->plan_inside) {
        status = plan(write->db, adding, write->now_ms, error);
    } else {
        status = tp_idempotency_find(write->db, &adding->idempotency, adding->id,
                                     &adding->made_before, error);
        if (tp_ok(status) && !adding->made_before) {
            status = check_lot(write->db, adding, write->now_ms, error);
        }
    }
    if (tp_failed(status) || adding->made_before) {
        return status;
    }
    return write_all(write, adding, error);
}

static bool was_too_slow(const struct tp_error *error)
{
    return strcmp(error->code, "request.seats_taken") == 0;
}

static struct tp_status add_with_tries(struct adding *adding, struct tp_error *error)
{
    struct tp_app *app = adding->call->app;
    for (int i = 0; i < TRIES_BESIDE; i++) {
        struct tp_status status = tp_store_read(app->store, plan_beside, adding, error);
        if (tp_failed(status) || adding->made_before) {
            return status;
        }
        tp_error_clear(error);
        status = tp_write_run(app, add, adding, error);
        if (tp_ok(status) || !was_too_slow(error)) {
            return status;
        }
    }
    tp_error_clear(error);
    adding->plan_inside = true;
    return tp_write_run(app, add, adding, error);
}

struct tp_status tp_request_add(struct tp_call *call, struct tp_error *error)
{
    struct adding adding = {.call = call};
    struct tp_status status = tp_request_read(call->app, call->body, &adding.request, error);
    if (tp_ok(status)) {
        status = tp_idempotency_of(call, &adding.idempotency, error);
    }
    if (tp_ok(status)) {
        status = add_with_tries(&adding, error);
    }
    forget_plan(&adding);
    return tp_ok(status) ? tp_call_answer_session(call, 201, adding.id, error) : status;
}
