#include "coordinator/config/policy.h"

#include <assert.h>
#include <stdio.h>

#include "base/ini.h"

struct rule_shape {
    const char *name;
    enum tp_ini_type type;
    int64_t minimum, maximum;
};

#define MINUTE 60000LL
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct rule_shape shapes[TP_RULE_COUNT] = {
    [TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE] = {"earliest_draw_before_deadline", TP_INI_DURATION, 0,
                                               365 * DAY},
    [TP_RULE_HOLD] = {"hold", TP_INI_DURATION, 1000, 30 * DAY},
    [TP_RULE_REPLY_WINDOW] = {"reply_window", TP_INI_DURATION, 1000, 7 * DAY},
    [TP_RULE_SLOT] = {"slot", TP_INI_DURATION, MINUTE, DAY},
    [TP_RULE_ENTRY_BEFORE_START] = {"entry_before_start", TP_INI_DURATION, 0, 7 * DAY},
    [TP_RULE_OVERNIGHT] = {"overnight", TP_INI_INT, 0, 1},
    [TP_RULE_COMMITTEE_MINIMUM] = {"committee_minimum", TP_INI_INT, 1, 99},
    [TP_RULE_COMMITTEE_ODD] = {"committee_odd", TP_INI_INT, 0, 1},
    [TP_RULE_COMMITTEE_EXPERT_THIRDS] = {"committee_expert_thirds", TP_INI_INT, 0, 3},
    [TP_RULE_LONGEST_SESSION] = {"longest_session", TP_INI_DURATION, MINUTE, 30 * DAY},
    [TP_RULE_BOOKING_HORIZON] = {"booking_horizon", TP_INI_DURATION, DAY, 3650 * DAY},
};

struct tp_status tp_policy_read(const char *path, struct tp_policy *policy, struct tp_error *error)
{
    struct tp_ini_key keys[1 + 2 * TP_RULE_COUNT];
    size_t count = 0;
    keys[count++] = (struct tp_ini_key){
        "pack", "name", TP_INI_TEXT, policy->pack, sizeof policy->pack, true, 0, 0};
    for (int i = 0; i < TP_RULE_COUNT; i++) {
        struct tp_policy_rule *rule = &policy->rules[i];
        const struct rule_shape *shape = &shapes[i];
        keys[count++] = (struct tp_ini_key){shape->name, "value", shape->type,    &rule->value,
                                            0,           true,    shape->minimum, shape->maximum};
        keys[count++] = (struct tp_ini_key){
            shape->name, "source", TP_INI_TEXT, rule->source, sizeof rule->source, true, 0, 0};
    }
    struct tp_status status = tp_ini_read(path, keys, count, error);
    if (tp_failed(status)) {
        return status;
    }
    /* Slots must divide the hour or be hours, so that they lie on times that people say. */
    int64_t slot_ms = policy->rules[TP_RULE_SLOT].value;
    if (HOUR % slot_ms != 0 && slot_ms % HOUR != 0) {
        return tp_fail(error, TP_INPUT, "policy.bad_slot", "the slot must divide the hour");
    }
    return TP_STATUS_OK;
}

int64_t tp_policy_value(const struct tp_policy *policy, enum tp_rule rule)
{
    assert((unsigned)rule < TP_RULE_COUNT);
    return policy->rules[rule].value;
}

const char *tp_policy_source(const struct tp_policy *policy, enum tp_rule rule)
{
    assert((unsigned)rule < TP_RULE_COUNT);
    return policy->rules[rule].source;
}

const char *tp_rule_name(enum tp_rule rule)
{
    assert((unsigned)rule < TP_RULE_COUNT);
    return shapes[rule].name;
}
