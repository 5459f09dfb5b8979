/*
 * The inside of struct tp_link, shared by link.c (data) and handshake.c.
 */
#ifndef TP_BASE_LINK_LINK_INTERNAL_H
#define TP_BASE_LINK_LINK_INTERNAL_H

#include "base/link/link.h"
#include "proto/link.pb-c.h"

#define TP_LINK_NONCE_BYTES 32
/* A peer that sends faster than the owner handles events is cut off. */
#define TP_LINK_EVENT_LIMIT_COUNT 2048

enum tp_link_state {
    TP_LINK_NEW,
    TP_LINK_WAIT_CHALLENGE,
    TP_LINK_WAIT_HELLO,
    TP_LINK_IDENTIFYING,
    TP_LINK_WAIT_WELCOME,
    TP_LINK_ESTABLISHED,
    TP_LINK_ENDED,
};

struct tp_link {
    struct tp_link_config config;
    enum tp_link_state state;
    char node_id[TP_LINK_NODE_ID_BYTES];
    char own_version[64];
    char peer_version[64];
    uint8_t coordinator_nonce[TP_LINK_NONCE_BYTES];
    uint8_t node_nonce[TP_LINK_NONCE_BYTES];
    uint8_t hello_signature[TP_SIGNATURE_BYTES];
    uint64_t hello_received_seq;
    int64_t started_at;  /* monotonic, as all below */
    int64_t received_at; /* the last frame */
    int64_t hello_at;
    uint32_t heartbeat_ms;

    /* Sending: acked_seq <= sent_seq; the window holds what lies between. */
    uint64_t acked_seq;
    uint64_t sent_seq;
    size_t window_bytes;
    uint32_t window_sizes[TP_LINK_WINDOW_COUNT]; /* by seq modulo the count */
    bool loading;                                /* a LOAD is out */
    bool more;                                   /* the outbox may hold rows above sent_seq */

    /* Receiving: ack_sent_seq <= applied_seq <= delivered_seq. */
    uint64_t delivered_seq;
    uint64_t applied_seq;
    uint64_t ack_sent_seq;

    int64_t heartbeat_sent_at;
    int64_t heartbeat_sent_time_ms;
    int64_t heartbeat_received_at;
    int64_t heartbeat_received_time_ms; /* the peer's time; 0: none yet */
    uint32_t round_trip_ms;
    int64_t clock_offset_ms;

    struct tp_link_event *events;
    size_t event_first;
    size_t event_count;
    size_t event_capacity;
    bool failure_told;
    struct tp_error failure;
};

/* Link.c's, for handshake.c. */
void tp_link_send_frame(struct tp_link *link, const Tongping__Link__LinkFrame *frame);
void tp_link_break(struct tp_link *link, enum tp_class class, const char *code,
                   const char *message);
/* Notes how far the peer's clock is off, whatever time it claims. */
void tp_link_take_time(struct tp_link *link, int64_t peer_time_ms);
/* Takes `message`. */
void tp_link_push(struct tp_link *link, enum tp_link_event_kind kind, uint64_t seq,
                  uint8_t *message, size_t bytes);
void tp_link_establish(struct tp_link *link, uint64_t peer_received_seq,
                       const struct tp_link_marks *marks);

/* Handshake.c's, for link.c. */
void tp_link_on_challenge(struct tp_link *link, const Tongping__Link__Challenge *challenge);
void tp_link_on_hello(struct tp_link *link, const Tongping__Link__Hello *hello);
void tp_link_on_welcome(struct tp_link *link, const Tongping__Link__Welcome *welcome);

#endif
