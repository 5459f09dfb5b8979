/*
 * LoginCalls on their way over the link and the answers awaited. At most 24 at once, so that a slow
 * coordinator does not take every worker.
 */
#ifndef TP_VENUE_NODE_LOGIN_CALLS_H
#define TP_VENUE_NODE_LOGIN_CALLS_H

#include "base/cleanup.h"
#include "base/error.h"
#include "proto/link.pb-c.h"

struct tp_login_calls;

TP_MUST_USE struct tp_status tp_login_calls_new(struct tp_login_calls **calls,
                                                struct tp_error *error);
void tp_login_calls_free(struct tp_login_calls *calls);
TP_DEFINE_CLEANUP(tp_login_calls, tp_login_calls_free)

/* A new call's id; TP_LIMIT "login.busy". Every begun call is ended by tp_login_calls_wait or
 * _abandon. */
TP_MUST_USE struct tp_status tp_login_calls_begin(struct tp_login_calls *calls, uint64_t *call_id,
                                                  struct tp_error *error);
void tp_login_calls_abandon(struct tp_login_calls *calls, uint64_t call_id);

/*
 * Waits for the answer, which is the caller's then (tongping__link__login_answer__free_unpacked).
 * TP_PEER "login.timeout", "link.down" (the line was cut while waiting).
 */
TP_MUST_USE struct tp_status tp_login_calls_wait(struct tp_login_calls *calls, uint64_t call_id,
                                                 int64_t timeout_ms,
                                                 Tongping__Link__LoginAnswer **answer,
                                                 struct tp_error *error);

/* From the link: keeps a copy for whoever waits; an answer nobody waits for is dropped. */
void tp_login_calls_answer(struct tp_login_calls *calls, const Tongping__Link__LoginAnswer *answer);
/* The link is down: nobody will answer. */
void tp_login_calls_link_down(struct tp_login_calls *calls);

#endif
