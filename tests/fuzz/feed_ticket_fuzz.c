/* Feed tickets: text from a browser, and payloads that are rightly signed but say anything. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "venue-node/ticket.h"

#define NOW_MS INT64_C(1700000000000)

static struct tp_status check(const char *text)
{
    struct tp_ticket ticket;
    struct tp_error error = {0};
    struct tp_status status =
        tp_ticket_check(tp_fuzz_keypair(0)->sign_public, text, "f1", NOW_MS, &ticket, &error);
    if (tp_failed(status)) {
        FUZZ_HOLDS(status.class == TP_DENIED && strncmp(error.code, "ticket.", 7) == 0);
        return status;
    }
    tp_fuzz_taken_count++;
    FUZZ_HOLDS(strcmp(ticket.feed_id, "f1") == 0);
    FUZZ_HOLDS(ticket.expires_at > NOW_MS && ticket.expires_at <= NOW_MS + 600000);
    FUZZ_HOLDS(ticket.holder[0] != '\0' && ticket.nonce[0] != '\0');
    return status;
}

static void check_signed(const uint8_t *payload, size_t bytes)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    uint8_t signature[TP_SIGNATURE_BYTES];
    FUZZ_HOLDS(
        tp_ok(tp_sign(tp_fuzz_keypair(0), TP_TICKET_DOMAIN, payload, bytes, signature, NULL)));
    tp_base64_append(&text, payload, bytes);
    tp_bytes_append_text(&text, ".");
    tp_base64_append(&text, signature, sizeof(signature));
    FUZZ_HOLDS(!text.failed);
    (void)tp_failed(check((const char *)text.data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    struct tp_fuzz_input payload_input = {data, bytes};
    char *text = tp_fuzz_take_text(&input);
    FUZZ_HOLDS(tp_failed(check(text)));
    free(text);
    uint8_t *payload = tp_fuzz_take(&payload_input, bytes, &bytes);
    check_signed(payload, bytes);
    free(payload);
    return 0;
}
