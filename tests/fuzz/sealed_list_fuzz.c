/* What arrives as a sealed list: the box itself, its text, or a box by a stranger (anyone can seal
 * to a public key), with a list that its keeper signed or not. */
#include <stdlib.h>
#include <string.h>

#include "cli/sealed_list.h"
#include "tests/fuzz/fuzz.h"

#define LIST_DOMAIN "tongping.list.v1"

enum kind {
    RAW = 'r',    /* the input is the box or its text */
    SEALED = 's', /* the input is what was sealed */
    SIGNED = 'l', /* the input is the list, rightly signed and sealed */
};

static struct tp_status open_box(const void *sealed, size_t bytes)
{
    TP_AUTO(tp_json) json_t *list = NULL;
    struct tp_error error = {0};
    struct tp_status status = tp_sealed_list_open(
        tp_fuzz_keypair(0), tp_fuzz_keypair(1)->sign_public, sealed, bytes, &list, &error);
    if (tp_ok(status)) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(list != NULL);
    } else {
        FUZZ_HOLDS(list == NULL);
        FUZZ_HOLDS(status.class == TP_CRYPTO || status.class == TP_INPUT);
    }
    return status;
}

static struct tp_status seal_and_open(const uint8_t *plain, size_t bytes, bool signed_too)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    uint8_t signature[TP_SIGNATURE_BYTES];
    tp_bytes_append(&text, plain, bytes);
    if (signed_too) {
        FUZZ_HOLDS(tp_ok(tp_sign(tp_fuzz_keypair(1), LIST_DOMAIN, plain, bytes, signature, NULL)));
        tp_bytes_append_u8(&text, 0);
        tp_bytes_append(&text, signature, sizeof(signature));
    }
    FUZZ_HOLDS(
        tp_ok(tp_seal(tp_fuzz_keypair(0)->seal_public, text.data, text.length, &sealed, NULL)));
    return open_box(sealed.data, sealed.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    uint8_t kind = tp_fuzz_take_u8(&input);
    uint8_t *plain = tp_fuzz_take(&input, input.bytes, &bytes);
    TP_AUTO(tp_json) json_t *json = NULL;
    if (kind == RAW)
        FUZZ_HOLDS(tp_failed(open_box(plain, bytes)));
    else if (kind == SEALED)
        FUZZ_HOLDS(tp_failed(seal_and_open(plain, bytes, false)));
    else if (kind == SIGNED)
        FUZZ_HOLDS(tp_ok(seal_and_open(plain, bytes, true)) ==
                   tp_ok(tp_json_parse(plain, bytes, &json, NULL)));
    free(plain);
    return 0;
}
