#include "expert-draw/replay.h"

#include <string.h>

void tp_replay_fini(struct tp_replay *replay)
{
    tp_course_fini(&replay->course);
    tp_plan_free(replay->plan);
    tp_pool_free(replay->pool);
    memset(replay, 0, sizeof(*replay));
}

static struct tp_status is_false(struct tp_error *error, const char *field, const char *what)
{
    struct tp_status status = tp_fail(error, TP_CRYPTO, "transcript.false", "%s: %s", field, what);
    tp_error_set_field(error, "%s", field);
    return status;
}

static struct tp_status record_false(struct tp_error *error, size_t index, const char *member,
                                     const char *what)
{
    char field[2 * TP_ERROR_FIELD_MAX_BYTES];
    snprintf(field, sizeof(field), "records[%zu].%s", index, member);
    return is_false(error, field, what);
}

/* Why a record could not be made: what it states cannot be true. Memory and limits stay as is. */
static struct tp_status cannot_be(struct tp_status status, struct tp_error *error, size_t index,
                                  const char *member)
{
    char what[TP_ERROR_MESSAGE_MAX_BYTES] = "";
    char place[TP_ERROR_FIELD_MAX_BYTES];
    if (tp_ok(status) || status.class == TP_NOMEM || status.class == TP_LIMIT)
        return status;
    if (error != NULL)
        memcpy(what, error->message, sizeof(what));
    snprintf(place, sizeof(place), "%s",
             error != NULL && error->field[0] != '\0' ? error->field : member);
    return record_false(error, index, place, what);
}

static struct tp_status read_plan(struct tp_replay *replay, const struct tp_transcript *transcript,
                                  struct tp_error *error)
{
    struct tp_status status = tp_plan_parse(transcript->plan, &replay->plan, error);
    if (tp_failed(status))
        return status.class == TP_INPUT ? is_false(error, "plan", "not a plan") : status;
    if (strcmp((const char *)replay->plan->text.data, transcript->plan) != 0)
        return is_false(error, "plan", "not in its canonical form");
    if (strcmp(replay->plan->draw_id, transcript->draw_id) != 0)
        return is_false(error, "draw_id", "not the plan's");
    return status;
}

static struct tp_status read_parties(struct tp_course *course, const json_t *record,
                                     struct tp_error *error)
{
    const json_t *parties = json_object_get(record, "parties");
    course->party_count = json_array_size(parties);
    if (course->party_count < 1 || course->party_count > TP_COURSE_PARTY_LIMIT)
        return record_false(error, 0, "parties", "not 1 to 16 keys");
    for (size_t i = 0; i < course->party_count; i++) {
        const char *text = json_string_value(json_array_get(parties, i));
        if (text == NULL ||
            tp_failed(tp_transcript_bytes(text, course->parties[i], TP_VRF_PUBLIC_BYTES, NULL)))
            return record_false(error, 0, "parties", "not keys");
    }
    return TP_STATUS_OK;
}

static struct tp_status make_commit(struct tp_replay *replay,
                                    const struct tp_transcript *transcript, const json_t *record,
                                    json_t **body, struct tp_error *error)
{
    struct tp_course *course = &replay->course;
    struct tp_status status = read_parties(course, record, error);
    if (tp_failed(status))
        return status;
    if (memcmp(course->parties[0], transcript->vrf_public, TP_VRF_PUBLIC_BYTES) != 0)
        return is_false(error, "keeper.vrf_public", "not the first party's key");
    return tp_course_commit(course, body, error);
}

static struct tp_status make_round(struct tp_course *course, size_t index, const json_t *record,
                                   json_t **body, struct tp_error *error)
{
    uint8_t proofs[TP_COURSE_PARTY_LIMIT][TP_VRF_PROOF_BYTES];
    const json_t *list = json_object_get(record, "proofs");
    if (json_array_size(list) != course->party_count)
        return record_false(error, index, "proofs", "not one of each party");
    if (tp_course_vacancies(course) == 0)
        return record_false(error, index, "kind", "a round although no seat is vacant");
    for (size_t i = 0; i < course->party_count; i++) {
        const char *text = json_string_value(json_object_get(json_array_get(list, i), "proof"));
        if (text == NULL ||
            tp_failed(tp_transcript_bytes(text, proofs[i], TP_VRF_PROOF_BYTES, NULL)))
            return record_false(error, index, "proofs", "a proof is not 80 bytes in base64url");
    }
    return cannot_be(
        tp_course_round(course, (const uint8_t(*)[TP_VRF_PROOF_BYTES])proofs, body, error), error,
        index, "members");
}

static struct tp_status make_body(struct tp_replay *replay, const struct tp_transcript *transcript,
                                  size_t index, const json_t *record, json_t **body,
                                  struct tp_error *error)
{
    const char *kind = json_string_value(json_object_get(record, "kind"));
    const char *handle = json_string_value(json_object_get(record, "handle"));
    if (kind == NULL || (index == 0) != (strcmp(kind, "commit") == 0))
        return record_false(error, index, "kind", "the first record, and no other, is the commit");
    if (index == 0)
        return make_commit(replay, transcript, record, body, error);
    if (strcmp(kind, "round") == 0)
        return make_round(&replay->course, index, record, body, error);
    if (strcmp(kind, "reply") != 0 || handle == NULL)
        return record_false(error, index, "kind", "not a round and not a reply");
    return cannot_be(tp_course_decline(&replay->course, handle, body, error), error, index,
                     "handle");
}

/* The first member that differs; "form" when all are the same and the text is not. */
static const char *first_difference(json_t *made, const json_t *there)
{
    const char *name;
    json_t *value;
    json_object_foreach(made, name, value)
    {
        if (!json_equal(value, json_object_get(there, name)))
            return name;
    }
    return "form";
}

static struct tp_status check_record(struct tp_replay *replay,
                                     const struct tp_transcript *transcript, size_t index,
                                     struct tp_error *error)
{
    const char *text = NULL;
    TP_AUTO(tp_json) json_t *there = NULL;
    TP_AUTO(tp_json) json_t *made = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes expected = TP_BYTES_INIT;
    json_t *body = NULL;
    struct tp_status status = tp_transcript_record(transcript, index, &text, error);
    if (tp_failed(status))
        return status;
    if (tp_failed(tp_json_parse(text, strlen(text), &there, NULL)))
        return record_false(error, index, "form", "not JSON");
    status = make_body(replay, transcript, index, there, &body, error);
    if (tp_failed(status))
        return status;
    const char *kind = json_string_value(json_object_get(there, "kind"));
    status = tp_course_append(&replay->course, kind, body, &expected, error);
    if (tp_failed(status) || strcmp((const char *)expected.data, text) == 0)
        return status;
    status = tp_json_parse(expected.data, expected.length, &made, error);
    return tp_failed(status) ? status
                             : record_false(error, index, first_difference(made, there),
                                            "not what pool, plan and proofs give");
}

struct tp_status tp_replay_run(struct tp_replay *replay, const struct tp_transcript *transcript,
                               const struct tp_pool_file *pool, struct tp_error *error)
{
    memset(replay, 0, sizeof(*replay));
    struct tp_course *course = &replay->course;
    struct tp_status status = read_plan(replay, transcript, error);
    if (tp_ok(status))
        status = tp_pool_file_pool(pool, transcript->opening.salt_key, &replay->pool, error);
    if (tp_failed(status))
        return status;
    course->plan = replay->plan;
    course->pool = replay->pool;
    course->opening = transcript->opening;
    tp_pool_file_mac(pool, course->opening.salt_key, course->pool_file);
    memcpy(course->sign_public, transcript->sign_public, TP_SIGN_PUBLIC_BYTES);
    for (size_t i = 0; i < json_array_size(transcript->records) && tp_ok(status); i++)
        status = check_record(replay, transcript, i, error);
    if (tp_failed(status))
        return status;
    if (memcmp(course->head, transcript->head, TP_HASH_BYTES) != 0)
        return is_false(error, "head", "not the hash of the last record");
    if (tp_course_vacancies(course) > 0)
        return is_false(error, "records", "the draw stops while a seat is vacant");
    return status;
}
