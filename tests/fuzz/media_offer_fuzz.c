/* A viewer's SDP, which comes through two processes from a browser. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/offer.h"
#include "tests/fuzz/fuzz.h"

/* No name is left that this process would look up. */
static void check_candidates(const char *sdp)
{
    for (const char *at = sdp; (at = strstr(at, "\na=candidate:")) != NULL; at++) {
        char address[64] = "";
        unsigned char raw[sizeof(struct in6_addr)];
        FUZZ_HOLDS(sscanf(at, "\na=candidate:%*s %*s %*s %*s %63s", address) == 1);
        FUZZ_HOLDS(inet_pton(AF_INET, address, raw) == 1 || inet_pton(AF_INET6, address, raw) == 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    char *sdp = tp_fuzz_take_text(&input);
    struct tp_offer offer;
    struct tp_error error = {0};
    if (tp_ok(tp_offer_parse(sdp, &offer, &error))) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(offer.picture.wanted && offer.picture.line < offer.line_count);
        FUZZ_HOLDS(offer.picture.payload >= 35 && offer.picture.payload <= 127);
        FUZZ_HOLDS(!offer.sound.wanted || offer.sound.line < offer.line_count);
        FUZZ_HOLDS(memchr(offer.profile, '\0', sizeof(offer.profile)) != NULL);
        FUZZ_HOLDS(strlen((const char *)offer.sdp.data) == offer.sdp.length);
        check_candidates((const char *)offer.sdp.data);
    } else {
        FUZZ_HOLDS(strncmp(error.code, "offer.", 6) == 0);
    }
    tp_offer_fini(&offer);
    free(sdp);
    return 0;
}
