/*
 * One side of the conversation of proto/link.proto, without I/O: handshake, sequence numbers,
 * acknowledgement, outbox, duplicates, heartbeats. The owner feeds it received frames and the
 * time and sends what it asks to be sent; so one test simulates both sides with faults by a seed.
 *
 * Durable messages: at least once on the wire, exactly once in effect. The outbox and the mark of
 * the highest applied seq live in the owner's store (tables below), in the transaction of the act
 * itself: tp_link_outbox_append when a message is caused, tp_link_mark_applied when one is applied.
 */
#ifndef TP_BASE_LINK_LINK_H
#define TP_BASE_LINK_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/store/store.h"

/* The tables both sides need; add to the owner's migrations. `peer` is the node's id at the coordinator
 * and "coordinator" at a node. */
#define TP_LINK_SCHEMA                                                                             \
    "CREATE TABLE link_outbox (peer TEXT NOT NULL, seq INTEGER NOT NULL, message BLOB NOT NULL,"   \
    " created_at INTEGER NOT NULL, PRIMARY KEY (peer, seq));"                                      \
    "CREATE TABLE link_mark (peer TEXT NOT NULL PRIMARY KEY, sent_seq INTEGER NOT NULL,"           \
    " acked_seq INTEGER NOT NULL, received_seq INTEGER NOT NULL);"

/* Inside a write: gives the message the next seq for `peer` and keeps it until acknowledged. */
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

#endif
