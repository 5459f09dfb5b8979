#include "coordinator/request/request_body.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/config/policy.h"
#include "coordinator/domain/committee.h"
#include "coordinator/session/session.h"

#define TIME_MOST_MS 253402300800000LL

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof(fields)[0])

static struct tp_status refuse(struct tp_error *error, const char *path, const char *code,
                               const char *message)
{
    struct tp_status status = tp_fail(error, TP_INPUT, code, "%s", message);
    tp_error_set_field(error, "%s", path);
    return status;
}

static struct tp_status read_texts(const json_t *array, const char *path, const char **out,
                                   size_t *count, size_t most, struct tp_error *error)
{
    *count = 0;
    size_t index;
    json_t *item;
    json_array_foreach(array, index, item)
    {
        if (!json_is_string(item) || json_string_length(item) == 0 ||
            json_string_length(item) >= TP_NAME_BYTES || *count == most) {
            return refuse(error, path, "json.wrong_type", "an array of ids is wanted");
        }
        out[(*count)++] = json_string_value(item);
    }
    return TP_STATUS_OK;
}

static struct tp_status read_experts(const json_t *array, const char *path,
                                     struct tp_venue_request *venue, struct tp_error *error)
{
    size_t index;
    json_t *item;
    json_array_foreach(array, index, item)
    {
        char item_path[64];
        snprintf(item_path, sizeof item_path, "%s.experts[%zu]", path, index);
        struct tp_expert_need *need = &venue->experts[venue->specialty_count];
        const struct tp_json_field fields[] = {
            {"specialty", TP_JSON_TEXT, &need->specialty, false, 1, 64},
            {"count", TP_JSON_INT, &need->count, false, 1, TP_VENUE_SEATS_MOST},
        };
        struct tp_status status = tp_json_read(item, item_path, fields, FIELD_COUNT(fields), error);
        if (tp_failed(status)) {
            return status;
        }
        if (strlen(need->specialty) >= TP_NAME_BYTES) {
            return refuse(error, item_path, "request.bad_specialty", "the code is too long");
        }
        for (size_t i = 0; i < venue->specialty_count; i++) {
            if (strcmp(venue->experts[i].specialty, need->specialty) == 0) {
                return refuse(error, item_path, "request.specialty_twice",
                              "a specialty is named twice");
            }
        }
        venue->specialty_count++;
        venue->wish.seat_count += (size_t)need->count;
    }
    return TP_STATUS_OK;
}

static struct tp_status check_seats(const struct tp_venue_request *venue, const char *path,
                                    struct tp_error *error)
{
    if (venue->wish.seat_count > TP_VENUE_SEATS_MOST) {
        return refuse(error, path, "request.too_many_seats", "too many people at one venue");
    }
    if (venue->wish.named_seat_count > 0 &&
        venue->wish.named_seat_count != venue->wish.seat_count) {
        return refuse(error, path, "request.seat_count",
                      "as many seats as experts are to be picked");
    }
    return TP_STATUS_OK;
}

static struct tp_status read_main(const json_t *object, struct tp_venue_request *venue,
                                  struct tp_error *error)
{
    json_t *rooms = NULL;
    json_t *experts = NULL;
    const struct tp_json_field fields[] = {
        {"center_id", TP_JSON_TEXT, &venue->wish.center_id, false, 1, 64},
        {"room_ids", TP_JSON_ARRAY, &rooms, false, 1, TP_VENUE_ROOMS_MOST},
        {"tenderer_representatives", TP_JSON_INT, &venue->representatives, false, 0,
         TP_VENUE_SEATS_MOST},
        {"experts", TP_JSON_ARRAY, &experts, false, 1, TP_SPECIALTIES_PER_VENUE_MOST},
    };
    struct tp_status status = tp_json_read(object, "main", fields, FIELD_COUNT(fields), error);
    if (tp_ok(status)) {
        status = read_texts(rooms, "main.room_ids", venue->wish.rooms, &venue->wish.room_count,
                            TP_VENUE_ROOMS_MOST, error);
    }
    if (tp_ok(status)) {
        status = read_experts(experts, "main", venue, error);
    }
    if (tp_ok(status)) {
        venue->wish.seat_count += (size_t)venue->representatives;
        status = check_seats(venue, "main", error);
    }
    return status;
}

static struct tp_status check_choice(bool by_lot, const struct tp_venue_wish *wish,
                                     const char *path, struct tp_error *error)
{
    if (by_lot && (wish->center_id != NULL || wish->named_seat_count > 0)) {
        return refuse(error, path, "request.lot_names_center",
                      "with the lot, centers and seats are not named");
    }
    if (!by_lot && wish->center_id == NULL) {
        return refuse(error, path, "request.no_center", "a center is to be picked");
    }
    return TP_STATUS_OK;
}

/* A venue chosen anew may leave out its experts: those that it was asked for stand. */
static struct tp_status read_secondary(const json_t *object, size_t index, bool by_lot,
                                       bool may_keep_experts, struct tp_venue_request *venue,
                                       struct tp_error *error)
{
    char path[32];
    snprintf(path, sizeof path, "secondary[%zu]", index);
    json_t *seats = NULL;
    json_t *experts = NULL;
    const struct tp_json_field fields[] = {
        {"center_id", TP_JSON_TEXT, &venue->wish.center_id, true, 1, 64},
        {"seat_ids", TP_JSON_ARRAY, &seats, true, 0, TP_VENUE_SEATS_MOST},
        {"experts", TP_JSON_ARRAY, &experts, may_keep_experts, 1, TP_SPECIALTIES_PER_VENUE_MOST},
    };
    struct tp_status status = tp_json_read(object, path, fields, FIELD_COUNT(fields), error);
    if (tp_ok(status) && seats != NULL) {
        status = read_texts(seats, path, venue->wish.seats, &venue->wish.named_seat_count,
                            TP_VENUE_SEATS_MOST, error);
    }
    if (tp_ok(status) && experts != NULL) {
        status = read_experts(experts, path, venue, error);
    }
    if (tp_ok(status) && experts != NULL) {
        status = check_seats(venue, path, error);
    }
    return tp_ok(status) ? check_choice(by_lot, &venue->wish, path, error) : status;
}

static struct tp_status read_choice(const char *choice, bool *by_lot, struct tp_error *error)
{
    *by_lot = strcmp(choice, "lot") == 0;
    if (!*by_lot && strcmp(choice, "pick") != 0) {
        return refuse(error, "choice", "request.bad_choice", "\"lot\" or \"pick\"");
    }
    return TP_STATUS_OK;
}

struct tp_status tp_request_check_committee(const struct tp_app *app, int64_t experts,
                                            int64_t representatives, struct tp_error *error)
{
    const struct tp_policy *policy = app->policy;
    const struct tp_committee_rules rules = {
        .minimum = tp_policy_value(policy, TP_RULE_COMMITTEE_MINIMUM),
        .odd = tp_policy_value(policy, TP_RULE_COMMITTEE_ODD) != 0,
        .expert_thirds = tp_policy_value(policy, TP_RULE_COMMITTEE_EXPERT_THIRDS),
        .minimum_source = tp_policy_source(policy, TP_RULE_COMMITTEE_MINIMUM),
        .odd_source = tp_policy_source(policy, TP_RULE_COMMITTEE_ODD),
        .thirds_source = tp_policy_source(policy, TP_RULE_COMMITTEE_EXPERT_THIRDS),
    };
    return tp_committee_check(&rules, experts, representatives, error);
}

static struct tp_status check_committee(const struct tp_app *app, const struct tp_request *request,
                                        struct tp_error *error)
{
    int64_t experts = 0;
    int64_t representatives = 0;
    for (size_t i = 0; i < request->venue_count; i++) {
        for (size_t e = 0; e < request->venues[i].specialty_count; e++) {
            experts += request->venues[i].experts[e].count;
        }
        representatives += request->venues[i].representatives;
    }
    return tp_request_check_committee(app, experts, representatives, error);
}

static struct tp_status read_all_secondary(const json_t *array, struct tp_request *request,
                                           struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; tp_ok(status) && i < json_array_size(array); i++) {
        struct tp_venue_request *venue = &request->venues[request->venue_count];
        venue->wish.position = (int)request->venue_count++;
        status = read_secondary(json_array_get(array, i), i, request->by_lot, false, venue, error);
    }
    return status;
}

struct tp_status tp_request_read(struct tp_app *app, const json_t *body, struct tp_request *request,
                                 struct tp_error *error)
{
    memset(request, 0, sizeof *request);
    const char *choice = NULL;
    json_t *main = NULL;
    json_t *secondary = NULL;
    int64_t secondary_count = 0;
    const struct tp_json_field fields[] = {
        {"lot_id", TP_JSON_TEXT, &request->lot_id, false, 1, 64},
        {"start_at", TP_JSON_INT, &request->start_at_ms, false, 1, TIME_MOST_MS},
        {"end_at", TP_JSON_INT, &request->end_at_ms, false, 1, TIME_MOST_MS},
        {"main", TP_JSON_OBJECT, &main, false, 0, 0},
        {"choice", TP_JSON_TEXT, &choice, false, 1, 8},
        {"secondary_count", TP_JSON_INT, &secondary_count, false, 1, TP_VENUES_MOST - 1},
        {"secondary", TP_JSON_ARRAY, &secondary, false, 1, TP_VENUES_MOST - 1},
    };
    struct tp_status status = tp_json_read(body, NULL, fields, FIELD_COUNT(fields), error);
    if (tp_ok(status)) {
        status = read_choice(choice, &request->by_lot, error);
    }
    if (tp_ok(status) && (size_t)secondary_count != json_array_size(secondary)) {
        status = refuse(error, "secondary_count", "request.secondary_count",
                        "the count differs from the number of secondary venues");
    }
    if (tp_ok(status)) {
        request->venue_count = 1;
        status = read_main(main, &request->venues[0], error);
    }
    if (tp_ok(status)) {
        status = read_all_secondary(secondary, request, error);
    }
    return tp_ok(status) ? check_committee(app, request, error) : status;
}

static struct tp_status read_new_main(const json_t *object, struct tp_venue_wish *wish,
                                      struct tp_error *error)
{
    json_t *rooms = NULL;
    const struct tp_json_field fields[] = {
        {"center_id", TP_JSON_TEXT, &wish->center_id, false, 1, 64},
        {"room_ids", TP_JSON_ARRAY, &rooms, false, 1, TP_VENUE_ROOMS_MOST},
    };
    struct tp_status status = tp_json_read(object, "main", fields, FIELD_COUNT(fields), error);
    return tp_ok(status) ? read_texts(rooms, "main.room_ids", wish->rooms, &wish->room_count,
                                      TP_VENUE_ROOMS_MOST, error)
                         : status;
}

struct tp_status tp_rechoice_read(const json_t *body, struct tp_rechoice *rechoice,
                                  struct tp_error *error)
{
    memset(rechoice, 0, sizeof *rechoice);
    rechoice->version = TP_VERSION_ANY;
    const char *choice = NULL;
    json_t *main = NULL;
    json_t *secondary = NULL;
    int64_t secondary_count = 0;
    const struct tp_json_field fields[] = {
        {"version", TP_JSON_INT, &rechoice->version, true, 0, INT32_MAX},
        {"choice", TP_JSON_TEXT, &choice, false, 1, 8},
        {"main", TP_JSON_OBJECT, &main, true, 0, 0},
        {"secondary_count", TP_JSON_INT, &secondary_count, true, 0, TP_VENUES_MOST - 1},
        {"secondary", TP_JSON_ARRAY, &secondary, true, 0, TP_VENUES_MOST - 1},
    };
    struct tp_status status = tp_json_read(body, NULL, fields, FIELD_COUNT(fields), error);
    if (tp_ok(status)) {
        status = read_choice(choice, &rechoice->by_lot, error);
    }
    if (tp_ok(status) && main != NULL) {
        rechoice->has_main = true;
        status = read_new_main(main, &rechoice->main, error);
    }
    for (size_t i = 0; tp_ok(status) && i < json_array_size(secondary); i++) {
        status = read_secondary(json_array_get(secondary, i), i, rechoice->by_lot, true,
                                &rechoice->secondary[rechoice->secondary_count++], error);
    }
    return status;
}
