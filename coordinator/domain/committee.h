/*
 * The size and make-up of an evaluation committee. 《招标投标法》第三十七条: the tenderer's
 * representatives and experts together are five or more and odd, the experts not fewer than two
 * thirds. The numbers come from the region's policy.
 */
#ifndef TP_COORDINATOR_DOMAIN_COMMITTEE_H
#define TP_COORDINATOR_DOMAIN_COMMITTEE_H

#include <stdint.h>

#include "base/error.h"

struct tp_committee_rules {
    int64_t minimum;
    bool odd;
    int64_t expert_thirds; /* experts are at least so many thirds of the members */
    const char *minimum_source;
    const char *odd_source;
    const char *thirds_source;
};

/* TP_INPUT "request.committee_too_small", "request.committee_even" or
 * "request.committee_experts_too_few", with the article. */
TP_MUST_USE struct tp_status tp_committee_check(const struct tp_committee_rules *rules,
                                                int64_t experts, int64_t representatives,
                                                struct tp_error *error);

#endif
