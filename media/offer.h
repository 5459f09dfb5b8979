/*
 * A viewer's offer (SDP, RFC 8866; JSEP, RFC 8829), checked before any of it reaches webrtcbin.
 */
#ifndef TP_MEDIA_OFFER_H
#define TP_MEDIA_OFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define TP_OFFER_MAX_BYTES ((size_t)64 * 1024)
#define TP_FINGERPRINT_BYTES 32 /* SHA-256 */

/* One medium the viewer wants to receive. */
struct tp_offer_medium {
    bool wanted;
    unsigned line;    /* index of its m-line */
    unsigned payload; /* payload type to use for it */
};

struct tp_offer {
    struct tp_offer_medium picture; /* H.264, packetization-mode 1 */
    struct tp_offer_medium sound;   /* Opus */
    char profile[8];                /* profile-level-id of the chosen H.264 */
    unsigned line_count;
    uint8_t fingerprint[TP_FINGERPRINT_BYTES]; /* of the viewer's DTLS certificate */
    struct tp_bytes sdp; /* the offer without candidates that are no plain address */
};

/*
 * TP_INPUT "offer.malformed", "offer.data_channel", "offer.no_fingerprint",
 * "offer.two_fingerprints", "offer.no_h264", "offer.not_receiving", "offer.not_bundled"; TP_LIMIT
 * "offer.too_large". Candidates that name hosts are dropped: an offer must never make this process
 * look up names. A viewer behind such a name is found by its own connectivity checks.
 */
TP_MUST_USE struct tp_status tp_offer_parse(const char *sdp, struct tp_offer *offer,
                                            struct tp_error *error);
void tp_offer_fini(struct tp_offer *offer);
TP_DEFINE_FINI_CLEANUP(tp_offer, tp_offer_fini)

/* "AB:CD:..." to bytes; false when it is anything else. */
bool tp_fingerprint_parse(const char *text, uint8_t fingerprint[TP_FINGERPRINT_BYTES]);

#endif
