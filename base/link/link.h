/*
 * One side of the conversation of proto/link.proto, without I/O: handshake, sequence numbers,
 * acknowledgement, outbox, duplicates, heartbeats. The owner feeds it received frames and lets it
 * look at the clock, sends what it asks to be sent and carries out its events; so one test
 * simulates both sides with faults by a seed. Programs use it through runner.h, which brings the
 * store and the threads.
 *
 * Durable messages: at least once on the wire, exactly once in effect. The outbox and the mark of
 * the highest applied seq live in the owner's store (outbox.h), in the transaction of the act
 * itself.
 *
 * One tp_link is one connection: after its end a new one is made with the marks as they are then.
 * Not safe from several threads.
 */
#ifndef TP_BASE_LINK_LINK_H
#define TP_BASE_LINK_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/link/outbox.h"
#include "base/random.h"

#define TP_LINK_FRAME_MAX_BYTES ((size_t)256 * 1024)
#define TP_LINK_MESSAGE_MAX_BYTES (TP_LINK_FRAME_MAX_BYTES - 64)
#define TP_LINK_NODE_ID_BYTES 65 /* with the NUL */
#define TP_LINK_WINDOW_COUNT 256 /* durable messages sent and not yet acknowledged */
#define TP_LINK_WINDOW_BYTES ((size_t)1024 * 1024)
#define TP_LINK_HEARTBEAT_MS 2000
#define TP_LINK_HANDSHAKE_MS 10000

#define TP_LINK_HELLO_DOMAIN "tongping.link.hello.v1"
#define TP_LINK_WELCOME_DOMAIN "tongping.link.welcome.v1"

enum tp_link_role {
    TP_LINK_COORDINATOR,
    TP_LINK_NODE,
};

struct tp_link_config {
    enum tp_link_role role;
    const struct tp_keypair *keypair; /* own; borrowed for the link's life */
    const struct tp_clock *clock;     /* borrowed for the link's life */
    const struct tp_random *random;   /* borrowed for the link's life */
    uint32_t heartbeat_ms;            /* coordinator; 0: TP_LINK_HEARTBEAT_MS */
    /* Node only: own id, the coordinator's key pinned at enrolment, what the journal's marks say.
     */
    const char *node_id;
    uint8_t peer_sign_public[TP_SIGN_PUBLIC_BYTES];
    struct tp_link_marks marks;
    const char *version; /* of this program, for the operators */
    /* Hands one frame to the transport. Called inside the functions below; must not call back and
     * must not block. The bytes are borrowed for the call. */
    void (*send)(void *context, const uint8_t *frame, size_t bytes);
    void *context;
};

struct tp_link;

TP_MUST_USE struct tp_status tp_link_new(const struct tp_link_config *config, struct tp_link **link,
                                         struct tp_error *error);
void tp_link_free(struct tp_link *link);
TP_DEFINE_CLEANUP(tp_link, tp_link_free)

/* The connection stands: the coordinator sends its challenge. */
void tp_link_start(struct tp_link *link);

/* One frame came. What is wrong with it is answered by a Refusal and the event FAILED. */
void tp_link_received(struct tp_link *link, const uint8_t *frame, size_t bytes);

/* Heartbeats, silence, acknowledgements that wait. Call it at least every 250 ms. */
void tp_link_tick(struct tp_link *link);

/* Ends the conversation from this side: a Refusal with the error's code, then FAILED. */
void tp_link_fail(struct tp_link *link, const struct tp_error *error);

/* Sends a message that is worthless after the moment (seq 0). TP_PEER "link.down" when the link is
 * not established, TP_LIMIT "link.message_too_large". */
TP_MUST_USE struct tp_status tp_link_call(struct tp_link *link, const void *message, size_t bytes,
                                          struct tp_error *error);

/* The outbox has grown: sends what is new as the window allows (by LOAD events). */
void tp_link_outbox_grew(struct tp_link *link);

enum tp_link_event_kind {
    /* Coordinator: a node says it is `node_id`. Answer with tp_link_identified or tp_link_fail. */
    TP_LINK_EVENT_IDENTIFY,
    /* The peer is authenticated; calls may be sent. `node_id` and `version` are the node's. */
    TP_LINK_EVENT_ESTABLISHED,
    /* Load outbox rows above `seq` (at most `limit_count`, `limit_bytes`), give each to
     * tp_link_loaded in order, then say tp_link_load_end. */
    TP_LINK_EVENT_LOAD,
    /* Apply the durable message `seq` in a store write with tp_link_mark_applied, then say
     * tp_link_applied. Come in order without gaps; several may wait. */
    TP_LINK_EVENT_APPLY,
    /* A message of seq 0. */
    TP_LINK_EVENT_CALL,
    /* The peer has applied all up to `seq`: tp_link_outbox_acknowledge. */
    TP_LINK_EVENT_ACKNOWLEDGED,
    /* The conversation is over for `error`: close the transport. The last event. */
    TP_LINK_EVENT_FAILED,
};

struct tp_link_event {
    enum tp_link_event_kind kind;
    uint64_t seq;
    uint32_t limit_count;
    size_t limit_bytes;
    uint8_t *message; /* owned by the event */
    size_t message_bytes;
    char node_id[TP_LINK_NODE_ID_BYTES];
    char version[64];
    struct tp_error error;
};

/* Takes the oldest event; false when none waits. Fini each event taken. */
bool tp_link_next_event(struct tp_link *link, struct tp_link_event *event);
void tp_link_event_fini(struct tp_link_event *event);

/* Answers IDENTIFY: the node's enrolled key and the marks kept for it. */
void tp_link_identified(struct tp_link *link, const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                        const struct tp_link_marks *marks);

/* Answers LOAD. `seq` must be the next one after the last. */
void tp_link_loaded(struct tp_link *link, uint64_t seq, const void *message, size_t bytes);
/* `more`: the limits of the LOAD ended it, the outbox holds further rows. */
void tp_link_load_end(struct tp_link *link, bool more);

/* Answers APPLY: `seq` is durably applied and may be acknowledged. */
void tp_link_applied(struct tp_link *link, uint64_t seq);

bool tp_link_established(const struct tp_link *link);
bool tp_link_ended(const struct tp_link *link);
/* "" before a Hello was understood. */
const char *tp_link_node_id(const struct tp_link *link);
/* By the last heartbeat that echoed one of ours; 0 before. */
uint32_t tp_link_round_trip_ms(const struct tp_link *link);
/* Own clock minus the peer's, by the last frame that carried a time. */
int64_t tp_link_clock_offset_ms(const struct tp_link *link);

#endif
