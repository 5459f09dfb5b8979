/*
 * Server-side logins. The cookie holds a random token, the store only its hash; a login ends by
 * logout, after two hours without a request, and after twelve hours in any case.
 */
#ifndef TP_COORDINATOR_ACCOUNT_LOGIN_H
#define TP_COORDINATOR_ACCOUNT_LOGIN_H

#include "base/bytes.h"
#include "base/crypto.h"
#include "coordinator/account/user.h"
#include "coordinator/app.h"

#define TP_LOGIN_COOKIE "tp_session"
#define TP_LOGIN_TOKEN_BYTES 32
#define TP_LOGIN_TOKEN_TEXT_BYTES 44 /* base64url and NUL */
#define TP_CSRF_TEXT_BYTES 44
#define TP_LOGIN_IDLE_MS (2 * 60 * 60 * 1000LL)
#define TP_LOGIN_LONGEST_MS (12 * 60 * 60 * 1000LL)

struct tp_login {
    struct tp_user user;
    uint8_t token_hash[TP_HASH_BYTES];
    char csrf[TP_CSRF_TEXT_BYTES];
    int64_t seen_at_ms;
    int64_t expires_at_ms;
};

/* Checks name and password within the rate limits and opens a login. TP_DENIED "login.refused"
 * (unknown name, wrong password, not approved: not told apart), TP_LIMIT "login.too_many_tries".
 * `token` is for the cookie and nowhere else. */
TP_MUST_USE struct tp_status tp_login_open(struct tp_app *app, const char *name,
                                           const char *password, const char *address,
                                           struct tp_login *login,
                                           char token[TP_LOGIN_TOKEN_TEXT_BYTES],
                                           struct tp_error *error);

/* The login of a cookie's token (NULL is allowed). TP_DENIED "login.needed". */
TP_MUST_USE struct tp_status tp_login_find(struct tp_app *app, const char *token,
                                           struct tp_login *login, struct tp_error *error);

/* Ends it: pages and viewers of it are closed. */
TP_MUST_USE struct tp_status tp_login_close(struct tp_app *app, const struct tp_login *login,
                                            struct tp_error *error);

/* Ends what is over; a job. */
TP_MUST_USE struct tp_status tp_login_sweep(struct tp_app *app, struct tp_error *error);

#endif
