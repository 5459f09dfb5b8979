#include "media/offer.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <gst/sdp/gstsdpmessage.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 4096
#define MEDIA_MAX_COUNT 4
#define CANDIDATES_MAX_COUNT 64
#define PAYLOAD_FIRST_DYNAMIC 35
#define PAYLOAD_LAST 127

static struct tp_status malformed(struct tp_error *error, const char *what)
{
    return tp_fail(error, TP_INPUT, "offer.malformed", "%s", what);
}

bool tp_fingerprint_parse(const char *text, uint8_t fingerprint[TP_FINGERPRINT_BYTES])
{
    for (size_t i = 0; i < TP_FINGERPRINT_BYTES; i++, text += 3) {
        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
            return false;
        char expected = i + 1 < TP_FINGERPRINT_BYTES ? ':' : '\0';
        if (text[2] != expected)
            return false;
        char digits[3] = {text[0], text[1], '\0'};
        fingerprint[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

static bool plain_address(const char *text)
{
    unsigned char raw[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

/* a=candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE ..., one space between
 * two: webrtcbin takes a second space for an empty word and would look at another address. */
static bool usable_candidate(const char *line)
{
    if (strchr(line, '\t') != NULL || strstr(line, "  ") != NULL || strchr(line, ' ') == line + 12)
        return false;
    char copy[LINE_MAX_BYTES];
    strcpy(copy, line);
    char *state = NULL;
    char *word = strtok_r(copy, " ", &state);
    for (int i = 0; i < 4 && word != NULL; i++)
        word = strtok_r(NULL, " ", &state);
    return word != NULL && plain_address(word);
}

static bool clean_line(const char *line, size_t length)
{
    if (length < 2 || length >= LINE_MAX_BYTES || line[1] != '=' ||
        !islower((unsigned char)line[0]))
        return false;
    /* GStreamer passes over blanks there: " candidate:" would be one and not look like one. */
    if (line[0] == 'a' && (line[2] == ' ' || line[2] == '\t'))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20 && line[i] != '\t')
            return false;
    return true;
}

/* Checks every line and copies what may stay, with CRLF ends. */
static struct tp_status copy_lines(const char *sdp, struct tp_bytes *out, struct tp_error *error)
{
    size_t candidate_count = 0;
    for (const char *at = sdp; *at != '\0';) {
        size_t length = strcspn(at, "\r\n");
        const char *next = at + length;
        next += *next == '\r' ? 1 : 0;
        next += *next == '\n' ? 1 : 0;
        if (!clean_line(at, length))
            return malformed(error, "a line that is not SDP");
        char line[LINE_MAX_BYTES];
        memcpy(line, at, length);
        line[length] = '\0';
        bool candidate = strncmp(line, "a=candidate:", 12) == 0;
        if (candidate && ++candidate_count > CANDIDATES_MAX_COUNT)
            return tp_fail(error, TP_LIMIT, "offer.too_large", "more than %d candidates",
                           CANDIDATES_MAX_COUNT);
        if (!candidate || usable_candidate(line)) {
            tp_bytes_append(out, line, length);
            tp_bytes_append_text(out, "\r\n");
        }
        at = next;
    }
    return tp_bytes_check(out, error);
}

/* Takes one a=fingerprint value; all of an offer must be the same. */
static struct tp_status take_fingerprint(const char *value, struct tp_offer *offer, bool *seen,
                                         struct tp_error *error)
{
    static const char algorithm[] = "sha-256 ";
    uint8_t fingerprint[TP_FINGERPRINT_BYTES];
    if (strncasecmp(value, algorithm, sizeof algorithm - 1) != 0 ||
        !tp_fingerprint_parse(value + sizeof algorithm - 1, fingerprint))
        return tp_fail(error, TP_INPUT, "offer.no_fingerprint",
                       "a SHA-256 certificate fingerprint is wanted");
    if (*seen && memcmp(fingerprint, offer->fingerprint, sizeof fingerprint) != 0)
        return tp_fail(error, TP_INPUT, "offer.two_fingerprints",
                       "one certificate for all media is wanted");
    memcpy(offer->fingerprint, fingerprint, sizeof fingerprint);
    *seen = true;
    return TP_STATUS_OK;
}

static struct tp_status find_fingerprint(const GstSDPMessage *message, struct tp_offer *offer,
                                         struct tp_error *error)
{
    bool seen = false;
    struct tp_status status = TP_STATUS_OK;
    const char *value;
    for (guint n = 0;
         tp_ok(status) && (value = gst_sdp_message_get_attribute_val_n(message, "fingerprint", n));
         n++)
        status = take_fingerprint(value, offer, &seen, error);
    for (guint m = 0; tp_ok(status) && m < gst_sdp_message_medias_len(message); m++) {
        const GstSDPMedia *media = gst_sdp_message_get_media(message, m);
        for (guint n = 0;
             tp_ok(status) && (value = gst_sdp_media_get_attribute_val_n(media, "fingerprint", n));
             n++)
            status = take_fingerprint(value, offer, &seen, error);
    }
    if (tp_ok(status) && !seen)
        return tp_fail(error, TP_INPUT, "offer.no_fingerprint", "no certificate fingerprint");
    return status;
}

static bool media_flag(const GstSDPMedia *media, const char *name)
{
    return gst_sdp_media_get_attribute_val(media, name) != NULL;
}

static bool can_receive(const GstSDPMedia *media)
{
    return !media_flag(media, "sendonly") && !media_flag(media, "inactive");
}

/* The value of `key` in the fmtp parameters of `payload`, copied to out; "" when there is none. */
static void format_parameter(const GstSDPMedia *media, unsigned payload, const char *key, char *out,
                             size_t size)
{
    out[0] = '\0';
    const char *value;
    for (guint n = 0; (value = gst_sdp_media_get_attribute_val_n(media, "fmtp", n)) != NULL; n++) {
        char *end = NULL;
        if (strtoul(value, &end, 10) != payload || end == value)
            continue;
        size_t key_length = strlen(key);
        for (const char *at = end; *at != '\0'; at += strcspn(at, ";")) {
            at += strspn(at, "; ");
            if (strncasecmp(at, key, key_length) == 0 && at[key_length] == '=') {
                size_t length = strcspn(at + key_length + 1, "; ");
                if (length < size) {
                    memcpy(out, at + key_length + 1, length);
                    out[length] = '\0';
                }
                return;
            }
        }
    }
}

/* True when `payload` is mapped to `encoding` ("H264/90000", "opus/48000"). */
static bool payload_is(const GstSDPMedia *media, unsigned payload, const char *encoding)
{
    const char *value;
    for (guint n = 0; (value = gst_sdp_media_get_attribute_val_n(media, "rtpmap", n)) != NULL;
         n++) {
        char *end = NULL;
        if (strtoul(value, &end, 10) == payload && end != value && *end == ' ' &&
            strncasecmp(end + 1, encoding, strlen(encoding)) == 0)
            return true;
    }
    return false;
}

/* How well a profile-level-id fits what is sent (constrained baseline); 0: not at all. */
static int profile_rank(const char *profile)
{
    if (strncasecmp(profile, "42e0", 4) == 0 || strncasecmp(profile, "42c0", 4) == 0)
        return 3;
    if (strncasecmp(profile, "42", 2) == 0 || profile[0] == '\0')
        return 2;
    return strlen(profile) == 6 ? 1 : 0;
}

static void choose_picture(const GstSDPMedia *media, struct tp_offer *offer)
{
    int best = 0;
    for (guint f = 0; f < gst_sdp_media_formats_len(media); f++) {
        unsigned payload = (unsigned)strtoul(gst_sdp_media_get_format(media, f), NULL, 10);
        char mode[4], profile[sizeof offer->profile];
        if (payload < PAYLOAD_FIRST_DYNAMIC || payload > PAYLOAD_LAST ||
            !payload_is(media, payload, "H264/90000"))
            continue;
        format_parameter(media, payload, "packetization-mode", mode, sizeof mode);
        format_parameter(media, payload, "profile-level-id", profile, sizeof profile);
        int rank = strcmp(mode, "1") == 0 ? profile_rank(profile) : 0;
        if (rank > best) {
            best = rank;
            offer->picture.payload = payload;
            strcpy(offer->profile, profile[0] != '\0' ? profile : "42e01f");
        }
    }
    offer->picture.wanted = best > 0;
}

static void choose_sound(const GstSDPMedia *media, struct tp_offer *offer)
{
    for (guint f = 0; f < gst_sdp_media_formats_len(media); f++) {
        unsigned payload = (unsigned)strtoul(gst_sdp_media_get_format(media, f), NULL, 10);
        if (payload >= PAYLOAD_FIRST_DYNAMIC && payload <= PAYLOAD_LAST &&
            payload_is(media, payload, "opus/48000")) {
            offer->sound.wanted = true;
            offer->sound.payload = payload;
            return;
        }
    }
}

static struct tp_status take_media(const GstSDPMedia *media, unsigned line, struct tp_offer *offer,
                                   bool *saw_picture, struct tp_error *error)
{
    const char *kind = gst_sdp_media_get_media(media);
    const char *protocol = gst_sdp_media_get_proto(media);
    if (kind == NULL || protocol == NULL)
        return malformed(error, "an m-line without kind or protocol");
    if (strcmp(kind, "application") == 0)
        return tp_fail(error, TP_INPUT, "offer.data_channel", "data channels are not offered here");
    if (strcmp(protocol, "UDP/TLS/RTP/SAVPF") != 0)
        return malformed(error, "media other than UDP/TLS/RTP/SAVPF");
    if (!media_flag(media, "ice-ufrag") || !media_flag(media, "ice-pwd") ||
        !media_flag(media, "rtcp-mux") || !media_flag(media, "mid"))
        return malformed(error, "media without ICE credentials, mid or rtcp-mux");
    if (strcmp(kind, "video") == 0 && !*saw_picture) {
        *saw_picture = true;
        if (!can_receive(media))
            return tp_fail(error, TP_INPUT, "offer.not_receiving", "the picture is not received");
        offer->picture.line = line;
        choose_picture(media, offer);
    } else if (strcmp(kind, "audio") == 0 && !offer->sound.wanted && can_receive(media)) {
        offer->sound.line = line;
        choose_sound(media, offer);
    }
    return TP_STATUS_OK;
}

static struct tp_status take_all_media(const GstSDPMessage *message, struct tp_offer *offer,
                                       struct tp_error *error)
{
    offer->line_count = gst_sdp_message_medias_len(message);
    if (offer->line_count == 0 || offer->line_count > MEDIA_MAX_COUNT)
        return malformed(error, "no media or too many");
    bool saw_picture = false;
    for (unsigned line = 0; line < offer->line_count; line++) {
        struct tp_status status =
            take_media(gst_sdp_message_get_media(message, line), line, offer, &saw_picture, error);
        if (tp_failed(status))
            return status;
    }
    if (!offer->picture.wanted)
        return tp_fail(error, TP_INPUT, "offer.no_h264", "H.264 in packetization mode 1 is wanted");
    const char *group = gst_sdp_message_get_attribute_val(message, "group");
    if (offer->line_count > 1 && (group == NULL || strncmp(group, "BUNDLE", 6) != 0))
        return tp_fail(error, TP_INPUT, "offer.not_bundled", "media must be bundled");
    return TP_STATUS_OK;
}

static struct tp_status read_message(const struct tp_bytes *sdp, struct tp_offer *offer,
                                     struct tp_error *error)
{
    GstSDPMessage *message = NULL;
    if (gst_sdp_message_new(&message) != GST_SDP_OK)
        return tp_fail(error, TP_NOMEM, "offer.no_memory", "no memory for an offer");
    struct tp_status status;
    if (gst_sdp_message_parse_buffer(sdp->data, (guint)sdp->length, message) != GST_SDP_OK)
        status = malformed(error, "not SDP");
    else
        status = find_fingerprint(message, offer, error);
    if (tp_ok(status))
        status = take_all_media(message, offer, error);
    gst_sdp_message_free(message);
    return status;
}

struct tp_status tp_offer_parse(const char *sdp, struct tp_offer *offer, struct tp_error *error)
{
    *offer = (struct tp_offer){0};
    size_t length = strnlen(sdp, TP_OFFER_MAX_BYTES + 1);
    if (length > TP_OFFER_MAX_BYTES)
        return tp_fail(error, TP_LIMIT, "offer.too_large", "more than %zu bytes",
                       TP_OFFER_MAX_BYTES);
    if (!tp_utf8_valid(sdp, length) || strncmp(sdp, "v=0", 3) != 0)
        return malformed(error, "not SDP");
    struct tp_status status = copy_lines(sdp, &offer->sdp, error);
    if (tp_ok(status))
        status = read_message(&offer->sdp, offer, error);
    if (tp_failed(status))
        tp_offer_fini(offer);
    return status;
}

void tp_offer_fini(struct tp_offer *offer)
{
    tp_bytes_fini(&offer->sdp);
}
