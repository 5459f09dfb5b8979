#include "venue-node/assertion.h"

#include <string.h>

#include "base/json.h"

static struct tp_status bad(struct tp_error *error, const char *why)
{
    return tp_fail(error, TP_CRYPTO, "login.bad_assertion", "%s", why);
}

static struct tp_status read_content(const json_t *json,
                                     const struct tp_assertion_expected *expected,
                                     struct tp_login *login, struct tp_error *error)
{
    const char *draw_id, *session_id, *seat_id, *venue, *handle, *label;
    int64_t at = 0;
    const struct tp_json_field fields[] = {
        {.name = "draw_id", .type = TP_JSON_TEXT, .value = &draw_id},
        {.name = "session_id", .type = TP_JSON_TEXT, .value = &session_id},
        {.name = "seat_id", .type = TP_JSON_TEXT, .value = &seat_id},
        {.name = "venue", .type = TP_JSON_TEXT, .value = &venue},
        {.name = "handle",
         .type = TP_JSON_TEXT,
         .value = &handle,
         .minimum = 1,
         .maximum = TP_HANDLE_BYTES - 1},
        {.name = "label", .type = TP_JSON_TEXT, .value = &label, .minimum = 1, .maximum = 16},
        {.name = "at", .type = TP_JSON_INT, .value = &at},
    };
    if (tp_failed(tp_json_read(json, NULL, fields, sizeof fields / sizeof fields[0], NULL)))
        return bad(error, "the assertion is malformed");
    if (strcmp(draw_id, expected->draw_id) != 0 || strcmp(session_id, expected->session_id) != 0 ||
        strcmp(seat_id, expected->seat_id) != 0 || strcmp(venue, expected->venue) != 0)
        return bad(error, "the assertion is for another draw, session, seat or venue");
    if (at < expected->now_ms - TP_ASSERTION_AGE_MS || at > expected->now_ms + TP_ASSERTION_AGE_MS)
        return bad(error, "the assertion is not of this time");
    if (strlen(handle) >= sizeof login->handle || strlen(label) >= sizeof login->label)
        return bad(error, "the assertion is malformed");
    memcpy(login->handle, handle, strlen(handle) + 1);
    memcpy(login->label, label, strlen(label) + 1);
    return TP_STATUS_OK;
}

struct tp_status tp_assertion_check(const uint8_t draw_public[TP_SIGN_PUBLIC_BYTES],
                                    const struct tp_login_proof *proof,
                                    const struct tp_assertion_expected *expected,
                                    struct tp_login *login, struct tp_error *error)
{
    if (proof->signature_bytes != TP_SIGNATURE_BYTES ||
        proof->assertion_bytes > TP_ASSERTION_MOST_BYTES)
        return bad(error, "the assertion or its signature has a wrong size");
    if (tp_failed(tp_verify(draw_public, TP_ASSERTION_DOMAIN, proof->assertion,
                            proof->assertion_bytes, proof->signature, NULL)))
        return bad(error, "the assertion is not signed by the pinned key");
    TP_AUTO(tp_json) json_t *json = NULL;
    if (tp_failed(tp_json_parse(proof->assertion, proof->assertion_bytes, &json, NULL)))
        return bad(error, "the assertion is malformed");
    return read_content(json, expected, login, error);
}
