/*
 * The cookie that makes a browser the terminal of one seat. The journal keeps its hash only.
 */
#ifndef TP_VENUE_NODE_SEAT_TOKEN_H
#define TP_VENUE_NODE_SEAT_TOKEN_H

#include "base/crypto.h"
#include "base/store/store.h"
#include "venue-node/config.h"

#define TP_SEAT_TOKEN_TEXT_BYTES 44 /* 32 random bytes in base64url, with the NUL */

void tp_seat_token_hash(const char *token, uint8_t hash[TP_HASH_BYTES]);

/*
 * Gives the seat a new token and makes the old one worthless. A login made under the old one ends,
 * with its event; *login_ended tells so (wake the link then).
 */
TP_MUST_USE struct tp_status tp_seat_token_issue(struct tp_store *store, const char *seat_id,
                                                 int64_t now_ms,
                                                 char token[TP_SEAT_TOKEN_TEXT_BYTES],
                                                 bool *login_ended, struct tp_error *error);

/* The seat whose token hashes so; TP_DENIED "seat.not_enrolled". */
TP_MUST_USE struct tp_status tp_seat_token_find(struct tp_store *store,
                                                const uint8_t hash[TP_HASH_BYTES],
                                                char seat_id[TP_VENUE_ID_BYTES],
                                                struct tp_error *error);

#endif
