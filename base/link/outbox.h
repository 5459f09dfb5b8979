/*
 * The durable half of the link: the outbox of messages not yet acknowledged, and per peer the marks
 * of what was sent, acknowledged and applied. All functions run inside the owner's store work.
 */
#ifndef TP_BASE_LINK_OUTBOX_H
#define TP_BASE_LINK_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/store/store.h"

/* The tables both sides need; add to the owner's migrations. `peer` is the node's id at the
 * coordinator and "coordinator" at a node. */
#define TP_LINK_SCHEMA                                                                             \
    "CREATE TABLE link_outbox (peer TEXT NOT NULL, seq INTEGER NOT NULL, message BLOB NOT NULL,"   \
    " created_at INTEGER NOT NULL, PRIMARY KEY (peer, seq));"                                      \
    "CREATE TABLE link_mark (peer TEXT NOT NULL PRIMARY KEY, sent_seq INTEGER NOT NULL,"           \
    " acked_seq INTEGER NOT NULL, received_seq INTEGER NOT NULL);"

/* The name of the other side at a node. */
#define TP_LINK_COORDINATOR_PEER "coordinator"

struct tp_link_marks {
    uint64_t sent_seq;     /* highest given to a message for the peer */
    uint64_t acked_seq;    /* highest the peer has acknowledged; older rows are gone */
    uint64_t received_seq; /* highest of the peer's applied here */
};

/* All zero for a peer never met. Read or write. */
TP_MUST_USE struct tp_status tp_link_marks_read(struct tp_db *db, const char *peer,
                                                struct tp_link_marks *marks,
                                                struct tp_error *error);

/* Inside a write: gives the message (a packed LinkMessage) the next seq for `peer` and keeps it
 * until acknowledged. */
TP_MUST_USE struct tp_status tp_link_outbox_append(struct tp_db *db, const char *peer,
                                                   const void *message, size_t bytes,
                                                   int64_t now_ms, uint64_t *seq,
                                                   struct tp_error *error);

/*
 * Inside the write that applies a received durable message. *fresh is false when `seq` was applied
 * before (then apply nothing); TP_PEER "link.gap" when one before it is missing.
 */
TP_MUST_USE struct tp_status tp_link_mark_applied(struct tp_db *db, const char *peer, uint64_t seq,
                                                  bool *fresh, struct tp_error *error);

/* Inside a write: the peer has applied all up to `seq`; their rows go. */
TP_MUST_USE struct tp_status tp_link_outbox_acknowledge(struct tp_db *db, const char *peer,
                                                        uint64_t seq, struct tp_error *error);

/* Calls `visit` for the rows above `after_seq` in order, at most `limit_count` and `limit_bytes`
 * (but always one); *more tells whether rows remain. `message` is borrowed for the call. */
typedef void (*tp_link_outbox_visit)(void *context, uint64_t seq, const void *message,
                                     size_t bytes);
TP_MUST_USE struct tp_status tp_link_outbox_load(struct tp_db *db, const char *peer,
                                                 uint64_t after_seq, uint32_t limit_count,
                                                 size_t limit_bytes, tp_link_outbox_visit visit,
                                                 void *context, bool *more, struct tp_error *error);

TP_MUST_USE struct tp_status tp_link_outbox_count(struct tp_db *db, const char *peer,
                                                  uint64_t *count, struct tp_error *error);

/*
 * Inside a write, when a peer is enrolled anew (its store begins empty): both directions begin at
 * seq 1 again. Messages that were not acknowledged are kept and numbered anew, in order.
 */
TP_MUST_USE struct tp_status tp_link_reset(struct tp_db *db, const char *peer,
                                           struct tp_error *error);

#endif
