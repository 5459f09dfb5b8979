#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "coordinator/domain/committee.h"
#include "coordinator/domain/lot_ticket.h"
#include "coordinator/domain/slots.h"

#define MINUTE_MS (60 * 1000LL)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
/* 2026-11-23T00:00:00+08:00 */
#define MIDNIGHT_MS (1795363200000LL)

static const struct tp_committee_rules law = {.minimum = 5,
                                              .odd = true,
                                              .expert_thirds = 2,
                                              .minimum_source = "least",
                                              .odd_source = "odd",
                                              .thirds_source = "thirds"};

static void assert_committee(int64_t experts, int64_t representatives, const char *code,
                             const char *source)
{
    struct tp_error error;
    tp_error_clear(&error);
    struct tp_status status = tp_committee_check(&law, experts, representatives, &error);
    assert_int_equal(status.class, code[0] == '\0' ? TP_OK : TP_INPUT);
    assert_string_equal(error.code, code);
    assert_string_equal(error.source, source);
}

static void committee_check__article_37__to_the_member(void **state)
{
    (void)state;
    assert_committee(5, 0, "", "");
    assert_committee(4, 1, "", "");
    assert_committee(6, 3, "", ""); /* exactly two thirds */
    assert_committee(3, 1, "request.committee_too_small", "least");
    assert_committee(6, 0, "request.committee_even", "odd");
    assert_committee(3, 2, "request.committee_experts_too_few", "thirds");
    assert_committee(0, 0, "request.committee_too_small", "least");
}

static const struct tp_time_rules times = {.slot_ms = 30 * MINUTE_MS,
                                           .longest_ms = 12 * HOUR_MS,
                                           .horizon_ms = 30 * DAY_MS,
                                           .overnight = false,
                                           .slot_source = "slot",
                                           .longest_source = "longest",
                                           .horizon_source = "horizon",
                                           .overnight_source = "overnight"};

static void assert_times(int64_t start, int64_t end, const char *code, const char *field)
{
    struct tp_slots slots = {0};
    struct tp_error error;
    tp_error_clear(&error);
    struct tp_status status = tp_slots_of(&times, MIDNIGHT_MS, start, end, &slots, &error);
    assert_string_equal(error.code, code);
    assert_string_equal(error.field, field);
    assert_int_equal(status.class, code[0] == '\0' ? TP_OK : TP_INPUT);
    if (tp_ok(status)) {
        assert_int_equal(slots.end - slots.first, (end - start) / (30 * MINUTE_MS));
        assert_int_equal(slots.first * 30 * MINUTE_MS, start);
    }
}

static void slots_of__times__keep_the_policy(void **state)
{
    (void)state;
    const int64_t nine = MIDNIGHT_MS + 9 * HOUR_MS;
    assert_times(nine, nine + 2 * HOUR_MS, "", "");
    assert_times(nine + 1, nine + 2 * HOUR_MS, "request.not_on_slot", "start_at");
    assert_times(nine, nine + 2 * HOUR_MS + 1, "request.not_on_slot", "end_at");
    assert_times(nine, nine, "request.end_before_start", "end_at");
    assert_times(nine, nine - HOUR_MS, "request.end_before_start", "end_at");
    assert_times(nine, nine + 13 * HOUR_MS, "request.too_long", "end_at");
    assert_times(MIDNIGHT_MS - HOUR_MS, MIDNIGHT_MS, "request.in_past", "start_at");
    assert_times(nine + 31 * DAY_MS, nine + 31 * DAY_MS + HOUR_MS, "request.too_far", "start_at");
    assert_times(-30 * MINUTE_MS, nine, "request.not_on_slot", "start_at");
    assert_times(nine, INT64_MAX - INT64_MAX % (30 * MINUTE_MS), "request.not_on_slot", "end_at");
}

static void slots_of__midnight__is_chinas(void **state)
{
    (void)state;
    const int64_t next = MIDNIGHT_MS + DAY_MS;
    assert_times(next - HOUR_MS, next, "", "");
    assert_times(next - HOUR_MS, next + 30 * MINUTE_MS, "request.overnight", "end_at");
    /* Midnight UTC is eight in the morning there. */
    assert_times(MIDNIGHT_MS + 7 * HOUR_MS, MIDNIGHT_MS + 9 * HOUR_MS, "", "");
}

static void slots_cover__uneven_times__round_outwards(void **state)
{
    (void)state;
    struct tp_slots slots = tp_slots_cover(10, 25, 41);
    assert_int_equal(slots.first, 2);
    assert_int_equal(slots.end, 5);
}

/* Computed apart from this code with Python's hashlib: blake2b(b"\x01\x15" + domain + be32(attempt)
 * + id, key=bytes(range(32)), digest_size=32). */
static void lot_ticket__known_answer__as_anybody_computes_it(void **state)
{
    (void)state;
    uint8_t seed[TP_LOT_SEED_BYTES];
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    uint8_t ticket[TP_LOT_TICKET_BYTES];
    char text[2 * TP_LOT_TICKET_BYTES + 1];
    tp_lot_ticket(seed, TP_VENUE_LOT_DOMAIN, 1, "tianshui", ticket);
    tp_hex_encode(ticket, sizeof ticket, text);
    assert_string_equal(text, "6e76dfc449124cdfb8805ae0ec470ad87fe6add2114557ffbe057d40705e8d26");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committee_check__article_37__to_the_member),
        cmocka_unit_test(slots_of__times__keep_the_policy),
        cmocka_unit_test(slots_of__midnight__is_chinas),
        cmocka_unit_test(slots_cover__uneven_times__round_outwards),
        cmocka_unit_test(lot_ticket__known_answer__as_anybody_computes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
