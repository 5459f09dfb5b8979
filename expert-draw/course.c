#include "expert-draw/course.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ALPHA_DOMAIN "tongping.draw.alpha.v1"
#define PUBLIC_ATTEMPT 1
#define ALGORITHM "tongping.lot.v2"

static struct tp_status no_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
}

void tp_course_fini(struct tp_course *course)
{
    free(course->drawn);
    sodium_memzero(course, sizeof(*course));
}

void tp_course_text(const uint8_t bytes[32], char out[TP_COURSE_TEXT_BYTES])
{
    sodium_bin2base64(out, TP_COURSE_TEXT_BYTES, bytes, 32,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static json_t *base64_of(const void *data, size_t bytes)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    tp_base64_append(&text, data, bytes);
    return text.failed ? NULL : json_string((const char *)text.data);
}

void tp_course_handle(const struct tp_course *course, uint32_t expert,
                      char out[TP_COURSE_HANDLE_BYTES])
{
    enum { USED_BYTES = 16 };
    const char *id = course->pool->experts[expert].id;
    uint8_t mac[32];
    crypto_generichash(mac, sizeof(mac), (const uint8_t *)id, strlen(id),
                       course->opening.handle_key, sizeof(course->opening.handle_key));
    memcpy(out, "h_", 2);
    sodium_bin2base64(out + 2, TP_COURSE_HANDLE_BYTES - 2, mac, USED_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

uint32_t tp_course_vacancies(const struct tp_course *course)
{
    uint32_t vacant = course->plan->needed;
    for (size_t i = 0; i < course->drawn_count; i++)
        vacant -= course->drawn[i].seated ? 1 : 0;
    return vacant;
}

struct tp_status tp_course_append(struct tp_course *course, const char *kind, json_t *body,
                                  struct tp_bytes *text, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *taken = body;
    char previous[TP_COURSE_TEXT_BYTES];
    tp_course_text(course->head, previous);
    TP_AUTO(tp_json)
    json_t *record =
        json_pack("{s:i,s:s,s:I,s:s,s:s,s:i}", "v", 1, "draw_id", course->plan->draw_id, "n",
                  (json_int_t)course->record_count + 1, "prev", previous, "kind", kind, "at", 0);
    if (taken == NULL || record == NULL || json_object_update(record, taken) != 0)
        return no_memory(error);
    tp_bytes_clear(text);
    struct tp_status status = tp_json_write(record, text, error);
    if (tp_failed(status))
        return status;
    tp_hash("tongping.draw.record.v1", text->data, text->length, course->head);
    course->record_count++;
    return status;
}

static json_t *eligible_counts(const struct tp_plan *plan, const struct tp_candidates *candidates)
{
    json_t *list = json_array();
    for (size_t c = 0; c < plan->seat_count; c++)
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:I}", "venue", plan->seats[c].venue, "specialty",
                                        plan->seats[c].specialty, "count",
                                        (json_int_t)candidates->lot_cells[c].candidate_count));
    return list;
}

static json_t *party_keys(const struct tp_course *course)
{
    json_t *list = json_array();
    for (size_t i = 0; i < course->party_count; i++)
        json_array_append_new(list, base64_of(course->parties[i], TP_VRF_PUBLIC_BYTES));
    return list;
}

struct tp_status tp_course_commit(const struct tp_course *course, json_t **body,
                                  struct tp_error *error)
{
    TP_AUTO(tp_candidates) struct tp_candidates candidates = {0};
    struct tp_status status =
        tp_candidates_init(&candidates, course->plan, course->pool, NULL, 0, error);
    if (tp_failed(status))
        return status;
    uint8_t opening[TP_HASH_BYTES];
    tp_hash("tongping.draw.opening.v1", &course->opening, sizeof(course->opening), opening);
    *body = json_pack("{s:s,s:i,s:s,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "session_id",
                      course->plan->session_id, "attempt", PUBLIC_ATTEMPT, "algorithm", ALGORITHM,
                      "pool_count", (json_int_t)course->pool->count, "pool_root",
                      base64_of(course->pool->root, TP_HASH_BYTES), "plan_hash",
                      base64_of(course->plan->hash, TP_HASH_BYTES), "keeper_key",
                      base64_of(course->parties[0], TP_VRF_PUBLIC_BYTES), "eligible",
                      eligible_counts(course->plan, &candidates), "parties", party_keys(course),
                      "sign_key", base64_of(course->sign_public, TP_SIGN_PUBLIC_BYTES), "pool_file",
                      base64_of(course->pool_file, TP_HASH_BYTES), "opening_hash",
                      base64_of(opening, TP_HASH_BYTES));
    return *body != NULL ? status : no_memory(error);
}

struct tp_status tp_course_decline(struct tp_course *course, const char *handle, json_t **body,
                                   struct tp_error *error)
{
    for (size_t i = 0; i < course->drawn_count; i++) {
        char own[TP_COURSE_HANDLE_BYTES];
        tp_course_handle(course, course->drawn[i].expert, own);
        if (!course->drawn[i].seated || strcmp(own, handle) != 0)
            continue;
        course->drawn[i].seated = false;
        *body = json_pack("{s:s,s:s}", "handle", handle, "state", "declined");
        return *body != NULL ? TP_STATUS_OK : no_memory(error);
    }
    struct tp_status status =
        tp_fail(error, TP_INPUT, "draw.no_member", "nobody with this handle holds a seat");
    tp_error_set_field(error, "handle");
    return status;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

void tp_course_alpha(const struct tp_course *course, uint8_t alpha[TP_COURSE_ALPHA_BYTES])
{
    uint8_t *at = alpha;
    *at++ = TP_SUITE_SODIUM;
    *at++ = sizeof(ALPHA_DOMAIN) - 1;
    memcpy(at, ALPHA_DOMAIN, sizeof(ALPHA_DOMAIN) - 1);
    at += sizeof(ALPHA_DOMAIN) - 1;
    memcpy(at, course->head, TP_HASH_BYTES);
    at = put_u32(at + TP_HASH_BYTES, PUBLIC_ATTEMPT);
    put_u32(at, course->round + 1);
}

static struct tp_status make_seed(const struct tp_course *course,
                                  const uint8_t alpha[TP_COURSE_ALPHA_BYTES],
                                  const uint8_t (*proofs)[TP_VRF_PROOF_BYTES],
                                  uint8_t seed[TP_LOT_SEED_BYTES], struct tp_error *error)
{
    uint8_t message[TP_COURSE_ALPHA_BYTES + TP_COURSE_PARTY_LIMIT * TP_VRF_BETA_BYTES];
    size_t length = TP_COURSE_ALPHA_BYTES;
    memcpy(message, alpha, TP_COURSE_ALPHA_BYTES);
    for (size_t i = 0; i < course->party_count; i++) {
        struct tp_status status = tp_vrf_verify(course->parties[i], alpha, TP_COURSE_ALPHA_BYTES,
                                                proofs[i], message + length, error);
        if (tp_failed(status)) {
            tp_error_set_field(error, "proofs[%zu]", i);
            return status;
        }
        length += TP_VRF_BETA_BYTES;
    }
    tp_hash("tongping.draw.seed.v1", message, length, seed);
    return TP_STATUS_OK;
}

static struct tp_status add_drawn(struct tp_course *course, const struct tp_lot_result *result,
                                  struct tp_error *error)
{
    if (course->drawn_count + result->count > TP_COURSE_MEMBER_LIMIT)
        return tp_fail(error, TP_LIMIT, "draw.too_many_rounds", "more than %d people drawn",
                       TP_COURSE_MEMBER_LIMIT);
    struct tp_seated *grown =
        realloc(course->drawn, (course->drawn_count + result->count + 1) * sizeof(*grown));
    if (grown == NULL)
        return no_memory(error);
    course->drawn = grown;
    for (size_t i = 0; i < result->count; i++)
        course->drawn[course->drawn_count++] = (struct tp_seated){
            .expert = result->choices[i].expert, .cell = result->choices[i].cell, .seated = true};
    course->attempts += result->attempts;
    course->round++;
    return TP_STATUS_OK;
}

static json_t *proof_list(const struct tp_course *course,
                          const uint8_t (*proofs)[TP_VRF_PROOF_BYTES])
{
    json_t *list = json_array();
    for (size_t i = 0; i < course->party_count; i++) {
        char party[32] = "keeper";
        if (i > 0)
            snprintf(party, sizeof(party), "party-%zu", i + 1);
        json_array_append_new(list, json_pack("{s:s,s:o,s:o}", "party", party, "vrf_public",
                                              base64_of(course->parties[i], TP_VRF_PUBLIC_BYTES),
                                              "proof", base64_of(proofs[i], TP_VRF_PROOF_BYTES)));
    }
    return list;
}

static json_t *member_list(const struct tp_course *course, const struct tp_lot_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < result->count; i++) {
        char handle[TP_COURSE_HANDLE_BYTES];
        tp_course_handle(course, result->choices[i].expert, handle);
        json_array_append_new(
            list, json_pack("{s:s,s:i}", "handle", handle, "cell", (int)result->choices[i].cell));
    }
    return list;
}

struct tp_status tp_course_round(struct tp_course *course,
                                 const uint8_t (*proofs)[TP_VRF_PROOF_BYTES], json_t **body,
                                 struct tp_error *error)
{
    TP_AUTO(tp_candidates) struct tp_candidates candidates = {0};
    uint8_t alpha[TP_COURSE_ALPHA_BYTES];
    uint8_t seed[TP_LOT_SEED_BYTES];
    enum tp_rule_method method = TP_RULE_REJECTION;
    struct tp_lot_result result = {0};
    tp_course_alpha(course, alpha);
    struct tp_status status = make_seed(course, alpha, proofs, seed, error);
    if (tp_ok(status))
        status = tp_candidates_init(&candidates, course->plan, course->pool, course->drawn,
                                    course->drawn_count, error);
    if (tp_ok(status))
        status = tp_rule_draw(&candidates, seed, &method, &result, error);
    if (tp_ok(status))
        status = add_drawn(course, &result, error);
    if (tp_failed(status))
        return status;
    *body = json_pack("{s:i,s:i,s:o,s:o,s:o,s:s,s:i,s:o}", "round", (int)course->round, "attempt",
                      PUBLIC_ATTEMPT, "alpha", base64_of(alpha, sizeof(alpha)), "proofs",
                      proof_list(course, proofs), "seed", base64_of(seed, sizeof(seed)), "method",
                      tp_rule_method_name(method), "lot_attempts", (int)result.attempts, "members",
                      member_list(course, &result));
    return *body != NULL ? status : no_memory(error);
}
