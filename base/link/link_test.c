#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/link/link.h"
#include "proto/link.pb-c.h"

/* One side and what it sent last. */
struct end {
    struct tp_link *link;
    uint8_t *frames[64];
    size_t frame_bytes[64];
    size_t frame_count;
};

struct pair {
    struct tp_manual_clock clock;
    struct tp_keypair *coordinator_key;
    struct tp_keypair *node_key;
    struct tp_keypair *foreign_key;
    struct end coordinator;
    struct end node;
};

static void on_send(void *context, const uint8_t *data, size_t bytes)
{
    struct end *end = context;
    assert_true(end->frame_count < 64);
    end->frames[end->frame_count] = malloc(bytes + 1);
    memcpy(end->frames[end->frame_count], data, bytes);
    end->frame_bytes[end->frame_count++] = bytes;
}

static void forget_frames(struct end *end)
{
    for (size_t i = 0; i < end->frame_count; i++)
        free(end->frames[i]);
    end->frame_count = 0;
}

static struct tp_link *make(struct pair *pair, struct end *end, enum tp_link_role role,
                            const struct tp_keypair *keypair, struct tp_link_marks marks)
{
    struct tp_link_config config = {
        .role = role,
        .keypair = keypair,
        .clock = &pair->clock.clock,
        .random = tp_random_system(),
        .node_id = role == TP_LINK_NODE ? "lanzhou" : NULL,
        .version = "1",
        .marks = marks,
        .send = on_send,
        .context = end,
    };
    memcpy(config.peer_sign_public, pair->coordinator_key->sign_public, TP_SIGN_PUBLIC_BYTES);
    struct tp_link *link = NULL;
    assert_true(tp_ok(tp_link_new(&config, &link, NULL)));
    tp_link_start(link);
    return link;
}

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    tp_manual_clock_init(&pair->clock, 1700000000000);
    if (tp_failed(tp_keypair_new(&pair->coordinator_key, NULL)) ||
        tp_failed(tp_keypair_new(&pair->node_key, NULL)) ||
        tp_failed(tp_keypair_new(&pair->foreign_key, NULL)))
        return -1;
    struct tp_link_marks none = {0};
    pair->coordinator.link =
        make(pair, &pair->coordinator, TP_LINK_COORDINATOR, pair->coordinator_key, none);
    pair->node.link = make(pair, &pair->node, TP_LINK_NODE, pair->node_key, none);
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    forget_frames(&pair->coordinator);
    forget_frames(&pair->node);
    tp_link_free(pair->coordinator.link);
    tp_link_free(pair->node.link);
    tp_keypair_free(pair->coordinator_key);
    tp_keypair_free(pair->node_key);
    tp_keypair_free(pair->foreign_key);
    free(pair);
    return 0;
}

static void pass_frames(struct end *from, struct end *to)
{
    for (size_t i = 0; i < from->frame_count; i++)
        tp_link_received(to->link, from->frames[i], from->frame_bytes[i]);
    forget_frames(from);
}

/* Takes events up to the first of `kind`; false when there is none. */
static bool take_event(struct tp_link *link, enum tp_link_event_kind kind,
                       struct tp_link_event *event)
{
    while (tp_link_next_event(link, event)) {
        if (event->kind == kind)
            return true;
        tp_link_event_fini(event);
    }
    return false;
}

static void expect_failure(struct end *end, const char *code)
{
    struct tp_link_event event;
    assert_true(take_event(end->link, TP_LINK_EVENT_FAILED, &event));
    assert_string_equal(event.error.code, code);
    assert_true(tp_link_ended(end->link));
    assert_false(tp_link_next_event(end->link, &event));
}

/* The last frame that `end` sent is a refusal with this code. */
static void expect_refusal_sent(const struct end *end, const char *code)
{
    assert_true(end->frame_count > 0);
    Tongping__Link__LinkFrame *frame = tongping__link__link_frame__unpack(
        NULL, end->frame_bytes[end->frame_count - 1], end->frames[end->frame_count - 1]);
    assert_non_null(frame);
    assert_int_equal(frame->kind_case, TONGPING__LINK__LINK_FRAME__KIND_REFUSAL);
    assert_string_equal(frame->refusal->code, code);
    tongping__link__link_frame__free_unpacked(frame, NULL);
}

/* Up to the coordinator's question who the node is. */
static void say_hello(struct pair *pair)
{
    pass_frames(&pair->coordinator, &pair->node);
    pass_frames(&pair->node, &pair->coordinator);
    struct tp_link_event event;
    assert_true(take_event(pair->coordinator.link, TP_LINK_EVENT_IDENTIFY, &event));
    assert_string_equal(event.node_id, "lanzhou");
}

static void establish(struct pair *pair)
{
    struct tp_link_marks none = {0};
    say_hello(pair);
    tp_link_identified(pair->coordinator.link, pair->node_key->sign_public, &none);
    pass_frames(&pair->coordinator, &pair->node);
    pass_frames(&pair->node, &pair->coordinator);
    assert_true(tp_link_established(pair->coordinator.link));
    assert_true(tp_link_established(pair->node.link));
}

static void send_data(struct end *to, uint64_t seq, uint64_t ack)
{
    Tongping__Link__Data data;
    tongping__link__data__init(&data);
    data.seq = seq;
    data.ack = ack;
    uint8_t content[] = "x";
    data.message.data = content;
    data.message.len = 1;
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_DATA;
    frame.data = &data;
    uint8_t packed[64];
    size_t bytes = tongping__link__link_frame__pack(&frame, packed);
    tp_link_received(to->link, packed, bytes);
}

static void handshake__right_keys__both_established(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    struct tp_link_event event;
    assert_true(take_event(pair->node.link, TP_LINK_EVENT_ESTABLISHED, &event));
}

static void handshake__key_not_the_enrolled_one__refused(void **state)
{
    struct pair *pair = *state;
    struct tp_link_marks none = {0};
    say_hello(pair);
    tp_link_identified(pair->coordinator.link, pair->foreign_key->sign_public, &none);
    expect_failure(&pair->coordinator, "link.bad_signature");
    pass_frames(&pair->coordinator, &pair->node);
    expect_failure(&pair->node, "link.bad_signature");
}

static void handshake__unknown_node__refused_with_the_owners_code(void **state)
{
    struct pair *pair = *state;
    say_hello(pair);
    struct tp_error error = {0};
    (void)tp_fail(&error, TP_DENIED, "link.unknown_node", "no such node");
    tp_link_fail(pair->coordinator.link, &error);
    pass_frames(&pair->coordinator, &pair->node);
    expect_failure(&pair->node, "link.unknown_node");
}

static void handshake__coordinator_with_another_key__node_refuses(void **state)
{
    struct pair *pair = *state;
    struct tp_link_marks none = {0};
    tp_link_free(pair->coordinator.link);
    forget_frames(&pair->coordinator);
    pair->coordinator.link =
        make(pair, &pair->coordinator, TP_LINK_COORDINATOR, pair->foreign_key, none);
    say_hello(pair);
    tp_link_identified(pair->coordinator.link, pair->node_key->sign_public, &none);
    pass_frames(&pair->coordinator, &pair->node);
    expect_refusal_sent(&pair->node, "link.bad_signature");
    expect_failure(&pair->node, "link.bad_signature");
}

static void handshake__replayed_hello__refused(void **state)
{
    struct pair *pair = *state;
    struct tp_link_marks none = {0};
    pass_frames(&pair->coordinator, &pair->node);
    assert_int_equal(pair->node.frame_count, 1);
    struct end second = {0};
    second.link = make(pair, &second, TP_LINK_COORDINATOR, pair->coordinator_key, none);
    tp_link_received(second.link, pair->node.frames[0], pair->node.frame_bytes[0]);
    struct tp_link_event event;
    assert_true(take_event(second.link, TP_LINK_EVENT_IDENTIFY, &event));
    tp_link_identified(second.link, pair->node_key->sign_public, &none);
    expect_failure(&second, "link.bad_signature");
    forget_frames(&second);
    tp_link_free(second.link);
}

static void handshake__data_before_it_is_over__refused(void **state)
{
    struct pair *pair = *state;
    send_data(&pair->coordinator, 1, 0);
    expect_refusal_sent(&pair->coordinator, "link.unauthenticated");
    expect_failure(&pair->coordinator, "link.unauthenticated");
}

static void handshake__nothing_comes__times_out(void **state)
{
    struct pair *pair = *state;
    tp_manual_clock_turn(&pair->clock, TP_LINK_HANDSHAKE_MS - 1);
    tp_link_tick(pair->coordinator.link);
    assert_false(tp_link_ended(pair->coordinator.link));
    tp_manual_clock_turn(&pair->clock, 1);
    tp_link_tick(pair->coordinator.link);
    expect_failure(&pair->coordinator, "link.handshake_timeout");
}

static void handshake__node_applied_what_was_never_sent__refused(void **state)
{
    struct pair *pair = *state;
    tp_link_free(pair->node.link);
    forget_frames(&pair->node);
    pair->node.link = make(pair, &pair->node, TP_LINK_NODE, pair->node_key,
                           (struct tp_link_marks){.received_seq = 5});
    say_hello(pair);
    tp_link_identified(pair->coordinator.link, pair->node_key->sign_public,
                       &(struct tp_link_marks){.sent_seq = 4, .acked_seq = 4});
    expect_failure(&pair->coordinator, "link.store_behind");
}

static void handshake__node_lost_what_it_had_acknowledged__refused(void **state)
{
    struct pair *pair = *state;
    say_hello(pair);
    tp_link_identified(pair->coordinator.link, pair->node_key->sign_public,
                       &(struct tp_link_marks){.sent_seq = 4, .acked_seq = 2});
    expect_failure(&pair->coordinator, "link.peer_behind");
}

static void received__garbled__refused_either_way(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    const uint8_t garbage[] = {0xff, 0xff, 0xff, 0xff, 0x01};
    tp_link_received(pair->coordinator.link, garbage, sizeof garbage);
    expect_refusal_sent(&pair->coordinator, "link.malformed");
    expect_failure(&pair->coordinator, "link.malformed");
    tp_link_received(pair->node.link, garbage, 0);
    expect_failure(&pair->node, "link.malformed");
}

static void received__every_bit_flipped__never_established_twice_or_crashed(void **state)
{
    struct pair *pair = *state;
    pass_frames(&pair->coordinator, &pair->node);
    for (size_t bit = 0; bit < pair->node.frame_bytes[0] * 8; bit++) {
        struct tp_link_marks none = {0};
        struct end victim = {0};
        victim.link = make(pair, &victim, TP_LINK_COORDINATOR, pair->coordinator_key, none);
        pair->node.frames[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
        tp_link_received(victim.link, pair->node.frames[0], pair->node.frame_bytes[0]);
        pair->node.frames[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct tp_link_event event;
        if (take_event(victim.link, TP_LINK_EVENT_IDENTIFY, &event))
            tp_link_identified(victim.link, pair->node_key->sign_public, &none);
        assert_false(tp_link_established(victim.link));
        forget_frames(&victim);
        tp_link_free(victim.link);
    }
}

static void received__larger_than_a_frame_may_be__refused(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    uint8_t *large = calloc(1, TP_LINK_FRAME_MAX_BYTES + 1);
    tp_link_received(pair->coordinator.link, large, TP_LINK_FRAME_MAX_BYTES + 1);
    free(large);
    expect_failure(&pair->coordinator, "link.frame_too_large");
}

static void received__second_hello__refused(void **state)
{
    struct pair *pair = *state;
    pass_frames(&pair->coordinator, &pair->node);
    tp_link_received(pair->coordinator.link, pair->node.frames[0], pair->node.frame_bytes[0]);
    tp_link_received(pair->coordinator.link, pair->node.frames[0], pair->node.frame_bytes[0]);
    expect_failure(&pair->coordinator, "link.out_of_order");
}

static void data__one_is_missing__refused(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    send_data(&pair->coordinator, 1, 0);
    send_data(&pair->coordinator, 3, 0);
    expect_failure(&pair->coordinator, "link.gap");
}

static void data__sent_twice__handed_on_once(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    send_data(&pair->coordinator, 1, 0);
    send_data(&pair->coordinator, 1, 0);
    struct tp_link_event event;
    assert_true(take_event(pair->coordinator.link, TP_LINK_EVENT_APPLY, &event));
    assert_int_equal(event.seq, 1);
    tp_link_event_fini(&event);
    assert_false(take_event(pair->coordinator.link, TP_LINK_EVENT_APPLY, &event));
}

static void data__acknowledges_what_was_not_sent__refused(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    send_data(&pair->coordinator, 0, 1);
    expect_failure(&pair->coordinator, "link.bad_ack");
}

static void window__nothing_acknowledged__no_more_than_the_window_is_asked_for(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    struct tp_link_event event;
    assert_true(take_event(pair->node.link, TP_LINK_EVENT_LOAD, &event));
    assert_int_equal(event.limit_count, TP_LINK_WINDOW_COUNT);
    for (uint64_t seq = 1; seq <= TP_LINK_WINDOW_COUNT; seq++) {
        tp_link_loaded(pair->node.link, seq, "m", 1);
        forget_frames(&pair->node);
    }
    tp_link_load_end(pair->node.link, true);
    assert_false(take_event(pair->node.link, TP_LINK_EVENT_LOAD, &event));
    send_data(&pair->node, 0, 10);
    assert_true(take_event(pair->node.link, TP_LINK_EVENT_LOAD, &event));
    assert_int_equal(event.seq, TP_LINK_WINDOW_COUNT);
    assert_int_equal(event.limit_count, 10);
}

static void tick__three_heartbeats_missed__ended(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    for (int i = 0; i < 3 * TP_LINK_HEARTBEAT_MS / 250 - 1; i++) {
        tp_manual_clock_turn(&pair->clock, 250);
        tp_link_tick(pair->node.link);
        forget_frames(&pair->node);
    }
    assert_false(tp_link_ended(pair->node.link));
    tp_manual_clock_turn(&pair->clock, 250);
    tp_link_tick(pair->node.link);
    expect_failure(&pair->node, "link.silent");
}

static void tick__heartbeats_flow__stays_and_measures(void **state)
{
    struct pair *pair = *state;
    establish(pair);
    for (int i = 0; i < 400; i++) {
        tp_manual_clock_turn(&pair->clock, 50);
        tp_link_tick(pair->node.link);
        pass_frames(&pair->node, &pair->coordinator);
        tp_manual_clock_turn(&pair->clock, 50);
        tp_link_tick(pair->coordinator.link);
        pass_frames(&pair->coordinator, &pair->node);
    }
    assert_true(tp_link_established(pair->node.link));
    assert_true(tp_link_round_trip_ms(pair->node.link) <= 100);
    assert_in_range(tp_link_clock_offset_ms(pair->node.link) + 100, 0, 200);
}

static void call__too_large_or_down__refused(void **state)
{
    struct pair *pair = *state;
    struct tp_error error = {0};
    assert_int_equal(tp_link_call(pair->node.link, "x", 1, &error).class, TP_PEER);
    assert_string_equal(error.code, "link.down");
    establish(pair);
    uint8_t *large = calloc(1, TP_LINK_MESSAGE_MAX_BYTES + 1);
    assert_int_equal(
        tp_link_call(pair->node.link, large, TP_LINK_MESSAGE_MAX_BYTES + 1, &error).class,
        TP_LIMIT);
    forget_frames(&pair->node);
    assert_true(tp_ok(tp_link_call(pair->node.link, large, TP_LINK_MESSAGE_MAX_BYTES, &error)));
    free(large);
    pass_frames(&pair->node, &pair->coordinator);
    struct tp_link_event event;
    assert_true(take_event(pair->coordinator.link, TP_LINK_EVENT_CALL, &event));
    assert_int_equal(event.message_bytes, TP_LINK_MESSAGE_MAX_BYTES);
    tp_link_event_fini(&event);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(handshake__right_keys__both_established),
        CASE(handshake__key_not_the_enrolled_one__refused),
        CASE(handshake__unknown_node__refused_with_the_owners_code),
        CASE(handshake__coordinator_with_another_key__node_refuses),
        CASE(handshake__replayed_hello__refused),
        CASE(handshake__data_before_it_is_over__refused),
        CASE(handshake__nothing_comes__times_out),
        CASE(handshake__node_applied_what_was_never_sent__refused),
        CASE(handshake__node_lost_what_it_had_acknowledged__refused),
        CASE(received__garbled__refused_either_way),
        CASE(received__every_bit_flipped__never_established_twice_or_crashed),
        CASE(received__larger_than_a_frame_may_be__refused),
        CASE(received__second_hello__refused),
        CASE(data__one_is_missing__refused),
        CASE(data__sent_twice__handed_on_once),
        CASE(data__acknowledges_what_was_not_sent__refused),
        CASE(window__nothing_acknowledged__no_more_than_the_window_is_asked_for),
        CASE(tick__three_heartbeats_missed__ended),
        CASE(tick__heartbeats_flow__stays_and_measures),
        CASE(call__too_large_or_down__refused),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
