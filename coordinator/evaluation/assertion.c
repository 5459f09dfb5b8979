#include "coordinator/evaluation/assertion.h"

#include "base/json.h"

#define ASSERTION_DOMAIN "tongping.assertion.v1"
#define ID_CHARACTERS 64

#define TEXT_FIELD(member)                                                                         \
    {                                                                                              \
        .name = #member, .type = TP_JSON_TEXT, .value = &assertion->member, .minimum = 1,          \
        .maximum = ID_CHARACTERS                                                                   \
    }

static struct tp_status read_fields(struct tp_assertion *assertion, struct tp_error *error)
{
    const struct tp_json_field fields[] = {
        TEXT_FIELD(draw_id),
        TEXT_FIELD(session_id),
        TEXT_FIELD(seat_id),
        TEXT_FIELD(venue),
        TEXT_FIELD(handle),
        TEXT_FIELD(label),
        {.name = "at", .type = TP_JSON_INT, .value = &assertion->at_ms},
    };
    return tp_json_read(assertion->json, "assertion", fields, sizeof(fields) / sizeof(fields[0]),
                        error);
}

struct tp_status tp_assertion_read(const void *text, size_t bytes, const uint8_t *signature,
                                   size_t signature_bytes, const uint8_t *sign_public,
                                   struct tp_assertion *assertion, struct tp_error *error)
{
    *assertion = (struct tp_assertion){0};
    if (sign_public != NULL) {
        if (signature_bytes != TP_SIGNATURE_BYTES)
            return tp_fail(error, TP_CRYPTO, "crypto.bad_signature", "no signature");
        struct tp_status status =
            tp_verify(sign_public, ASSERTION_DOMAIN, text, bytes, signature, error);
        if (tp_failed(status))
            return status;
    }
    struct tp_status status = tp_json_parse(text, bytes, &assertion->json, NULL);
    if (tp_ok(status))
        status = read_fields(assertion, NULL);
    if (tp_failed(status)) {
        tp_assertion_fini(assertion);
        return tp_fail(error, TP_INPUT, "assertion.malformed", "the assertion cannot be read");
    }
    return TP_STATUS_OK;
}

void tp_assertion_fini(struct tp_assertion *assertion)
{
    json_decref(assertion->json);
    assertion->json = NULL;
}
