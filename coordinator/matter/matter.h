/*
 * A15: what a regulator raises to the staff of a venue while watching, and what comes of it.
 */
#ifndef TP_COORDINATOR_MATTER_MATTER_H
#define TP_COORDINATOR_MATTER_MATTER_H

#include <jansson.h>

#include "coordinator/record/write.h"

#define TP_MATTER_CHARACTERS_MOST 500
#define TP_MATTER_REPLIES_MOST 200

struct tp_matter_raise {
    const struct tp_user *user;
    const char *session_id;
    const char *center_id; /* a venue of the session */
    const char *feed_id;   /* may be NULL */
    const char *text;
    char id[TP_ID_BYTES]; /* out */
};
/* tp_write_work. TP_INPUT "matter.not_a_venue". */
TP_MUST_USE struct tp_status tp_matter_raise_work(struct tp_write *write, void *argument,
                                                  struct tp_error *error);

struct tp_matter_act {
    const struct tp_user *user;
    const char *matter_id;
    const char *text; /* of a reply */
};
/* tp_write_work. TP_NOT_FOUND "matter.not_found", TP_CONFLICT "matter.closed", TP_LIMIT
 * "matter.too_many_replies". */
TP_MUST_USE struct tp_status tp_matter_reply_work(struct tp_write *write, void *argument,
                                                  struct tp_error *error);
TP_MUST_USE struct tp_status tp_matter_close_work(struct tp_write *write, void *argument,
                                                  struct tp_error *error);

/* The session's matters, newest first; of staff the own center's. `matter_id` NULL: all. */
TP_MUST_USE struct tp_status tp_matter_list(struct tp_db *db, const struct tp_user *user,
                                            const char *session_id, const char *matter_id,
                                            json_t **items, struct tp_error *error);

#endif
