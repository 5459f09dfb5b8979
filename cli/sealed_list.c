#include "cli/sealed_list.h"

#include <string.h>

#define LIST_DOMAIN "tongping.list.v1"

/* JSON, NUL, signature */
static struct tp_status verify(const struct tp_bytes *plain, const uint8_t *keeper, json_t **list,
                               struct tp_error *error)
{
    if (plain->length < TP_SIGNATURE_BYTES + 1)
        return tp_fail(error, TP_INPUT, "list.malformed", "what was sealed is too short");
    size_t text_bytes = plain->length - TP_SIGNATURE_BYTES - 1;
    if (plain->data[text_bytes] != 0)
        return tp_fail(error, TP_INPUT, "list.malformed", "what was sealed is not a list");
    struct tp_status status = tp_verify(keeper, LIST_DOMAIN, plain->data, text_bytes,
                                        plain->data + text_bytes + 1, error);
    if (tp_failed(status))
        return tp_fail(error, TP_CRYPTO, "list.bad_signature",
                       "the list was not signed by this pool keeper");
    return tp_json_parse(plain->data, text_bytes, list, error);
}

static struct tp_status open_box(const struct tp_keypair *recipient, const void *sealed,
                                 size_t bytes, struct tp_bytes *plain)
{
    TP_AUTO(tp_bytes) struct tp_bytes decoded = TP_BYTES_INIT;
    struct tp_status status = tp_seal_open(recipient, sealed, bytes, plain, NULL);
    if (tp_ok(status))
        return status;
    const char *text = sealed;
    while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
        bytes--;
    if (tp_failed(tp_base64_decode(text, bytes, &decoded, NULL)))
        return status;
    return tp_seal_open(recipient, decoded.data, decoded.length, plain, NULL);
}

struct tp_status tp_sealed_list_open(const struct tp_keypair *recipient,
                                     const uint8_t keeper[TP_SIGN_PUBLIC_BYTES], const void *sealed,
                                     size_t bytes, json_t **list, struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes plain = TP_BYTES_INIT;
    struct tp_status status = open_box(recipient, sealed, bytes, &plain);
    if (tp_failed(status))
        return tp_fail(error, TP_CRYPTO, "list.wrong_key",
                       "the list is not sealed to this key, or it was changed");
    return verify(&plain, keeper, list, error);
}
