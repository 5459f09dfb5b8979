/*
 * A9: a drawn expert takes leave; the same draw is carried on with a substitute.
 */
#ifndef TP_COORDINATOR_DRAWING_LEAVE_H
#define TP_COORDINATOR_DRAWING_LEAVE_H

#include "coordinator/record/write.h"

/* `version` may be TP_VERSION_ANY: replies move no version, but other acts do. TP_NOT_FOUND
 * "draw.no_such_expert", TP_CONFLICT "draw.not_accepted", "session.wrong_state", TP_DENIED for
 * staff of another venue than the expert's. Once it returned OK the leave stands and goes on by
 * itself. */
TP_MUST_USE struct tp_status tp_draw_leave(struct tp_app *app, const struct tp_user *user,
                                           const char *session_id, int64_t version,
                                           const char *handle, const char *reason,
                                           struct tp_error *error);

/* Tells tp-draw of the leaves that it was not told of. The caller holds the session's turn. */
TP_MUST_USE struct tp_status tp_draw_leaves_go_on(struct tp_app *app, const char *session_id,
                                                  struct tp_error *error);

#endif
