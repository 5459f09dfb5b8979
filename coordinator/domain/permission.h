/*
 * Who may do what: role x act x relation to the session, in one table. Nothing else in the
 * coordinator decides about permission.
 */
#ifndef TP_COORDINATOR_DOMAIN_PERMISSION_H
#define TP_COORDINATOR_DOMAIN_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>

enum tp_role { TP_ROLE_AGENCY, TP_ROLE_STAFF, TP_ROLE_REGULATOR, TP_ROLE_OPERATOR, TP_ROLE_COUNT };

/* "agency", ...: as in the API and the store. Never NULL. */
const char *tp_role_name(enum tp_role role);
/* False for an unknown name. */
bool tp_role_of(const char *name, enum tp_role *role);

enum tp_act {
    TP_ACT_SELF, /* what every login may do with itself: /me, /logout, own to-dos, live events */
    TP_ACT_CENTER_READ,
    TP_ACT_SPECIALTY_READ,
    TP_ACT_TRADING_SYSTEM_READ,
    TP_ACT_LOT_READ,
    TP_ACT_LOT_ADD,
    TP_ACT_AVAILABILITY_READ,
    TP_ACT_SESSION_READ,
    TP_ACT_SESSION_REQUEST,
    TP_ACT_SESSION_CHOOSE,
    TP_ACT_SESSION_CONFIRM,
    TP_ACT_SESSION_REFUSE,
    TP_ACT_SESSION_DRAW,
    TP_ACT_SESSION_LEAVE,
    TP_ACT_SESSION_OPEN_ENTRY,
    TP_ACT_SESSION_START,
    TP_ACT_SESSION_FINISH,
    TP_ACT_SESSION_CANCEL,
    TP_ACT_FEED_LIST,
    TP_ACT_FEED_WATCH,
    TP_ACT_MATTER_READ,
    TP_ACT_MATTER_RAISE,
    TP_ACT_MATTER_REPLY,
    TP_ACT_MATTER_CLOSE,
    TP_ACT_NODE_READ,
    TP_ACT_NODE_ENROL,
    TP_ACT_SERVICE_READ,
    TP_ACT_LOG_READ,
    TP_ACT_REGISTRATION_READ,
    TP_ACT_REGISTRATION_DECIDE,
    TP_ACT_COUNT
};

/* "session.confirm": as in `actions` (without "session.") and in logs. Never NULL. */
const char *tp_act_name(enum tp_act act);

/* How a user stands to a session (or lot). Flags. */
enum tp_relation {
    TP_RELATION_NONE = 0,
    TP_RELATION_OWNER = 1 << 0,      /* agency of the lot */
    TP_RELATION_VENUE = 1 << 1,      /* staff of one of the venues, main or secondary */
    TP_RELATION_MAIN_VENUE = 1 << 2, /* staff of the main venue (VENUE is set too) */
};

/* True when some relation lets this role do the act: the check of a route before its handler. */
bool tp_permission_role(enum tp_role role, enum tp_act act);
/* True when the role may do the act standing so to the session. */
bool tp_permission_relation(enum tp_role role, enum tp_act act, unsigned relations);

#endif
