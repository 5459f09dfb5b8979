#include "coordinator/evaluation/session_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "coordinator/evaluation/seat_expert.h"
#include "coordinator/link/link_server.h"

#define VENUES_MOST 32
#define SEATS_MOST 256

/* One message's texts: protobuf-c wants pointers that live as long as the message. */
struct texts {
    char *held[4 * VENUES_MOST + 3 * SEATS_MOST];
    size_t count;
};

static void texts_fini(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->held[i]);
}
TP_DEFINE_FINI_CLEANUP(texts, texts_fini)

/* A copy of a column; NULL when there is no memory or no room. */
static char *keep(struct texts *texts, const struct tp_query *query, int column)
{
    const char *text = tp_query_text(query, column);
    if (texts->count == sizeof(texts->held) / sizeof(texts->held[0]))
        return NULL;
    char *copy = strdup(text != NULL ? text : "");
    if (copy != NULL)
        texts->held[texts->count++] = copy;
    return copy;
}

static struct tp_status too_large(struct tp_error *error)
{
    return tp_fail(error, TP_LIMIT, "session.too_large",
                   "the session has too many venues or seats");
}

struct plan {
    struct texts texts;
    Tongping__Link__VenueName venues[VENUES_MOST];
    Tongping__Link__VenueName *venue_pointers[VENUES_MOST];
    size_t venue_count;
    char *seats[SEATS_MOST];
    size_t seat_count;
    char *leavers[SEATS_MOST];
    Tongping__Link__SessionPlan message;
};

static void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    texts_fini(&plan->texts);
    free(plan);
}
TP_DEFINE_CLEANUP(plan, plan_free)

static struct tp_status read_venues(struct tp_db *db, const char *session_id, struct plan *plan,
                                    struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT v.center_id, v.center_name, v.position, (SELECT coalesce(sum(e.count), 0) FROM"
        " session_experts e WHERE e.session_id = v.session_id AND e.venue_position = v.position)"
        " FROM session_venues v WHERE v.session_id = $1 AND v.state = 'confirmed' ORDER BY"
        " v.position",
        "t", session_id);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        if (plan->venue_count == VENUES_MOST) {
            status = too_large(error);
            break;
        }
        Tongping__Link__VenueName *venue = &plan->venues[plan->venue_count];
        tongping__link__venue_name__init(venue);
        venue->center_id = keep(&plan->texts, query, 0);
        venue->name = keep(&plan->texts, query, 1);
        venue->main_venue = tp_query_int(query, 2) == 0;
        venue->expert_count = (uint32_t)tp_query_int(query, 3);
        plan->venue_pointers[plan->venue_count++] = venue;
        if (venue->center_id == NULL || venue->name == NULL)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a plan");
    }
    tp_query_end(query);
    return status;
}

static struct tp_status read_head(struct tp_db *db, const char *session_id, struct plan *plan,
                                  struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    Tongping__Link__SessionPlan *message = &plan->message;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT s.id, l.code, l.name, s.start_at, s.end_at, d.draw_id FROM sessions s JOIN lots l"
        " ON l.id = s.lot_id JOIN draws d ON d.session_id = s.id WHERE s.id = $1",
        "t", session_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && !row)
        status = tp_fail(error, TP_NOT_FOUND, "session.not_found", "no session with a draw");
    if (tp_ok(status)) {
        message->session_id = keep(&plan->texts, query, 0);
        message->lot_code = keep(&plan->texts, query, 1);
        message->lot_name = keep(&plan->texts, query, 2);
        message->start_ms = tp_query_int(query, 3);
        message->end_ms = tp_query_int(query, 4);
        message->draw_id = keep(&plan->texts, query, 5);
        if (message->session_id == NULL || message->lot_code == NULL || message->lot_name == NULL ||
            message->draw_id == NULL)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a plan");
    }
    tp_query_end(query);
    return status;
}

static struct tp_status read_seats(struct tp_db *db, const char *session_id, const char *center_id,
                                   struct plan *plan, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT t.seat_id FROM session_seats t JOIN session_venues v ON v.session_id ="
        " t.session_id AND v.position = t.venue_position WHERE t.session_id = $1 AND v.center_id ="
        " $2 ORDER BY t.position",
        "tt", session_id, center_id);
    plan->seat_count = 0;
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        char *seat = plan->seat_count < SEATS_MOST ? keep(&plan->texts, query, 0) : NULL;
        if (seat == NULL)
            status = too_large(error);
        else
            plan->seats[plan->seat_count++] = seat;
    }
    tp_query_end(query);
    return status;
}

static struct tp_status read_leavers(struct tp_db *db, const char *session_id, struct plan *plan,
                                     struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    size_t count = 0;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT handle FROM draw_leaves WHERE session_id = $1 AND state <> 'refused'"
                    " ORDER BY id",
                    "t", session_id);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        char *handle = count < SEATS_MOST ? keep(&plan->texts, query, 0) : NULL;
        if (handle == NULL)
            status = too_large(error);
        else
            plan->leavers[count++] = handle;
    }
    tp_query_end(query);
    plan->message.left_handles = plan->leavers;
    plan->message.n_left_handles = count;
    return status;
}

struct tp_status tp_session_post_plan(struct tp_write *write,
                                      const struct tp_session_change *change,
                                      Tongping__Link__SessionPhase phase, struct tp_error *error)
{
    TP_AUTO(plan) struct plan *plan = calloc(1, sizeof(*plan));
    if (plan == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a plan");
    Tongping__Link__SessionPlan *message = &plan->message;
    tongping__link__session_plan__init(message);
    struct tp_status status = read_head(write->db, change->session_id, plan, error);
    if (tp_ok(status))
        status = read_venues(write->db, change->session_id, plan, error);
    if (tp_ok(status))
        status = read_leavers(write->db, change->session_id, plan, error);
    message->version = (uint64_t)change->version;
    message->phase = phase;
    message->venues = plan->venue_pointers;
    message->n_venues = plan->venue_count;
    for (size_t i = 0; tp_ok(status) && i < plan->venue_count; i++) {
        status = read_seats(write->db, change->session_id, plan->venues[i].center_id, plan, error);
        if (tp_failed(status))
            break;
        message->center_id = plan->venues[i].center_id;
        message->main_venue = plan->venues[i].main_venue;
        message->seat_ids = plan->seats;
        message->n_seat_ids = plan->seat_count;
        Tongping__Link__LinkMessage envelope = TONGPING__LINK__LINK_MESSAGE__INIT;
        envelope.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_SESSION_PLAN;
        envelope.session_plan = message;
        status = tp_link_post(write, message->center_id, &envelope, error);
    }
    return status;
}

/* The view --------------------------------------------------------------------------------------
 */

struct view {
    struct texts texts;
    Tongping__Link__Presence present[SEATS_MOST];
    Tongping__Link__Presence *present_pointers[SEATS_MOST];
    Tongping__Link__SessionView message;
};

static void view_free(struct view *view)
{
    if (view == NULL)
        return;
    texts_fini(&view->texts);
    free(view);
}
TP_DEFINE_CLEANUP(view, view_free)

static struct tp_status read_present(struct tp_db *db, const char *session_id, struct view *view,
                                     struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    size_t count = 0;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT label, center_id, seat_id, since_at FROM seat_experts WHERE session_id = $1 AND"
        " state = 'in' ORDER BY since_at, seat_id",
        "t", session_id);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        if (count == SEATS_MOST) {
            status = too_large(error);
            break;
        }
        Tongping__Link__Presence *presence = &view->present[count];
        tongping__link__presence__init(presence);
        presence->label = keep(&view->texts, query, 0);
        presence->center_id = keep(&view->texts, query, 1);
        presence->seat_id = keep(&view->texts, query, 2);
        presence->since_ms = tp_query_int(query, 3);
        view->present_pointers[count++] = presence;
        if (presence->label == NULL || presence->center_id == NULL || presence->seat_id == NULL)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a view");
    }
    tp_query_end(query);
    view->message.present = view->present_pointers;
    view->message.n_present = count;
    return status;
}

static struct tp_status next_version(struct tp_write *write, const char *session_id,
                                     struct view *view, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        write->db, &query, error,
        "INSERT INTO session_views (session_id, version, started_at) VALUES ($1, 1, 0) ON CONFLICT"
        " (session_id) DO UPDATE SET version = version + 1 RETURNING version, started_at",
        "t", session_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row) {
        view->message.version = (uint64_t)tp_query_int(query, 0);
        view->message.started_ms = tp_query_int(query, 1);
    }
    tp_query_end(query);
    return status;
}

static struct tp_status post_to_venues(struct tp_write *write, const char *session_id,
                                       const Tongping__Link__LinkMessage *envelope,
                                       struct tp_error *error)
{
    char centers[VENUES_MOST][TP_NAME_BYTES];
    size_t count = 0;
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(write->db, &query, error,
                                          "SELECT center_id FROM session_venues WHERE session_id ="
                                          " $1 AND state = 'confirmed' ORDER BY position",
                                          "t", session_id);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row &&
           count < VENUES_MOST)
        snprintf(centers[count++], TP_NAME_BYTES, "%s", tp_query_text(query, 0));
    tp_query_end(query);
    for (size_t i = 0; tp_ok(status) && i < count; i++)
        status = tp_link_post(write, centers[i], envelope, error);
    return status;
}

struct tp_status tp_session_post_view(struct tp_write *write, const char *session_id,
                                      struct tp_error *error)
{
    TP_AUTO(view) struct view *view = calloc(1, sizeof(*view));
    if (view == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a view");
    char id[TP_ID_BYTES];
    int64_t expected = 0;
    int64_t present = 0;
    snprintf(id, sizeof(id), "%s", session_id);
    tongping__link__session_view__init(&view->message);
    view->message.session_id = id;
    struct tp_status status = tp_seat_counts(write->db, session_id, &expected, &present, error);
    view->message.expected_count = (uint32_t)expected;
    if (tp_ok(status))
        status = next_version(write, session_id, view, error);
    if (tp_ok(status))
        status = read_present(write->db, session_id, view, error);
    if (tp_failed(status))
        return status;
    Tongping__Link__LinkMessage envelope = TONGPING__LINK__LINK_MESSAGE__INIT;
    envelope.kind_case = TONGPING__LINK__LINK_MESSAGE__KIND_SESSION_VIEW;
    envelope.session_view = &view->message;
    return post_to_venues(write, session_id, &envelope, error);
}

struct tp_status tp_session_was_posted(struct tp_db *db, const char *session_id, bool *posted,
                                       struct tp_error *error)
{
    int64_t one = 0;
    return tp_db_ask_int(db, &one, posted, error,
                         "SELECT 1 FROM session_views WHERE session_id = $1", "t", session_id);
}

struct tp_status tp_session_note_start(struct tp_write *write, const char *session_id,
                                       struct tp_error *error)
{
    return tp_db_run(write->db, error,
                     "INSERT INTO session_views (session_id, version, started_at) VALUES ($1, 0,"
                     " $2) ON CONFLICT (session_id) DO UPDATE SET started_at = $2",
                     "ti", session_id, write->now_ms);
}
