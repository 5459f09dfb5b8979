#include "venue-node/seat_state.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/json.h"
#include "venue-node/login.h"
#include "venue-node/plan.h"

struct state_work {
    struct tp_venue *venue;
    const char *seat_id;
    const uint8_t *token_hash;
    int64_t now_ms;
    json_t *session; /* the result, both owned */
    json_t *login;
};

static const char *phase_name(Tongping__Link__SessionPhase phase)
{
    switch (phase) {
    case TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_PREPARED:
        return "prepared";
    case TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENTRY:
        return "entry";
    case TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_EVALUATING:
        return "evaluating";
    case TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENDED:
        return "ended";
    case TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_CANCELLED:
        return "cancelled";
    case TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_UNSPECIFIED:
    case _TONGPING__LINK__SESSION_PHASE_IS_INT_SIZE:
        break;
    }
    return "prepared";
}

static json_t *presence_json(const char *label, const char *center_id, const char *seat_id,
                             int64_t since_at)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "label", label, "center_id", center_id, "seat_id",
                     seat_id, "since_at", (json_int_t)since_at);
}

struct local_presence {
    json_t *present;
    const char *center_id;
};

static void add_local(void *context, const struct tp_login *login)
{
    const struct local_presence *local = context;
    json_array_append_new(local->present, presence_json(login->label, local->center_id,
                                                        login->seat_id, login->since_at));
}

/* Who is in: of other venues as the coordinator last said, of this one as it is here and now, so
 * that it is right while the line is cut. */
static struct tp_status present_json(struct tp_db *db, const struct state_work *work,
                                     const char *session_id,
                                     const Tongping__Link__SessionView *view, json_t **present,
                                     struct tp_error *error)
{
    const char *center_id = work->venue->config->center_id;
    *present = json_array();
    for (size_t i = 0; view != NULL && i < view->n_present; i++) {
        const Tongping__Link__Presence *other = view->present[i];
        if (strcmp(other->center_id, center_id) != 0)
            json_array_append_new(*present, presence_json(other->label, other->center_id,
                                                          other->seat_id, other->since_ms));
    }
    struct local_presence local = {.present = *present, .center_id = center_id};
    return tp_login_each(db, session_id, add_local, &local, error);
}

static json_t *venues_json(const Tongping__Link__SessionPlan *plan)
{
    json_t *venues = json_array();
    for (size_t i = 0; i < plan->n_venues; i++) {
        const Tongping__Link__VenueName *venue = plan->venues[i];
        json_array_append_new(venues,
                              json_pack("{s:s, s:s, s:b, s:I}", "center_id", venue->center_id,
                                        "name", venue->name, "main_venue", (int)venue->main_venue,
                                        "expert_count", (json_int_t)venue->expert_count));
    }
    return venues;
}

static json_int_t expected_count(const Tongping__Link__SessionPlan *plan,
                                 const Tongping__Link__SessionView *view)
{
    if (view != NULL && view->expected_count > 0)
        return view->expected_count;
    json_int_t count = 0;
    for (size_t i = 0; i < plan->n_venues; i++)
        count += plan->venues[i]->expert_count;
    return count;
}

static struct tp_status session_json(struct tp_db *db, struct state_work *work,
                                     const Tongping__Link__SessionPlan *plan,
                                     struct tp_error *error)
{
    TP_CLEANUP(tp_view_cleanup) Tongping__Link__SessionView *view = NULL;
    json_t *present = NULL;
    struct tp_status status = tp_view_of_session(db, plan->session_id, &view, error);
    if (tp_ok(status))
        status = present_json(db, work, plan->session_id, view, &present, error);
    if (tp_failed(status)) {
        json_decref(present);
        return status;
    }
    bool started = view != NULL && view->started_ms != 0;
    work->session = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:o, s:o, s:I, s:o}", "session_id", plan->session_id,
        "phase", phase_name(plan->phase), "lot_code", plan->lot_code, "lot_name", plan->lot_name,
        "start_at", (json_int_t)plan->start_ms, "end_at", (json_int_t)plan->end_ms, "main_venue",
        (int)plan->main_venue, "venues", venues_json(plan), "present", present, "expected_count",
        expected_count(plan, view), "started_at",
        started ? json_integer((json_int_t)view->started_ms) : json_null());
    if (work->session == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the state");
    return TP_STATUS_OK;
}

static struct tp_status read_state(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct state_work *work = argument;
    TP_CLEANUP(tp_plan_cleanup) Tongping__Link__SessionPlan *plan = NULL;
    struct tp_status status = tp_plan_of_seat(db, work->seat_id, work->now_ms, &plan, error);
    if (tp_ok(status) && plan != NULL)
        status = session_json(db, work, plan, error);
    struct tp_login login;
    bool found = false;
    if (tp_ok(status))
        status = tp_login_of_seat(db, work->seat_id, &login, &found, error);
    if (tp_failed(status) || !found)
        return status;
    if (sodium_memcmp(login.token_hash, work->token_hash, TP_HASH_BYTES) == 0)
        work->login =
            json_pack("{s:s, s:I}", "label", login.label, "since_at", (json_int_t)login.since_at);
    return TP_STATUS_OK;
}

static json_t *or_null(json_t *value)
{
    return value != NULL ? value : json_null();
}

struct tp_status tp_seat_state_write(struct tp_venue *venue, const char *seat_id,
                                     const uint8_t token_hash[TP_HASH_BYTES], struct tp_bytes *out,
                                     struct tp_error *error)
{
    const struct tp_venue_seat *seat = tp_venue_config_seat(venue->config, seat_id);
    if (seat == NULL)
        return tp_fail(error, TP_DENIED, "seat.not_enrolled", "the seat is not of this venue");
    const struct tp_venue_room *room = tp_venue_config_room(venue->config, seat->room_id);
    struct state_work work = {
        .venue = venue,
        .seat_id = seat_id,
        .token_hash = token_hash,
        .now_ms = tp_clock_now_ms(venue->clock),
    };
    struct tp_status status = tp_store_read(venue->journal, read_state, &work, error);
    if (tp_failed(status)) {
        json_decref(work.session);
        json_decref(work.login);
        return status;
    }
    TP_AUTO(tp_bytes) struct tp_bytes seal_public = TP_BYTES_INIT;
    tp_base64_append(&seal_public, venue->draw_public.seal, sizeof venue->draw_public.seal);
    /* The platform's clock decides, not the node's. */
    int64_t platform_now = work.now_ms - tp_uplink_clock_offset_ms(venue->uplink);
    TP_AUTO(tp_json)
    json_t *state = json_pack(
        "{s:{s:s, s:s, s:s, s:s}, s:I, s:s, s:s, s:o, s:o}", "seat", "id", seat->id, "name",
        seat->name, "room_name", room->name, "center_name", venue->config->center_name, "now_at",
        (json_int_t)platform_now, "link", tp_uplink_up(venue->uplink) ? "up" : "down",
        "draw_seal_public", seal_public.failed ? "" : (const char *)seal_public.data, "session",
        or_null(work.session), "login", or_null(work.login));
    if (state == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the state");
    return tp_json_write(state, out, error);
}
