/*
 * Who is logged in at which seat: one expert a seat, one seat an expert. Each change goes with its
 * event in one write. Only handle and label are known here.
 */
#ifndef TP_VENUE_NODE_LOGIN_H
#define TP_VENUE_NODE_LOGIN_H

#include "base/crypto.h"
#include "base/store/store.h"
#include "venue-node/config.h"

#define TP_HANDLE_BYTES 65
#define TP_LABEL_BYTES 65

struct tp_login {
    char seat_id[TP_VENUE_ID_BYTES];
    char session_id[TP_VENUE_ID_BYTES];
    char handle[TP_HANDLE_BYTES];
    char label[TP_LABEL_BYTES];
    int64_t since_at;
    uint8_t token_hash[TP_HASH_BYTES]; /* of the terminal it was made at */
    bool lost;                         /* its terminal has gone silent */
};

/* What tp-draw signed, for the event. */
struct tp_login_proof {
    const uint8_t *assertion;
    size_t assertion_bytes;
    const uint8_t *signature;
    size_t signature_bytes;
};

/* TP_CONFLICT "seat.taken" (somebody is logged in there), "login.already_in" (the expert is, at
 * another seat), "login.not_open" (the session has ended meanwhile). */
TP_MUST_USE struct tp_status tp_login_enter(struct tp_store *store, const struct tp_login *login,
                                            const struct tp_login_proof *proof,
                                            struct tp_error *error);

/* Ends the seat's login; *ended is false when there was none. */
TP_MUST_USE struct tp_status tp_login_leave(struct tp_store *store, const char *seat_id,
                                            int64_t now_ms, bool *ended, struct tp_error *error);
/* The same inside a write. */
TP_MUST_USE struct tp_status tp_login_leave_in(struct tp_db *db, const char *seat_id,
                                               int64_t now_ms, bool *ended, struct tp_error *error);

/* Notes that the login's terminal went silent, or came back. *changed is false when it was so. */
TP_MUST_USE struct tp_status tp_login_set_lost(struct tp_store *store, const char *seat_id,
                                               bool lost, int64_t now_ms, bool *changed,
                                               struct tp_error *error);

/* Inside a read or write. */
TP_MUST_USE struct tp_status tp_login_of_seat(struct tp_db *db, const char *seat_id,
                                              struct tp_login *login, bool *found,
                                              struct tp_error *error);

typedef void (*tp_login_visit)(void *context, const struct tp_login *login);
/* All logins of a session (of all when NULL), by seat. Inside a read or write. */
TP_MUST_USE struct tp_status tp_login_each(struct tp_db *db, const char *session_id,
                                           tp_login_visit visit, void *context,
                                           struct tp_error *error);

#endif
