/*
 * Commit and start of a draw: what is drawn from and by which rules is signed before any
 * randomness.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "expert-draw/engine_internal.h"

struct commit {
    struct tp_draw_engine *engine;
    const struct tp_plan *plan;
    const struct tp_pool *pool;
    const struct tp_eligible *eligible;
};

static json_t *eligible_counts(const struct commit *commit)
{
    json_t *list = json_array();
    for (size_t cell = 0; cell < commit->plan->seat_count; cell++) {
        const struct tp_plan_seat *seat = &commit->plan->seats[cell];
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:I}", "venue", seat->venue, "specialty", seat->specialty,
                            "count", (json_int_t)commit->eligible->cells[cell].candidate_count));
    }
    return list;
}

static json_t *commit_record(const struct commit *commit)
{
    char root[TP_HASH_TEXT_BYTES];
    char plan_hash[TP_HASH_TEXT_BYTES];
    char keeper[TP_HASH_TEXT_BYTES];
    tp_hash_text(commit->pool->root, root);
    tp_hash_text(commit->plan->hash, plan_hash);
    tp_hash_text(tp_vrf_key_public(commit->engine->vrf), keeper);
    return json_pack("{s:s,s:i,s:s,s:I,s:s,s:s,s:s,s:o}", "session_id", commit->plan->session_id,
                     "attempt", 1, "algorithm", "tongping.lot.v1", "pool_count",
                     (json_int_t)commit->pool->count, "pool_root", root, "plan_hash", plan_hash,
                     "keeper_key", keeper, "eligible", eligible_counts(commit));
}

static struct tp_status commit_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct commit *commit = argument;
    static const uint8_t no_record[TP_HASH_BYTES];
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status =
        tp_db_run(db, error,
                  "INSERT INTO draw (draw_id, session_id, plan, plan_hash, pool, state, round,"
                  " attempts, record_count, record_head) VALUES ($1, $2, $3, $4, $5,"
                  " 'committed', 0, 0, 0, $6)",
                  "tttbib", commit->plan->draw_id, commit->plan->session_id,
                  (const char *)commit->plan->text.data, commit->plan->hash, (size_t)TP_HASH_BYTES,
                  commit->pool->number, no_record, sizeof(no_record));
    if (tp_ok(status))
        status = tp_draw_read(db, commit->plan->draw_id, &draw, error);
    if (tp_ok(status))
        status = tp_record_append(db, commit->engine->config.keypair, draw, "commit",
                                  tp_engine_now(commit->engine), commit_record(commit), error);
    return status;
}

/* Under turn: checks that the plan can be fulfilled, then commits. */
static struct tp_status make_commit(struct tp_draw_engine *engine, const struct tp_plan *plan,
                                    struct tp_error *error)
{
    struct tp_eligible eligible;
    struct commit commit = {.engine = engine, .plan = plan, .eligible = &eligible};
    int64_t number = 0;
    struct tp_status status = tp_pool_store_current(engine->config.store, &number, error);
    if (tp_ok(status))
        status = tp_engine_pool(engine, number, &commit.pool, error);
    if (tp_ok(status))
        status = tp_eligible_find(plan, commit.pool, NULL, &eligible, error);
    if (tp_failed(status))
        return status;
    struct tp_lot lot = {
        .pool = commit.pool,
        .cells = eligible.cells,
        .cell_count = plan->seat_count,
        .employer_cap = plan->max_per_employer,
    };
    size_t short_cell;
    struct tp_error ignored;
    status = tp_lot_check_feasible(&lot, &short_cell, &ignored);
    if (status.class == TP_CONFLICT)
        status = tp_eligible_explain(plan, &eligible, short_cell, error);
    else if (tp_failed(status) && error != NULL)
        *error = ignored;
    if (tp_ok(status))
        status = tp_store_write(engine->config.store, commit_work, &commit, error);
    tp_eligible_fini(&eligible);
    return status;
}

struct commit_read {
    const char *draw_id;
    struct tp_bytes text;
    uint8_t signature[TP_SIGNATURE_BYTES];
};

static struct tp_status read_commit_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct commit_read *read = argument;
    return tp_record_read(db, read->draw_id, 1, &read->text, read->signature, error);
}

/* {"draw_id","state","commit":{…,"record","signature"}}: record is the exact text that is signed.
 */
static struct tp_status answer_commit(struct tp_draw_engine *engine, const struct tp_draw *draw,
                                      json_t **answer, struct tp_error *error)
{
    struct commit_read read = {.draw_id = draw->plan->draw_id};
    TP_AUTO(tp_json) json_t *record = NULL;
    TP_AUTO(tp_json) json_t *commit = json_object();
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    static const char *const shown[] = {"draw_id",   "attempt",    "pool_root",
                                        "plan_hash", "keeper_key", "eligible"};
    struct tp_status status = tp_store_read(engine->config.store, read_commit_work, &read, error);
    if (tp_ok(status))
        status = tp_json_parse(read.text.data, read.text.length, &record, error);
    if (tp_ok(status)) {
        tp_base64_append(&signature, read.signature, sizeof(read.signature));
        for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
            json_object_set(commit, shown[i], json_object_get(record, shown[i]));
        json_object_set_new(commit, "record", json_string((const char *)read.text.data));
        json_object_set_new(commit, "signature", json_string((const char *)signature.data));
        *answer = json_pack("{s:s,s:s,s:O}", "draw_id", draw->plan->draw_id, "state",
                            tp_draw_state_name(draw->state), "commit", commit);
        if (*answer == NULL)
            status = tp_fail(error, TP_NOMEM, "memory", "no memory for an answer");
    }
    tp_bytes_fini(&read.text);
    return status;
}

static struct tp_status commit_in_turn(struct tp_draw_engine *engine, const struct tp_plan *plan,
                                       bool *made, json_t **answer, struct tp_error *error)
{
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_error first = {0};
    struct tp_status status = tp_draw_load(engine->config.store, plan->draw_id, &draw, &first);
    *made = status.class == TP_NOT_FOUND;
    if (*made) {
        status = make_commit(engine, plan, error);
        if (tp_ok(status))
            status = tp_draw_load(engine->config.store, plan->draw_id, &draw, error);
    } else if (tp_failed(status) && error != NULL) {
        *error = first;
    }
    if (tp_failed(status))
        return status;
    if (memcmp(draw->plan->hash, plan->hash, TP_HASH_BYTES) != 0)
        return tp_fail(error, TP_CONFLICT, "draw.other_plan",
                       "this draw id was committed with another plan");
    return answer_commit(engine, draw, answer, error);
}

struct tp_status tp_draw_engine_commit(struct tp_draw_engine *engine, const json_t *body,
                                       bool *made, json_t **answer, struct tp_error *error)
{
    TP_AUTO(tp_plan) struct tp_plan *plan = NULL;
    struct tp_status status = tp_plan_new(body, &plan, error);
    if (tp_failed(status))
        return status;
    tp_engine_lock(engine);
    status = commit_in_turn(engine, plan, made, answer, error);
    tp_engine_unlock(engine);
    if (tp_ok(status) && *made)
        tp_log(TP_LOG_INFO, "draw.committed", "draw=%s needed=%u", plan->draw_id, plan->needed);
    return status;
}

struct start {
    struct tp_draw_engine *engine;
    const char *draw_id;
    const char *log_head;
};

static struct tp_status start_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct start *start = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_read(db, start->draw_id, &draw, error);
    if (tp_failed(status))
        return status;
    if (draw->state == TP_DRAW_CANCELLED)
        return tp_fail(error, TP_CONFLICT, "draw.cancelled", "the draw was cancelled");
    if (draw->state != TP_DRAW_COMMITTED)
        return TP_STATUS_OK; /* started before: the first head stands */
    draw->state = TP_DRAW_INVITING;
    snprintf(draw->log_head, sizeof(draw->log_head), "%s", start->log_head);
    return tp_record_append(db, start->engine->config.keypair, draw, "start",
                            tp_engine_now(start->engine),
                            json_pack("{s:s}", "log_head", start->log_head), error);
}

struct tp_status tp_draw_engine_start(struct tp_draw_engine *engine, const char *draw_id,
                                      const char *log_head, json_t **answer, struct tp_error *error)
{
    uint8_t head[32];
    char normal[65];
    struct tp_status status = tp_hex_decode(log_head, head, sizeof(head), error);
    if (tp_failed(status)) {
        tp_error_set_field(error, "log_head");
        return status;
    }
    tp_hex_encode(head, sizeof(head), normal);
    struct start start = {.engine = engine, .draw_id = draw_id, .log_head = normal};
    tp_engine_lock(engine);
    status = tp_store_write(engine->config.store, start_work, &start, error);
    if (tp_ok(status))
        status = tp_engine_advance(engine, draw_id, error);
    tp_engine_unlock(engine);
    return tp_ok(status) ? tp_engine_answer_view(engine, draw_id, answer, error) : status;
}

struct tp_status tp_engine_answer_view(struct tp_draw_engine *engine, const char *draw_id,
                                       json_t **answer, struct tp_error *error)
{
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    TP_AUTO(tp_json) json_t *view = NULL;
    json_t *gateway = NULL;
    struct tp_status status = tp_draw_load(engine->config.store, draw_id, &draw, error);
    if (tp_ok(status))
        status = tp_draw_view(draw, &view, error);
    if (tp_ok(status))
        status = tp_engine_gateway_view(engine, draw_id, &gateway, error);
    if (tp_ok(status) && json_object_set_new(view, "gateway", gateway) != 0)
        status = tp_fail(error, TP_NOMEM, "memory", "no memory for a draw's view");
    if (tp_ok(status))
        *answer = tp_steal(&view);
    return status;
}

struct tp_status tp_draw_engine_view(struct tp_draw_engine *engine, const char *draw_id,
                                     json_t **answer, struct tp_error *error)
{
    return tp_engine_answer_view(engine, draw_id, answer, error);
}

struct transcript_read {
    struct tp_draw_engine *engine;
    const char *draw_id;
    json_t **answer;
};

static struct tp_status transcript_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct transcript_read *read = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_read(db, read->draw_id, &draw, error);
    if (tp_failed(status))
        return status;
    return tp_record_transcript(db, draw, read->engine->config.keypair->sign_public,
                                tp_vrf_key_public(read->engine->vrf), read->answer, error);
}

struct tp_status tp_draw_engine_transcript(struct tp_draw_engine *engine, const char *draw_id,
                                           json_t **answer, struct tp_error *error)
{
    struct transcript_read read = {.engine = engine, .draw_id = draw_id, .answer = answer};
    return tp_store_read(engine->config.store, transcript_work, &read, error);
}
