#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "media/offer.h"

#define FINGERPRINT                                                                                \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"   \
    "EE:0F"
#define OTHER_FINGERPRINT                                                                          \
    "01:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"   \
    "EE:0F"
#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
#define COMMON                                                                                     \
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"               \
    "a=setup:actpass\r\na=rtcp-mux\r\n"
#define PRINT "a=fingerprint:sha-256 " FINGERPRINT "\r\n"
#define VIDEO                                                                                      \
    "m=video 9 UDP/TLS/RTP/SAVPF 96 102 104 108 109\r\n" COMMON PRINT "a=mid:0\r\na=recvonly\r\n"  \
    "a=rtpmap:96 VP8/90000\r\n"                                                                    \
    "a=rtpmap:102 H264/90000\r\n"                                                                  \
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"        \
    "a=rtpmap:104 H264/90000\r\n"                                                                  \
    "a=fmtp:104 packetization-mode=0;profile-level-id=42e01f\r\n"                                  \
    "a=rtpmap:108 H264/90000\r\n"                                                                  \
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"        \
    "a=rtpmap:109 rtx/90000\r\na=fmtp:109 apt=108\r\n"
#define AUDIO                                                                                      \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" COMMON PRINT                                             \
    "a=mid:1\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n"

static void parse__browser_offer__best_payloads_chosen(void **state)
{
    (void)state;
    TP_AUTO(tp_offer) struct tp_offer offer;
    assert_true(tp_ok(tp_offer_parse(HEAD AUDIO VIDEO, &offer, NULL)));
    assert_true(offer.picture.wanted);
    assert_int_equal(offer.picture.payload, 108);
    assert_int_equal(offer.picture.line, 1);
    assert_string_equal(offer.profile, "42e01f");
    assert_true(offer.sound.wanted);
    assert_int_equal(offer.sound.payload, 111);
    assert_int_equal(offer.sound.line, 0);
    assert_int_equal(offer.line_count, 2);
    assert_int_equal(offer.fingerprint[1], 0x11);
    assert_int_equal(offer.fingerprint[31], 0x0f);
}

static void parse__named_hosts__their_candidates_dropped(void **state)
{
    (void)state;
    TP_AUTO(tp_offer) struct tp_offer offer;
    static const char text[] =
        HEAD VIDEO "a=candidate:1 1 udp 1 0b7c4a9e.local 9 typ host\r\n"
                   "a=candidate:2 1 udp 1 internal.example.org 9 typ host\r\n"
                   "a=candidate:3 1 udp 1 10.1.2.3 9 typ host\r\n"
                   "a=candidate:4 1 udp 1 fd00::2 9 typ host\r\n"
                   "a=candidate:5\r\n";
    assert_true(tp_ok(tp_offer_parse(text, &offer, NULL)));
    const char *kept = (const char *)offer.sdp.data;
    assert_null(strstr(kept, ".local"));
    assert_null(strstr(kept, "example.org"));
    assert_null(strstr(kept, "candidate:5"));
    assert_non_null(strstr(kept, "10.1.2.3"));
    assert_non_null(strstr(kept, "fd00::2"));
}

/* As webrtcbin splits them: at every single space. */
static void parse__named_hosts_behind_more_spaces__dropped(void **state)
{
    (void)state;
    TP_AUTO(tp_offer) struct tp_offer offer;
    static const char text[] =
        HEAD VIDEO "a=candidate:1 1 udp  name.local 10.1.2.3 9 typ host\r\n"
                   "a=candidate: 1 udp name.local 10.1.2.3 9 typ host\r\n"
                   "a=candidate:1\t1 1 udp name.local 10.1.2.3 9 typ host\r\n";
    assert_true(tp_ok(tp_offer_parse(text, &offer, NULL)));
    assert_null(strstr((const char *)offer.sdp.data, ".local"));
}

static void assert_refused(const char *text, const char *code)
{
    struct tp_offer offer;
    struct tp_error error = {0};
    assert_true(tp_failed(tp_offer_parse(text, &offer, &error)));
    assert_string_equal(error.code, code);
    assert_null(offer.sdp.data);
}

static void parse__certificate__exactly_one_demanded(void **state)
{
    (void)state;
    static const char none[] =
        HEAD "m=video 9 UDP/TLS/RTP/SAVPF 108\r\n" COMMON "a=mid:0\r\na=rtpmap:108 H264/90000\r\n";
    assert_refused(none, "offer.no_fingerprint");
    assert_refused(HEAD VIDEO "a=fingerprint:sha-256 " OTHER_FINGERPRINT "\r\n",
                   "offer.two_fingerprints");
    assert_refused(HEAD VIDEO "a=fingerprint:sha-1 00:11\r\n", "offer.no_fingerprint");
    assert_refused(HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT ":00\r\n",
                   "offer.no_fingerprint");
}

static void parse__unusable__refused_by_code(void **state)
{
    (void)state;
    assert_refused("", "offer.malformed");
    assert_refused("hello", "offer.malformed");
    assert_refused("v=0\r\nnonsense\r\n", "offer.malformed");
    assert_refused(HEAD, "offer.no_fingerprint");
    assert_refused(HEAD VIDEO "a=x\001y\r\n", "offer.malformed");
    assert_refused(HEAD VIDEO "a=\xff\xfe\r\n", "offer.malformed");
    assert_refused(HEAD VIDEO "a= candidate:1 1 udp 1 name.local 9 typ host\r\n",
                   "offer.malformed");
    assert_refused(HEAD AUDIO, "offer.no_h264");
    assert_refused(HEAD VIDEO "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
                   "offer.data_channel");
    assert_refused(HEAD "m=video 9 RTP/AVP 108\r\n" COMMON PRINT "a=mid:0\r\n", "offer.malformed");
    assert_refused(HEAD "m=video 9 UDP/TLS/RTP/SAVPF 108\r\n" COMMON PRINT
                        "a=mid:0\r\na=sendonly\r\na=rtpmap:108 H264/90000\r\n",
                   "offer.not_receiving");
    assert_refused(HEAD "m=video 9 UDP/TLS/RTP/SAVPF 104\r\n" COMMON PRINT
                        "a=mid:0\r\na=rtpmap:104 H264/90000\r\na=fmtp:104 packetization-mode=0\r\n",
                   "offer.no_h264");
    assert_refused("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" VIDEO AUDIO,
                   "offer.not_bundled");
    assert_refused(HEAD VIDEO AUDIO AUDIO AUDIO AUDIO, "offer.malformed");
}

static void parse__too_large__refused(void **state)
{
    (void)state;
    char *text = malloc(TP_OFFER_MAX_BYTES + 64);
    strcpy(text, HEAD VIDEO);
    size_t length = strlen(text);
    while (length <= TP_OFFER_MAX_BYTES)
        length += (size_t)sprintf(text + length, "a=y:1\r\n");
    assert_refused(text, "offer.too_large");
    free(text);
    struct tp_bytes many = TP_BYTES_INIT;
    tp_bytes_append_text(&many, HEAD VIDEO);
    for (int i = 0; i < 65; i++)
        tp_bytes_append_text(&many, "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n");
    assert_refused((const char *)many.data, "offer.too_large");
    tp_bytes_fini(&many);
}

/* Every cut and every changed byte is refused or parsed, never worse (run with --config=asan). */
static void parse__cut_or_changed_anywhere__no_fault(void **state)
{
    (void)state;
    static const char whole[] = HEAD VIDEO AUDIO;
    char text[sizeof whole];
    for (size_t i = 0; i + 1 < sizeof whole; i++) {
        struct tp_offer offer;
        memcpy(text, whole, sizeof whole);
        text[i] = '\0';
        if (tp_ok(tp_offer_parse(text, &offer, NULL)))
            tp_offer_fini(&offer);
        memcpy(text, whole, sizeof whole);
        text[i] = (char)(text[i] ^ 0x15);
        if (tp_ok(tp_offer_parse(text, &offer, NULL)))
            tp_offer_fini(&offer);
    }
}

static void fingerprint__form__checked_to_the_end(void **state)
{
    (void)state;
    uint8_t bytes[TP_FINGERPRINT_BYTES];
    assert_true(tp_fingerprint_parse(FINGERPRINT, bytes));
    assert_false(tp_fingerprint_parse("", bytes));
    assert_false(tp_fingerprint_parse("00:11", bytes));
    assert_false(tp_fingerprint_parse(FINGERPRINT " ", bytes));
    assert_false(tp_fingerprint_parse("0g" FINGERPRINT, bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__browser_offer__best_payloads_chosen),
        cmocka_unit_test(parse__named_hosts__their_candidates_dropped),
        cmocka_unit_test(parse__named_hosts_behind_more_spaces__dropped),
        cmocka_unit_test(parse__certificate__exactly_one_demanded),
        cmocka_unit_test(parse__unusable__refused_by_code),
        cmocka_unit_test(parse__too_large__refused),
        cmocka_unit_test(parse__cut_or_changed_anywhere__no_fault),
        cmocka_unit_test(fingerprint__form__checked_to_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
