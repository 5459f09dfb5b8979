#include "expert-draw/transcript.h"

#include <sodium.h>
#include <string.h>

#define RECORD_DOMAIN "tongping.draw.record.v1"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

void tp_transcript_fini(struct tp_transcript *transcript)
{
    json_decref(transcript->root);
    sodium_memzero(transcript, sizeof(*transcript));
}

static struct tp_status no_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for a transcript");
}

struct tp_status tp_transcript_init(struct tp_transcript *transcript,
                                    const struct tp_course *course, struct tp_error *error)
{
    char vrf[TP_COURSE_TEXT_BYTES];
    char sign[TP_COURSE_TEXT_BYTES];
    char salt_key[TP_COURSE_TEXT_BYTES];
    char handle_key[TP_COURSE_TEXT_BYTES];
    tp_course_text(course->parties[0], vrf);
    tp_course_text(course->sign_public, sign);
    tp_course_text(course->opening.salt_key, salt_key);
    tp_course_text(course->opening.handle_key, handle_key);
    *transcript = (struct tp_transcript){
        .root = json_pack("{s:i,s:s,s:{s:s,s:s},s:s,s:[],s:s,s:{s:s,s:s}}", "v", 1, "draw_id",
                          course->plan->draw_id, "keeper", "vrf_public", vrf, "sign_public", sign,
                          "plan", (const char *)course->plan->text.data, "records", "head", "",
                          "opening", "salt_key", salt_key, "handle_key", handle_key)};
    transcript->records = json_object_get(transcript->root, "records");
    return transcript->records != NULL ? TP_STATUS_OK : no_memory(error);
}

struct tp_status tp_transcript_add(struct tp_transcript *transcript,
                                   const struct tp_keypair *keeper, const struct tp_bytes *text,
                                   struct tp_error *error)
{
    uint8_t signature[TP_SIGNATURE_BYTES];
    char head[TP_COURSE_TEXT_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes encoded = TP_BYTES_INIT;
    struct tp_status status =
        tp_sign(keeper, RECORD_DOMAIN, text->data, text->length, signature, error);
    if (tp_failed(status))
        return status;
    tp_base64_append(&encoded, signature, sizeof(signature));
    tp_hash(RECORD_DOMAIN, text->data, text->length, transcript->head);
    tp_course_text(transcript->head, head);
    if (tp_failed(tp_bytes_check(&encoded, error)) ||
        json_array_append_new(transcript->records,
                              json_pack("{s:s,s:s}", "record", (const char *)text->data,
                                        "signature", (const char *)encoded.data)) != 0 ||
        json_object_set_new(transcript->root, "head", json_string(head)) != 0)
        return no_memory(error);
    return TP_STATUS_OK;
}

struct tp_status tp_transcript_write(const struct tp_transcript *transcript, const char *path,
                                     struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_json_write(transcript->root, &text, error);
    return tp_ok(status) ? tp_file_write(path, text.data, text.length, 0600, error) : status;
}

static struct tp_status malformed(struct tp_error *error, const char *field, const char *what)
{
    struct tp_status status =
        tp_fail(error, TP_INPUT, "transcript.malformed", "transcript: %s: %s", field, what);
    tp_error_set_field(error, "%s", field);
    return status;
}

struct tp_status tp_transcript_bytes(const char *text, uint8_t *out, size_t length,
                                     struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes decoded = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes again = TP_BYTES_INIT;
    struct tp_status status = tp_base64_decode(text, strlen(text), &decoded, error);
    if (tp_failed(status))
        return status;
    tp_base64_append(&again, decoded.data, decoded.length);
    status = tp_bytes_check(&again, error);
    if (tp_failed(status))
        return status;
    if (decoded.length != length || strcmp((const char *)again.data, text) != 0)
        return tp_fail(error, TP_INPUT, "base64.malformed", "not the base64url text of %zu bytes",
                       length);
    memcpy(out, decoded.data, length);
    return status;
}

static struct tp_status decode(const char *field, const char *text, uint8_t out[32],
                               struct tp_error *error)
{
    return tp_ok(tp_transcript_bytes(text, out, 32, NULL))
               ? TP_STATUS_OK
               : malformed(error, field, "not the base64url text of 32 bytes");
}

struct texts {
    int64_t version;
    const char *draw_id, *plan, *head, *vrf, *sign, *salt_key, *handle_key;
    json_t *keeper, *records, *opening;
};

static struct tp_status read_texts(const json_t *root, struct texts *texts, struct tp_error *error)
{
    enum { PLAN_LIMIT = 4 << 20, RECORD_LIMIT = 100000 };
    const struct tp_json_field top[] = {
        {.name = "v", .type = TP_JSON_INT, .value = &texts->version, .minimum = 1, .maximum = 1},
        {.name = "draw_id", .type = TP_JSON_TEXT, .value = &texts->draw_id},
        {.name = "keeper", .type = TP_JSON_OBJECT, .value = &texts->keeper},
        {.name = "plan",
         .type = TP_JSON_TEXT,
         .value = &texts->plan,
         .minimum = 1,
         .maximum = PLAN_LIMIT},
        {.name = "records",
         .type = TP_JSON_ARRAY,
         .value = &texts->records,
         .minimum = 1,
         .maximum = RECORD_LIMIT},
        {.name = "head", .type = TP_JSON_TEXT, .value = &texts->head},
        {.name = "opening", .type = TP_JSON_OBJECT, .value = &texts->opening, .optional = true},
    };
    const struct tp_json_field keeper[] = {
        {.name = "vrf_public", .type = TP_JSON_TEXT, .value = &texts->vrf},
        {.name = "sign_public", .type = TP_JSON_TEXT, .value = &texts->sign},
    };
    const struct tp_json_field opening[] = {
        {.name = "salt_key", .type = TP_JSON_TEXT, .value = &texts->salt_key},
        {.name = "handle_key", .type = TP_JSON_TEXT, .value = &texts->handle_key},
    };
    struct tp_status status = tp_json_read(root, NULL, top, COUNT_OF(top), error);
    if (tp_ok(status) && texts->opening == NULL)
        return malformed(error, "opening",
                         "missing; an auditor needs the keys that open leaves and handles");
    if (tp_ok(status))
        status = tp_json_read(texts->keeper, "keeper", keeper, COUNT_OF(keeper), error);
    return tp_ok(status)
               ? tp_json_read(texts->opening, "opening", opening, COUNT_OF(opening), error)
               : status;
}

static struct tp_status read_parts(struct tp_transcript *transcript, struct tp_error *error)
{
    struct texts texts = {0};
    struct tp_status status = read_texts(transcript->root, &texts, error);
    if (tp_failed(status))
        return status;
    transcript->draw_id = texts.draw_id;
    transcript->plan = texts.plan;
    transcript->records = texts.records;
    status = decode("keeper.vrf_public", texts.vrf, transcript->vrf_public, error);
    if (tp_ok(status))
        status = decode("keeper.sign_public", texts.sign, transcript->sign_public, error);
    if (tp_ok(status))
        status = decode("head", texts.head, transcript->head, error);
    if (tp_ok(status))
        status = decode("opening.salt_key", texts.salt_key, transcript->opening.salt_key, error);
    if (tp_ok(status))
        status =
            decode("opening.handle_key", texts.handle_key, transcript->opening.handle_key, error);
    return status;
}

struct tp_status tp_transcript_read(struct tp_transcript *transcript, const char *path,
                                    struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes again = TP_BYTES_INIT;
    *transcript = (struct tp_transcript){.root = NULL};
    struct tp_status status = tp_file_read(path, TP_TRANSCRIPT_LIMIT_BYTES, &text, error);
    if (tp_ok(status))
        status = tp_json_parse(text.data, text.length, &transcript->root, error);
    if (tp_ok(status))
        status = read_parts(transcript, error);
    if (tp_ok(status))
        status = tp_json_write(transcript->root, &again, error);
    if (tp_ok(status) &&
        (again.length != text.length || memcmp(again.data, text.data, text.length) != 0))
        status = malformed(error, "form", "not written compactly, as a transcript is");
    if (tp_failed(status))
        tp_transcript_fini(transcript);
    return status;
}

struct tp_status tp_transcript_record(const struct tp_transcript *transcript, size_t index,
                                      const char **text, struct tp_error *error)
{
    enum { RECORD_LIMIT_BYTES = 1 << 20 };
    char path[32];
    const char *signature_text = NULL;
    uint8_t signature[TP_SIGNATURE_BYTES];
    const struct tp_json_field fields[] = {
        {.name = "record",
         .type = TP_JSON_TEXT,
         .value = text,
         .minimum = 1,
         .maximum = RECORD_LIMIT_BYTES},
        {.name = "signature", .type = TP_JSON_TEXT, .value = &signature_text},
    };
    snprintf(path, sizeof(path), "records[%zu]", index);
    struct tp_status status = tp_json_read(json_array_get(transcript->records, index), path, fields,
                                           COUNT_OF(fields), error);
    if (tp_failed(status))
        return status;
    if (tp_ok(tp_transcript_bytes(signature_text, signature, sizeof(signature), NULL)) &&
        tp_ok(tp_verify(transcript->sign_public, RECORD_DOMAIN, *text, strlen(*text), signature,
                        NULL)))
        return status;
    status = tp_fail(error, TP_CRYPTO, "transcript.false",
                     "the keeper's signature of the record does not hold");
    tp_error_set_field(error, "%s.signature", path);
    return status;
}
