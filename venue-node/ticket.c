#include "venue-node/ticket.h"

#include <string.h>

#include "base/json.h"

/* A ticket is valid for 60 s; one that claims much more was not made by a coordinator of ours. */
#define VALID_MOST_MS ((int64_t)10 * 60 * 1000)

static struct tp_status bad(struct tp_error *error)
{
    return tp_fail(error, TP_DENIED, "ticket.bad", "the feed ticket does not hold");
}

static bool copy_text(char *out, size_t size, const char *text)
{
    size_t bytes = strlen(text) + 1;
    if (bytes > size || bytes == 1)
        return false;
    memcpy(out, text, bytes);
    return true;
}

static struct tp_status read_payload(const struct tp_bytes *payload, struct tp_ticket *ticket,
                                     struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *json = NULL;
    if (tp_failed(tp_json_parse(payload->data, payload->length, &json, NULL)))
        return bad(error);
    const char *feed_id, *session_id, *holder, *display, *nonce;
    int64_t version = 0;
    const struct tp_json_field fields[] = {
        {.name = "v", .type = TP_JSON_INT, .value = &version, .minimum = 1, .maximum = 1},
        {.name = "feed_id", .type = TP_JSON_TEXT, .value = &feed_id},
        {.name = "session_id", .type = TP_JSON_TEXT, .value = &session_id},
        {.name = "holder", .type = TP_JSON_TEXT, .value = &holder},
        {.name = "display", .type = TP_JSON_TEXT, .value = &display},
        {.name = "expires_at", .type = TP_JSON_INT, .value = &ticket->expires_at},
        {.name = "nonce", .type = TP_JSON_TEXT, .value = &nonce},
    };
    if (tp_failed(tp_json_read(json, NULL, fields, sizeof fields / sizeof fields[0], NULL)) ||
        !copy_text(ticket->feed_id, sizeof ticket->feed_id, feed_id) ||
        !copy_text(ticket->holder, sizeof ticket->holder, holder) ||
        !copy_text(ticket->nonce, sizeof ticket->nonce, nonce))
        return bad(error);
    return TP_STATUS_OK;
}

struct tp_status tp_ticket_check(const uint8_t coordinator_public[TP_SIGN_PUBLIC_BYTES],
                                 const char *text, const char *feed_id, int64_t now_ms,
                                 struct tp_ticket *ticket, struct tp_error *error)
{
    *ticket = (struct tp_ticket){0};
    const char *dot = strchr(text, '.');
    if (dot == NULL || strlen(text) > TP_TICKET_MOST_BYTES)
        return bad(error);
    TP_AUTO(tp_bytes) struct tp_bytes payload = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    if (tp_failed(tp_base64_decode(text, (size_t)(dot - text), &payload, NULL)) ||
        tp_failed(tp_base64_decode(dot + 1, strlen(dot + 1), &signature, NULL)) ||
        payload.length == 0 || signature.length != TP_SIGNATURE_BYTES)
        return bad(error);
    if (tp_failed(tp_verify(coordinator_public, TP_TICKET_DOMAIN, payload.data, payload.length,
                            signature.data, NULL)))
        return bad(error);
    struct tp_status status = read_payload(&payload, ticket, error);
    if (tp_failed(status))
        return status;
    if (strcmp(ticket->feed_id, feed_id) != 0)
        return tp_fail(error, TP_DENIED, "ticket.other_feed", "the ticket is for another feed");
    if (now_ms >= ticket->expires_at || ticket->expires_at - now_ms > VALID_MOST_MS)
        return tp_fail(error, TP_DENIED, "ticket.expired", "the ticket is not valid now");
    return TP_STATUS_OK;
}

static struct tp_status spend(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct tp_ticket *ticket = argument;
    int64_t changed = 0;
    struct tp_status status =
        tp_db_run_count(db, &changed, error,
                        "INSERT INTO spent_ticket (nonce, expires_at) VALUES ($1, $2)"
                        " ON CONFLICT (nonce) DO NOTHING",
                        "ti", ticket->nonce, ticket->expires_at);
    if (tp_ok(status) && changed == 0)
        status = tp_fail(error, TP_DENIED, "ticket.used", "the ticket was used before");
    return status;
}

struct tp_status tp_ticket_spend(struct tp_store *store, const struct tp_ticket *ticket,
                                 struct tp_error *error)
{
    struct tp_ticket copy = *ticket;
    return tp_store_write(store, spend, &copy, error);
}
