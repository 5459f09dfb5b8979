#include "coordinator/domain/session_state.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

static const char *const state_names[TP_SESSION_STATE_COUNT] = {
    [TP_SESSION_NONE] = "registered",       [TP_SESSION_CHOOSING] = "choosing",
    [TP_SESSION_CONFIRMING] = "confirming", [TP_SESSION_CONFIRMED] = "confirmed",
    [TP_SESSION_DRAWING] = "drawing",       [TP_SESSION_DRAWN] = "drawn",
    [TP_SESSION_DELIVERED] = "delivered",   [TP_SESSION_ENTRY] = "entry",
    [TP_SESSION_EVALUATING] = "evaluating", [TP_SESSION_FINISHED] = "finished",
    [TP_SESSION_CANCELLED] = "cancelled",
};

static const char *const event_names[TP_SESSION_EVENT_COUNT] = {
    [TP_EVENT_REQUEST] = "request",
    [TP_EVENT_CHOOSE] = "choose",
    [TP_EVENT_CONFIRM] = "confirm",
    [TP_EVENT_REFUSE] = "refuse",
    [TP_EVENT_HOLD_ENDED] = "hold_ended",
    [TP_EVENT_DRAW] = "draw",
    [TP_EVENT_DRAW_COMPLETE] = "draw_complete",
    [TP_EVENT_LEAVE] = "leave",
    [TP_EVENT_LIST_DELIVERED] = "list_delivered",
    [TP_EVENT_OPEN_ENTRY] = "open_entry",
    [TP_EVENT_START] = "start",
    [TP_EVENT_FINISH] = "finish",
    [TP_EVENT_CANCEL] = "cancel",
};

static bool every_venue_confirmed(const struct tp_session_facts *facts)
{
    return facts->venue_count > 0 && facts->confirmed_count == facts->venue_count;
}

static int64_t draw_opens_at(const struct tp_session_facts *facts)
{
    return facts->bid_deadline_at_ms - facts->earliest_draw_before_deadline_ms;
}

static bool draw_is_open(const struct tp_session_facts *facts)
{
    return every_venue_confirmed(facts) && facts->now_ms >= draw_opens_at(facts);
}

static struct tp_status refuse_draw(const struct tp_session_facts *facts, struct tp_error *error)
{
    struct tp_status status;
    if (!every_venue_confirmed(facts)) {
        status =
            tp_fail(error, TP_CONFLICT, "draw.not_all_confirmed", "%d of %d venues have confirmed",
                    facts->confirmed_count, facts->venue_count);
    } else {
        char opens[TP_TIME_TEXT_BYTES];
        tp_time_format(draw_opens_at(facts), opens);
        status = tp_fail(error, TP_CONFLICT, "draw.too_early", "the draw opens at %s", opens);
    }
    tp_error_set_source(error, facts->earliest_draw_source);
    return status;
}

static bool nothing_refused(const struct tp_session_facts *facts)
{
    return facts->refused_count == 0;
}

static struct tp_status refuse_choice(const struct tp_session_facts *facts, struct tp_error *error)
{
    return tp_fail(error, TP_CONFLICT, "session.venues_missing", "%d venues are still to be chosen",
                   facts->refused_count);
}

static struct tp_status refuse_all_confirmed(const struct tp_session_facts *facts,
                                             struct tp_error *error)
{
    return tp_fail(error, TP_CONFLICT, "draw.not_all_confirmed", "%d of %d venues have confirmed",
                   facts->confirmed_count, facts->venue_count);
}

static bool hold_is_over(const struct tp_session_facts *facts)
{
    return facts->hold_until_at_ms != 0 && facts->now_ms >= facts->hold_until_at_ms;
}

static struct tp_status refuse_hold_end(const struct tp_session_facts *facts,
                                        struct tp_error *error)
{
    (void)facts;
    return tp_fail(error, TP_CONFLICT, "session.hold_runs", "the hold has not ended");
}

static bool entry_time(const struct tp_session_facts *facts)
{
    return facts->now_ms >= facts->start_at_ms - facts->entry_before_start_ms;
}

static struct tp_status refuse_entry(const struct tp_session_facts *facts, struct tp_error *error)
{
    char opens[TP_TIME_TEXT_BYTES];
    tp_time_format(facts->start_at_ms - facts->entry_before_start_ms, opens);
    struct tp_status status =
        tp_fail(error, TP_CONFLICT, "entry.too_early", "the entry opens at %s", opens);
    tp_error_set_source(error, facts->entry_source);
    return status;
}

static bool all_in(const struct tp_session_facts *facts)
{
    return facts->expected_count > 0 && facts->present_count >= facts->expected_count;
}

static struct tp_status refuse_start(const struct tp_session_facts *facts, struct tp_error *error)
{
    return tp_fail(error, TP_CONFLICT, "start.not_all_in", "%d of %d experts are in",
                   facts->present_count, facts->expected_count);
}

static const struct tp_session_guard confirmed_guard = {
    "every venue confirmed", every_venue_confirmed, refuse_all_confirmed};
static const struct tp_session_guard draw_guard = {"every venue confirmed and the draw open",
                                                   draw_is_open, refuse_draw};
static const struct tp_session_guard chosen_guard = {"nothing refused is left", nothing_refused,
                                                     refuse_choice};
static const struct tp_session_guard hold_guard = {"the hold is over", hold_is_over,
                                                   refuse_hold_end};
static const struct tp_session_guard entry_guard = {"entry time", entry_time, refuse_entry};
static const struct tp_session_guard start_guard = {"all experts in", all_in, refuse_start};

#define ON_CANCEL (TP_EFFECT_FREE_SEATS | TP_EFFECT_END_HOLD | TP_EFFECT_CLOSE_ALL)

static const struct tp_session_transition transitions[] = {
    {TP_SESSION_NONE, TP_EVENT_REQUEST, NULL, TP_SESSION_CONFIRMING, TP_EFFECT_SET_HOLD},

    {TP_SESSION_CHOOSING, TP_EVENT_CHOOSE, &chosen_guard, TP_SESSION_CONFIRMING,
     TP_EFFECT_SET_HOLD | TP_EFFECT_CLOSE_CHOICE},
    {TP_SESSION_CHOOSING, TP_EVENT_CONFIRM, NULL, TP_SESSION_CHOOSING, 0},
    {TP_SESSION_CHOOSING, TP_EVENT_REFUSE, NULL, TP_SESSION_CHOOSING, 0},
    {TP_SESSION_CHOOSING, TP_EVENT_HOLD_ENDED, &hold_guard, TP_SESSION_CHOOSING,
     TP_EFFECT_END_HOLD},
    {TP_SESSION_CHOOSING, TP_EVENT_DRAW, &draw_guard, TP_SESSION_DRAWING, TP_EFFECT_CLOSE_DRAW},

    {TP_SESSION_CONFIRMING, TP_EVENT_CONFIRM, &confirmed_guard, TP_SESSION_CONFIRMED,
     TP_EFFECT_END_HOLD | TP_EFFECT_ASK_DRAW},
    {TP_SESSION_CONFIRMING, TP_EVENT_CONFIRM, NULL, TP_SESSION_CONFIRMING, 0},
    {TP_SESSION_CONFIRMING, TP_EVENT_REFUSE, NULL, TP_SESSION_CHOOSING,
     TP_EFFECT_SET_HOLD | TP_EFFECT_ASK_CHOICE},
    {TP_SESSION_CONFIRMING, TP_EVENT_HOLD_ENDED, &hold_guard, TP_SESSION_CHOOSING,
     TP_EFFECT_SET_HOLD | TP_EFFECT_ASK_CHOICE},
    {TP_SESSION_CONFIRMING, TP_EVENT_DRAW, &draw_guard, TP_SESSION_DRAWING, TP_EFFECT_CLOSE_DRAW},

    {TP_SESSION_CONFIRMED, TP_EVENT_DRAW, &draw_guard, TP_SESSION_DRAWING, TP_EFFECT_CLOSE_DRAW},

    {TP_SESSION_DRAWING, TP_EVENT_DRAW_COMPLETE, NULL, TP_SESSION_DRAWN, 0},
    {TP_SESSION_DRAWING, TP_EVENT_LEAVE, NULL, TP_SESSION_DRAWING, 0},

    {TP_SESSION_DRAWN, TP_EVENT_LIST_DELIVERED, NULL, TP_SESSION_DELIVERED, TP_EFFECT_ASK_ENTRY},
    {TP_SESSION_DRAWN, TP_EVENT_LEAVE, NULL, TP_SESSION_DRAWING, 0},

    {TP_SESSION_DELIVERED, TP_EVENT_OPEN_ENTRY, &entry_guard, TP_SESSION_ENTRY,
     TP_EFFECT_CLOSE_ENTRY},
    {TP_SESSION_DELIVERED, TP_EVENT_LEAVE, NULL, TP_SESSION_DRAWING, TP_EFFECT_CLOSE_ENTRY},

    {TP_SESSION_ENTRY, TP_EVENT_START, &start_guard, TP_SESSION_EVALUATING, 0},
    {TP_SESSION_ENTRY, TP_EVENT_LEAVE, NULL, TP_SESSION_DRAWING, 0},

    {TP_SESSION_EVALUATING, TP_EVENT_FINISH, NULL, TP_SESSION_FINISHED,
     TP_EFFECT_FREE_SEATS | TP_EFFECT_CLOSE_ALL},

    {TP_SESSION_CHOOSING, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
    {TP_SESSION_CONFIRMING, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
    {TP_SESSION_CONFIRMED, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
    {TP_SESSION_DRAWING, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
    {TP_SESSION_DRAWN, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
    {TP_SESSION_DELIVERED, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
    {TP_SESSION_ENTRY, TP_EVENT_CANCEL, NULL, TP_SESSION_CANCELLED, ON_CANCEL},
};

#define TRANSITION_COUNT (sizeof transitions / sizeof transitions[0])

const struct tp_session_transition *tp_session_transitions(size_t *count)
{
    *count = TRANSITION_COUNT;
    return transitions;
}

struct tp_status tp_session_decide(enum tp_session_state state, enum tp_session_event event,
                                   const struct tp_session_facts *facts,
                                   const struct tp_session_transition **transition,
                                   struct tp_error *error)
{
    const struct tp_session_transition *refused = NULL;
    for (size_t i = 0; i < TRANSITION_COUNT; i++) {
        const struct tp_session_transition *row = &transitions[i];
        if (row->from != state || row->event != event) {
            continue;
        }
        if (row->guard == NULL || row->guard->holds(facts)) {
            *transition = row;
            return TP_STATUS_OK;
        }
        refused = row;
    }
    if (refused != NULL) {
        return refused->guard->refuse(facts, error);
    }
    return tp_fail(error, TP_CONFLICT, "session.wrong_state", "\"%s\" is not possible while \"%s\"",
                   tp_session_event_name(event), tp_session_state_name(state));
}

const char *tp_session_state_name(enum tp_session_state state)
{
    assert((unsigned)state < TP_SESSION_STATE_COUNT);
    return state_names[state];
}

enum tp_session_state tp_session_state_of(const char *name)
{
    for (int state = 0; state < TP_SESSION_STATE_COUNT; state++) {
        if (strcmp(state_names[state], name) == 0) {
            return (enum tp_session_state)state;
        }
    }
    return TP_SESSION_NONE;
}

const char *tp_session_event_name(enum tp_session_event event)
{
    assert((unsigned)event < TP_SESSION_EVENT_COUNT);
    return event_names[event];
}

static const char *diagram_name(enum tp_session_state state)
{
    return state == TP_SESSION_NONE ? "[*]" : state_names[state];
}

void tp_session_print_mermaid(struct tp_bytes *out)
{
    tp_bytes_append_text(out, "stateDiagram-v2\n");
    for (size_t i = 0; i < TRANSITION_COUNT; i++) {
        const struct tp_session_transition *row = &transitions[i];
        tp_bytes_append_format(out, "    %s --> %s: %s", diagram_name(row->from),
                               diagram_name(row->to), event_names[row->event]);
        if (row->guard != NULL) {
            tp_bytes_append_format(out, " [%s]", row->guard->name);
        }
        tp_bytes_append_text(out, "\n");
    }
    tp_bytes_append_text(out, "    finished --> [*]\n    cancelled --> [*]\n");
}
