#include "coordinator/domain/permission.h"

#include <assert.h>
#include <string.h>

static const char *const role_names[TP_ROLE_COUNT] = {
    [TP_ROLE_AGENCY] = "agency",
    [TP_ROLE_STAFF] = "staff",
    [TP_ROLE_REGULATOR] = "regulator",
    [TP_ROLE_OPERATOR] = "operator",
};

/* What a role needs for an act. */
enum need {
    NO = 0,  /* never */
    ANY = 1, /* no relation needed */
    OWNER = TP_RELATION_OWNER << 1,
    VENUE = TP_RELATION_VENUE << 1,
    MAIN = TP_RELATION_MAIN_VENUE << 1,
};

struct permission {
    const char *name;
    unsigned char need[TP_ROLE_COUNT]; /* agency, staff, regulator, operator */
};

static const struct permission table[TP_ACT_COUNT] = {
    /*                                                      agency staff  regul. operator */
    [TP_ACT_SELF] = {"self", {ANY, ANY, ANY, ANY}},
    [TP_ACT_CENTER_READ] = {"center.read", {ANY, ANY, ANY, ANY}},
    [TP_ACT_SPECIALTY_READ] = {"specialty.read", {ANY, ANY, ANY, ANY}},
    [TP_ACT_TRADING_SYSTEM_READ] = {"trading_system.read", {ANY, ANY, ANY, ANY}},
    [TP_ACT_LOT_READ] = {"lot.read", {OWNER, ANY, ANY, ANY}},
    [TP_ACT_LOT_ADD] = {"lot.add", {ANY, NO, NO, NO}},
    [TP_ACT_AVAILABILITY_READ] = {"availability.read", {ANY, NO, NO, NO}},
    [TP_ACT_SESSION_READ] = {"session.read", {OWNER, VENUE, ANY, ANY}},
    [TP_ACT_SESSION_REQUEST] = {"session.request", {ANY, NO, NO, NO}},
    [TP_ACT_SESSION_CHOOSE] = {"session.choose", {OWNER, NO, NO, NO}},
    [TP_ACT_SESSION_CONFIRM] = {"session.confirm", {NO, VENUE, NO, NO}},
    [TP_ACT_SESSION_REFUSE] = {"session.refuse", {NO, VENUE, NO, NO}},
    [TP_ACT_SESSION_DRAW] = {"session.draw", {OWNER, NO, NO, NO}},
    [TP_ACT_SESSION_LEAVE] = {"session.leave", {OWNER, VENUE, NO, NO}},
    [TP_ACT_SESSION_OPEN_ENTRY] = {"session.open_entry", {NO, MAIN, NO, NO}},
    [TP_ACT_SESSION_START] = {"session.start", {NO, MAIN, NO, NO}},
    [TP_ACT_SESSION_FINISH] = {"session.finish", {NO, MAIN, NO, NO}},
    [TP_ACT_SESSION_CANCEL] = {"session.cancel", {OWNER, NO, NO, NO}},
    [TP_ACT_FEED_LIST] = {"feed.list", {NO, VENUE, ANY, NO}},
    [TP_ACT_FEED_WATCH] = {"feed.watch", {NO, VENUE, ANY, NO}},
    [TP_ACT_MATTER_READ] = {"matter.read", {NO, VENUE, ANY, NO}},
    [TP_ACT_MATTER_RAISE] = {"matter.raise", {NO, NO, ANY, NO}},
    [TP_ACT_MATTER_REPLY] = {"matter.reply", {NO, VENUE, ANY, NO}},
    [TP_ACT_MATTER_CLOSE] = {"matter.close", {NO, NO, ANY, NO}},
    [TP_ACT_NODE_READ] = {"node.read", {NO, NO, NO, ANY}},
    [TP_ACT_NODE_ENROL] = {"node.enrol", {NO, NO, NO, ANY}},
    [TP_ACT_SERVICE_READ] = {"service.read", {NO, NO, NO, ANY}},
    [TP_ACT_LOG_READ] = {"log.read", {NO, NO, ANY, ANY}},
    [TP_ACT_REGISTRATION_READ] = {"registration.read", {NO, NO, NO, ANY}},
    [TP_ACT_REGISTRATION_DECIDE] = {"registration.decide", {NO, NO, NO, ANY}},
};

const char *tp_role_name(enum tp_role role)
{
    assert((unsigned)role < TP_ROLE_COUNT);
    return role_names[role];
}

bool tp_role_of(const char *name, enum tp_role *role)
{
    for (int i = 0; i < TP_ROLE_COUNT; i++) {
        if (strcmp(role_names[i], name) == 0) {
            *role = (enum tp_role)i;
            return true;
        }
    }
    return false;
}

const char *tp_act_name(enum tp_act act)
{
    assert((unsigned)act < TP_ACT_COUNT);
    return table[act].name;
}

bool tp_permission_role(enum tp_role role, enum tp_act act)
{
    assert((unsigned)role < TP_ROLE_COUNT && (unsigned)act < TP_ACT_COUNT);
    return table[act].need[role] != NO;
}

bool tp_permission_relation(enum tp_role role, enum tp_act act, unsigned relations)
{
    assert((unsigned)role < TP_ROLE_COUNT && (unsigned)act < TP_ACT_COUNT);
    unsigned need = table[act].need[role];
    return (need & ANY) != 0 || (need & (relations << 1)) != 0;
}
