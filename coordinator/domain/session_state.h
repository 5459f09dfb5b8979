/*
 * The session's state machine as a table, pure: state x event -> guard, next state, effects.
 * Several rows may share state and event; the first whose guard holds is taken. The table prints
 * itself as the diagram in docs/session-states.md, and a test holds the two together.
 *
 * session/session.h applies it to a stored session.
 */
#ifndef TP_COORDINATOR_DOMAIN_SESSION_STATE_H
#define TP_COORDINATOR_DOMAIN_SESSION_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum tp_session_state {
    TP_SESSION_NONE, /* a lot without a session */
    TP_SESSION_CHOOSING,
    TP_SESSION_CONFIRMING,
    TP_SESSION_CONFIRMED,
    TP_SESSION_DRAWING,
    TP_SESSION_DRAWN,
    TP_SESSION_DELIVERED,
    TP_SESSION_ENTRY,
    TP_SESSION_EVALUATING,
    TP_SESSION_FINISHED,
    TP_SESSION_CANCELLED,
    TP_SESSION_STATE_COUNT
};

enum tp_session_event {
    TP_EVENT_REQUEST,        /* A2: the agency asks; seats are held */
    TP_EVENT_CHOOSE,         /* new venues in place of refused ones */
    TP_EVENT_CONFIRM,        /* A5: one venue confirmed (already written in its row) */
    TP_EVENT_REFUSE,         /* A5: one venue refused (its seats already freed) */
    TP_EVENT_HOLD_ENDED,     /* the hold deadline passed */
    TP_EVENT_DRAW,           /* A6: the agency opens the draw */
    TP_EVENT_DRAW_COMPLETE,  /* A7: every seat has an expert who accepted */
    TP_EVENT_LEAVE,          /* A9: a drawn expert leaves; a substitute is drawn */
    TP_EVENT_LIST_DELIVERED, /* A8: the trading system's receipt is verified */
    TP_EVENT_OPEN_ENTRY,     /* A11: experts may log in */
    TP_EVENT_START,          /* A12: the common start */
    TP_EVENT_FINISH,
    TP_EVENT_CANCEL,
    TP_SESSION_EVENT_COUNT
};

/* What a transition causes besides the new state. */
enum tp_session_effect {
    TP_EFFECT_SET_HOLD = 1 << 0,     /* the hold deadline runs anew */
    TP_EFFECT_END_HOLD = 1 << 1,     /* no deadline any more */
    TP_EFFECT_FREE_SEATS = 1 << 2,   /* all bookings of the session go */
    TP_EFFECT_ASK_CHOICE = 1 << 3,   /* to-do of the agency: choose venues */
    TP_EFFECT_ASK_DRAW = 1 << 4,     /* to-do of the agency: open the draw */
    TP_EFFECT_ASK_ENTRY = 1 << 5,    /* to-do of the main venue's staff: open the entry */
    TP_EFFECT_CLOSE_CHOICE = 1 << 6, /* the to-dos asked before are done */
    TP_EFFECT_CLOSE_DRAW = 1 << 7,
    TP_EFFECT_CLOSE_ENTRY = 1 << 8,
    TP_EFFECT_CLOSE_ALL = 1 << 9,
};

/* What guards may ask. Filled by session/ and by the modules' session_facts. */
struct tp_session_facts {
    int64_t now_ms;
    int64_t start_at_ms;
    int64_t end_at_ms;
    int64_t bid_deadline_at_ms;
    int64_t hold_until_at_ms; /* 0: no hold runs */
    int64_t earliest_draw_before_deadline_ms;
    const char *earliest_draw_source;
    int64_t entry_before_start_ms;
    const char *entry_source;
    int venue_count;
    int confirmed_count;
    int refused_count;
    int expected_count; /* experts that must be in for the common start */
    int present_count;
};

struct tp_session_guard {
    const char *name; /* as in the diagram */
    bool (*holds)(const struct tp_session_facts *facts);
    /* Fills the error for "the guard does not hold"; never NULL. */
    struct tp_status (*refuse)(const struct tp_session_facts *facts, struct tp_error *error);
};

struct tp_session_transition {
    enum tp_session_state from;
    enum tp_session_event event;
    const struct tp_session_guard *guard; /* NULL: always */
    enum tp_session_state to;
    unsigned effects;
};

/* The whole table, for printing and tests. */
const struct tp_session_transition *tp_session_transitions(size_t *count);

/*
 * The row to take. TP_CONFLICT "session.wrong_state" when the event has no row in this state;
 * otherwise the refusal of the last guard that did not hold ("draw.not_all_confirmed",
 * "draw.too_early", "entry.too_early", "start.not_all_in").
 */
TP_MUST_USE struct tp_status tp_session_decide(enum tp_session_state state,
                                               enum tp_session_event event,
                                               const struct tp_session_facts *facts,
                                               const struct tp_session_transition **transition,
                                               struct tp_error *error);

/* "confirming", as in the API and the store. Never NULL. */
const char *tp_session_state_name(enum tp_session_state state);
/* TP_SESSION_NONE for an unknown name. */
enum tp_session_state tp_session_state_of(const char *name);
/* "draw": the name in the diagram and of the act in the log ("session.draw"). */
const char *tp_session_event_name(enum tp_session_event event);

/* Appends the table as a mermaid stateDiagram-v2. */
void tp_session_print_mermaid(struct tp_bytes *out);

#endif
