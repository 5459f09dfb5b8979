/*
 * The hash-chained log of every act. An entry is appended in the transaction of the act itself:
 * there is no act without its entry and no entry without its act.
 *
 *     hash(n) = tp_hash("tongping.record.v1", hash(n-1) ‖ u64 n ‖ u64 at ‖ field(actor) ‖
 *                       field(act) ‖ field(session_id) ‖ field(data))
 *
 * with field(x) = u32 length ‖ bytes, all integers big-endian, hash(0) = 32 zero bytes. `data` is
 * hashed as the very text that is stored. Never a person's name, ID number, phone or key in it.
 */
#ifndef TP_COORDINATOR_RECORD_RECORD_H
#define TP_COORDINATOR_RECORD_RECORD_H

#include <jansson.h>

#include "coordinator/record/write.h"

#define TP_ACTOR_SYSTEM "system"

/*
 * Appends one entry. `actor` is a user id, a node's "node:CENTER", "trading:ID", "draw" or
 * TP_ACTOR_SYSTEM; `act` is a stable dotted name ("session.confirm"); `session_id` may be NULL;
 * `data` an object, borrowed, or NULL. Tells the pages ("log"). Data beyond 512 KiB is TP_LIMIT
 * "record.too_large".
 */
TP_MUST_USE struct tp_status tp_record_append(struct tp_write *write, const char *actor,
                                              const char *act, const char *session_id,
                                              const json_t *data, struct tp_error *error);

struct tp_record_head {
    int64_t n; /* 0: empty */
    uint8_t hash[TP_HASH_BYTES];
};

TP_MUST_USE struct tp_status tp_record_head(struct tp_db *db, struct tp_record_head *head,
                                            struct tp_error *error);

/*
 * Recomputes the whole chain. TP_CRYPTO "record.broken" with the number of the first entry that
 * does not follow from the one before; *head is the last one that does.
 */
TP_MUST_USE struct tp_status tp_record_verify(struct tp_db *db, struct tp_record_head *head,
                                              struct tp_error *error);

#endif
