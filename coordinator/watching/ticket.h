/*
 * Feed tickets (docs/interfaces.md section 5): short-lived, signed by the coordinator, bound to
 * viewer, feed and session. The center's node checks the same bytes again with the coordinator's
 * pinned key.
 */
#ifndef TP_COORDINATOR_WATCHING_TICKET_H
#define TP_COORDINATOR_WATCHING_TICKET_H

#include "base/crypto.h"
#include "coordinator/account/user.h"

#define TP_TICKET_VALID_MS 60000
#define TP_TICKET_NONCE_BYTES 23
#define TP_TICKET_MOST_BYTES 4096

struct tp_ticket {
    char feed_id[TP_NAME_BYTES];
    char session_id[TP_ID_BYTES];
    char holder[TP_ID_BYTES];
    char display[TP_DISPLAY_BYTES];
    char nonce[TP_TICKET_NONCE_BYTES];
    int64_t expires_at_ms;
};

/* Fills in the nonce and appends the ticket's text. */
TP_MUST_USE struct tp_status tp_ticket_write(struct tp_ticket *ticket,
                                             const struct tp_keypair *keypair,
                                             const struct tp_random *random, struct tp_bytes *text,
                                             struct tp_error *error);

/* TP_DENIED "ticket.invalid" for anything not signed by this key, "ticket.expired". */
TP_MUST_USE struct tp_status tp_ticket_read(const char *text,
                                            const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                            int64_t now_ms, struct tp_ticket *ticket,
                                            struct tp_error *error);

#endif
