#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"
#include "coordinator/allocation/allocation.h"

/* Centers a, b, c, ... with so many seats each, in rooms of two. */
static struct tp_seat_list make_province(const int *seat_counts, size_t center_count)
{
    struct tp_seat_list list = {.seats = calloc(256, sizeof *list.seats)};
    assert_non_null(list.seats);
    for (size_t c = 0; c < center_count; c++) {
        for (int s = 0; s < seat_counts[c]; s++) {
            struct tp_seat_view *seat = &list.seats[list.count++];
            snprintf(seat->center_id, sizeof seat->center_id, "%c", (char)('a' + c));
            snprintf(seat->room_id, sizeof seat->room_id, "%c-r%d", (char)('a' + c), 1 + s / 2);
            snprintf(seat->id, sizeof seat->id, "%c-s%d", (char)('a' + c), 1 + s);
            seat->free = true;
        }
    }
    return list;
}

struct outcome {
    struct tp_venue_place places[TP_VENUES_MOST];
    json_t *record;
    struct tp_error error;
    bool done;
};

static void allocate(const struct tp_seat_list *list, const struct tp_venue_wish *wishes,
                     size_t count, const char *const *barred, size_t barred_count, uint64_t seed,
                     struct outcome *outcome)
{
    struct tp_seeded_random random;
    tp_seeded_random_init(&random, seed);
    uint8_t bytes[TP_LOT_SEED_BYTES];
    tp_random_fill(&random.random, bytes, sizeof bytes);
    memset(outcome, 0, sizeof *outcome);
    outcome->done = tp_ok(tp_allocate(list, wishes, count, barred, barred_count, bytes,
                                      outcome->places, &outcome->record, &outcome->error));
}

static void assert_sound(const struct outcome *outcome, const struct tp_venue_wish *wishes,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct tp_venue_place *place = &outcome->places[i];
        assert_int_equal(place->position, wishes[i].position);
        assert_int_equal(place->seat_count, wishes[i].seat_count);
        for (size_t s = 0; s < place->seat_count; s++) {
            assert_true(place->seats[s]->free);
            assert_string_equal(place->seats[s]->center_id, place->center_id);
            for (size_t other = 0; other < s; other++) {
                assert_ptr_not_equal(place->seats[s], place->seats[other]);
            }
        }
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(place->center_id, outcome->places[other].center_id);
        }
    }
}

static void allocate__lot__is_uniform_and_recomputable(void **state)
{
    (void)state;
    const int counts[] = {4, 4, 4, 1, 4};
    struct tp_seat_list list = make_province(counts, 5);
    const struct tp_venue_wish wishes[] = {{.position = 0, .center_id = "a", .seat_count = 3},
                                           {.position = 1, .seat_count = 2}};
    int won[5] = {0};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct outcome outcome;
        allocate(&list, wishes, 2, NULL, 0, seed, &outcome);
        assert_true(outcome.done);
        assert_sound(&outcome, wishes, 2);
        const json_t *candidates = json_object_get(outcome.record, "candidates");
        assert_int_equal(json_array_size(candidates), 3); /* a is used, d is too small */
        const char *smallest = NULL;
        const char *winner = NULL;
        for (size_t i = 0; i < 3; i++) {
            const json_t *candidate = json_array_get(candidates, i);
            const char *ticket = json_string_value(json_object_get(candidate, "ticket"));
            if (smallest == NULL || strcmp(ticket, smallest) < 0) {
                smallest = ticket;
                winner = json_string_value(json_object_get(candidate, "center_id"));
            }
        }
        assert_string_equal(outcome.places[1].center_id, winner);
        assert_string_equal(
            json_string_value(json_object_get(
                json_array_get(json_object_get(outcome.record, "chosen"), 0), "center_id")),
            winner);
        won[winner[0] - 'a']++;
        json_decref(outcome.record);
    }
    assert_int_equal(won[0] + won[3], 0);
    for (int c = 1; c < 5; c++) {
        /* 1000 expected of each; five standard deviations are 130. */
        assert_true(c == 3 || (won[c] > 870 && won[c] < 1130));
    }
    tp_seat_list_fini(&list);
}

/* Only c can seat five; a smaller venue drawn first must not take it. */
static void allocate__last_large_center__is_left_for_the_large_venue(void **state)
{
    (void)state;
    const int counts[] = {3, 2, 5};
    struct tp_seat_list list = make_province(counts, 3);
    const struct tp_venue_wish wishes[] = {{.position = 0, .center_id = "a", .seat_count = 3},
                                           {.position = 1, .seat_count = 2},
                                           {.position = 2, .seat_count = 5}};
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct outcome outcome;
        allocate(&list, wishes, 3, NULL, 0, seed, &outcome);
        assert_true(outcome.done);
        assert_string_equal(outcome.places[1].center_id, "b");
        assert_string_equal(outcome.places[2].center_id, "c");
        json_decref(outcome.record);
    }
    tp_seat_list_fini(&list);
}

static void allocate__nothing_fits__says_which_venue(void **state)
{
    (void)state;
    const int counts[] = {5, 2};
    struct tp_seat_list list = make_province(counts, 2);
    const struct tp_venue_wish wishes[] = {{.position = 0, .center_id = "a", .seat_count = 3},
                                           {.position = 1, .seat_count = 3}};
    struct outcome outcome;
    allocate(&list, wishes, 2, NULL, 0, 1, &outcome);
    assert_false(outcome.done);
    assert_int_equal(outcome.error.class, TP_CONFLICT);
    assert_string_equal(outcome.error.code, "request.nothing_fits");
    assert_string_equal(outcome.error.field, "secondary[0]");
    tp_seat_list_fini(&list);
}

static void allocate__barred_center__never_drawn(void **state)
{
    (void)state;
    const int counts[] = {4, 4, 4};
    struct tp_seat_list list = make_province(counts, 3);
    const struct tp_venue_wish wish = {.position = 1, .seat_count = 2};
    const char *const barred[] = {"a", "c"};
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct outcome outcome;
        allocate(&list, &wish, 1, barred, 2, seed, &outcome);
        assert_true(outcome.done);
        assert_string_equal(outcome.places[0].center_id, "b");
        json_decref(outcome.record);
    }
    tp_seat_list_fini(&list);
}

static void allocate__picked_seat__must_be_free_and_there(void **state)
{
    (void)state;
    const int counts[] = {4, 4};
    struct tp_seat_list list = make_province(counts, 2);
    struct tp_venue_wish wish = {.position = 1,
                                 .center_id = "b",
                                 .seats = {"b-s2", "b-s4"},
                                 .named_seat_count = 2,
                                 .seat_count = 2};
    struct outcome outcome;
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_true(outcome.done);
    assert_null(outcome.record);
    assert_string_equal(outcome.places[0].seats[1]->id, "b-s4");
    list.seats[7].free = false;
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.seats_taken");
    wish.seats[1] = "a-s1";
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.unknown_seat");
    wish.seats[1] = "b-s2";
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.unknown_seat");
    tp_seat_list_fini(&list);
}

static void allocate__rooms__named_ones_only_and_whole_ones_first(void **state)
{
    (void)state;
    const int counts[] = {6};
    struct tp_seat_list list = make_province(counts, 1);
    struct tp_venue_wish wish = {.position = 0, .center_id = "a", .seat_count = 2};
    struct outcome outcome;
    list.seats[1].free = false; /* room 1 has one seat left: room 2 seats both */
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_true(outcome.done);
    assert_string_equal(outcome.places[0].seats[0]->room_id, "a-r2");
    wish.rooms[wish.room_count++] = "a-r1";
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.seats_taken");
    assert_string_equal(outcome.error.field, "main");
    wish.rooms[0] = "a-r9";
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.unknown_room");
    wish.center_id = "z";
    allocate(&list, &wish, 1, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.unknown_center");
    tp_seat_list_fini(&list);
}

static void allocate__one_center_twice__refused(void **state)
{
    (void)state;
    const int counts[] = {8};
    struct tp_seat_list list = make_province(counts, 1);
    const struct tp_venue_wish wishes[] = {{.position = 0, .center_id = "a", .seat_count = 3},
                                           {.position = 1, .center_id = "a", .seat_count = 2}};
    struct outcome outcome;
    allocate(&list, wishes, 2, NULL, 0, 1, &outcome);
    assert_string_equal(outcome.error.code, "request.center_twice");
    tp_seat_list_fini(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocate__lot__is_uniform_and_recomputable),
        cmocka_unit_test(allocate__last_large_center__is_left_for_the_large_venue),
        cmocka_unit_test(allocate__nothing_fits__says_which_venue),
        cmocka_unit_test(allocate__barred_center__never_drawn),
        cmocka_unit_test(allocate__picked_seat__must_be_free_and_there),
        cmocka_unit_test(allocate__rooms__named_ones_only_and_whole_ones_first),
        cmocka_unit_test(allocate__one_center_twice__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
