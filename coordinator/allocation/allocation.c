#include "coordinator/allocation/allocation.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "coordinator/allocation/venue_lot.h"

static bool in_list(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool wanted(const struct tp_venue_wish *wish, const struct tp_seat_view *seat)
{
    return wish->room_count == 0 || in_list(wish->rooms, wish->room_count, seat->room_id);
}

static struct tp_status fail_at(struct tp_error *error, enum tp_class class, const char *code,
                                const struct tp_venue_wish *wish, const char *message)
{
    struct tp_status status = tp_fail(error, class, code, "%s", message);
    if (wish->position == 0) {
        tp_error_set_field(error, "main");
    } else {
        tp_error_set_field(error, "secondary[%d]", wish->position - 1);
    }
    return status;
}

static struct tp_status check_rooms(const struct tp_seat_list *seats,
                                    const struct tp_venue_wish *wish, struct tp_error *error)
{
    bool center_known = false;
    for (size_t i = 0; i < seats->count; i++) {
        center_known = center_known || strcmp(seats->seats[i].center_id, wish->center_id) == 0;
    }
    if (!center_known) {
        return fail_at(error, TP_INPUT, "request.unknown_center", wish,
                       "there is no such center, or it has no seats");
    }
    for (size_t r = 0; r < wish->room_count; r++) {
        bool known = false;
        for (size_t i = 0; i < seats->count && !known; i++) {
            known = strcmp(seats->seats[i].room_id, wish->rooms[r]) == 0 &&
                    strcmp(seats->seats[i].center_id, wish->center_id) == 0;
        }
        if (!known) {
            return fail_at(error, TP_INPUT, "request.unknown_room", wish,
                           "the center has no such room");
        }
    }
    return TP_STATUS_OK;
}

static struct tp_status place_named(const struct tp_seat_list *seats,
                                    const struct tp_venue_wish *wish, struct tp_venue_place *place,
                                    struct tp_error *error)
{
    if (wish->named_seat_count != wish->seat_count) {
        return fail_at(error, TP_INPUT, "request.seat_count", wish,
                       "as many seats as experts are to be picked");
    }
    for (size_t s = 0; s < wish->named_seat_count; s++) {
        const struct tp_seat_view *found = NULL;
        for (size_t i = 0; i < seats->count && found == NULL; i++) {
            if (strcmp(seats->seats[i].id, wish->seats[s]) == 0 &&
                strcmp(seats->seats[i].center_id, wish->center_id) == 0) {
                found = &seats->seats[i];
            }
        }
        if (found == NULL || in_list(wish->seats, s, wish->seats[s])) {
            return fail_at(error, TP_INPUT, "request.unknown_seat", wish,
                           "a seat is not of this center or named twice");
        }
        if (!found->free) {
            return fail_at(error, TP_CONFLICT, "request.seats_taken", wish,
                           "a picked seat was taken by another session");
        }
        place->seats[place->seat_count++] = found;
    }
    return TP_STATUS_OK;
}

/* Takes the first free seats. Rooms of a center stand together in the list; where the agency named
 * none, a room that seats the whole venue is preferred, so that a venue is not scattered. */
static void take_free(const struct tp_seat_list *seats, const struct tp_venue_wish *wish,
                      const char *center_id, const char *room_id, struct tp_venue_place *place)
{
    place->seat_count = 0;
    for (size_t i = 0; i < seats->count && place->seat_count < wish->seat_count; i++) {
        const struct tp_seat_view *seat = &seats->seats[i];
        if (seat->free && strcmp(seat->center_id, center_id) == 0 && wanted(wish, seat) &&
            (room_id == NULL || strcmp(seat->room_id, room_id) == 0)) {
            place->seats[place->seat_count++] = seat;
        }
    }
}

static bool place_free(const struct tp_seat_list *seats, const struct tp_venue_wish *wish,
                       const char *center_id, struct tp_venue_place *place)
{
    const char *tried = "";
    for (size_t i = 0; i < seats->count; i++) {
        const struct tp_seat_view *seat = &seats->seats[i];
        if (strcmp(seat->center_id, center_id) != 0 || strcmp(seat->room_id, tried) == 0) {
            continue;
        }
        tried = seat->room_id;
        take_free(seats, wish, center_id, tried, place);
        if (place->seat_count == wish->seat_count) {
            return true;
        }
    }
    take_free(seats, wish, center_id, NULL, place);
    return place->seat_count == wish->seat_count;
}

static struct tp_status place_chosen(const struct tp_seat_list *seats,
                                     const struct tp_venue_wish *wish, struct tp_venue_place *place,
                                     struct tp_error *error)
{
    struct tp_status status = check_rooms(seats, wish, error);
    if (tp_failed(status)) {
        return status;
    }
    place->center_id = wish->center_id;
    if (wish->named_seat_count > 0) {
        return place_named(seats, wish, place, error);
    }
    if (!place_free(seats, wish, wish->center_id, place)) {
        return fail_at(error, TP_CONFLICT, "request.seats_taken", wish,
                       "not enough seats are free there at this time");
    }
    return TP_STATUS_OK;
}

struct allocating {
    const struct tp_seat_list *seats;
    const struct tp_venue_wish *wishes;
    struct tp_venue_place *places;
    size_t count;
    const char *const *barred;
    size_t barred_count;
};

static bool used(const struct allocating *allocating, const char *center_id)
{
    for (size_t i = 0; i < allocating->count; i++) {
        const char *taken = allocating->places[i].center_id;
        if (taken != NULL && strcmp(taken, center_id) == 0) {
            return true;
        }
    }
    return in_list(allocating->barred, allocating->barred_count, center_id);
}

/* The centers that can seat a wish, in the order of the list. */
static size_t find_candidates(const struct allocating *allocating, const struct tp_venue_wish *wish,
                              const char **candidates, size_t most)
{
    size_t count = 0;
    const char *last = "";
    for (size_t i = 0; i < allocating->seats->count && count < most; i++) {
        const char *center_id = allocating->seats->seats[i].center_id;
        if (strcmp(center_id, last) == 0) {
            continue;
        }
        last = center_id;
        struct tp_venue_place trial = {0};
        if (!used(allocating, center_id) &&
            place_free(allocating->seats, wish, center_id, &trial)) {
            candidates[count++] = center_id;
        }
    }
    return count;
}

static struct tp_status draw_one(const struct allocating *allocating, size_t index,
                                 struct tp_venue_lot *lot, struct tp_error *error)
{
    const struct tp_venue_wish *wish = &allocating->wishes[index];
    struct tp_venue_place *place = &allocating->places[index];
    const char *candidates[TP_LOT_CANDIDATES_MOST];
    size_t count = find_candidates(allocating, wish, candidates, TP_LOT_CANDIDATES_MOST);
    if (count == 0) {
        return fail_at(error, TP_CONFLICT, "request.nothing_fits", wish,
                       "no center can seat this venue at this time");
    }
    place->center_id = tp_venue_lot_draw(lot, (uint32_t)wish->position, candidates, count);
    bool fits = place_free(allocating->seats, wish, place->center_id, place);
    assert(fits);
    (void)fits;
    return TP_STATUS_OK;
}

/* The not yet drawn wish with the most seats, the first of equals; count when none is left. */
static size_t next_by_lot(const struct allocating *allocating)
{
    size_t next = allocating->count;
    for (size_t i = 0; i < allocating->count; i++) {
        if (allocating->places[i].center_id == NULL &&
            (next == allocating->count ||
             allocating->wishes[i].seat_count > allocating->wishes[next].seat_count)) {
            next = i;
        }
    }
    return next;
}

static struct tp_status place_all_chosen(const struct allocating *allocating,
                                         struct tp_error *error)
{
    for (size_t i = 0; i < allocating->count; i++) {
        const struct tp_venue_wish *wish = &allocating->wishes[i];
        if (wish->center_id == NULL) {
            continue;
        }
        for (size_t other = 0; other < i; other++) {
            if (allocating->wishes[other].center_id != NULL &&
                strcmp(allocating->wishes[other].center_id, wish->center_id) == 0) {
                return fail_at(error, TP_INPUT, "request.center_twice", wish,
                               "every venue is in another center");
            }
        }
        struct tp_status status =
            place_chosen(allocating->seats, wish, &allocating->places[i], error);
        if (tp_failed(status)) {
            return status;
        }
    }
    return TP_STATUS_OK;
}

struct tp_status tp_allocate(const struct tp_seat_list *seats, const struct tp_venue_wish *wishes,
                             size_t count, const char *const *barred, size_t barred_count,
                             const uint8_t seed[TP_LOT_SEED_BYTES], struct tp_venue_place *places,
                             json_t **lot_record, struct tp_error *error)
{
    assert(count <= TP_VENUES_MOST);
    memset(places, 0, count * sizeof *places);
    const struct allocating allocating = {.seats = seats,
                                          .wishes = wishes,
                                          .places = places,
                                          .count = count,
                                          .barred = barred,
                                          .barred_count = barred_count};
    for (size_t i = 0; i < count; i++) {
        assert(wishes[i].seat_count <= TP_VENUE_SEATS_MOST);
        places[i].position = wishes[i].position;
    }
    struct tp_status status = place_all_chosen(&allocating, error);
    struct tp_venue_lot lot;
    if (tp_ok(status)) {
        status = tp_venue_lot_init(&lot, seed, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    for (size_t next = next_by_lot(&allocating); tp_ok(status) && next < count;
         next = next_by_lot(&allocating)) {
        status = draw_one(&allocating, next, &lot, error);
    }
    *lot_record = NULL;
    if (tp_ok(status)) {
        status = tp_venue_lot_record(&lot, lot_record, error);
    }
    tp_venue_lot_fini(&lot);
    return status;
}
