/* A trading system's request: headers from outside, and each of its parts changed after signing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/trading/signed_request.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS INT64_C(1790000000000)

static const char *verify(const struct tp_signed_request *request)
{
    static struct tp_error error;
    struct tp_status status =
        tp_signed_request_verify(request, tp_fuzz_keypair(2)->sign_public, NOW_MS, &error);
    if (tp_ok(status))
        return "ok";
    FUZZ_HOLDS(status.class == TP_DENIED);
    FUZZ_HOLDS(strcmp(error.code, "request.bad_signature") == 0 ||
               strcmp(error.code, "request.stale") == 0);
    return error.code;
}

/* The lines of the input over a rightly signed request; an empty line keeps that part. */
static void verify_changed(struct tp_fuzz_input *input)
{
    struct tp_seeded_random random;
    struct tp_signed_headers headers;
    tp_seeded_random_init(&random, 1);
    FUZZ_HOLDS(tp_ok(tp_signed_request_sign(tp_fuzz_keypair(2), "ggzy", "POST", "/a/b", "{}", 2,
                                            NOW_MS, &random.random, &headers, NULL)));
    const char *parts[6] = {"POST", "/a/b"};
    for (int i = 0; i < 4; i++)
        parts[2 + i] = strchr(headers.list[i], ' ') + 1;
    char *lines[6];
    bool same = true;
    bool same_signature = true;
    for (int i = 0; i < 6; i++) {
        lines[i] = tp_fuzz_take_line(input);
        bool kept = lines[i][0] == '\0' || strcmp(lines[i], parts[i]) == 0;
        /* The sender's name only chooses the key: it is not among the signed bytes. */
        if (i != 2 && i != 5)
            same = same && kept;
        same_signature = same_signature && (i != 5 || kept);
        if (!kept)
            parts[i] = lines[i];
    }
    char *body = tp_fuzz_take_text(input);
    bool body_kept = body[0] == '\0';
    const struct tp_signed_request request = {
        .method = parts[0],
        .path = parts[1],
        .sender = parts[2],
        .time = parts[3],
        .nonce = parts[4],
        .signature = parts[5],
        .body = body_kept ? "{}" : body,
        .bytes = body_kept ? 2 : strlen(body),
    };
    same = same && (body_kept || strcmp(body, "{}") == 0);
    const char *outcome = verify(&request);
    if (strcmp(outcome, "ok") == 0) {
        FUZZ_HOLDS(same);
        tp_fuzz_taken_count++;
    } else {
        FUZZ_HOLDS(!same || !same_signature);
    }
    for (int i = 0; i < 6; i++)
        free(lines[i]);
    free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    verify_changed(&input);
    return 0;
}
