/* A viewer's SDP, which comes through two processes from a browser. */
#include <arpa/inet.h>
#include <gst/sdp/gstsdpmessage.h>
#include <stdlib.h>
#include <string.h>

#include "media/offer.h"
#include "tests/fuzz/fuzz.h"

static void check_candidate(const char *value)
{
    unsigned char raw[sizeof(struct in6_addr)];
    gchar **words = g_strsplit(value, " ", 6);
    if (g_strv_length(words) >= 5)
        FUZZ_HOLDS(inet_pton(AF_INET, words[4], raw) == 1 ||
                   inet_pton(AF_INET6, words[4], raw) == 1);
    g_strfreev(words);
}

/* No name is left that this process would look up, as those read it who come after. */
static void check_candidates(const struct tp_bytes *sdp)
{
    GstSDPMessage *message = NULL;
    const char *value;
    FUZZ_HOLDS(gst_sdp_message_new(&message) == GST_SDP_OK);
    FUZZ_HOLDS(gst_sdp_message_parse_buffer(sdp->data, (guint)sdp->length, message) == GST_SDP_OK);
    for (guint m = 0; m < gst_sdp_message_medias_len(message); m++) {
        const GstSDPMedia *media = gst_sdp_message_get_media(message, m);
        for (guint n = 0;
             (value = gst_sdp_media_get_attribute_val_n(media, "candidate", n)) != NULL; n++)
            check_candidate(value);
    }
    gst_sdp_message_free(message);
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
        check_candidates(&offer.sdp);
    } else {
        FUZZ_HOLDS(strncmp(error.code, "offer.", 6) == 0);
    }
    tp_offer_fini(&offer);
    free(sdp);
    return 0;
}
