/*
 * Experts' logins on their way from the nodes to tp-draw: taken off the link's thread, carried out
 * by a few threads of their own, answered over the link. The sealed credentials pass through
 * unopened; nothing of them is kept.
 */
#ifndef TP_COORDINATOR_EVALUATION_LOGIN_QUEUE_H
#define TP_COORDINATOR_EVALUATION_LOGIN_QUEUE_H

#include "coordinator/app.h"
#include "proto/link.pb-c.h"

#define TP_LOGINS_WAITING_MOST 256

struct tp_login_queue;

TP_MUST_USE struct tp_status tp_login_queue_new(struct tp_app *app, struct tp_login_queue **queue,
                                                struct tp_error *error);
/* Answers nothing more; waits for logins under way. NULL is allowed. */
void tp_login_queue_free(struct tp_login_queue *queue);

/* Takes a copy; a queue that is full answers "login.busy" at once. */
void tp_login_queue_add(struct tp_login_queue *queue, const char *center_id,
                        const Tongping__Link__LoginCall *call);

/* tp-draw's key that assertions are checked with, NULL when none is pinned in the configuration. */
const uint8_t *tp_login_queue_draw_key(const struct tp_login_queue *queue);

#endif
