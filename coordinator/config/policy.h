/*
 * policy.ini: the rules of one region as data. Every rule is a section with `value` and `source`,
 * the article it comes from, which stands in every refusal that the rule causes.
 *
 *   [pack]                          name = 甘肃远程异地评标
 *   [earliest_draw_before_deadline] value = 12h  source = 甘肃手册 一.3.(1)
 */
#ifndef TP_COORDINATOR_CONFIG_POLICY_H
#define TP_COORDINATOR_CONFIG_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum tp_rule {
    TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE, /* duration: the draw opens not earlier than so much
                                              before the bid deadline */
    TP_RULE_HOLD,                    /* duration: how long seats are held for the venues' answer */
    TP_RULE_REPLY_WINDOW,            /* duration: an invited expert's time to answer */
    TP_RULE_SLOT,                    /* duration: bookings are in slots of this length */
    TP_RULE_ENTRY_BEFORE_START,      /* duration: the entry opens not earlier than so much before */
    TP_RULE_OVERNIGHT,               /* 0 or 1: an evaluation may cross midnight (UTC+8) */
    TP_RULE_COMMITTEE_MINIMUM,       /* members, representatives included */
    TP_RULE_COMMITTEE_ODD,           /* 0 or 1: the number of members must be odd */
    TP_RULE_COMMITTEE_EXPERT_THIRDS, /* experts are at least so many thirds of the members */
    TP_RULE_LONGEST_SESSION,         /* duration */
    TP_RULE_BOOKING_HORIZON,         /* duration: how far ahead a session may start */
    TP_RULE_COUNT
};

#define TP_SOURCE_BYTES 256

struct tp_policy_rule {
    int64_t value; /* milliseconds for durations */
    char source[TP_SOURCE_BYTES];
};

struct tp_policy {
    char pack[128];
    struct tp_policy_rule rules[TP_RULE_COUNT];
};

/* Every rule must be there, with its source; unknown sections and keys are errors. */
TP_MUST_USE struct tp_status tp_policy_read(const char *path, struct tp_policy *policy,
                                            struct tp_error *error);

int64_t tp_policy_value(const struct tp_policy *policy, enum tp_rule rule);
const char *tp_policy_source(const struct tp_policy *policy, enum tp_rule rule);
/* "earliest_draw_before_deadline": the section's name. Never NULL. */
const char *tp_rule_name(enum tp_rule rule);

#endif
