/*
 * Which drawn expert is at which seat of a session (A11). One seat has one expert and one expert
 * one seat, by the keys of the table. "expected": tp-draw has let the expert in, the node has not
 * reported the entry yet; "in": it has. All functions run inside a write or read.
 */
#ifndef TP_COORDINATOR_EVALUATION_SEAT_EXPERT_H
#define TP_COORDINATOR_EVALUATION_SEAT_EXPERT_H

#include "coordinator/record/write.h"
#include "coordinator/session/session.h"

/* How long a seat waits for an expert who was let in but never entered. */
#define TP_SEAT_EXPECTED_MS 60000

struct tp_seat_expert {
    const char *session_id;
    const char *seat_id;
    const char *center_id;
    const char *handle;
    const char *label;
};

/* The session takes entries and the seat is booked for it at this center: else TP_CONFLICT
 * "login.no_session", "login.not_open" or "seat.not_booked". Fills draw_id when it is not NULL. */
TP_MUST_USE struct tp_status tp_seat_check(struct tp_db *db, const char *session_id,
                                           const char *center_id, const char *seat_id,
                                           char draw_id[TP_ID_BYTES], struct tp_error *error);

/* tp-draw has let the expert in: TP_CONFLICT "seat.taken" when another expert is there,
 * "login.in_elsewhere" when this one sits at another seat. */
TP_MUST_USE struct tp_status
tp_seat_expect(struct tp_write *write, const struct tp_seat_expert *expert, struct tp_error *error);

/* The node reports the entry: same conflicts. *changed is false when it was so already. */
TP_MUST_USE struct tp_status tp_seat_enter(struct tp_write *write,
                                           const struct tp_seat_expert *expert, int64_t at_ms,
                                           bool *changed, struct tp_error *error);

/* The expert of this handle is not at the seat any more. */
TP_MUST_USE struct tp_status tp_seat_leave(struct tp_write *write, const char *session_id,
                                           const char *seat_id, const char *handle, bool *changed,
                                           struct tp_error *error);

/* Frees the seats of those who took leave (A9). */
TP_MUST_USE struct tp_status tp_seat_free_leavers(struct tp_write *write, const char *session_id,
                                                  struct tp_error *error);

TP_MUST_USE struct tp_status tp_seat_counts(struct tp_db *db, const char *session_id,
                                            int64_t *expected, int64_t *present,
                                            struct tp_error *error);

/* Puts "entry" into a session's JSON and "expert" into its seats'. */
TP_MUST_USE struct tp_status tp_seat_describe(struct tp_db *db, const char *session_id,
                                              bool with_handles, json_t *session,
                                              struct tp_error *error);

#endif
