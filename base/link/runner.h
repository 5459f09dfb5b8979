/*
 * Runs one connection of the link: the core of link.h with the store for outbox and marks, safe
 * from any thread. The owner brings a transport (the server's tp_websocket or the
 * tp_websocket_client) and a timer, and gets typed messages.
 *
 * Coordinator, per accepted WebSocket on /link:
 *   opened   -> tp_link_runner_new, tp_link_runner_start
 *   message  -> tp_link_runner_received (a text message: tp_link_runner_fail)
 *   closed   -> tp_link_runner_end, tp_link_runner_unref
 *   timer    -> tp_link_runner_tick at least every 250 ms
 *   after a write with tp_link_outbox_append_message for the node -> tp_link_runner_wake
 * A node that connects again while an older connection stands takes its place: in `established` end
 * the older one with tp_link_runner_fail.
 */
#ifndef TP_BASE_LINK_RUNNER_H
#define TP_BASE_LINK_RUNNER_H

#include "base/link/link.h"
#include "base/link/outbox.h"
#include "proto/link.pb-c.h"

struct tp_link_runner;

/*
 * Callbacks come one at a time, never two of one runner at once (but `send` may come beside them),
 * from whichever thread drove the runner; none comes after tp_link_runner_end returned. They may
 * block on the store, except `send`, and may call any function of the runner but end.
 */
struct tp_link_runner_handler {
    void *context;
    /* Hands a frame to the transport; must not block or call back. When it fails, close the
     * transport: what was durable is sent again over the next one. */
    void (*send)(void *context, const uint8_t *frame, size_t bytes);
    /* The conversation is over: close the transport. At most once. */
    void (*failed)(void *context, const struct tp_error *error);
    /* Coordinator: the key enrolled for the node; TP_DENIED "link.unknown_node" refuses. */
    struct tp_status (*identify)(void *context, const char *node_id,
                                 uint8_t sign_public[TP_SIGN_PUBLIC_BYTES], struct tp_error *error);
    void (*established)(void *context, const char *node_id, const char *version);
    /* A fresh durable message, inside the store write that also moves the mark: write its effect.
     * May run twice. A failure ends the connection and the message comes again with the next: so a
     * message that makes no sense is to be logged and let pass with OK. */
    struct tp_status (*apply)(void *context, struct tp_db *db, const char *node_id,
                              const Tongping__Link__LinkMessage *message, struct tp_error *error);
    /* After that write is durable: wake-ups, pushes to pages. May be NULL. */
    void (*applied)(void *context, const char *node_id, const Tongping__Link__LinkMessage *message);
    /* A message of seq 0. */
    void (*call)(void *context, const char *node_id, const Tongping__Link__LinkMessage *message);
};

/* `config->send`, `context` and (for a node) `marks` are set here: leave them empty. `store` is
 * borrowed. The caller holds the one reference. */
TP_MUST_USE struct tp_status tp_link_runner_new(const struct tp_link_config *config,
                                                struct tp_store *store,
                                                const struct tp_link_runner_handler *handler,
                                                struct tp_link_runner **runner,
                                                struct tp_error *error);
struct tp_link_runner *tp_link_runner_ref(struct tp_link_runner *runner);
/* NULL is allowed. */
void tp_link_runner_unref(struct tp_link_runner *runner);
static inline void tp_link_runner_cleanup(struct tp_link_runner **runner)
{
    tp_link_runner_unref(*runner);
}

void tp_link_runner_start(struct tp_link_runner *runner);
void tp_link_runner_received(struct tp_link_runner *runner, const uint8_t *frame, size_t bytes);
void tp_link_runner_tick(struct tp_link_runner *runner);
/* From any thread, after an outbox append was committed. Returns at once when another thread is
 * driving the runner: that one sends. */
void tp_link_runner_wake(struct tp_link_runner *runner);
/* From any thread: a message of seq 0. TP_PEER "link.down", TP_LIMIT "link.message_too_large". */
TP_MUST_USE struct tp_status tp_link_runner_call(struct tp_link_runner *runner,
                                                 const Tongping__Link__LinkMessage *message,
                                                 struct tp_error *error);
/* Refuses the peer with the error's code; `failed` follows. */
void tp_link_runner_fail(struct tp_link_runner *runner, const struct tp_error *error);
/* The transport is gone: waits for a callback under way, then no more come. */
void tp_link_runner_end(struct tp_link_runner *runner);

bool tp_link_runner_established(struct tp_link_runner *runner);
uint32_t tp_link_runner_round_trip_ms(struct tp_link_runner *runner);
int64_t tp_link_runner_clock_offset_ms(struct tp_link_runner *runner);

/* Packs and appends: see tp_link_outbox_append. */
TP_MUST_USE struct tp_status
tp_link_outbox_append_message(struct tp_db *db, const char *peer,
                              const Tongping__Link__LinkMessage *message, int64_t now_ms,
                              uint64_t *seq, struct tp_error *error);

#endif
