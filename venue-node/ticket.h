/*
 * Feed tickets (docs/interfaces.md, section 5): the coordinator's leave for one viewer to begin to
 * watch one feed within a minute, once.
 */
#ifndef TP_VENUE_NODE_TICKET_H
#define TP_VENUE_NODE_TICKET_H

#include "base/crypto.h"
#include "base/store/store.h"
#include "venue-node/config.h"

#define TP_TICKET_DOMAIN "tongping.ticket.v1"
#define TP_TICKET_MOST_BYTES 4096
#define TP_TICKET_HOLDER_BYTES 65

struct tp_ticket {
    char feed_id[TP_VENUE_ID_BYTES];
    char holder[TP_TICKET_HOLDER_BYTES];
    char nonce[65];
    int64_t expires_at;
};

/*
 * Reads and verifies a ticket for `feed_id`. TP_DENIED "ticket.bad" (form, signature),
 * "ticket.expired", "ticket.other_feed".
 */
TP_MUST_USE struct tp_status tp_ticket_check(const uint8_t coordinator_public[TP_SIGN_PUBLIC_BYTES],
                                             const char *text, const char *feed_id, int64_t now_ms,
                                             struct tp_ticket *ticket, struct tp_error *error);

/* Notes durably that the ticket was used; TP_DENIED "ticket.used" the second time. */
TP_MUST_USE struct tp_status tp_ticket_spend(struct tp_store *store, const struct tp_ticket *ticket,
                                             struct tp_error *error);

#endif
