#include "coordinator/domain/slots.h"

#include <stddef.h>

#define DAY_MS (24 * 60 * 60 * 1000LL)
#define CHINA_OFFSET_MS (8 * 60 * 60 * 1000LL)
/* The year 10000: beyond it times do not print. */
#define TIME_MOST_MS 253402300800000LL

static struct tp_status refuse(struct tp_error *error, const char *field, const char *source,
                               const char *code, const char *message)
{
    struct tp_status status = tp_fail(error, TP_INPUT, code, "%s", message);
    tp_error_set_field(error, "%s", field);
    if (source != NULL) {
        tp_error_set_source(error, source);
    }
    return status;
}

static bool crosses_midnight(int64_t start_at_ms, int64_t end_at_ms)
{
    int64_t first_day = (start_at_ms + CHINA_OFFSET_MS) / DAY_MS;
    int64_t last_day = (end_at_ms - 1 + CHINA_OFFSET_MS) / DAY_MS;
    return first_day != last_day;
}

static struct tp_status check_shape(const struct tp_time_rules *rules, int64_t start_at_ms,
                                    int64_t end_at_ms, struct tp_error *error)
{
    if (start_at_ms <= 0 || start_at_ms > TIME_MOST_MS || start_at_ms % rules->slot_ms != 0) {
        return refuse(error, "start_at", rules->slot_source, "request.not_on_slot",
                      "the start is not at the beginning of a slot");
    }
    if (end_at_ms <= 0 || end_at_ms > TIME_MOST_MS || end_at_ms % rules->slot_ms != 0) {
        return refuse(error, "end_at", rules->slot_source, "request.not_on_slot",
                      "the end is not at the end of a slot");
    }
    if (end_at_ms <= start_at_ms) {
        return refuse(error, "end_at", NULL, "request.end_before_start",
                      "the end is not after the start");
    }
    return TP_STATUS_OK;
}

struct tp_status tp_slots_of(const struct tp_time_rules *rules, int64_t now_ms, int64_t start_at_ms,
                             int64_t end_at_ms, struct tp_slots *slots, struct tp_error *error)
{
    struct tp_status status = check_shape(rules, start_at_ms, end_at_ms, error);
    if (tp_failed(status)) {
        return status;
    }
    if (end_at_ms - start_at_ms > rules->longest_ms) {
        return refuse(error, "end_at", rules->longest_source, "request.too_long",
                      "the session is longer than the policy allows");
    }
    if (start_at_ms + rules->slot_ms <= now_ms) {
        return refuse(error, "start_at", NULL, "request.in_past", "the start has passed");
    }
    if (start_at_ms - now_ms > rules->horizon_ms) {
        return refuse(error, "start_at", rules->horizon_source, "request.too_far",
                      "the start is further ahead than the policy allows");
    }
    if (!rules->overnight && crosses_midnight(start_at_ms, end_at_ms)) {
        return refuse(error, "end_at", rules->overnight_source, "request.overnight",
                      "the session would cross midnight");
    }
    *slots = tp_slots_cover(rules->slot_ms, start_at_ms, end_at_ms);
    return TP_STATUS_OK;
}

struct tp_slots tp_slots_cover(int64_t slot_ms, int64_t start_at_ms, int64_t end_at_ms)
{
    return (struct tp_slots){.first = start_at_ms / slot_ms,
                             .end = (end_at_ms + slot_ms - 1) / slot_ms};
}
