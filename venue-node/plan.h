/*
 * The sessions this venue takes part in: plans and views as the coordinator last sent them, and
 * which session a seat shows.
 */
#ifndef TP_VENUE_NODE_PLAN_H
#define TP_VENUE_NODE_PLAN_H

#include "base/store/store.h"
#include "proto/link.pb-c.h"

/* Inside the write that applies the message. A version that is not newer, or a plan for another
 * center, changes nothing. Ends the logins of a session that is over, of seats that are no longer
 * of it, and of experts who took leave. */
TP_MUST_USE struct tp_status tp_plan_apply(struct tp_db *db, const char *center_id,
                                           const Tongping__Link__SessionPlan *plan, int64_t now_ms,
                                           struct tp_error *error);
TP_MUST_USE struct tp_status
tp_view_apply(struct tp_db *db, const Tongping__Link__SessionView *view, struct tp_error *error);

/* What decides which of its sessions a seat shows. */
struct tp_plan_rank {
    Tongping__Link__SessionPhase phase;
    int64_t start_at;
    int64_t end_at;
    int64_t changed_at; /* when the phase was received */
};

/*
 * True when `a` is shown rather than `b`: a running session, then an open entry, then one that
 * ended within the last ten minutes, then the next prepared one, then one that ended today.
 */
bool tp_plan_before(const struct tp_plan_rank *a, const struct tp_plan_rank *b, int64_t now_ms);
/* False for what is not shown at all: prepared but its time has gone by, or over for 12 hours. */
bool tp_plan_shown(const struct tp_plan_rank *rank, int64_t now_ms);

/* The plan that the seat shows, unpacked (free with tongping__link__session_plan__free_unpacked),
 * or NULL. */
TP_MUST_USE struct tp_status tp_plan_of_seat(struct tp_db *db, const char *seat_id, int64_t now_ms,
                                             Tongping__Link__SessionPlan **plan,
                                             struct tp_error *error);
/* NULL when there is none. */
TP_MUST_USE struct tp_status tp_view_of_session(struct tp_db *db, const char *session_id,
                                                Tongping__Link__SessionView **view,
                                                struct tp_error *error);

static inline void tp_plan_cleanup(Tongping__Link__SessionPlan **plan)
{
    tongping__link__session_plan__free_unpacked(*plan, NULL);
}
static inline void tp_view_cleanup(Tongping__Link__SessionView **view)
{
    tongping__link__session_view__free_unpacked(*view, NULL);
}

#endif
