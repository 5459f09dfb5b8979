#include "coordinator/watching/ticket.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define TICKET_DOMAIN "tongping.ticket.v1"

struct tp_status tp_ticket_write(struct tp_ticket *ticket, const struct tp_keypair *keypair,
                                 const struct tp_random *random, struct tp_bytes *text,
                                 struct tp_error *error)
{
    uint8_t raw[16];
    uint8_t signature[TP_SIGNATURE_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes nonce = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes payload = TP_BYTES_INIT;
    tp_random_fill(random, raw, sizeof(raw));
    tp_base64_append(&nonce, raw, sizeof(raw));
    struct tp_status status = tp_bytes_check(&nonce, error);
    if (tp_failed(status))
        return status;
    snprintf(ticket->nonce, sizeof(ticket->nonce), "%s", (const char *)nonce.data);
    TP_AUTO(tp_json)
    json_t *json = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:s}", "v", 1, "feed_id",
                             ticket->feed_id, "session_id", ticket->session_id, "holder",
                             ticket->holder, "display", ticket->display, "expires_at",
                             (json_int_t)ticket->expires_at_ms, "nonce", ticket->nonce);
    if (json == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a ticket");
    status = tp_json_write(json, &payload, error);
    if (tp_ok(status))
        status = tp_sign(keypair, TICKET_DOMAIN, payload.data, payload.length, signature, error);
    if (tp_failed(status))
        return status;
    tp_base64_append(text, payload.data, payload.length);
    tp_bytes_append_text(text, ".");
    tp_base64_append(text, signature, sizeof(signature));
    return tp_bytes_check(text, error);
}

static struct tp_status invalid(struct tp_error *error)
{
    return tp_fail(error, TP_DENIED, "ticket.invalid", "the ticket does not hold");
}

static struct tp_status read_payload(const struct tp_bytes *payload, struct tp_ticket *ticket,
                                     struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *json = NULL;
    int64_t version = 0;
    const char *texts[5] = {NULL};
    const struct tp_json_field fields[] = {
        {.name = "v", .type = TP_JSON_INT, .value = &version, .minimum = 1, .maximum = 1},
        {.name = "feed_id", .type = TP_JSON_TEXT, .value = &texts[0]},
        {.name = "session_id", .type = TP_JSON_TEXT, .value = &texts[1]},
        {.name = "holder", .type = TP_JSON_TEXT, .value = &texts[2]},
        {.name = "display", .type = TP_JSON_TEXT, .value = &texts[3]},
        {.name = "expires_at", .type = TP_JSON_INT, .value = &ticket->expires_at_ms},
        {.name = "nonce", .type = TP_JSON_TEXT, .value = &texts[4]},
    };
    if (tp_failed(tp_json_parse(payload->data, payload->length, &json, NULL)) ||
        tp_failed(tp_json_read(json, NULL, fields, sizeof(fields) / sizeof(fields[0]), NULL)))
        return invalid(error);
    snprintf(ticket->feed_id, sizeof(ticket->feed_id), "%s", texts[0]);
    snprintf(ticket->session_id, sizeof(ticket->session_id), "%s", texts[1]);
    snprintf(ticket->holder, sizeof(ticket->holder), "%s", texts[2]);
    snprintf(ticket->display, sizeof(ticket->display), "%s", texts[3]);
    snprintf(ticket->nonce, sizeof(ticket->nonce), "%s", texts[4]);
    return TP_STATUS_OK;
}

struct tp_status tp_ticket_read(const char *text, const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                int64_t now_ms, struct tp_ticket *ticket, struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes payload = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    const char *dot = strchr(text, '.');
    *ticket = (struct tp_ticket){0};
    if (dot == NULL || strlen(text) > TP_TICKET_MOST_BYTES ||
        tp_failed(tp_base64_decode(text, (size_t)(dot - text), &payload, NULL)) ||
        tp_failed(tp_base64_decode(dot + 1, strlen(dot + 1), &signature, NULL)) ||
        signature.length != TP_SIGNATURE_BYTES ||
        tp_failed(tp_verify(sign_public, TICKET_DOMAIN, payload.data, payload.length,
                            signature.data, NULL)))
        return invalid(error);
    struct tp_status status = read_payload(&payload, ticket, error);
    if (tp_ok(status) && ticket->expires_at_ms <= now_ms)
        return tp_fail(error, TP_DENIED, "ticket.expired", "the ticket is too old");
    return status;
}
