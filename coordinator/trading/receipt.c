#include "coordinator/trading/receipt.h"

#include <string.h>

#include "base/json.h"

#define RECEIPT_DOMAIN "tongping.receipt.v1"
#define ANSWER_START "{\"receipt\":"
#define SIGNATURE_START ",\"signature\":\""
#define SIGNATURE_TEXT_BYTES 86 /* 64 bytes in base64url */
#define ANSWER_END "\"}"

struct tp_status tp_receipt_write(const struct tp_receipt *receipt,
                                  const struct tp_keypair *keypair, struct tp_bytes *answer,
                                  struct tp_error *error)
{
    TP_AUTO(tp_json)
    json_t *json =
        json_pack("{s:s, s:s, s:I, s:s, s:I}", "session_id", receipt->session_id, "draw_id",
                  receipt->draw_id, "version", (json_int_t)receipt->version, "list_hash",
                  receipt->list_hash, "received_at", (json_int_t)receipt->received_at);
    if (json == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a receipt");
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_json_write(json, &text, error);
    if (tp_failed(status))
        return status;
    uint8_t signature[TP_SIGNATURE_BYTES];
    status = tp_sign(keypair, RECEIPT_DOMAIN, text.data, text.length, signature, error);
    if (tp_failed(status))
        return status;
    tp_bytes_append_text(answer, ANSWER_START);
    tp_bytes_append(answer, text.data, text.length);
    tp_bytes_append_text(answer, SIGNATURE_START);
    tp_base64_append(answer, signature, sizeof(signature));
    tp_bytes_append_text(answer, ANSWER_END);
    return tp_bytes_check(answer, error);
}

static struct tp_status malformed(struct tp_error *error)
{
    return tp_fail(error, TP_PEER, "receipt.malformed", "the answer is not a receipt");
}

static struct tp_status check_content(const char *text, size_t bytes, struct tp_receipt *expected,
                                      struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *json = NULL;
    const char *session_id = NULL;
    const char *draw_id = NULL;
    const char *list_hash = NULL;
    int64_t version = 0;
    int64_t received_at = 0;
    const struct tp_json_field fields[] = {
        {.name = "session_id", .type = TP_JSON_TEXT, .value = &session_id},
        {.name = "draw_id", .type = TP_JSON_TEXT, .value = &draw_id},
        {.name = "version", .type = TP_JSON_INT, .value = &version},
        {.name = "list_hash", .type = TP_JSON_TEXT, .value = &list_hash},
        {.name = "received_at", .type = TP_JSON_INT, .value = &received_at},
    };
    if (tp_failed(tp_json_parse(text, bytes, &json, NULL)) ||
        tp_failed(tp_json_read(json, "receipt", fields, sizeof(fields) / sizeof(fields[0]), NULL)))
        return malformed(error);
    if (strcmp(session_id, expected->session_id) != 0 || strcmp(draw_id, expected->draw_id) != 0 ||
        strcmp(list_hash, expected->list_hash) != 0 || version != expected->version)
        return tp_fail(error, TP_PEER, "receipt.other_list", "the receipt is for another list");
    expected->received_at = received_at;
    return TP_STATUS_OK;
}

struct tp_status tp_receipt_check(const void *answer, size_t bytes,
                                  const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                  struct tp_receipt *expected, struct tp_error *error)
{
    const size_t head = strlen(ANSWER_START);
    const size_t tail = strlen(SIGNATURE_START) + SIGNATURE_TEXT_BYTES + strlen(ANSWER_END);
    const char *text = answer;
    if (bytes <= head + tail || memcmp(text, ANSWER_START, head) != 0)
        return malformed(error);
    const char *signature_text = text + bytes - tail;
    if (memcmp(signature_text, SIGNATURE_START, strlen(SIGNATURE_START)) != 0 ||
        memcmp(text + bytes - strlen(ANSWER_END), ANSWER_END, strlen(ANSWER_END)) != 0)
        return malformed(error);
    TP_AUTO(tp_bytes) struct tp_bytes signature = TP_BYTES_INIT;
    if (tp_failed(tp_base64_decode(signature_text + strlen(SIGNATURE_START), SIGNATURE_TEXT_BYTES,
                                   &signature, NULL)) ||
        signature.length != TP_SIGNATURE_BYTES)
        return malformed(error);
    size_t receipt_bytes = bytes - head - tail;
    if (tp_failed(tp_verify(sign_public, RECEIPT_DOMAIN, text + head, receipt_bytes, signature.data,
                            NULL)))
        return tp_fail(error, TP_CRYPTO, "receipt.bad_signature",
                       "the receipt is not signed by the trading system");
    return check_content(text + head, receipt_bytes, expected, error);
}
