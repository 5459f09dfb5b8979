/*
 * The node's journal: everything that must outlive the process and a cut line. One SQLite file;
 * its tables are used by plan.h, login.h, seat_token.h, seat_event.h, ticket.h and base/link.
 */
#ifndef TP_VENUE_NODE_JOURNAL_H
#define TP_VENUE_NODE_JOURNAL_H

#include "base/store/store.h"

/* Opens or makes the journal at `path`. */
TP_MUST_USE struct tp_status tp_journal_open(const char *path, struct tp_store **store,
                                             struct tp_error *error);

/* Forgets what is long over: sessions ended for 30 days, spent tickets that have expired. */
TP_MUST_USE struct tp_status tp_journal_tidy(struct tp_store *store, int64_t now_ms,
                                             struct tp_error *error);

#endif
