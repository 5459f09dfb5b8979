#include <stdio.h>
#include <string.h>

#include "coordinator/config/policy.h"
#include "coordinator/request/handlers.h"
#include "coordinator/request/request_body.h"
#include "coordinator/request/venue_write.h"
#include "coordinator/session/seats.h"
#include "coordinator/session/session.h"

#define BARRED_MOST 64

struct choosing {
    struct tp_call *call;
    const char *session_id;
    struct tp_rechoice rechoice;
    /* Filled in the write, from scratch each time. */
    struct tp_venue_wish wishes[TP_VENUES_MOST];
    const struct tp_venue_request *experts[TP_VENUES_MOST]; /* NULL: they stay as asked */
    size_t wish_count;
    char barred[BARRED_MOST][TP_NAME_BYTES];
    size_t barred_count;
};

static struct tp_status take_wish(struct choosing *choosing, int position, int64_t seat_count,
                                  size_t *secondary, struct tp_error *error)
{
    const struct tp_rechoice *rechoice = &choosing->rechoice;
    struct tp_venue_wish *wish = &choosing->wishes[choosing->wish_count];
    const struct tp_venue_request *venue = NULL;
    if (position == 0) {
        if (!rechoice->has_main) {
            struct tp_status status = tp_fail(error, TP_INPUT, "request.no_main",
                                              "the main venue refused and is to be chosen anew");
            tp_error_set_field(error, "main");
            return status;
        }
        *wish = rechoice->main;
    } else {
        if (*secondary == rechoice->secondary_count) {
            struct tp_status status = tp_fail(error, TP_INPUT, "request.secondary_count",
                                              "a new venue for every refused one is wanted");
            tp_error_set_field(error, "secondary");
            return status;
        }
        venue = &rechoice->secondary[(*secondary)++];
        *wish = venue->wish;
    }
    bool new_experts = venue != NULL && venue->specialty_count > 0;
    choosing->experts[choosing->wish_count++] = new_experts ? venue : NULL;
    wish->position = position;
    if (!new_experts) {
        wish->seat_count = (size_t)seat_count;
    }
    return TP_STATUS_OK;
}

static void bar(struct choosing *choosing, const char *center_id)
{
    if (choosing->barred_count < BARRED_MOST) {
        snprintf(choosing->barred[choosing->barred_count++], TP_NAME_BYTES, "%s", center_id);
    }
}

static struct tp_status take_venues(struct choosing *choosing, struct tp_query *query,
                                    struct tp_error *error)
{
    size_t secondary = 0;
    bool main_refused = false;
    bool row = true;
    struct tp_status status = TP_STATUS_OK;
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_failed(status) || !row) {
            break;
        }
        int position = (int)tp_query_int(query, 0);
        if (strcmp(tp_query_text(query, 2), "refused") != 0) {
            bar(choosing, tp_query_text(query, 1));
            continue;
        }
        main_refused = main_refused || position == 0;
        status = take_wish(choosing, position, tp_query_int(query, 3), &secondary, error);
    }
    if (tp_ok(status) && (secondary != choosing->rechoice.secondary_count ||
                          (choosing->rechoice.has_main && !main_refused))) {
        status = tp_fail(error, TP_INPUT, "request.secondary_count",
                         "only refused venues are chosen anew");
        tp_error_set_field(error, "secondary");
    }
    return status;
}

/* The refused venues are to be chosen anew; the centers of the others are barred. */
static struct tp_status read_venues(struct tp_db *db, struct choosing *choosing,
                                    struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT v.position, v.center_id, v.state, v.representatives +"
                    " (SELECT COALESCE(SUM(e.count), 0) FROM session_experts e WHERE"
                    " e.session_id = v.session_id AND e.venue_position = v.position)"
                    " FROM session_venues v WHERE v.session_id = $1 ORDER BY v.position",
                    "t", choosing->session_id);
    if (tp_ok(status)) {
        status = take_venues(choosing, query, error);
    }
    tp_query_end(query);
    return status;
}

/* Centers that refused this session before get it by no lot again. */
static struct tp_status bar_refusers(struct tp_db *db, struct choosing *choosing,
                                     struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT data FROM record WHERE session_id = $1 AND act = 'session.refuse' ORDER BY n", "t",
        choosing->session_id);
    bool row = tp_ok(status);
    while (tp_ok(status) && row) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            TP_AUTO(tp_json) json_t *data = json_loads(tp_query_text(query, 0), 0, NULL);
            const char *center_id = json_string_value(json_object_get(data, "center_id"));
            if (center_id != NULL) {
                bar(choosing, center_id);
            }
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status check_not_used(const struct choosing *choosing, struct tp_error *error)
{
    /* Barred centers at the front are those of the venues that stay. */
    for (size_t w = 0; w < choosing->wish_count; w++) {
        for (size_t b = 0; b < choosing->barred_count; b++) {
            if (choosing->wishes[w].center_id != NULL &&
                strcmp(choosing->wishes[w].center_id, choosing->barred[b]) == 0) {
                return tp_fail(error, TP_INPUT, "request.center_twice",
                               "every venue is in another center");
            }
        }
    }
    return TP_STATUS_OK;
}

static struct tp_status write_places(struct tp_write *write, const struct choosing *choosing,
                                     const struct tp_session_row *row, struct tp_slots slots,
                                     const struct tp_venue_place *places, struct tp_error *error)
{
    char title[TP_SESSION_TITLE_BYTES];
    struct tp_status status =
        tp_session_title(write->db, row->lot_id, "核对并确认远程异地评标场地：", title, error);
    for (size_t i = 0; tp_ok(status) && i < choosing->wish_count; i++) {
        status = tp_venue_write(write, row->id, &places[i], 0, slots, title, error);
    }
    return status;
}

static struct tp_status write_experts(struct tp_write *write, const struct choosing *choosing,
                                      struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; tp_ok(status) && i < choosing->wish_count; i++) {
        if (choosing->experts[i] != NULL) {
            status =
                tp_venue_experts_write(write, choosing->session_id, choosing->wishes[i].position,
                                       choosing->experts[i], error);
        }
    }
    int64_t experts = 0;
    int64_t representatives = 0;
    bool found = false;
    if (tp_ok(status)) {
        status = tp_db_ask_int(
            write->db, &experts, &found, error,
            "SELECT COALESCE(SUM(count), 0) FROM session_experts WHERE session_id = $1", "t",
            choosing->session_id);
    }
    if (tp_ok(status)) {
        status = tp_db_ask_int(write->db, &representatives, &found, error,
                               "SELECT COALESCE(SUM(representatives), 0) FROM session_venues"
                               " WHERE session_id = $1",
                               "t", choosing->session_id);
    }
    return tp_ok(status) ? tp_request_check_committee(write->app, experts, representatives, error)
                         : status;
}

static json_t *choice_data(const struct choosing *choosing, const struct tp_venue_place *places,
                           json_t *lot_record)
{
    json_t *venues = json_array();
    for (size_t i = 0; i < choosing->wish_count; i++) {
        json_t *seats = json_array();
        for (size_t s = 0; s < places[i].seat_count; s++) {
            json_array_append_new(seats, json_string(places[i].seats[s]->id));
        }
        json_array_append_new(venues,
                              json_pack("{s:i, s:s, s:o}", "position", places[i].position,
                                        "center_id", places[i].center_id, "seat_ids", seats));
    }
    json_t *data = json_pack("{s:s, s:o}", "choice", choosing->rechoice.by_lot ? "lot" : "pick",
                             "venues", venues);
    if (lot_record != NULL) {
        json_object_set(data, "lot_record", lot_record);
    }
    return data;
}

static struct tp_status keep_lot_record(struct tp_write *write, const char *session_id,
                                        const json_t *lot_record, struct tp_error *error)
{
    if (lot_record == NULL) {
        return TP_STATUS_OK;
    }
    TP_AUTO_FREE char *text = json_dumps(lot_record, JSON_COMPACT);
    return tp_db_run(write->db, error, "UPDATE sessions SET lot_record = $2 WHERE id = $1", "tt",
                     session_id, text);
}

static struct tp_status allocate_and_apply(struct tp_write *write, struct choosing *choosing,
                                           const struct tp_session_row *row,
                                           const struct tp_seat_list *seats, struct tp_slots slots,
                                           struct tp_error *error)
{
    const char *barred[BARRED_MOST];
    for (size_t i = 0; i < choosing->barred_count; i++) {
        barred[i] = choosing->barred[i];
    }
    uint8_t seed[TP_LOT_SEED_BYTES];
    tp_random_fill(write->app->random, seed, sizeof seed);
    struct tp_venue_place places[TP_VENUES_MOST];
    TP_AUTO(tp_json) json_t *lot_record = NULL;
    struct tp_status status = tp_allocate(seats, choosing->wishes, choosing->wish_count, barred,
                                          choosing->barred_count, seed, places, &lot_record, error);
    if (tp_ok(status)) {
        status = write_places(write, choosing, row, slots, places, error);
    }
    if (tp_ok(status)) {
        status = write_experts(write, choosing, error);
    }
    if (tp_ok(status)) {
        status = keep_lot_record(write, row->id, lot_record, error);
    }
    if (tp_ok(status)) {
        json_t *data = choice_data(choosing, places, lot_record);
        status = tp_session_apply(write, row->id, choosing->rechoice.version, TP_EVENT_CHOOSE,
                                  choosing->call->user->id, data, NULL, error);
        json_decref(data);
    }
    return status;
}

static struct tp_status check_state(const struct tp_session_row *row, struct tp_error *error)
{
    if (row->state != TP_SESSION_CHOOSING) {
        return tp_fail(error, TP_CONFLICT, "session.wrong_state",
                       "venues are chosen anew after a refusal only");
    }
    return TP_STATUS_OK;
}

static struct tp_status choose(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct choosing *choosing = argument;
    choosing->wish_count = 0;
    choosing->barred_count = 0;
    struct tp_session_row row;
    struct tp_status status = tp_permit(write->db, choosing->call->user, TP_ACT_SESSION_CHOOSE,
                                        choosing->session_id, error);
    if (tp_ok(status)) {
        status = tp_session_row_read(write->db, choosing->session_id, &row, error);
    }
    if (tp_ok(status)) {
        status = tp_session_version_check(&row, choosing->rechoice.version, error);
    }
    if (tp_ok(status)) {
        status = check_state(&row, error);
    }
    if (tp_ok(status)) {
        status = read_venues(write->db, choosing, error);
    }
    if (tp_ok(status)) {
        status = check_not_used(choosing, error);
    }
    if (tp_ok(status)) {
        status = bar_refusers(write->db, choosing, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    struct tp_slots slots = tp_slots_cover(tp_policy_value(write->app->policy, TP_RULE_SLOT),
                                           row.start_at_ms, row.end_at_ms);
    struct tp_seat_list seats;
    status = tp_seat_list_read(write->db, slots, &seats, error);
    if (tp_ok(status)) {
        status = allocate_and_apply(write, choosing, &row, &seats, slots, error);
        tp_seat_list_fini(&seats);
    }
    return status;
}

struct tp_status tp_request_choose(struct tp_call *call, struct tp_error *error)
{
    struct choosing choosing = {.call = call};
    struct tp_status status = tp_call_id(call, "session_id", &choosing.session_id, error);
    if (tp_ok(status)) {
        status = tp_rechoice_read(call->body, &choosing.rechoice, error);
    }
    if (tp_ok(status)) {
        status = tp_write_run(call->app, choose, &choosing, error);
    }
    return tp_ok(status) ? tp_call_answer_session(call, 200, choosing.session_id, error) : status;
}
