/*
 * One libwebsockets context on a libuv loop with a thread of its own, and the way into that thread:
 * a post runs there once, in the order of posting. Posts are embedded in what they are about, so
 * that posting never fails and never allocates.
 */
#ifndef TP_BASE_HTTP_LOOP_H
#define TP_BASE_HTTP_LOOP_H

#include <libwebsockets.h>
#include <pthread.h>
#include <uv.h>

#include "base/error.h"

struct tp_post {
    struct tp_post *next;
    void (*run)(struct tp_post *post); /* on the loop thread; may free the post */
};

struct tp_loop {
    struct lws_context *context;
    struct lws_vhost *host;
    uv_loop_t uv;
    pthread_t thread;
    bool thread_started;
    pthread_mutex_t mutex;
    struct tp_post *first;
    struct tp_post **last_next;
    bool stopping; /* loop thread only */
};

/*
 * Creates the context from `info`: protocols, port and TLS are the caller's; the loop, `user` (this
 * loop) and limits are set here. Every protocol's callback must pass its callbacks to
 * tp_loop_callback first.
 */
TP_MUST_USE struct tp_status
tp_loop_init(struct tp_loop *loop, struct lws_context_creation_info *info, struct tp_error *error);
/* Runs the loop on its thread. */
TP_MUST_USE struct tp_status tp_loop_start(struct tp_loop *loop, struct tp_error *error);
/* From any thread, until tp_loop_stop was called. A post is in the queue at most once at a time. */
void tp_loop_post(struct tp_loop *loop, struct tp_post *post);
/* On the loop thread: the thread ends after this round. */
void tp_loop_stop(struct tp_loop *loop);
/* Joins the thread and frees the context; also after a failed or missing start. */
void tp_loop_fini(struct tp_loop *loop);

/* Runs posts when `reason` says so. */
void tp_loop_callback(struct lws *wsi, enum lws_callback_reasons reason);
/* The loop a connection belongs to. */
struct tp_loop *tp_loop_of(struct lws *wsi);

#endif
