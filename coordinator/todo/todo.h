/*
 * To-dos: what a role, a center's staff, an agency or one user is asked to do. Created and done in
 * the transaction of the act that causes it; told to the pages at once; the staff of a center also
 * get an SMS through the gateway, from a durable outbox.
 */
#ifndef TP_COORDINATOR_TODO_TODO_H
#define TP_COORDINATOR_TODO_TODO_H

#include "coordinator/record/write.h"

struct tp_todo {
    const char *kind; /* "confirm_venue", "choose_venues", "open_draw", "open_entry", "matter",
                         "approve_registration" */
    const char *session_id; /* may be NULL */
    const char
        *subject_id; /* what it is about within the kind (a matter, a registration); may be NULL */
    const char *title; /* shown to people; Chinese, at most 200 characters */
    /* Exactly one of these says for whom: */
    const char *center_id;   /* all staff of this center */
    const char *agency_code; /* all users of this agency */
    const char *role;        /* all users of this role ("operator", "regulator") */
    const char *user_id;
    const char *sms_text; /* not NULL: also sent to the phones of those users */
};

/* An open to-do of the same kind, session, subject and addressee is not made twice. */
TP_MUST_USE struct tp_status tp_todo_add(struct tp_write *write, const struct tp_todo *todo,
                                         struct tp_error *error);

/* Marks open to-dos done: those of the subject, or without one those of the session (one of the two
 * must be given). NULL for kind or center_id matches any. */
TP_MUST_USE struct tp_status tp_todo_done(struct tp_write *write, const char *kind,
                                          const char *session_id, const char *subject_id,
                                          const char *center_id, struct tp_error *error);

#endif
