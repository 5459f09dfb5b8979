#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/log.h"
#include "coordinator/account/account.h"
#include "coordinator/record/write.h"

#define USERS_MOST 1000

struct set_up_user {
    char name[TP_NAME_BYTES];
    char password[TP_PASSWORD_MOST + 1];
    char display[TP_DISPLAY_BYTES];
    char role[16];
    char center_id[TP_NAME_BYTES];
    char agency_code[TP_NAME_BYTES];
    char unit[TP_DISPLAY_BYTES];
    char phone[24];
};

struct agency {
    char code[TP_NAME_BYTES];
    char name[TP_DISPLAY_BYTES];
};

struct set_up {
    struct set_up_user users[USERS_MOST];
    size_t user_count;
    struct agency agencies[USERS_MOST];
    size_t agency_count;
};

static struct tp_status copy(char *out, size_t size, const char *value, struct tp_error *error)
{
    if (strlen(value) >= size) {
        return tp_fail(error, TP_INPUT, "config.too_long", "the value is too long");
    }
    strcpy(out, value);
    return TP_STATUS_OK;
}

static struct tp_status read_user(struct set_up *set_up, const char *name, const char *key,
                                  const char *value, struct tp_error *error)
{
    bool same =
        set_up->user_count > 0 && strcmp(set_up->users[set_up->user_count - 1].name, name) == 0;
    if (!same && set_up->user_count == USERS_MOST) {
        return tp_fail(error, TP_LIMIT, "config.too_many", "too many users");
    }
    set_up->user_count += !same;
    struct set_up_user *user = &set_up->users[set_up->user_count - 1];
    const struct {
        const char *key;
        char *out;
        size_t size;
    } keys[] = {
        {"password", user->password, sizeof user->password},
        {"display", user->display, sizeof user->display},
        {"role", user->role, sizeof user->role},
        {"center", user->center_id, sizeof user->center_id},
        {"agency", user->agency_code, sizeof user->agency_code},
        {"unit", user->unit, sizeof user->unit},
        {"phone", user->phone, sizeof user->phone},
    };
    struct tp_status status = copy(user->name, sizeof user->name, name, error);
    for (size_t i = 0; tp_ok(status) && i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i].key, key) == 0) {
            return copy(keys[i].out, keys[i].size, value, error);
        }
    }
    return tp_ok(status) ? tp_fail(error, TP_INPUT, "config.unknown_key", "unknown key of a user")
                         : status;
}

static struct tp_status read_agency(struct set_up *set_up, const char *code, const char *key,
                                    const char *value, struct tp_error *error)
{
    if (set_up->agency_count == USERS_MOST) {
        return tp_fail(error, TP_LIMIT, "config.too_many", "too many agencies");
    }
    if (strcmp(key, "name") != 0) {
        return tp_fail(error, TP_INPUT, "config.unknown_key", "unknown key of an agency");
    }
    struct agency *agency = &set_up->agencies[set_up->agency_count++];
    struct tp_status status = copy(agency->code, sizeof agency->code, code, error);
    return tp_ok(status) ? copy(agency->name, sizeof agency->name, value, error) : status;
}

static struct tp_status read_entry(void *context, const char *section, const char *name,
                                   const char *value, int line, struct tp_error *error)
{
    struct set_up *set_up = context;
    struct tp_status status;
    if (strncmp(section, "user ", 5) == 0) {
        status = read_user(set_up, section + 5, name, value, error);
    } else if (strncmp(section, "agency ", 7) == 0) {
        status = read_agency(set_up, section + 7, name, value, error);
    } else {
        status = tp_fail(error, TP_INPUT, "config.unknown_section",
                         "sections are [user NAME] and [agency CODE]");
    }
    if (tp_failed(status)) {
        tp_error_set_field(error, "set-up file, line %d, %.32s", line, name);
    }
    return status;
}

static struct tp_status add_agencies(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct set_up *set_up = argument;
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; tp_ok(status) && i < set_up->agency_count; i++) {
        status = tp_db_run(write->db, error,
                           "INSERT INTO agencies (code, name) VALUES ($1, $2)"
                           " ON CONFLICT (code) DO UPDATE SET name = excluded.name",
                           "tt", set_up->agencies[i].code, set_up->agencies[i].name);
    }
    return status;
}

/* An agency without a section of its own is called as its first user. */
static struct tp_status name_agency(struct tp_write *write, void *argument, struct tp_error *error)
{
    const struct set_up_user *user = argument;
    return tp_db_run(write->db, error,
                     "INSERT INTO agencies (code, name) VALUES ($1, $2)"
                     " ON CONFLICT (code) DO NOTHING",
                     "tt", user->agency_code, user->display);
}

static const char *given(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static struct tp_status add_user(struct tp_app *app, struct set_up_user *user,
                                 struct tp_error *error)
{
    struct tp_new_user new_user = {.name = user->name,
                                   .password = user->password,
                                   .display = user->display,
                                   .center_id = given(user->center_id),
                                   .agency_code = given(user->agency_code),
                                   .unit = given(user->unit),
                                   .phone = given(user->phone),
                                   .active = true};
    if (!tp_role_of(user->role, &new_user.role)) {
        return tp_fail(error, TP_INPUT, "account.bad_role", "user \"%s\" has an unknown role",
                       user->name);
    }
    struct tp_error refusal;
    tp_error_clear(&refusal);
    char id[TP_ID_BYTES];
    struct tp_status status = tp_user_add(app, &new_user, id, &refusal);
    if (tp_failed(status) && strcmp(refusal.code, "account.name_taken") == 0) {
        return TP_STATUS_OK;
    }
    if (tp_ok(status) && new_user.role == TP_ROLE_AGENCY) {
        status = tp_write_run(app, name_agency, user, &refusal);
    }
    if (tp_failed(status) && error != NULL) {
        *error = refusal;
    }
    return status;
}

struct tp_status tp_accounts_set_up(struct tp_app *app, const char *path, struct tp_error *error)
{
    struct set_up *set_up = calloc(1, sizeof *set_up);
    if (set_up == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the set-up file");
    }
    struct tp_status status = tp_ini_read_each(path, read_entry, set_up, error);
    if (tp_ok(status)) {
        status = tp_write_run(app, add_agencies, set_up, error);
    }
    for (size_t i = 0; tp_ok(status) && i < set_up->user_count; i++) {
        status = add_user(app, &set_up->users[i], error);
    }
    explicit_bzero(set_up, sizeof *set_up);
    free(set_up);
    return status;
}
