#include <string.h>

#include "base/link/link_internal.h"

#define HEARTBEAT_LEAST_MS 50
#define HEARTBEAT_MOST_MS 60000
#define SIGNED_MAX_BYTES (TP_LINK_NODE_ID_BYTES + 2 * TP_LINK_NONCE_BYTES)

/* node_id ‖ 0x00 ‖ coordinator nonce ‖ node nonce */
static size_t signed_bytes(const struct tp_link *link, uint8_t out[SIGNED_MAX_BYTES])
{
    size_t id_bytes = strlen(link->node_id) + 1;
    memcpy(out, link->node_id, id_bytes);
    memcpy(out + id_bytes, link->coordinator_nonce, TP_LINK_NONCE_BYTES);
    memcpy(out + id_bytes + TP_LINK_NONCE_BYTES, link->node_nonce, TP_LINK_NONCE_BYTES);
    return id_bytes + 2 * (size_t)TP_LINK_NONCE_BYTES;
}

static bool node_id_valid(const char *id)
{
    size_t length = strlen(id);
    if (length == 0 || length >= TP_LINK_NODE_ID_BYTES)
        return false;
    return strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

/* Keeps the printable ASCII of a peer's version. */
static void copy_version(char out[64], const char *version)
{
    size_t length = 0;
    for (; *version != '\0' && length < 63; version++)
        if (*version > 0x20 && *version < 0x7f)
            out[length++] = *version;
    out[length] = '\0';
}

void tp_link_start(struct tp_link *link)
{
    if (link->state != TP_LINK_NEW)
        return;
    link->started_at = tp_clock_monotonic_ms(link->config.clock);
    link->received_at = link->started_at;
    if (link->config.role == TP_LINK_NODE) {
        link->state = TP_LINK_WAIT_CHALLENGE;
        return;
    }
    link->state = TP_LINK_WAIT_HELLO;
    tp_random_fill(link->config.random, link->coordinator_nonce, TP_LINK_NONCE_BYTES);
    Tongping__Link__Challenge challenge;
    tongping__link__challenge__init(&challenge);
    challenge.nonce.data = link->coordinator_nonce;
    challenge.nonce.len = TP_LINK_NONCE_BYTES;
    challenge.time_ms = tp_clock_now_ms(link->config.clock);
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_CHALLENGE;
    frame.challenge = &challenge;
    tp_link_send_frame(link, &frame);
}

void tp_link_on_challenge(struct tp_link *link, const Tongping__Link__Challenge *challenge)
{
    if (link->state != TP_LINK_WAIT_CHALLENGE) {
        tp_link_break(link, TP_PEER, "link.out_of_order", "a challenge is not expected now");
        return;
    }
    if (challenge->nonce.len != TP_LINK_NONCE_BYTES) {
        tp_link_break(link, TP_PEER, "link.malformed", "the challenge's nonce has a wrong size");
        return;
    }
    memcpy(link->coordinator_nonce, challenge->nonce.data, TP_LINK_NONCE_BYTES);
    tp_random_fill(link->config.random, link->node_nonce, TP_LINK_NONCE_BYTES);
    uint8_t text[SIGNED_MAX_BYTES];
    uint8_t signature[TP_SIGNATURE_BYTES];
    size_t bytes = signed_bytes(link, text);
    struct tp_error error;
    if (tp_failed(
            tp_sign(link->config.keypair, TP_LINK_HELLO_DOMAIN, text, bytes, signature, &error))) {
        tp_link_break(link, error.class, error.code, error.message);
        return;
    }
    Tongping__Link__Hello hello;
    tongping__link__hello__init(&hello);
    hello.node_id = link->node_id;
    hello.nonce.data = link->node_nonce;
    hello.nonce.len = TP_LINK_NONCE_BYTES;
    hello.signature.data = signature;
    hello.signature.len = sizeof signature;
    hello.version = link->own_version;
    hello.received_seq = link->config.marks.received_seq;
    hello.time_ms = tp_clock_now_ms(link->config.clock);
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_HELLO;
    frame.hello = &hello;
    link->hello_at = tp_clock_monotonic_ms(link->config.clock);
    link->state = TP_LINK_WAIT_WELCOME;
    tp_link_send_frame(link, &frame);
}

void tp_link_on_hello(struct tp_link *link, const Tongping__Link__Hello *hello)
{
    if (link->state != TP_LINK_WAIT_HELLO) {
        tp_link_break(link, TP_PEER, "link.out_of_order", "a hello is not expected now");
        return;
    }
    if (hello->nonce.len != TP_LINK_NONCE_BYTES || hello->signature.len != TP_SIGNATURE_BYTES ||
        !node_id_valid(hello->node_id)) {
        tp_link_break(link, TP_PEER, "link.malformed", "the hello is malformed");
        return;
    }
    memcpy(link->node_nonce, hello->nonce.data, TP_LINK_NONCE_BYTES);
    memcpy(link->hello_signature, hello->signature.data, TP_SIGNATURE_BYTES);
    memcpy(link->node_id, hello->node_id, strlen(hello->node_id) + 1);
    copy_version(link->peer_version, hello->version);
    link->hello_received_seq = hello->received_seq;
    link->state = TP_LINK_IDENTIFYING;
    tp_link_push(link, TP_LINK_EVENT_IDENTIFY, 0, NULL, 0);
}

static void send_welcome(struct tp_link *link, uint64_t received_seq, const uint8_t *signature)
{
    Tongping__Link__Welcome welcome;
    tongping__link__welcome__init(&welcome);
    uint8_t copy[TP_SIGNATURE_BYTES];
    memcpy(copy, signature, sizeof copy);
    welcome.signature.data = copy;
    welcome.signature.len = sizeof copy;
    welcome.received_seq = received_seq;
    welcome.time_ms = tp_clock_now_ms(link->config.clock);
    welcome.heartbeat_ms = link->heartbeat_ms;
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_WELCOME;
    frame.welcome = &welcome;
    tp_link_send_frame(link, &frame);
}

void tp_link_identified(struct tp_link *link, const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                        const struct tp_link_marks *marks)
{
    if (link->state != TP_LINK_IDENTIFYING)
        return;
    uint8_t text[SIGNED_MAX_BYTES];
    uint8_t signature[TP_SIGNATURE_BYTES];
    size_t bytes = signed_bytes(link, text);
    struct tp_error error;
    if (tp_failed(tp_verify(sign_public, TP_LINK_HELLO_DOMAIN, text, bytes, link->hello_signature,
                            &error))) {
        tp_link_break(link, TP_CRYPTO, "link.bad_signature", "the hello's signature does not hold");
        return;
    }
    if (tp_failed(tp_sign(link->config.keypair, TP_LINK_WELCOME_DOMAIN, text, bytes, signature,
                          &error))) {
        tp_link_break(link, error.class, error.code, error.message);
        return;
    }
    send_welcome(link, marks->received_seq, signature);
    tp_link_establish(link, link->hello_received_seq, marks);
}

void tp_link_on_welcome(struct tp_link *link, const Tongping__Link__Welcome *welcome)
{
    if (link->state != TP_LINK_WAIT_WELCOME) {
        tp_link_break(link, TP_PEER, "link.out_of_order", "a welcome is not expected now");
        return;
    }
    if (welcome->signature.len != TP_SIGNATURE_BYTES ||
        welcome->heartbeat_ms < HEARTBEAT_LEAST_MS || welcome->heartbeat_ms > HEARTBEAT_MOST_MS) {
        tp_link_break(link, TP_PEER, "link.malformed", "the welcome is malformed");
        return;
    }
    uint8_t text[SIGNED_MAX_BYTES];
    size_t bytes = signed_bytes(link, text);
    if (tp_failed(tp_verify(link->config.peer_sign_public, TP_LINK_WELCOME_DOMAIN, text, bytes,
                            welcome->signature.data, NULL))) {
        tp_link_break(link, TP_CRYPTO, "link.bad_signature",
                      "the welcome's signature is not by the pinned key");
        return;
    }
    link->heartbeat_ms = welcome->heartbeat_ms;
    int64_t round_trip_ms = tp_clock_monotonic_ms(link->config.clock) - link->hello_at;
    link->round_trip_ms = (uint32_t)round_trip_ms;
    tp_link_take_time(link, welcome->time_ms);
    tp_link_establish(link, welcome->received_seq, &link->config.marks);
}
