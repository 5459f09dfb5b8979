#include <stdio.h>
#include <string.h>

#include "coordinator/account/account.h"
#include "coordinator/account/registration.h"
#include "coordinator/config/policy.h"
#include "coordinator/http/route.h"
#include "coordinator/job/job.h"

static json_t *user_json(const struct tp_user *user)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "id", user->id, "name", user->name, "display",
                             user->display, "role", tp_role_name(user->role));
    if (json != NULL && user->center_id[0] != '\0') {
        json_object_set_new(json, "center_id", json_string(user->center_id));
    }
    if (json != NULL && user->agency_code[0] != '\0') {
        json_object_set_new(json, "agency_code", json_string(user->agency_code));
    }
    return json;
}

static void set_cookie(struct tp_call *call, const char *token, const char *more)
{
    char cookie[160];
    snprintf(cookie, sizeof cookie,
             TP_LOGIN_COOKIE "=%s; Path=/; HttpOnly; Secure; SameSite=Strict%s", token, more);
    tp_http_response_header(call->response, "Set-Cookie", cookie);
    memset(cookie, 0, sizeof cookie);
}

static struct tp_status log_in(struct tp_call *call, struct tp_error *error)
{
    const char *name = NULL;
    const char *password = NULL;
    const struct tp_json_field fields[] = {
        {"name", TP_JSON_TEXT, &name, false, 1, 64},
        {"password", TP_JSON_TEXT, &password, false, 1, TP_PASSWORD_MOST},
    };
    struct tp_status status =
        tp_json_read(call->body, NULL, fields, sizeof fields / sizeof fields[0], error);
    struct tp_login login;
    char token[TP_LOGIN_TOKEN_TEXT_BYTES];
    if (tp_ok(status)) {
        status = tp_login_open(call->app, name, password,
                               tp_http_request_peer_address(call->request), &login, token, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    set_cookie(call, token, "");
    return tp_call_answer_take(
        call, 200, json_pack("{s:o, s:s}", "user", user_json(&login.user), "csrf", login.csrf),
        error);
}

static struct tp_status log_out(struct tp_call *call, struct tp_error *error)
{
    struct tp_status status = tp_login_close(call->app, call->login, error);
    if (tp_ok(status)) {
        set_cookie(call, "", "; Max-Age=0");
        tp_http_response_status(call->response, 204);
    }
    return status;
}

static json_t *policy_json(const struct tp_policy *policy)
{
    static const enum tp_rule durations[] = {
        TP_RULE_EARLIEST_DRAW_BEFORE_DEADLINE,
        TP_RULE_HOLD,
        TP_RULE_REPLY_WINDOW,
        TP_RULE_SLOT,
        TP_RULE_ENTRY_BEFORE_START,
        TP_RULE_LONGEST_SESSION,
        TP_RULE_BOOKING_HORIZON,
    };
    static const enum tp_rule numbers[] = {TP_RULE_OVERNIGHT, TP_RULE_COMMITTEE_MINIMUM,
                                           TP_RULE_COMMITTEE_ODD, TP_RULE_COMMITTEE_EXPERT_THIRDS};
    json_t *json = json_pack("{s:s}", "pack", policy->pack);
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s_ms", tp_rule_name(durations[i]));
        json_object_set_new(json, name, json_integer(tp_policy_value(policy, durations[i])));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_object_set_new(json, tp_rule_name(numbers[i]),
                            json_integer(tp_policy_value(policy, numbers[i])));
    }
    json_t *sources = json_object();
    for (int rule = 0; rule < TP_RULE_COUNT; rule++) {
        json_object_set_new(sources, tp_rule_name((enum tp_rule)rule),
                            json_string(tp_policy_source(policy, (enum tp_rule)rule)));
    }
    json_object_set_new(json, "sources", sources);
    return json;
}

static struct tp_status me(struct tp_call *call, struct tp_error *error)
{
    json_t *answer = json_pack(
        "{s:o, s:s, s:I, s:o}", "user", user_json(call->user), "csrf", call->login->csrf, "now_at",
        (json_int_t)tp_clock_now_ms(call->app->clock), "policy", policy_json(call->app->policy));
    return tp_call_answer_take(call, 200, answer, error);
}

static const struct tp_route routes[] = {
    {TP_HTTP_POST, "/api/v1/login", TP_ACCESS_ANYONE, TP_ACT_SELF, TP_BODY_JSON, log_in},
    {TP_HTTP_POST, "/api/v1/logout", TP_ACCESS_USER, TP_ACT_SELF, TP_BODY_NONE, log_out},
    {TP_HTTP_GET, "/api/v1/me", TP_ACCESS_USER, TP_ACT_SELF, TP_BODY_NONE, me},
    {TP_HTTP_POST, "/api/v1/registrations", TP_ACCESS_ANYONE, TP_ACT_SELF, TP_BODY_JSON,
     tp_registration_add},
    {TP_HTTP_GET, "/api/v1/registrations", TP_ACCESS_USER, TP_ACT_REGISTRATION_READ, TP_BODY_NONE,
     tp_registration_list},
    {TP_HTTP_POST, "/api/v1/registrations/{registration_id}/approve", TP_ACCESS_USER,
     TP_ACT_REGISTRATION_DECIDE, TP_BODY_NONE, tp_registration_approve},
    {TP_HTTP_POST, "/api/v1/registrations/{registration_id}/refuse", TP_ACCESS_USER,
     TP_ACT_REGISTRATION_DECIDE, TP_BODY_JSON, tp_registration_refuse},
};

static const struct tp_job jobs[] = {
    {"login.sweep", 60 * 1000, tp_login_sweep},
};

const struct tp_module tp_account_module = {
    .name = "account",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};
