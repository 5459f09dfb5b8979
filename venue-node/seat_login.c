#include "venue-node/seat_login.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "venue-node/assertion.h"
#include "venue-node/plan.h"

struct seat_work {
    const char *seat_id;
    int64_t now_ms;
    Tongping__Link__SessionPlan *plan; /* the result, owned */
    bool taken;
};

static struct tp_status read_seat(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct seat_work *work = argument;
    struct tp_login login;
    struct tp_status status = tp_login_of_seat(db, work->seat_id, &login, &work->taken, error);
    if (tp_failed(status))
        return status;
    return tp_plan_of_seat(db, work->seat_id, work->now_ms, &work->plan, error);
}

/* The plan of the session that the seat may log in to now. */
static struct tp_status open_plan(struct tp_venue *venue, const char *seat_id,
                                  Tongping__Link__SessionPlan **plan, struct tp_error *error)
{
    struct seat_work work = {.seat_id = seat_id, .now_ms = tp_clock_now_ms(venue->clock)};
    struct tp_status status = tp_store_read(venue->journal, read_seat, &work, error);
    *plan = work.plan;
    if (tp_failed(status))
        return status;
    if (work.taken)
        return tp_fail(error, TP_CONFLICT, "seat.taken", "somebody is logged in at this seat");
    if (work.plan == NULL)
        return tp_fail(error, TP_CONFLICT, "login.no_session", "no session is planned here");
    if (work.plan->phase != TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENTRY &&
        work.plan->phase != TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_EVALUATING)
        return tp_fail(error, TP_CONFLICT, "login.not_open", "the session's entry is not open");
    return TP_STATUS_OK;
}

static struct tp_status ask(struct tp_venue *venue, const Tongping__Link__SessionPlan *plan,
                            const char *seat_id, const struct tp_bytes *sealed,
                            Tongping__Link__LoginAnswer **answer, struct tp_error *error)
{
    uint64_t call_id;
    struct tp_status status = tp_login_calls_begin(venue->login_calls, &call_id, error);
    if (tp_failed(status))
        return status;
    Tongping__Link__LoginCall call;
    tongping__link__login_call__init(&call);
    call.call_id = call_id;
    call.session_id = plan->session_id;
    call.seat_id = (char *)(uintptr_t)seat_id;
    call.sealed.data = sealed->data;
    call.sealed.len = sealed->length;
    Tongping__Link__LinkMessage message;
    tongping__link__link_message__init(&message);
    message.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_LOGIN_CALL;
    message.login_call = &call;
    status = tp_uplink_call(venue->uplink, &message, error);
    if (tp_failed(status)) {
        tp_login_calls_abandon(venue->login_calls, call_id);
        return status;
    }
    return tp_login_calls_wait(venue->login_calls, call_id, TP_LOGIN_WAIT_MS, answer, error);
}

/* A refusal that came over the link: its code decides the class. */
static struct tp_status refusal(const Tongping__Link__LoginAnswer *answer, struct tp_error *error)
{
    static const struct {
        const char *code;
        enum tp_class class;
        const char *message;
    } known[] = {
        {"login.refused", TP_DENIED, "number or code do not fit"},
        {"login.wrong_venue", TP_DENIED, "the seat is at another venue than the invitation"},
        {"login.too_many_tries", TP_LIMIT, "too many tries; wait a while"},
        {"login.no_session", TP_CONFLICT, "no session is planned here"},
        {"login.not_open", TP_CONFLICT, "the session's entry is not open"},
        {"login.already_in", TP_CONFLICT, "this expert is logged in at another seat"},
        {"login.in_elsewhere", TP_CONFLICT, "this expert is logged in at another seat"},
        {"login.has_left", TP_CONFLICT, "this expert has taken leave"},
        {"login.busy", TP_LIMIT, "too many logins at once; try again"},
        {"login.malformed", TP_INPUT, "the sealed credential cannot be read"},
        {"seat.taken", TP_CONFLICT, "somebody is logged in at this seat"},
        {"seat.not_booked", TP_CONFLICT, "the seat is not of this session"},
        {"draw.down", TP_PEER, "tp-draw cannot be reached"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(answer->error_code, known[i].code) == 0)
            return tp_fail(error, known[i].class, known[i].code, "%s", known[i].message);
    return tp_fail(error, TP_PEER, "login.failed", "the login could not be checked");
}

struct tp_status tp_seat_login(struct tp_venue *venue, const char *seat_id,
                               const uint8_t token_hash[TP_HASH_BYTES],
                               const struct tp_bytes *sealed, struct tp_login *login,
                               struct tp_error *error)
{
    *login = (struct tp_login){0};
    TP_CLEANUP(tp_plan_cleanup) Tongping__Link__SessionPlan *plan = NULL;
    struct tp_status status = open_plan(venue, seat_id, &plan, error);
    if (tp_failed(status))
        return status;
    Tongping__Link__LoginAnswer *answer = NULL;
    status = ask(venue, plan, seat_id, sealed, &answer, error);
    if (tp_failed(status))
        return status;
    const struct tp_login_proof proof = {
        .assertion = answer->assertion.data,
        .assertion_bytes = answer->assertion.len,
        .signature = answer->signature.data,
        .signature_bytes = answer->signature.len,
    };
    const struct tp_assertion_expected expected = {
        .draw_id = plan->draw_id,
        .session_id = plan->session_id,
        .seat_id = seat_id,
        .venue = venue->config->center_id,
        .now_ms = tp_clock_now_ms(venue->clock) - tp_uplink_clock_offset_ms(venue->uplink),
    };
    status = answer->ok
                 ? tp_assertion_check(venue->draw_public.sign, &proof, &expected, login, error)
                 : refusal(answer, error);
    if (tp_ok(status)) {
        snprintf(login->seat_id, sizeof login->seat_id, "%s", seat_id);
        snprintf(login->session_id, sizeof login->session_id, "%s", plan->session_id);
        login->since_at = expected.now_ms;
        memcpy(login->token_hash, token_hash, TP_HASH_BYTES);
        status = tp_login_enter(venue->journal, login, &proof, error);
    } else if (status.class == TP_CRYPTO) {
        tp_log(TP_LOG_ERROR, "login.forged", "seat=%s session=%s", seat_id, plan->session_id);
    }
    tongping__link__login_answer__free_unpacked(answer, NULL);
    return status;
}
