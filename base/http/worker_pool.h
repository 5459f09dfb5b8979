/*
 * A fixed number of threads that run work in the order it was submitted. The work items are
 * embedded in what they work on, so that submitting never fails and never allocates.
 */
#ifndef TP_BASE_HTTP_WORKER_POOL_H
#define TP_BASE_HTTP_WORKER_POOL_H

#include "base/error.h"

struct tp_worker_pool;

struct tp_work {
    struct tp_work *next;
    void (*run)(struct tp_work *work); /* may free the item, and may submit it again */
};

/* `count` is 1..256. */
TP_MUST_USE struct tp_status tp_worker_pool_new(int count, struct tp_worker_pool **pool,
                                                struct tp_error *error);
/* An item is in the pool at most once at a time. */
void tp_worker_pool_submit(struct tp_worker_pool *pool, struct tp_work *work);
/* Runs everything submitted, also what that work submits, and joins the threads. NULL is allowed.
 */
void tp_worker_pool_free(struct tp_worker_pool *pool);

#endif
