#include "coordinator/domain/committee.h"

struct tp_status tp_committee_check(const struct tp_committee_rules *rules, int64_t experts,
                                    int64_t representatives, struct tp_error *error)
{
    int64_t members = experts + representatives;
    struct tp_status status = TP_STATUS_OK;
    if (members < rules->minimum) {
        status = tp_fail(error, TP_INPUT, "request.committee_too_small",
                         "the committee has %d members, at least %d are needed", (int)members,
                         (int)rules->minimum);
        tp_error_set_source(error, rules->minimum_source);
    } else if (rules->odd && members % 2 == 0) {
        status = tp_fail(error, TP_INPUT, "request.committee_even",
                         "the committee has %d members, the number must be odd", (int)members);
        tp_error_set_source(error, rules->odd_source);
    } else if (experts * 3 < members * rules->expert_thirds) {
        status = tp_fail(error, TP_INPUT, "request.committee_experts_too_few",
                         "%d of %d members are experts, at least %d thirds must be", (int)experts,
                         (int)members, (int)rules->expert_thirds);
        tp_error_set_source(error, rules->thirds_source);
    }
    return status;
}
