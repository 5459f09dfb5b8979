#include "coordinator/account/login.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "coordinator/account/account.h"
#include "coordinator/http/events.h"
#include "coordinator/record/record.h"

/* Few of one name from one address; more of the name from everywhere, so that a stranger who knows
 * a name cannot lock its owner out from another desk. */
#define TRIES_PER_PAIR_MOST 5
#define TRIES_PER_NAME_MOST 20
#define TRIES_PER_ADDRESS_MOST 100
#define TRIES_WINDOW_MS (15 * 60 * 1000LL)
#define SEEN_STEP_MS (5 * 60 * 1000LL)

static void hash_token(const uint8_t token[TP_LOGIN_TOKEN_BYTES], uint8_t hash[TP_HASH_BYTES])
{
    tp_hash("tongping.login.v1", token, TP_LOGIN_TOKEN_BYTES, hash);
}

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text == NULL ? "" : text);
}

#define USER_COLUMNS "u.id, u.name, u.display, u.role, u.center_id, u.agency_code"

/* From the first six columns. */
static bool take_user(const struct tp_query *query, struct tp_user *user)
{
    memset(user, 0, sizeof *user);
    copy(user->id, sizeof user->id, tp_query_text(query, 0));
    copy(user->name, sizeof user->name, tp_query_text(query, 1));
    copy(user->display, sizeof user->display, tp_query_text(query, 2));
    copy(user->center_id, sizeof user->center_id, tp_query_text(query, 4));
    copy(user->agency_code, sizeof user->agency_code, tp_query_text(query, 5));
    return tp_role_of(tp_query_text(query, 3), &user->role);
}

struct checking {
    const char *name;
    struct tp_user user;
    char hash[TP_PASSWORD_HASH_BYTES];
    bool found;
};

static struct tp_status read_user(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct checking *checking = argument;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT " USER_COLUMNS ", u.password_hash FROM users u WHERE u.name = $1 AND"
                    " u.state = 'active'",
                    "t", checking->name);
    bool row = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
    }
    if (tp_ok(status) && row) {
        checking->found = take_user(query, &checking->user);
        copy(checking->hash, sizeof checking->hash, tp_query_text(query, 6));
    }
    tp_query_end(query);
    return status;
}

static struct tp_status check_password(struct tp_app *app, const char *name, const char *password,
                                       const char *address, struct tp_user *user,
                                       struct tp_error *error)
{
    char pair_key[192];
    char name_key[96];
    char address_key[96];
    snprintf(pair_key, sizeof pair_key, "pair:%.80s %.80s", name, address);
    snprintf(name_key, sizeof name_key, "name:%.80s", name);
    snprintf(address_key, sizeof address_key, "address:%.80s", address);
    struct tp_limiter *limiter = app->accounts->limiter;
    int64_t now_ms = tp_clock_now_ms(app->clock);
    if (!tp_limiter_allows(limiter, pair_key, TRIES_PER_PAIR_MOST, TRIES_WINDOW_MS, now_ms) ||
        !tp_limiter_allows(limiter, name_key, TRIES_PER_NAME_MOST, TRIES_WINDOW_MS, now_ms) ||
        !tp_limiter_allows(limiter, address_key, TRIES_PER_ADDRESS_MOST, TRIES_WINDOW_MS, now_ms)) {
        return tp_fail(error, TP_LIMIT, "login.too_many_tries", "too many failed tries; wait");
    }
    struct checking checking = {.name = name};
    struct tp_status status = tp_store_read(app->store, read_user, &checking, error);
    if (tp_failed(status)) {
        return status;
    }
    if (!tp_password_matches(app->accounts->passwords, checking.found ? checking.hash : NULL,
                             password)) {
        tp_limiter_mark(limiter, pair_key, now_ms);
        tp_limiter_mark(limiter, name_key, now_ms);
        tp_limiter_mark(limiter, address_key, now_ms);
        return tp_fail(error, TP_DENIED, "login.refused", "name or password is wrong");
    }
    tp_limiter_forget(limiter, pair_key);
    *user = checking.user;
    return TP_STATUS_OK;
}

static struct tp_status keep(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct tp_login *login = argument;
    login->seen_at_ms = write->now_ms;
    login->expires_at_ms = write->now_ms + TP_LOGIN_LONGEST_MS;
    struct tp_status status =
        tp_db_run(write->db, error,
                  "INSERT INTO logins (token_hash, user_id, csrf, created_at, seen_at, expires_at)"
                  " VALUES ($1, $2, $3, $4, $4, $5)",
                  "bttii", (const void *)login->token_hash, sizeof login->token_hash,
                  login->user.id, login->csrf, write->now_ms, login->expires_at_ms);
    if (tp_ok(status)) {
        status = tp_record_append(write, login->user.id, "account.login", NULL, NULL, error);
    }
    return status;
}

struct tp_status tp_login_open(struct tp_app *app, const char *name, const char *password,
                               const char *address, struct tp_login *login,
                               char token[TP_LOGIN_TOKEN_TEXT_BYTES], struct tp_error *error)
{
    memset(login, 0, sizeof *login);
    struct tp_status status = check_password(app, name, password, address, &login->user, error);
    if (tp_failed(status)) {
        return status;
    }
    uint8_t secret[TP_LOGIN_TOKEN_BYTES];
    uint8_t csrf[TP_LOGIN_TOKEN_BYTES];
    tp_random_fill(app->random, secret, sizeof secret);
    tp_random_fill(app->random, csrf, sizeof csrf);
    hash_token(secret, login->token_hash);
    sodium_bin2base64(token, TP_LOGIN_TOKEN_TEXT_BYTES, secret, sizeof secret,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_bin2base64(login->csrf, sizeof login->csrf, csrf, sizeof csrf,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    status = tp_write_run(app, keep, login, error);
    if (tp_failed(status)) {
        sodium_memzero(token, TP_LOGIN_TOKEN_TEXT_BYTES);
    }
    return status;
}

struct finding {
    struct tp_login *login;
    bool found;
};

static struct tp_status read_login(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct finding *finding = argument;
    struct tp_login *login = finding->login;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT " USER_COLUMNS ", l.csrf, l.seen_at, l.expires_at FROM logins l"
                    " JOIN users u ON u.id = l.user_id WHERE l.token_hash = $1 AND"
                    " u.state = 'active'",
                    "b", (const void *)login->token_hash, sizeof login->token_hash);
    bool row = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
    }
    if (tp_ok(status) && row) {
        finding->found = take_user(query, &login->user);
        copy(login->csrf, sizeof login->csrf, tp_query_text(query, 6));
        login->seen_at_ms = tp_query_int(query, 7);
        login->expires_at_ms = tp_query_int(query, 8);
    }
    tp_query_end(query);
    return status;
}

static struct tp_status touch(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct tp_login *login = argument;
    return tp_db_run(write->db, error, "UPDATE logins SET seen_at = $2 WHERE token_hash = $1", "bi",
                     (const void *)login->token_hash, sizeof login->token_hash, write->now_ms);
}

struct tp_status tp_login_find(struct tp_app *app, const char *token, struct tp_login *login,
                               struct tp_error *error)
{
    memset(login, 0, sizeof *login);
    uint8_t secret[TP_LOGIN_TOKEN_BYTES];
    size_t bytes = 0;
    if (token == NULL ||
        sodium_base642bin(secret, sizeof secret, token, strlen(token), NULL, &bytes, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        bytes != sizeof secret) {
        return tp_fail(error, TP_DENIED, "login.needed", "log in first");
    }
    hash_token(secret, login->token_hash);
    sodium_memzero(secret, sizeof secret);
    struct finding finding = {.login = login};
    struct tp_status status = tp_store_read(app->store, read_login, &finding, error);
    if (tp_failed(status)) {
        return status;
    }
    int64_t now_ms = tp_clock_now_ms(app->clock);
    if (!finding.found || now_ms >= login->expires_at_ms ||
        now_ms >= login->seen_at_ms + TP_LOGIN_IDLE_MS) {
        return tp_fail(error, TP_DENIED, "login.needed", "log in first");
    }
    if (now_ms >= login->seen_at_ms + SEEN_STEP_MS) {
        status = tp_write_run(app, touch, login, error);
    }
    return status;
}

static void tell_ended(struct tp_app *app, const uint8_t token_hash[TP_HASH_BYTES],
                       const char *user_id)
{
    tp_events_close_login(app->events, token_hash, TP_HASH_BYTES);
    for (size_t i = 0; i < app->module_count; i++) {
        if (app->modules[i]->login_ended != NULL) {
            app->modules[i]->login_ended(app, user_id);
        }
    }
}

static struct tp_status forget(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct tp_login *login = argument;
    struct tp_status status =
        tp_db_run(write->db, error, "DELETE FROM logins WHERE token_hash = $1", "b",
                  (const void *)login->token_hash, sizeof login->token_hash);
    if (tp_ok(status)) {
        status = tp_record_append(write, login->user.id, "account.logout", NULL, NULL, error);
    }
    return status;
}

struct tp_status tp_login_close(struct tp_app *app, const struct tp_login *login,
                                struct tp_error *error)
{
    struct tp_login closing = *login;
    struct tp_status status = tp_write_run(app, forget, &closing, error);
    if (tp_ok(status)) {
        tell_ended(app, login->token_hash, login->user.id);
    }
    return status;
}

#define SWEPT_MOST 200

struct sweeping {
    int64_t now_ms;
    size_t count;
    struct {
        uint8_t token_hash[TP_HASH_BYTES];
        char user_id[TP_ID_BYTES];
    } ended[SWEPT_MOST];
};

static struct tp_status find_ended(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct sweeping *sweeping = argument;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT token_hash, user_id FROM logins WHERE expires_at <= $1 OR seen_at <= $2 LIMIT 200",
        "ii", sweeping->now_ms, (int64_t)(sweeping->now_ms - TP_LOGIN_IDLE_MS));
    sweeping->count = 0;
    bool row = tp_ok(status);
    while (tp_ok(status) && row && sweeping->count < SWEPT_MOST) {
        status = tp_query_next(query, &row, error);
        size_t bytes = 0;
        const void *hash = tp_ok(status) && row ? tp_query_blob(query, 0, &bytes) : NULL;
        if (hash != NULL && bytes == TP_HASH_BYTES) {
            memcpy(sweeping->ended[sweeping->count].token_hash, hash, bytes);
            copy(sweeping->ended[sweeping->count].user_id, TP_ID_BYTES, tp_query_text(query, 1));
            sweeping->count++;
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status forget_ended(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct sweeping *sweeping = argument;
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; tp_ok(status) && i < sweeping->count; i++) {
        status = tp_db_run(write->db, error, "DELETE FROM logins WHERE token_hash = $1", "b",
                           (const void *)sweeping->ended[i].token_hash, (size_t)TP_HASH_BYTES);
    }
    if (tp_ok(status)) {
        status = tp_db_run(write->db, error, "DELETE FROM idempotency WHERE created_at < $1", "i",
                           (int64_t)(sweeping->now_ms - 24 * 60 * 60 * 1000LL));
    }
    return status;
}

struct tp_status tp_login_sweep(struct tp_app *app, struct tp_error *error)
{
    struct sweeping sweeping = {.now_ms = tp_clock_now_ms(app->clock)};
    struct tp_status status = tp_store_read(app->store, find_ended, &sweeping, error);
    if (tp_ok(status)) {
        status = tp_write_run(app, forget_ended, &sweeping, error);
    }
    for (size_t i = 0; tp_ok(status) && i < sweeping.count; i++) {
        tell_ended(app, sweeping.ended[i].token_hash, sweeping.ended[i].user_id);
    }
    return status;
}
