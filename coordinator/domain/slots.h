/*
 * Bookings are in slots: slot n is the time from n * slot_ms to (n + 1) * slot_ms.
 */
#ifndef TP_COORDINATOR_DOMAIN_SLOTS_H
#define TP_COORDINATOR_DOMAIN_SLOTS_H

#include <stdint.h>

#include "base/error.h"

struct tp_slots {
    int64_t first;
    int64_t end; /* one after the last */
};

struct tp_time_rules {
    int64_t slot_ms;
    int64_t longest_ms;
    int64_t horizon_ms;
    bool overnight; /* may cross midnight of China Standard Time (UTC+8) */
    const char *slot_source;
    const char *longest_source;
    const char *horizon_source;
    const char *overnight_source;
};

/*
 * The slots of a session from start to end. TP_INPUT with field "start_at" or "end_at":
 * "request.not_on_slot", "request.end_before_start", "request.too_long", "request.in_past" (the
 * slot that is running may still be taken), "request.too_far", "request.overnight".
 */
TP_MUST_USE struct tp_status tp_slots_of(const struct tp_time_rules *rules, int64_t now_ms,
                                         int64_t start_at_ms, int64_t end_at_ms,
                                         struct tp_slots *slots, struct tp_error *error);

/* The slots that times cover, without rules. `end_at_ms` is rounded up. */
struct tp_slots tp_slots_cover(int64_t slot_ms, int64_t start_at_ms, int64_t end_at_ms);

#endif
