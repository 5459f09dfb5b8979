#include "coordinator/drawing/draw_commit.h"

#include <string.h>

#define RECORD_DOMAIN "tongping.draw.record.v1"

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

static bool signed_by(const json_t *commit, const char *record,
                      const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES])
{
    const char *text = json_string_value(json_object_get(commit, "signature"));
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    return text != NULL && tp_ok(tp_base64_decode(text, strlen(text), &signature, NULL)) &&
           signature.length == TP_SIGNATURE_BYTES &&
           tp_ok(
               tp_verify(sign_public, RECORD_DOMAIN, record, strlen(record), signature.data, NULL));
}

/* Every field beside the record and its signature must stand in the record. */
static bool says_the_same(const json_t *commit, const json_t *record)
{
    const char *name = NULL;
    json_t *value = NULL;
    /* The macro's iterator is not const; nothing is changed. */
    json_object_foreach((json_t *)(uintptr_t)commit, name, value)
    {
        if (strcmp(name, "record") != 0 && strcmp(name, "signature") != 0 &&
            !json_equal(value, json_object_get(record, name)))
            return false;
    }
    return true;
}

struct tp_status tp_draw_commit_check(const json_t *commit,
                                      const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                      const char *draw_id, const char *session_id,
                                      struct tp_error *error)
{
    const char *text = json_string_value(json_object_get(commit, "record"));
    TP_AUTO(tp_json) json_t *record = NULL;
    if (text == NULL || !signed_by(commit, text, sign_public) ||
        tp_failed(tp_json_parse(text, strlen(text), &record, NULL)) ||
        !text_is(record, "kind", "commit") || !text_is(record, "draw_id", draw_id) ||
        !text_is(record, "session_id", session_id) || !says_the_same(commit, record))
        return tp_fail(error, TP_PEER, "draw.bad_commit",
                       "the commitment is not signed by the draw service for this draw");
    return TP_STATUS_OK;
}
