#include "coordinator/account/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "coordinator/record/record.h"
#include "coordinator/todo/todo.h"

struct tp_status tp_accounts_new(struct tp_accounts **accounts, struct tp_error *error)
{
    struct tp_accounts *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for accounts");
    }
    struct tp_status status = tp_limiter_new(&made->limiter, error);
    if (tp_ok(status)) {
        status = tp_password_gate_new(&made->passwords, error);
    }
    if (tp_failed(status)) {
        tp_accounts_free(made);
        return status;
    }
    *accounts = made;
    return TP_STATUS_OK;
}

void tp_accounts_free(struct tp_accounts *accounts)
{
    if (accounts != NULL) {
        tp_limiter_free(accounts->limiter);
        tp_password_gate_free(accounts->passwords);
        free(accounts);
    }
}

static bool good_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 2 && length < TP_NAME_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length;
}

static bool good_phone(const char *phone)
{
    size_t length = strlen(phone);
    return length >= 5 && length <= 20 && strspn(phone, "+0123456789-") == length;
}

static struct tp_status refuse(struct tp_error *error, const char *field, const char *code,
                               const char *message)
{
    struct tp_status status = tp_fail(error, TP_INPUT, code, "%s", message);
    tp_error_set_field(error, "%s", field);
    return status;
}

struct tp_status tp_new_user_check(const struct tp_new_user *user, struct tp_error *error)
{
    if (!good_name(user->name)) {
        return refuse(error, "name", "account.bad_name",
                      "2 to 64 lower-case letters, digits, '.', '-' or '_'");
    }
    size_t length = strlen(user->password);
    if (length < TP_PASSWORD_LEAST || length > TP_PASSWORD_MOST) {
        return refuse(error, "password", "account.weak_password", "10 to 200 characters");
    }
    if (user->display[0] == '\0' || strlen(user->display) >= TP_DISPLAY_BYTES) {
        return refuse(error, "display", "account.bad_display", "1 to 64 characters");
    }
    if (user->phone != NULL && user->phone[0] != '\0' && !good_phone(user->phone)) {
        return refuse(error, "phone", "account.bad_phone", "5 to 20 digits");
    }
    if (user->role == TP_ROLE_STAFF && (user->center_id == NULL || user->center_id[0] == '\0')) {
        return refuse(error, "center", "account.no_center", "staff belong to a center");
    }
    if (user->role == TP_ROLE_AGENCY &&
        (user->agency_code == NULL || user->agency_code[0] == '\0' ||
         strlen(user->agency_code) >= TP_NAME_BYTES)) {
        return refuse(error, "agency", "account.no_agency", "an agency's user has its code");
    }
    return TP_STATUS_OK;
}

struct adding {
    const struct tp_new_user *user;
    const char *id;
    const char *hash;
};

static struct tp_status insert(struct tp_write *write, const struct adding *adding,
                               struct tp_error *error)
{
    const struct tp_new_user *user = adding->user;
    struct tp_error refusal;
    tp_error_clear(&refusal);
    struct tp_status status = tp_db_run(
        write->db, &refusal,
        "INSERT INTO users (id, name, password_hash, display, role, center_id, agency_code, unit,"
        " phone, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        "ttttttttt"
        "ti",
        adding->id, user->name, adding->hash, user->display, tp_role_name(user->role),
        user->role == TP_ROLE_STAFF ? user->center_id : NULL,
        user->role == TP_ROLE_AGENCY ? user->agency_code : NULL, user->unit, user->phone,
        user->active ? "active" : "waiting", write->now_ms);
    if (tp_ok(status)) {
        return status;
    }
    if (strcmp(refusal.code, "store.unique") == 0) {
        status = tp_fail(error, TP_CONFLICT, "account.name_taken", "the name is taken");
        tp_error_set_field(error, "name");
    } else if (error != NULL) {
        *error = refusal;
    }
    return status;
}

static struct tp_status add(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct adding *adding = argument;
    struct tp_status status = insert(write, adding, error);
    if (tp_failed(status)) {
        return status;
    }
    const char *act = adding->user->active ? "account.add" : "account.register";
    json_t *data =
        json_pack("{s:s, s:s}", "user_id", adding->id, "role", tp_role_name(adding->user->role));
    status = tp_record_append(write, adding->user->active ? TP_ACTOR_SYSTEM : adding->id, act, NULL,
                              data, error);
    json_decref(data);
    if (tp_ok(status) && !adding->user->active) {
        const struct tp_todo todo = {.kind = "approve_registration",
                                     .subject_id = adding->id,
                                     .title = "审核监管人员注册申请",
                                     .role = "operator"};
        status = tp_todo_add(write, &todo, error);
    }
    return status;
}

struct tp_status tp_user_add(struct tp_app *app, const struct tp_new_user *user,
                             char id[TP_ID_BYTES], struct tp_error *error)
{
    struct tp_status status = tp_new_user_check(user, error);
    char hash[TP_PASSWORD_HASH_BYTES];
    if (tp_ok(status)) {
        status = tp_password_hash(app->accounts->passwords, user->password, hash, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    tp_id_make(app->random, tp_clock_now_ms(app->clock), "usr", id);
    struct adding adding = {.user = user, .id = id, .hash = hash};
    return tp_write_run(app, add, &adding, error);
}
