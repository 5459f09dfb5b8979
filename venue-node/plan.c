#include "venue-node/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define JUST_ENDED_MS (10 * MINUTE_MS)
#define LONG_ENDED_MS (12 * 60 * MINUTE_MS)

#define PREPARED TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_PREPARED
#define ENTRY TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENTRY
#define EVALUATING TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_EVALUATING
#define ENDED TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_ENDED
#define CANCELLED TONGPING__LINK__SESSION_PHASE__SESSION_PHASE_CANCELLED

static bool over(int64_t phase)
{
    return phase == ENDED || phase == CANCELLED;
}

bool tp_plan_shown(const struct tp_plan_rank *rank, int64_t now_ms)
{
    if (rank->phase == EVALUATING || rank->phase == ENTRY)
        return true;
    if (over(rank->phase))
        return now_ms - rank->changed_at < LONG_ENDED_MS;
    return rank->phase == PREPARED && now_ms < rank->end_at;
}

static int rank_of(const struct tp_plan_rank *rank, int64_t now_ms)
{
    if (rank->phase == EVALUATING)
        return 5;
    if (rank->phase == ENTRY)
        return 4;
    if (over(rank->phase))
        return now_ms - rank->changed_at < JUST_ENDED_MS ? 3 : 1;
    return 2;
}

bool tp_plan_before(const struct tp_plan_rank *a, const struct tp_plan_rank *b, int64_t now_ms)
{
    int rank_a = rank_of(a, now_ms);
    int rank_b = rank_of(b, now_ms);
    if (rank_a != rank_b)
        return rank_a > rank_b;
    if (over(a->phase))
        return a->changed_at > b->changed_at;
    return a->start_at < b->start_at;
}

/* The version stored in `table`; -1 for none. */
static struct tp_status stored_version(struct tp_db *db, const char *sql, const char *session_id,
                                       int64_t *version, struct tp_error *error)
{
    bool found = false;
    *version = -1;
    struct tp_status status = tp_db_ask_int(db, version, &found, error, sql, "t", session_id);
    if (tp_ok(status) && !found)
        *version = -1;
    return status;
}

static struct tp_status write_plan(struct tp_db *db, const Tongping__Link__SessionPlan *plan,
                                   int64_t now_ms, struct tp_error *error)
{
    size_t bytes = tongping__link__session_plan__get_packed_size(plan);
    TP_AUTO_FREE uint8_t *packed = malloc(bytes + 1);
    if (packed == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a plan");
    tongping__link__session_plan__pack(plan, packed);
    struct tp_status status = tp_db_run(
        db, error,
        "INSERT INTO plan (session_id, version, phase, start_at, end_at, changed_at, message)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (session_id) DO UPDATE SET"
        " version = excluded.version, start_at = excluded.start_at, end_at = excluded.end_at,"
        " changed_at = CASE WHEN plan.phase = excluded.phase THEN plan.changed_at"
        " ELSE excluded.changed_at END, phase = excluded.phase, message = excluded.message",
        "tiiiiib", plan->session_id, (int64_t)plan->version, (int64_t)plan->phase, plan->start_ms,
        plan->end_ms, now_ms, packed, bytes);
    if (tp_ok(status))
        status = tp_db_run(db, error, "DELETE FROM plan_seat WHERE session_id = $1", "t",
                           plan->session_id);
    for (size_t i = 0; i < plan->n_seat_ids && tp_ok(status); i++)
        status = tp_db_run(db, error,
                           "INSERT INTO plan_seat (session_id, seat_id) VALUES ($1, $2)"
                           " ON CONFLICT (seat_id, session_id) DO NOTHING",
                           "tt", plan->session_id, plan->seat_ids[i]);
    return status;
}

static struct tp_status end_logins(struct tp_db *db, const Tongping__Link__SessionPlan *plan,
                                   struct tp_error *error)
{
    if (over(plan->phase))
        return tp_db_run(db, error, "DELETE FROM login WHERE session_id = $1", "t",
                         plan->session_id);
    struct tp_status status = tp_db_run(db, error,
                                        "DELETE FROM login WHERE session_id = $1 AND seat_id NOT IN"
                                        " (SELECT seat_id FROM plan_seat WHERE session_id = $1)",
                                        "t", plan->session_id);
    for (size_t i = 0; i < plan->n_left_handles && tp_ok(status); i++)
        status = tp_db_run(db, error, "DELETE FROM login WHERE session_id = $1 AND handle = $2",
                           "tt", plan->session_id, plan->left_handles[i]);
    return status;
}

struct tp_status tp_plan_apply(struct tp_db *db, const char *center_id,
                               const Tongping__Link__SessionPlan *plan, int64_t now_ms,
                               struct tp_error *error)
{
    if (strcmp(plan->center_id, center_id) != 0 || plan->session_id[0] == '\0') {
        tp_log(TP_LOG_ERROR, "plan.not_ours", "session=%s center=%s", plan->session_id,
               plan->center_id);
        return TP_STATUS_OK;
    }
    int64_t version;
    struct tp_status status = stored_version(db, "SELECT version FROM plan WHERE session_id = $1",
                                             plan->session_id, &version, error);
    if (tp_failed(status) || (int64_t)plan->version <= version)
        return status;
    status = write_plan(db, plan, now_ms, error);
    return tp_ok(status) ? end_logins(db, plan, error) : status;
}

struct tp_status tp_view_apply(struct tp_db *db, const Tongping__Link__SessionView *view,
                               struct tp_error *error)
{
    int64_t version;
    struct tp_status status =
        stored_version(db, "SELECT version FROM session_view WHERE session_id = $1",
                       view->session_id, &version, error);
    if (tp_failed(status) || (int64_t)view->version <= version)
        return status;
    size_t bytes = tongping__link__session_view__get_packed_size(view);
    TP_AUTO_FREE uint8_t *packed = malloc(bytes + 1);
    if (packed == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for a view");
    tongping__link__session_view__pack(view, packed);
    return tp_db_run(db, error,
                     "INSERT INTO session_view (session_id, version, message) VALUES ($1, $2, $3)"
                     " ON CONFLICT (session_id) DO UPDATE SET version = excluded.version,"
                     " message = excluded.message",
                     "tib", view->session_id, (int64_t)view->version, packed, bytes);
}

static struct tp_status broken(struct tp_error *error)
{
    return tp_fail(error, TP_IO, "journal.broken", "a kept message cannot be read");
}

struct tp_status tp_plan_of_seat(struct tp_db *db, const char *seat_id, int64_t now_ms,
                                 Tongping__Link__SessionPlan **plan, struct tp_error *error)
{
    *plan = NULL;
    struct tp_plan_rank best = {0};
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT p.phase, p.start_at, p.end_at, p.changed_at, p.message FROM plan p"
                    " JOIN plan_seat s ON s.session_id = p.session_id WHERE s.seat_id = $1",
                    "t", seat_id);
    bool row = false;
    while (tp_ok(status)) {
        status = tp_query_next(query, &row, error);
        if (tp_failed(status) || !row)
            break;
        struct tp_plan_rank rank = {
            .phase = (Tongping__Link__SessionPhase)tp_query_int(query, 0),
            .start_at = tp_query_int(query, 1),
            .end_at = tp_query_int(query, 2),
            .changed_at = tp_query_int(query, 3),
        };
        if (!tp_plan_shown(&rank, now_ms))
            continue;
        if (*plan != NULL && !tp_plan_before(&rank, &best, now_ms))
            continue;
        size_t bytes = 0;
        const void *message = tp_query_blob(query, 4, &bytes);
        tongping__link__session_plan__free_unpacked(*plan, NULL);
        *plan = tongping__link__session_plan__unpack(NULL, bytes, message);
        best = rank;
        if (*plan == NULL)
            status = broken(error);
    }
    tp_query_end(query);
    if (tp_failed(status)) {
        tongping__link__session_plan__free_unpacked(*plan, NULL);
        *plan = NULL;
    }
    return status;
}

struct tp_status tp_view_of_session(struct tp_db *db, const char *session_id,
                                    Tongping__Link__SessionView **view, struct tp_error *error)
{
    *view = NULL;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT message FROM session_view WHERE session_id = $1",
                    "t", session_id);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row) {
        size_t bytes = 0;
        const void *message = tp_query_blob(query, 0, &bytes);
        *view = tongping__link__session_view__unpack(NULL, bytes, message);
        if (*view == NULL)
            status = broken(error);
    }
    tp_query_end(query);
    return status;
}
