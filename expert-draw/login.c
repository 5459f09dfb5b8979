/*
 * An expert's login at a seat: the credential is sealed by the terminal to tp-draw's key, so that
 * nobody between learns the number. Refusals do not tell an unknown number, a wrong code and a
 * foreign committee apart, in what they say and in what they compute.
 */
#include <sodium.h>
#include <string.h>

#include "base/log.h"
#include "expert-draw/engine_internal.h"
#include "expert-draw/login_guard.h"

#define ASSERTION_DOMAIN "tongping.assertion.v1"
#define CLOCK_TOLERANCE_MS ((int64_t)5 * 60 * 1000)
#define NONCE_BYTES 16
#define CODE_DIGITS 6

enum outcome { REFUSED, TOO_MANY, WRONG_VENUE, PASSED };

struct credential {
    char id_number[TP_POOL_FIELD_LIMIT_BYTES + 1];
    char code[16];
    char session_id[65];
    char seat_id[65];
    uint8_t nonce[NONCE_BYTES];
    int64_t at;
    bool readable;
};

struct login {
    struct tp_draw_engine *engine;
    const struct tp_login_call *call;
    const struct credential *credential;
    enum outcome outcome;
    const char *why; /* for the log: static, tells nothing of a person */
    struct tp_member member;
    char session_id[65];
    char specialty[TP_POOL_FIELD_LIMIT_BYTES + 1];
};

static bool keep(char *out, size_t out_bytes, const char *text)
{
    size_t length = strlen(text);
    if (length >= out_bytes)
        return false;
    memcpy(out, text, length + 1);
    return true;
}

static bool read_nonce(const char *text, uint8_t nonce[NONCE_BYTES])
{
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    if (tp_failed(tp_base64_decode(text, strlen(text), &bytes, NULL)) ||
        bytes.length != NONCE_BYTES)
        return false;
    memcpy(nonce, bytes.data, NONCE_BYTES);
    return true;
}

static bool parse_credential(const struct tp_bytes *plain, struct credential *out)
{
    TP_AUTO(tp_json) json_t *body = NULL;
    const char *id_number, *code, *session_id, *seat_id, *nonce;
    int64_t version;
    const struct tp_json_field fields[] = {
        {.name = "v", .type = TP_JSON_INT, .value = &version, .minimum = 1, .maximum = 1},
        {.name = "id_number", .type = TP_JSON_TEXT, .value = &id_number},
        {.name = "code", .type = TP_JSON_TEXT, .value = &code},
        {.name = "session_id", .type = TP_JSON_TEXT, .value = &session_id},
        {.name = "seat_id", .type = TP_JSON_TEXT, .value = &seat_id},
        {.name = "nonce", .type = TP_JSON_TEXT, .value = &nonce},
        {.name = "at", .type = TP_JSON_INT, .value = &out->at},
    };
    if (tp_failed(tp_json_parse(plain->data, plain->length, &body, NULL)) ||
        tp_failed(tp_json_read(body, NULL, fields, sizeof(fields) / sizeof(fields[0]), NULL)))
        return false;
    bool good = keep(out->id_number, sizeof(out->id_number), id_number) &&
                keep(out->code, sizeof(out->code), code) &&
                keep(out->session_id, sizeof(out->session_id), session_id) &&
                keep(out->seat_id, sizeof(out->seat_id), seat_id) && read_nonce(nonce, out->nonce);
    size_t length = strlen(out->id_number);
    if (good && length > 0 && out->id_number[length - 1] == 'x')
        out->id_number[length - 1] = 'X';
    return good;
}

static void open_credential(const struct tp_draw_engine *engine, const struct tp_login_call *call,
                            struct credential *out)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes plain = TP_BYTES_INIT;
    out->readable = tp_ok(tp_seal_open(engine->config.keypair, call->sealed, call->sealed_bytes,
                                       &plain, NULL)) &&
                    parse_credential(&plain, out);
}

static void guard_key(const struct login *login, const char *kind, const char *text,
                      uint8_t key[TP_LOGIN_GUARD_KEY_BYTES])
{
    char message[TP_POOL_FIELD_LIMIT_BYTES + 16];
    int length = snprintf(message, sizeof(message), "%s:%s", kind, text);
    tp_vault_mac(login->engine->vault, "tongping.vault.login_guard.v1", message, (size_t)length,
                 key);
    sodium_memzero(message, sizeof(message));
}

/* Every nonce is taken once. Old ones go: their `at` is out of tolerance anyway. */
static struct tp_status take_nonce(struct login *login, struct tp_db *db, bool *fresh,
                                   struct tp_error *error)
{
    int64_t now_ms = tp_engine_now(login->engine);
    int64_t changed = 0;
    struct tp_status status = tp_db_run(db, error, "DELETE FROM login_nonce WHERE at < $1", "i",
                                        now_ms - 3 * CLOCK_TOLERANCE_MS);
    if (tp_ok(status))
        status = tp_db_run_count(
            db, &changed, error,
            "INSERT INTO login_nonce (nonce, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", "bi",
            login->credential->nonce, (size_t)NONCE_BYTES, now_ms);
    *fresh = changed == 1;
    return status;
}

/* The accepted member whose number and code these are; the code is compared also when there is
 * none. */
static struct tp_status find_member(struct login *login, struct tp_db *db, struct tp_draw *draw,
                                    const struct tp_member **found, struct tp_error *error)
{
    uint8_t number_mac[TP_VAULT_MAC_BYTES];
    uint8_t stored[TP_VAULT_MAC_BYTES] = {0};
    uint8_t given[TP_VAULT_MAC_BYTES];
    char handle[TP_HANDLE_TEXT_BYTES] = "h_";
    struct tp_query *query = NULL;
    bool row = false;
    size_t bytes = 0;
    tp_identity_id_number_mac(login->engine->vault, login->credential->id_number, number_mac);
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT handle, code_mac FROM member WHERE draw_id = $1 AND id_number_mac = $2 AND"
        " state = 'accepted'",
        "tb", draw->plan->draw_id, number_mac, sizeof(number_mac));
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row) {
        const void *mac = tp_query_blob(query, 1, &bytes);
        if (bytes == sizeof(stored))
            memcpy(stored, mac, sizeof(stored));
        snprintf(handle, sizeof(handle), "%s", tp_query_text(query, 0));
    }
    tp_query_end(query);
    tp_engine_code_mac(login->engine, handle, login->credential->code, given);
    bool same = sodium_memcmp(stored, given, sizeof(stored)) == 0;
    bool code_whole = strlen(login->credential->code) == CODE_DIGITS;
    *found =
        row && bytes == sizeof(stored) && same && code_whole ? tp_draw_member(draw, handle) : NULL;
    return status;
}

static const char *call_fault(const struct login *login, const struct tp_draw *draw, bool fresh)
{
    const struct credential *credential = login->credential;
    int64_t off_ms = tp_engine_now(login->engine) - credential->at;
    if (strcmp(credential->session_id, draw->plan->session_id) != 0)
        return "session";
    if (strcmp(credential->seat_id, login->call->seat_id) != 0)
        return "seat";
    if (off_ms > CLOCK_TOLERANCE_MS || off_ms < -CLOCK_TOLERANCE_MS)
        return "clock";
    if (draw->state == TP_DRAW_CANCELLED)
        return "cancelled";
    return fresh ? NULL : "replay";
}

static struct tp_status decide(struct login *login, struct tp_db *db, struct tp_draw *draw,
                               struct tp_error *error)
{
    const struct tp_member *member = NULL;
    bool fresh = false;
    login->outcome = REFUSED;
    struct tp_status status = take_nonce(login, db, &fresh, error);
    if (tp_ok(status))
        status = find_member(login, db, draw, &member, error);
    if (tp_failed(status))
        return status;
    login->why = call_fault(login, draw, fresh);
    if (login->why != NULL)
        return status;
    login->why = "credential";
    if (member == NULL)
        return status;
    const struct tp_plan_seat *seat = tp_draw_seat(draw, member);
    login->why = "venue";
    login->outcome = strcmp(seat->venue, login->call->venue) == 0 ? PASSED : WRONG_VENUE;
    login->member = *member;
    snprintf(login->session_id, sizeof(login->session_id), "%s", draw->plan->session_id);
    snprintf(login->specialty, sizeof(login->specialty), "%s", seat->specialty);
    return status;
}

static struct tp_status count_try(struct tp_db *db, const struct login *login, const uint8_t *key,
                                  struct tp_error *error)
{
    if (login->outcome == PASSED)
        return tp_login_guard_passed(db, key, error);
    if (login->outcome == REFUSED)
        return tp_login_guard_refused(db, key, tp_engine_now(login->engine), error);
    return TP_STATUS_OK;
}

/* The seat is told by draw and seat; the number by itself, known or not. */
static struct tp_status login_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct login *login = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    uint8_t seat_key[TP_LOGIN_GUARD_KEY_BYTES];
    uint8_t number_key[TP_LOGIN_GUARD_KEY_BYTES];
    bool seat_locked = false;
    bool number_locked = false;
    bool readable = login->credential->readable;
    int64_t now_ms = tp_engine_now(login->engine);
    guard_key(login, "seat", login->call->seat_id, seat_key);
    guard_key(login, "number", login->credential->id_number, number_key);
    struct tp_status status = tp_draw_read(db, login->call->draw_id, &draw, error);
    if (tp_ok(status))
        status = tp_login_guard_locked(db, seat_key, now_ms, &seat_locked, error);
    if (tp_ok(status) && readable)
        status = tp_login_guard_locked(db, number_key, now_ms, &number_locked, error);
    if (tp_failed(status))
        return status;
    login->outcome = seat_locked || number_locked ? TOO_MANY : REFUSED;
    login->why = login->outcome == TOO_MANY ? "locked" : "unreadable";
    if (login->outcome == TOO_MANY)
        return status;
    if (readable)
        status = decide(login, db, draw, error);
    if (tp_ok(status))
        status = count_try(db, login, seat_key, error);
    if (tp_ok(status) && readable)
        status = count_try(db, login, number_key, error);
    return status;
}

static struct tp_status answer_login(const struct login *login, json_t **answer,
                                     struct tp_error *error)
{
    char label[TP_LABEL_TEXT_BYTES];
    uint8_t signature[TP_SIGNATURE_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes encoded = TP_BYTES_INIT;
    tp_member_label_text(&login->member, label);
    TP_AUTO(tp_json)
    json_t *assertion = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I}", "draw_id", login->call->draw_id,
                                  "session_id", login->session_id, "seat_id", login->call->seat_id,
                                  "venue", login->call->venue, "handle", login->member.handle,
                                  "label", label, "at", (json_int_t)tp_engine_now(login->engine));
    struct tp_status status = tp_json_write(assertion, &text, error);
    if (tp_ok(status))
        status = tp_sign(login->engine->config.keypair, ASSERTION_DOMAIN, text.data, text.length,
                         signature, error);
    if (tp_failed(status))
        return status;
    tp_base64_append(&encoded, signature, sizeof(signature));
    *answer = json_pack("{s:s,s:s,s:s,s:s,s:s}", "handle", login->member.handle, "label", label,
                        "specialty", login->specialty, "assertion", (const char *)text.data,
                        "signature", (const char *)encoded.data);
    return *answer != NULL ? status : tp_fail(error, TP_NOMEM, "memory", "no memory for an answer");
}

struct tp_status tp_draw_engine_login(struct tp_draw_engine *engine,
                                      const struct tp_login_call *call, json_t **answer,
                                      struct tp_error *error)
{
    struct credential credential = {.readable = false};
    struct login login = {.engine = engine, .call = call, .credential = &credential};
    open_credential(engine, call, &credential);
    struct tp_status status = tp_store_write(engine->config.store, login_work, &login, error);
    sodium_memzero(&credential, sizeof(credential));
    if (tp_failed(status))
        return status;
    tp_log(TP_LOG_INFO, login.outcome == PASSED ? "login.passed" : "login.refused",
           "draw=%s seat=%s%s%s", call->draw_id, call->seat_id,
           login.outcome == PASSED ? "" : " why=", login.outcome == PASSED ? "" : login.why);
    switch (login.outcome) {
    case PASSED:
        return answer_login(&login, answer, error);
    case WRONG_VENUE:
        return tp_fail(error, TP_DENIED, "login.wrong_venue",
                       "this expert belongs to another venue");
    case TOO_MANY:
        return tp_fail(error, TP_LIMIT, "login.too_many_tries", "too many tries, wait a while");
    case REFUSED:
        break;
    }
    return tp_fail(error, TP_DENIED, "login.refused", "number and code do not fit");
}
