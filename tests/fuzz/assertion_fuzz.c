/* tp-draw's assertion at a seat: one that it did not sign, and one that it did and says anything.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "venue-node/assertion.h"

#define NOW_MS INT64_C(1700000000000)

static struct tp_status check(const uint8_t *assertion, size_t bytes,
                              const uint8_t signature[TP_SIGNATURE_BYTES])
{
    const struct tp_assertion_expected expected = {
        .draw_id = "d1", .session_id = "s1", .seat_id = "seat-1", .venue = "v1", .now_ms = NOW_MS};
    const struct tp_login_proof proof = {assertion, bytes, signature, TP_SIGNATURE_BYTES};
    struct tp_login login = {0};
    struct tp_status status =
        tp_assertion_check(tp_fuzz_keypair(1)->sign_public, &proof, &expected, &login, NULL);
    if (tp_ok(status)) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(login.handle[0] != '\0' && login.label[0] != '\0');
    } else {
        FUZZ_HOLDS(status.class == TP_CRYPTO);
    }
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    uint8_t signature[TP_SIGNATURE_BYTES] = {0};
    uint8_t *assertion = tp_fuzz_take(&input, bytes, &bytes);
    FUZZ_HOLDS(tp_failed(check(assertion, bytes, signature)));
    FUZZ_HOLDS(
        tp_ok(tp_sign(tp_fuzz_keypair(1), TP_ASSERTION_DOMAIN, assertion, bytes, signature, NULL)));
    (void)tp_failed(check(assertion, bytes, signature));
    free(assertion);
    return 0;
}
