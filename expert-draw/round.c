/*
 * Rounds: vacant seats are drawn with new randomness, accepted and invited members stay.
 *
 * alpha = suite ‖ u8 length ‖ "tongping.draw.alpha.v1" ‖ head of the records (32) ‖ u32 attempt ‖
 * u32 round; seed = tp_hash("tongping.draw.seed.v1", alpha ‖ beta).
 */
#include <string.h>

#include "base/log.h"
#include "expert-draw/engine_internal.h"

#define ALPHA_DOMAIN "tongping.draw.alpha.v1"
#define ALPHA_BYTES (2 + sizeof(ALPHA_DOMAIN) - 1 + TP_HASH_BYTES + 4 + 4)
#define PUBLIC_ATTEMPT 1

struct round {
    struct tp_draw_engine *engine;
    const struct tp_pool *pool;
    const struct tp_draw *draw; /* as it was when the round was computed */
    uint32_t number;
    uint8_t alpha[ALPHA_BYTES];
    uint8_t proof[TP_VRF_PROOF_BYTES];
    uint8_t seed[TP_LOT_SEED_BYTES];
    struct tp_lot_result result;
};

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

static void make_alpha(const struct tp_draw *draw, uint32_t round, uint8_t alpha[ALPHA_BYTES])
{
    uint8_t *at = alpha;
    *at++ = TP_SUITE_SODIUM;
    *at++ = sizeof(ALPHA_DOMAIN) - 1;
    memcpy(at, ALPHA_DOMAIN, sizeof(ALPHA_DOMAIN) - 1);
    at += sizeof(ALPHA_DOMAIN) - 1;
    memcpy(at, draw->record_head, TP_HASH_BYTES);
    at = put_u32(at + TP_HASH_BYTES, PUBLIC_ATTEMPT);
    put_u32(at, round);
}

static struct tp_status make_seed(struct round *round, struct tp_error *error)
{
    const struct tp_vrf_key *vrf = round->engine->vrf;
    uint8_t message[ALPHA_BYTES + TP_VRF_BETA_BYTES];
    make_alpha(round->draw, round->number, round->alpha);
    struct tp_status status =
        tp_vrf_prove(vrf, round->alpha, sizeof(round->alpha), round->proof, error);
    if (tp_ok(status))
        status = tp_vrf_verify(tp_vrf_key_public(vrf), round->alpha, sizeof(round->alpha),
                               round->proof, message + ALPHA_BYTES, error);
    if (tp_failed(status))
        return status;
    memcpy(message, round->alpha, ALPHA_BYTES);
    tp_hash("tongping.draw.seed.v1", message, sizeof(message), round->seed);
    return status;
}

/* Draws the vacant seats. TP_CONFLICT: no lawful substitutes exist; TP_LIMIT: none was found. */
static struct tp_status draw_vacancies(struct round *round, struct tp_error *error)
{
    struct tp_eligible eligible;
    uint32_t seated[TP_LOT_COMMITTEE_LIMIT];
    const struct tp_draw *draw = round->draw;
    struct tp_lot lot = {
        .pool = round->pool,
        .cells = eligible.cells,
        .cell_count = draw->plan->seat_count,
        .employer_cap = draw->plan->max_per_employer,
        .seated = seated,
    };
    for (size_t i = 0; i < draw->member_count; i++) {
        const struct tp_member *member = &draw->members[i];
        size_t expert = tp_pool_find(round->pool, member->expert_id);
        if (expert != SIZE_MAX &&
            (member->state == TP_MEMBER_ACCEPTED || member->state == TP_MEMBER_INVITED))
            seated[lot.seated_count++] = (uint32_t)expert;
    }
    struct tp_status status = tp_eligible_find(draw->plan, round->pool, draw, &eligible, error);
    if (tp_failed(status))
        return status;
    status = make_seed(round, error);
    if (tp_ok(status))
        status = tp_lot_draw(&lot, round->seed, TP_LOT_ATTEMPT_LIMIT, &round->result, error);
    tp_eligible_fini(&eligible);
    return status;
}

static json_t *base64_of(const void *data, size_t bytes)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    tp_base64_append(&text, data, bytes);
    return text.failed ? NULL : json_string((const char *)text.data);
}

static json_t *round_record(const struct round *round)
{
    json_t *members = json_array();
    for (size_t i = 0; i < round->result.count; i++) {
        char handle[TP_HANDLE_TEXT_BYTES];
        const struct tp_lot_choice *choice = &round->result.choices[i];
        tp_vault_handle(round->engine->vault, round->draw->plan->draw_id,
                        round->pool->experts[choice->expert].id, handle);
        json_array_append_new(members,
                              json_pack("{s:s,s:i}", "handle", handle, "cell", (int)choice->cell));
    }
    json_t *proof = json_pack("{s:s,s:o,s:o}", "party", "keeper", "vrf_public",
                              base64_of(tp_vrf_key_public(round->engine->vrf), TP_VRF_PUBLIC_BYTES),
                              "proof", base64_of(round->proof, sizeof(round->proof)));
    return json_pack("{s:i,s:i,s:o,s:[o],s:o,s:i,s:o}", "round", (int)round->number, "attempt",
                     PUBLIC_ATTEMPT, "alpha", base64_of(round->alpha, sizeof(round->alpha)),
                     "proofs", proof, "seed", base64_of(round->seed, sizeof(round->seed)),
                     "lot_attempts", (int)round->result.attempts, "members", members);
}

static struct tp_status add_member(struct tp_db *db, const struct round *round,
                                   const struct tp_draw *draw, size_t index, struct tp_error *error)
{
    const struct tp_lot_choice *choice = &round->result.choices[index];
    const char *expert_id = round->pool->experts[choice->expert].id;
    struct tp_identity_macs macs;
    struct tp_member member = {.cell = choice->cell, .round = round->number};
    tp_vault_handle(round->engine->vault, draw->plan->draw_id, expert_id, member.handle);
    snprintf(member.expert_id, sizeof(member.expert_id), "%s", expert_id);
    struct tp_status status = tp_identity_macs_read(db, draw->pool, expert_id, &macs, error);
    if (tp_ok(status))
        status = tp_db_run(
            db, error,
            "INSERT INTO member (handle, draw_id, n, expert_id, cell, round, state, invited_at,"
            " repeats, phone_mac, id_number_mac) VALUES ($1, $2, $3, $4, $5, $6, 'invited', $7,"
            " 0, $8, $9)",
            "ttitiiibb", member.handle, draw->plan->draw_id,
            (int64_t)(draw->member_count + index + 1), expert_id, (int64_t)choice->cell,
            (int64_t)round->number, tp_engine_now(round->engine), macs.phone, sizeof(macs.phone),
            macs.id_number, sizeof(macs.id_number));
    return tp_ok(status) ? tp_engine_invite(round->engine, db, draw, &member, error) : status;
}

static struct tp_status round_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct round *round = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_read(db, round->draw->plan->draw_id, &draw, error);
    if (tp_failed(status))
        return status;
    draw->round = round->number;
    draw->attempts += round->result.attempts;
    status = tp_record_append(db, round->engine->config.keypair, draw, "round",
                              tp_engine_now(round->engine), round_record(round), error);
    for (size_t i = 0; i < round->result.count && tp_ok(status); i++)
        status = add_member(db, round, draw, i, error);
    if (tp_ok(status))
        status = tp_engine_event(round->engine, db, "draw.round", draw->plan->draw_id,
                                 json_pack("{s:i,s:i}", "round", (int)round->number, "invited",
                                           (int)round->result.count),
                                 error);
    return status;
}

struct ending {
    struct tp_draw_engine *engine;
    const char *draw_id;
    enum tp_draw_state state;
    const char *reason;
};

static struct tp_status ending_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct ending *ending = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    bool complete = ending->state == TP_DRAW_COMPLETE;
    struct tp_status status = tp_draw_read(db, ending->draw_id, &draw, error);
    if (tp_failed(status))
        return status;
    draw->state = ending->state;
    status = tp_record_append(
        db, ending->engine->config.keypair, draw, tp_draw_state_name(ending->state),
        tp_engine_now(ending->engine),
        complete ? json_object() : json_pack("{s:s}", "reason", ending->reason), error);
    if (tp_ok(status))
        status = tp_engine_event(
            ending->engine, db, complete ? "draw.complete" : "draw.exhausted", ending->draw_id,
            complete ? json_object() : json_pack("{s:s}", "reason", ending->reason), error);
    return status;
}

static struct tp_status end(struct tp_draw_engine *engine, const char *draw_id,
                            enum tp_draw_state state, const char *reason, struct tp_error *error)
{
    struct ending ending = {.engine = engine, .draw_id = draw_id, .state = state, .reason = reason};
    tp_log(TP_LOG_INFO, "draw.ended", "draw=%s state=%s", draw_id, tp_draw_state_name(state));
    return tp_store_write(engine->config.store, ending_work, &ending, error);
}

static struct tp_status run_round(struct tp_draw_engine *engine, const struct tp_draw *draw,
                                  struct tp_error *error)
{
    struct round round = {.engine = engine, .draw = draw, .number = draw->round + 1};
    struct tp_error why = {0};
    struct tp_status status = tp_engine_pool(engine, draw->pool, &round.pool, error);
    if (tp_failed(status))
        return status;
    status = draw_vacancies(&round, &why);
    if (status.class == TP_CONFLICT || status.class == TP_LIMIT)
        return end(engine, draw->plan->draw_id, TP_DRAW_EXHAUSTED, why.code, error);
    if (tp_failed(status)) {
        if (error != NULL)
            *error = why;
        return status;
    }
    tp_log(TP_LOG_INFO, "draw.round", "draw=%s round=%u drawn=%zu attempts=%u", draw->plan->draw_id,
           round.number, round.result.count, round.result.attempts);
    return tp_store_write(engine->config.store, round_work, &round, error);
}

struct tp_status tp_engine_advance(struct tp_draw_engine *engine, const char *draw_id,
                                   struct tp_error *error)
{
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    struct tp_status status = tp_draw_load(engine->config.store, draw_id, &draw, error);
    if (tp_ok(status) && draw->state == TP_DRAW_INVITING) {
        uint32_t accepted = tp_draw_count(draw, UINT32_MAX, TP_MEMBER_ACCEPTED);
        uint32_t invited = tp_draw_count(draw, UINT32_MAX, TP_MEMBER_INVITED);
        if (accepted == draw->plan->needed)
            status = end(engine, draw_id, TP_DRAW_COMPLETE, NULL, error);
        else if (accepted + invited < draw->plan->needed)
            status = run_round(engine, draw, error);
    }
    tp_engine_wake(engine);
    return status;
}
