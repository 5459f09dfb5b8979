/*
 * One side of the link against a peer that speaks well, badly, or both in turn: its handshake and
 * data frames changed on the way, frames of any bytes, and well-formed frames that lie.
 */
#include <stdlib.h>
#include <string.h>

#include "base/link/link.h"
#include "proto/link.pb-c.h"
#include "tests/fuzz/fuzz.h"

#define QUEUE_LIMIT 64
#define OUTBOX_COUNT 5
#define NODE_ID "lanzhou"

enum act {
    FRAME_OF_ANY_BYTES,
    FRAME_OF_PEER,
    FRAME_OF_PEER_CHANGED,
    EVENT,
    PEER_ACTS,
    TIME_PASSES,
    CALL,
    DATA,
    HEARTBEAT,
    ACT_COUNT,
};

struct side {
    struct tp_link *link;
    uint8_t *frames[QUEUE_LIMIT]; /* sent and not yet delivered */
    size_t frame_bytes[QUEUE_LIMIT];
    size_t frame_count;
    struct tp_link_marks marks;
    bool established;
    bool failed;
};

struct world {
    struct tp_manual_clock clock;
    struct tp_seeded_random random;
    struct side subject;
    struct side peer;
    bool subject_is_node;
};

static void on_send(void *context, const uint8_t *frame, size_t bytes)
{
    struct side *side = context;
    struct tp_fuzz_input input = {frame, bytes};
    FUZZ_HOLDS(bytes <= TP_LINK_FRAME_MAX_BYTES);
    if (side->frame_count == QUEUE_LIMIT)
        return;
    size_t at = side->frame_count++;
    side->frames[at] = tp_fuzz_take(&input, bytes, &side->frame_bytes[at]);
}

static void open_side(struct world *world, struct side *side, bool node)
{
    struct tp_link_config config = {
        .role = node ? TP_LINK_NODE : TP_LINK_COORDINATOR,
        .keypair = tp_fuzz_keypair(node ? 1 : 0),
        .clock = &world->clock.clock,
        .random = &world->random.random,
        .version = "1.0",
        .send = on_send,
        .context = side,
    };
    side->marks.sent_seq = OUTBOX_COUNT;
    config.marks = side->marks;
    if (node) {
        config.node_id = NODE_ID;
        memcpy(config.peer_sign_public, tp_fuzz_keypair(0)->sign_public, TP_SIGN_PUBLIC_BYTES);
    }
    FUZZ_HOLDS(tp_ok(tp_link_new(&config, &side->link, NULL)));
    tp_link_start(side->link);
}

static void close_side(struct side *side)
{
    tp_link_free(side->link);
    for (size_t i = 0; i < side->frame_count; i++)
        free(side->frames[i]);
}

static void load(struct side *side, const struct tp_link_event *event)
{
    uint64_t seq = event->seq;
    for (uint32_t i = 0; i < event->limit_count && seq < side->marks.sent_seq; i++)
        tp_link_loaded(side->link, ++seq, "message", 7);
    tp_link_load_end(side->link, seq < side->marks.sent_seq);
}

static void read_message(const struct tp_link_event *event)
{
    Tongping__Link__LinkMessage *message =
        tongping__link__link_message__unpack(NULL, event->message_bytes, event->message);
    if (message != NULL)
        tongping__link__link_message__free_unpacked(message, NULL);
}

static void handle(struct side *side, const struct tp_link_event *event)
{
    FUZZ_HOLDS(!side->failed);
    switch (event->kind) {
    case TP_LINK_EVENT_IDENTIFY:
        FUZZ_HOLDS(strlen(event->node_id) < TP_LINK_NODE_ID_BYTES);
        tp_link_identified(side->link, tp_fuzz_keypair(1)->sign_public, &side->marks);
        break;
    case TP_LINK_EVENT_ESTABLISHED:
        FUZZ_HOLDS(strcmp(event->node_id, NODE_ID) == 0);
        side->established = true;
        tp_fuzz_taken_count++;
        break;
    case TP_LINK_EVENT_LOAD:
        load(side, event);
        break;
    case TP_LINK_EVENT_APPLY:
        FUZZ_HOLDS(side->established && event->seq == side->marks.received_seq + 1);
        side->marks.received_seq = event->seq;
        read_message(event);
        tp_link_applied(side->link, event->seq);
        break;
    case TP_LINK_EVENT_CALL:
        FUZZ_HOLDS(side->established && event->seq == 0);
        read_message(event);
        break;
    case TP_LINK_EVENT_ACKNOWLEDGED:
        FUZZ_HOLDS(event->seq > side->marks.acked_seq && event->seq <= side->marks.sent_seq);
        side->marks.acked_seq = event->seq;
        break;
    case TP_LINK_EVENT_FAILED:
        FUZZ_HOLDS(tp_link_ended(side->link) && event->error.code[0] != '\0');
        side->failed = true;
        break;
    }
}

static bool handle_event(struct side *side)
{
    struct tp_link_event event;
    if (!tp_link_next_event(side->link, &event))
        return false;
    handle(side, &event);
    tp_link_event_fini(&event);
    return true;
}

static void deliver(struct side *from, struct side *to, struct tp_fuzz_input *changes)
{
    if (from->frame_count == 0)
        return;
    uint8_t *frame = from->frames[0];
    size_t bytes = from->frame_bytes[0];
    from->frame_count--;
    memmove(from->frames, from->frames + 1, from->frame_count * sizeof(from->frames[0]));
    memmove(from->frame_bytes, from->frame_bytes + 1,
            from->frame_count * sizeof(from->frame_bytes[0]));
    unsigned count = changes == NULL ? 0 : tp_fuzz_take_u8(changes) % 4U;
    for (; count > 0 && bytes > 0; count--) {
        size_t at = tp_fuzz_take_u8(changes) % bytes;
        frame[at] = tp_fuzz_take_u8(changes);
    }
    tp_link_received(to->link, frame, bytes);
    free(frame);
}

static void establish(struct world *world)
{
    for (int i = 0; i < 16; i++) {
        deliver(&world->peer, &world->subject, NULL);
        deliver(&world->subject, &world->peer, NULL);
        (void)handle_event(&world->subject);
        (void)handle_event(&world->peer);
    }
}

static void receive_any(struct world *world, struct tp_fuzz_input *input)
{
    size_t bytes = 0;
    uint8_t *frame = tp_fuzz_take(input, tp_fuzz_take_u16(input), &bytes);
    tp_link_received(world->subject.link, frame, bytes);
    free(frame);
}

static void receive_packed(struct world *world, const Tongping__Link__LinkFrame *frame)
{
    size_t bytes = tongping__link__link_frame__get_packed_size(frame);
    uint8_t *packed = malloc(bytes + 1);
    FUZZ_HOLDS(packed != NULL);
    tongping__link__link_frame__pack(frame, packed);
    tp_link_received(world->subject.link, packed, bytes);
    free(packed);
}

/* Small numbers, and one now and then at the end of its type. */
static uint64_t take_number(struct tp_fuzz_input *input)
{
    uint8_t value = tp_fuzz_take_u8(input);
    if (value < 250)
        return value % 10;
    return value == 250   ? UINT64_MAX
           : value == 251 ? (uint64_t)INT64_MAX
           : value == 252 ? (uint64_t)INT64_MIN
                          : (uint64_t)value << 32;
}

static void receive_data(struct world *world, struct tp_fuzz_input *input)
{
    Tongping__Link__Data data;
    Tongping__Link__LinkFrame frame;
    tongping__link__data__init(&data);
    tongping__link__link_frame__init(&frame);
    data.seq = take_number(input);
    data.ack = take_number(input);
    data.message.data = tp_fuzz_take(input, tp_fuzz_take_u8(input), &data.message.len);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_DATA;
    frame.data = &data;
    receive_packed(world, &frame);
    free(data.message.data);
}

static void receive_heartbeat(struct world *world, struct tp_fuzz_input *input)
{
    Tongping__Link__Heartbeat heartbeat;
    Tongping__Link__LinkFrame frame;
    tongping__link__heartbeat__init(&heartbeat);
    tongping__link__link_frame__init(&frame);
    heartbeat.ack = take_number(input);
    heartbeat.time_ms = (int64_t)take_number(input);
    heartbeat.echo_time_ms = tp_clock_now_ms(&world->clock.clock) + tp_fuzz_take_u8(input);
    heartbeat.echo_held_ms = (uint32_t)take_number(input);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_HEARTBEAT;
    frame.heartbeat = &heartbeat;
    receive_packed(world, &frame);
    if (heartbeat.time_ms <= 0 && tp_link_established(world->subject.link))
        FUZZ_HOLDS(tp_link_clock_offset_ms(world->subject.link) > 0);
}

static void act(struct world *world, struct tp_fuzz_input *input)
{
    switch (tp_fuzz_take_u8(input) % ACT_COUNT) {
    case FRAME_OF_ANY_BYTES:
        receive_any(world, input);
        break;
    case FRAME_OF_PEER:
        deliver(&world->peer, &world->subject, NULL);
        break;
    case FRAME_OF_PEER_CHANGED:
        deliver(&world->peer, &world->subject, input);
        break;
    case EVENT:
        (void)handle_event(&world->subject);
        break;
    case PEER_ACTS:
        deliver(&world->subject, &world->peer, NULL);
        (void)handle_event(&world->peer);
        break;
    case TIME_PASSES:
        tp_manual_clock_turn(&world->clock, tp_fuzz_take_u8(input) * 50);
        tp_link_tick(world->subject.link);
        tp_link_tick(world->peer.link);
        break;
    case CALL:
        (void)tp_failed(tp_link_call(world->subject.link, "call", 4, NULL));
        break;
    case DATA:
        receive_data(world, input);
        break;
    default:
        receive_heartbeat(world, input);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    struct world world = {0};
    uint8_t setting = tp_fuzz_take_u8(&input);
    world.subject_is_node = (setting & 1) != 0;
    tp_manual_clock_init(&world.clock, 1700000000000);
    tp_seeded_random_init(&world.random, 1);
    open_side(&world, &world.subject, world.subject_is_node);
    open_side(&world, &world.peer, !world.subject_is_node);
    if ((setting & 2) != 0)
        establish(&world);
    for (int i = 0; i < 200 && input.bytes > 0; i++)
        act(&world, &input);
    for (int i = 0; i < 4096 && handle_event(&world.subject); i++) {
    }
    close_side(&world.subject);
    close_side(&world.peer);
    return 0;
}
