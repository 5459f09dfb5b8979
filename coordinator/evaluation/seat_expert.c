#include "coordinator/evaluation/seat_expert.h"

#include <stdio.h>
#include <string.h>

struct seat_state {
    bool session_found;
    bool booked;
    enum tp_session_state state;
};

static struct tp_status read_seat_state(struct tp_db *db, const char *session_id,
                                        const char *center_id, const char *seat_id,
                                        struct seat_state *seat, char *draw_id,
                                        struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT s.state, d.draw_id, EXISTS (SELECT 1 FROM session_seats t WHERE t.session_id ="
        " v.session_id AND t.venue_position = v.position AND t.seat_id = $3) FROM sessions s JOIN"
        " session_venues v ON v.session_id = s.id JOIN draws d ON d.session_id = s.id WHERE s.id ="
        " $1 AND v.center_id = $2 AND v.state = 'confirmed'",
        "ttt", session_id, center_id, seat_id);
    if (tp_ok(status))
        status = tp_query_next(query, &seat->session_found, error);
    if (tp_ok(status) && seat->session_found) {
        seat->state = tp_session_state_of(tp_query_text(query, 0));
        seat->booked = tp_query_int(query, 2) != 0;
        if (draw_id != NULL)
            snprintf(draw_id, TP_ID_BYTES, "%s", tp_query_text(query, 1));
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_seat_check(struct tp_db *db, const char *session_id, const char *center_id,
                               const char *seat_id, char draw_id[TP_ID_BYTES],
                               struct tp_error *error)
{
    struct seat_state seat = {0};
    struct tp_status status =
        read_seat_state(db, session_id, center_id, seat_id, &seat, draw_id, error);
    if (tp_failed(status))
        return status;
    if (!seat.session_found)
        return tp_fail(error, TP_CONFLICT, "login.no_session", "no such session at this center");
    if (seat.state != TP_SESSION_ENTRY && seat.state != TP_SESSION_EVALUATING)
        return tp_fail(error, TP_CONFLICT, "login.not_open", "the entry is not open");
    if (!seat.booked)
        return tp_fail(error, TP_CONFLICT, "seat.not_booked", "the seat is not of this session");
    return TP_STATUS_OK;
}

/* A row that the expert's entry meets: of the same seat, or of the same expert. */
struct sitting {
    bool found;
    bool same_handle;
    bool same_seat;
    bool in;
    int64_t since_ms;
};

static struct tp_status find_sitting(struct tp_db *db, const struct tp_seat_expert *expert,
                                     bool by_seat, struct sitting *sitting, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    by_seat ? "SELECT seat_id, handle, state, since_at FROM seat_experts WHERE"
                              " session_id = $1 AND seat_id = $2"
                            : "SELECT seat_id, handle, state, since_at FROM seat_experts WHERE"
                              " session_id = $1 AND handle = $2",
                    "tt", expert->session_id, by_seat ? expert->seat_id : expert->handle);
    *sitting = (struct sitting){0};
    if (tp_ok(status))
        status = tp_query_next(query, &sitting->found, error);
    if (tp_ok(status) && sitting->found) {
        sitting->same_seat = strcmp(tp_query_text(query, 0), expert->seat_id) == 0;
        sitting->same_handle = strcmp(tp_query_text(query, 1), expert->handle) == 0;
        sitting->in = strcmp(tp_query_text(query, 2), "in") == 0;
        sitting->since_ms = tp_query_int(query, 3);
    }
    tp_query_end(query);
    return status;
}

/* Both keys must be free or ours. `patient`: a seat that waits for another expert counts as taken.
 */
static struct tp_status check_free(struct tp_write *write, const struct tp_seat_expert *expert,
                                   bool patient, struct sitting *own, struct tp_error *error)
{
    struct sitting elsewhere;
    struct tp_status status = find_sitting(write->db, expert, true, own, error);
    if (tp_ok(status))
        status = find_sitting(write->db, expert, false, &elsewhere, error);
    if (tp_failed(status))
        return status;
    const bool waits = patient && own->since_ms + TP_SEAT_EXPECTED_MS > write->now_ms;
    if (own->found && !own->same_handle && (own->in || waits))
        return tp_fail(error, TP_CONFLICT, "seat.taken", "another expert is at this seat");
    if (elsewhere.found && !elsewhere.same_seat && elsewhere.in)
        return tp_fail(error, TP_CONFLICT, "login.in_elsewhere", "the expert is at another seat");
    return TP_STATUS_OK;
}

static struct tp_status put(struct tp_write *write, const struct tp_seat_expert *expert,
                            const char *state, int64_t at_ms, struct tp_error *error)
{
    struct tp_status status = tp_db_run(write->db, error,
                                        "DELETE FROM seat_experts WHERE session_id = $1 AND"
                                        " (seat_id = $2 OR handle = $3)",
                                        "ttt", expert->session_id, expert->seat_id, expert->handle);
    if (tp_failed(status))
        return status;
    return tp_db_run(write->db, error,
                     "INSERT INTO seat_experts (session_id, seat_id, center_id, handle, label,"
                     " state, since_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                     "ttttt"
                     "ti",
                     expert->session_id, expert->seat_id, expert->center_id, expert->handle,
                     expert->label, state, at_ms);
}

struct tp_status tp_seat_expect(struct tp_write *write, const struct tp_seat_expert *expert,
                                struct tp_error *error)
{
    struct sitting own;
    struct tp_status status = check_free(write, expert, true, &own, error);
    if (tp_failed(status) || (own.found && own.same_handle && own.in))
        return status;
    return put(write, expert, "expected", write->now_ms, error);
}

struct tp_status tp_seat_enter(struct tp_write *write, const struct tp_seat_expert *expert,
                               int64_t at_ms, bool *changed, struct tp_error *error)
{
    struct sitting own;
    *changed = false;
    struct tp_status status = check_free(write, expert, false, &own, error);
    if (tp_failed(status) || (own.found && own.same_handle && own.in))
        return status;
    *changed = true;
    return put(write, expert, "in", at_ms, error);
}

struct tp_status tp_seat_leave(struct tp_write *write, const char *session_id, const char *seat_id,
                               const char *handle, bool *changed, struct tp_error *error)
{
    int64_t count = 0;
    struct tp_status status = tp_db_run_count(
        write->db, &count, error,
        "DELETE FROM seat_experts WHERE session_id = $1 AND seat_id = $2 AND handle = $3", "ttt",
        session_id, seat_id, handle);
    *changed = count > 0;
    return status;
}

struct tp_status tp_seat_free_leavers(struct tp_write *write, const char *session_id,
                                      struct tp_error *error)
{
    return tp_db_run(write->db, error,
                     "DELETE FROM seat_experts WHERE session_id = $1 AND handle IN (SELECT handle"
                     " FROM draw_leaves WHERE session_id = $1 AND state <> 'refused')",
                     "t", session_id);
}

struct tp_status tp_seat_counts(struct tp_db *db, const char *session_id, int64_t *expected,
                                int64_t *present, struct tp_error *error)
{
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(db, expected, &found, error,
                      "SELECT coalesce(sum(count), 0) FROM session_experts WHERE session_id = $1",
                      "t", session_id);
    if (tp_failed(status))
        return status;
    return tp_db_ask_int(db, present, &found, error,
                         "SELECT count(*) FROM seat_experts WHERE session_id = $1 AND state = 'in'",
                         "t", session_id);
}

static json_t *seat_json(json_t *session, const char *seat_id)
{
    size_t i = 0;
    size_t j = 0;
    json_t *venue = NULL;
    json_t *seat = NULL;
    json_array_foreach(json_object_get(session, "venues"), i, venue)
    {
        json_array_foreach(json_object_get(venue, "seats"), j, seat)
        {
            const char *id = json_string_value(json_object_get(seat, "id"));
            if (id != NULL && strcmp(id, seat_id) == 0)
                return seat;
        }
    }
    return NULL;
}

static struct tp_status describe_seats(struct tp_db *db, const char *session_id, bool with_handles,
                                       json_t *session, struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT seat_id, label, state, since_at, handle FROM seat_experts WHERE session_id = $1",
        "t", session_id);
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        json_t *seat = seat_json(session, tp_query_text(query, 0));
        json_t *expert =
            json_pack("{s:s, s:s, s:I}", "label", tp_query_text(query, 1), "state",
                      tp_query_text(query, 2), "since_at", (json_int_t)tp_query_int(query, 3));
        if (with_handles)
            json_object_set_new(expert, "handle", json_string(tp_query_text(query, 4)));
        if (seat == NULL)
            json_decref(expert);
        else if (json_object_set_new(seat, "expert", expert) != 0)
            status = tp_fail(error, TP_NOMEM, "nomem", "no memory for a seat");
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_seat_describe(struct tp_db *db, const char *session_id, bool with_handles,
                                  json_t *session, struct tp_error *error)
{
    int64_t expected = 0;
    int64_t present = 0;
    struct tp_status status = tp_seat_counts(db, session_id, &expected, &present, error);
    if (tp_failed(status))
        return status;
    if (json_object_set_new(session, "entry",
                            json_pack("{s:I, s:I}", "expected", (json_int_t)expected, "present",
                                      (json_int_t)present)) != 0)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a session's entry");
    return describe_seats(db, session_id, with_handles, session, error);
}
