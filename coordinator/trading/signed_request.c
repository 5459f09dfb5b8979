#include "coordinator/trading/signed_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REQUEST_DOMAIN "tongping.request.v1"
#define BODY_DOMAIN "tongping.body.v1"

/* The bytes that are signed. */
static struct tp_status message_of(const char *method, const char *path, const char *time,
                                   const char *nonce, const void *body, size_t bytes,
                                   struct tp_bytes *out, struct tp_error *error)
{
    uint8_t hash[TP_HASH_BYTES];
    char hex[2 * TP_HASH_BYTES + 1];
    tp_hash(BODY_DOMAIN, body, bytes, hash);
    tp_hex_encode(hash, sizeof(hash), hex);
    tp_bytes_append_format(out, "%s\n%s\n%s\n%s\n%s", method, path, time, nonce, hex);
    return tp_bytes_check(out, error);
}

struct tp_status tp_signed_request_sign(const struct tp_keypair *keypair, const char *sender,
                                        const char *method, const char *path, const void *body,
                                        size_t bytes, int64_t now_ms,
                                        const struct tp_random *random,
                                        struct tp_signed_headers *headers, struct tp_error *error)
{
    uint8_t raw[16];
    char time[24];
    TP_AUTO(tp_bytes) struct tp_bytes nonce = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes message = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes signature_text = TP_BYTES_INIT;
    uint8_t signature[TP_SIGNATURE_BYTES];

    tp_random_fill(random, raw, sizeof(raw));
    tp_base64_append(&nonce, raw, sizeof(raw));
    struct tp_status status = tp_bytes_check(&nonce, error);
    if (tp_failed(status))
        return status;
    snprintf(time, sizeof(time), "%" PRId64, now_ms);
    status = message_of(method, path, time, (const char *)nonce.data, body, bytes, &message, error);
    if (tp_failed(status))
        return status;
    status = tp_sign(keypair, REQUEST_DOMAIN, message.data, message.length, signature, error);
    if (tp_failed(status))
        return status;
    tp_base64_append(&signature_text, signature, sizeof(signature));
    status = tp_bytes_check(&signature_text, error);
    if (tp_failed(status))
        return status;

    snprintf(headers->text[0], sizeof(headers->text[0]), "Tongping-Key: %s", sender);
    snprintf(headers->text[1], sizeof(headers->text[1]), "Tongping-Time: %s", time);
    snprintf(headers->text[2], sizeof(headers->text[2]), "Tongping-Nonce: %s",
             (const char *)nonce.data);
    snprintf(headers->text[3], sizeof(headers->text[3]), "Tongping-Signature: %s",
             (const char *)signature_text.data);
    for (int i = 0; i < 4; i++)
        headers->list[i] = headers->text[i];
    headers->list[4] = "Content-Type: application/json";
    headers->list[5] = NULL;
    return TP_STATUS_OK;
}

static const char *method_name(enum tp_http_method method)
{
    switch (method) {
    case TP_HTTP_GET:
        return "GET";
    case TP_HTTP_POST:
        return "POST";
    case TP_HTTP_PUT:
        return "PUT";
    case TP_HTTP_PATCH:
        return "PATCH";
    case TP_HTTP_DELETE:
        return "DELETE";
    }
    return "";
}

void tp_signed_request_of(const struct tp_http_request *request, struct tp_signed_request *out)
{
    *out = (struct tp_signed_request){
        .method = method_name(tp_http_request_method(request)),
        .path = tp_http_request_path(request),
        .sender = tp_http_request_header(request, "tongping-key"),
        .time = tp_http_request_header(request, "tongping-time"),
        .nonce = tp_http_request_header(request, "tongping-nonce"),
        .signature = tp_http_request_header(request, "tongping-signature"),
    };
    out->body = tp_http_request_body(request, &out->bytes);
}

static struct tp_status bad_signature(struct tp_error *error)
{
    return tp_fail(error, TP_DENIED, "request.bad_signature",
                   "the request is not signed by its sender");
}

/* Only the canonical decimal form, so that one moment has one text. */
static bool time_parse(const char *text, int64_t *time_ms)
{
    if (text[0] < '1' || text[0] > '9' || strlen(text) > 15)
        return false;
    char *end = NULL;
    errno = 0;
    *time_ms = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool nonce_well_formed(const char *nonce)
{
    size_t length = strspn(nonce, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_");
    return length == TP_SIGNED_REQUEST_NONCE_CHARACTERS && nonce[length] == '\0';
}

struct tp_status tp_signed_request_verify(const struct tp_signed_request *request,
                                          const uint8_t sign_public[32], int64_t now_ms,
                                          struct tp_error *error)
{
    int64_t time_ms = 0;
    if (request->sender == NULL || request->time == NULL || request->nonce == NULL ||
        request->signature == NULL || !time_parse(request->time, &time_ms) ||
        !nonce_well_formed(request->nonce))
        return bad_signature(error);

    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    if (tp_failed(
            tp_base64_decode(request->signature, strlen(request->signature), &signature, NULL)) ||
        signature.length != TP_SIGNATURE_BYTES)
        return bad_signature(error);
    TP_AUTO(tp_bytes) struct tp_bytes message = TP_BYTES_INIT;
    struct tp_status status =
        message_of(request->method, request->path, request->time, request->nonce, request->body,
                   request->bytes, &message, error);
    if (tp_failed(status))
        return status;
    if (tp_failed(tp_verify(sign_public, REQUEST_DOMAIN, message.data, message.length,
                            signature.data, NULL)))
        return bad_signature(error);
    /* After the signature, so that a stranger learns nothing of our clock. */
    if (time_ms < now_ms - TP_SIGNED_REQUEST_SPAN_MS ||
        time_ms > now_ms + TP_SIGNED_REQUEST_SPAN_MS)
        return tp_fail(error, TP_DENIED, "request.stale",
                       "the request's time is more than five minutes off");
    return TP_STATUS_OK;
}

struct tp_status tp_signed_request_use_nonce(struct tp_db *db,
                                             const struct tp_signed_request *request,
                                             int64_t now_ms, struct tp_error *error)
{
    int64_t added = 0;
    /* Kept for twice the span: a time ahead of our clock stays good that long. */
    struct tp_status status = tp_db_run(db, error, "DELETE FROM request_nonces WHERE seen_at < $1",
                                        "i", (int64_t)(now_ms - 2 * TP_SIGNED_REQUEST_SPAN_MS));
    if (tp_failed(status))
        return status;
    status = tp_db_run_count(db, &added, error,
                             "INSERT INTO request_nonces (sender, nonce, seen_at)"
                             " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                             "tti", request->sender, request->nonce, now_ms);
    if (tp_failed(status))
        return status;
    if (added == 0)
        return tp_fail(error, TP_DENIED, "request.replayed", "the request was received before");
    return TP_STATUS_OK;
}
