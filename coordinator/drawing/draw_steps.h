/*
 * Leads a session's draw at tp-draw, a durable step at a time, so that a process that dies anywhere
 * goes on where it was:
 *
 *   planned     id and plan are fixed here       -> POST /v1/draws (same plan, same answer)
 *   committed   its commit record is in the log,
 *               the session is "drawing"         -> POST /start with the log's head
 *   started     invitations run; events follow   -> view kept here
 *   cancelling  the session was cancelled        -> POST /cancel
 *
 * One row per session, ever: never two draws for one session.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAW_STEPS_H
#define TP_COORDINATOR_DRAWING_DRAW_STEPS_H

#include "coordinator/drawing/draw_plan.h"
#include "coordinator/record/write.h"

/*
 * Opens the draw (A6) for `user`: checks permission, version and time as the state machine says,
 * fixes plan and id, and goes as far as tp-draw allows. The guards' errors, tp-draw's
 * "draw.infeasible" (nothing is kept then), TP_PEER "draw.unreachable" (the plan is kept and goes
 * on by itself), TP_CONFLICT "draw.opened_already".
 */
TP_MUST_USE struct tp_status tp_draw_open(struct tp_app *app, const struct tp_user *user,
                                          const char *session_id, int64_t version,
                                          const struct tp_draw_wish *wish, struct tp_error *error);

/* Goes on from the stored step as far as possible. The caller holds the session's turn. */
TP_MUST_USE struct tp_status tp_draw_go_on(struct tp_app *app, const char *session_id,
                                           struct tp_error *error);

/* Fetches the draw and keeps what it says; completes the session's "drawing" when all have
 * accepted. The caller holds the session's turn. `more` (may be NULL) runs in the same write. */
TP_MUST_USE struct tp_status tp_draw_refresh(struct tp_app *app, const char *session_id,
                                             tp_write_work more, void *argument,
                                             struct tp_error *error);

/* Inside a write: keeps `view` and completes the session where it is due. */
TP_MUST_USE struct tp_status tp_draw_keep_view(struct tp_write *write, const char *session_id,
                                               const json_t *view, struct tp_error *error);

struct tp_draw_row {
    char session_id[TP_ID_BYTES];
    char draw_id[TP_ID_BYTES];
    char step[16];
    char opened_by[TP_ID_BYTES];
    char log_head[2 * TP_HASH_BYTES + 1];
    int64_t opens_at_ms;
    json_t *plan; /* owned */
    json_t *view; /* owned; NULL before the start */
};
/* *found is false when the session has none. Fini after success. */
TP_MUST_USE struct tp_status tp_draw_row_read(struct tp_db *db, const char *session_id,
                                              struct tp_draw_row *row, bool *found,
                                              struct tp_error *error);
void tp_draw_row_fini(struct tp_draw_row *row);
TP_DEFINE_FINI_CLEANUP(tp_draw_row, tp_draw_row_fini)

/* The same in a read of its own; TP_NOT_FOUND "draw.not_found" when there is none. */
TP_MUST_USE struct tp_status tp_draw_row_load(struct tp_app *app, const char *session_id,
                                              struct tp_draw_row *row, struct tp_error *error);

#endif
