/*
 * Users: those of the set-up file, and regulators who register and are approved (A14).
 */
#ifndef TP_COORDINATOR_ACCOUNT_ACCOUNT_H
#define TP_COORDINATOR_ACCOUNT_ACCOUNT_H

#include "coordinator/account/limiter.h"
#include "coordinator/account/password.h"
#include "coordinator/account/user.h"
#include "coordinator/app.h"

struct tp_accounts {
    struct tp_limiter *limiter;
    struct tp_password_gate *passwords;
};

TP_MUST_USE struct tp_status tp_accounts_new(struct tp_accounts **accounts, struct tp_error *error);
void tp_accounts_free(struct tp_accounts *accounts);

/* A user to be made. Borrowed texts; those that do not apply are NULL. */
struct tp_new_user {
    const char *name;
    const char *password;
    const char *display;
    enum tp_role role;
    const char *center_id;
    const char *agency_code;
    const char *unit;
    const char *phone;
    bool active; /* otherwise it waits for approval */
};

/* TP_INPUT with the field at fault ("account.bad_name", "account.weak_password", ...). */
TP_MUST_USE struct tp_status tp_new_user_check(const struct tp_new_user *user,
                                               struct tp_error *error);

/* TP_CONFLICT "account.name_taken". *id gets the new user's. Checks first. */
TP_MUST_USE struct tp_status tp_user_add(struct tp_app *app, const struct tp_new_user *user,
                                         char id[TP_ID_BYTES], struct tp_error *error);

/*
 * Reads the first accounts from an INI file and makes those that do not exist yet:
 *   [agency CODE] name=
 *   [user NAME]   password= display= role= center= agency= unit= phone=
 */
TP_MUST_USE struct tp_status tp_accounts_set_up(struct tp_app *app, const char *path,
                                                struct tp_error *error);

extern const struct tp_module tp_account_module;

#endif
