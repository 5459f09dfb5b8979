/*
 * Both sides of the link in one process: a clock turned by hand, stores held in memory, and a
 * transport that delays, cuts and, at the seed's will, restarts a side from its store. Whatever
 * happens, every message takes effect exactly once and in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/link/link.h"
#include "base/random.h"

#define MESSAGES 300
#define QUEUE_LIMIT 4096
#define SEEDS 60

/* What a side keeps through restarts: its outbox (message n has seq n + 1) and its marks. */
struct disk {
    uint32_t outbox[MESSAGES];
    struct tp_link_marks marks;
    uint32_t applied[MESSAGES]; /* effects, in their order */
    size_t applied_count;
};

struct frame {
    uint8_t *data;
    size_t bytes;
};

struct side {
    struct world *world;
    enum tp_link_role role;
    struct tp_keypair *keypair;
    const uint8_t *peer_public;
    struct disk disk;
    struct tp_link *link; /* NULL: not connected */
    struct frame sent[QUEUE_LIMIT];
    size_t sent_count;
    size_t calls_sent;
    size_t calls_received;
    uint64_t in_work; /* a durable message taken from the link and not yet applied */
    uint32_t in_work_value;
};

struct world {
    struct tp_manual_clock clock;
    struct tp_seeded_random random;
    struct side coordinator;
    struct side node;
    size_t cuts;
    size_t establishments;
};

static uint32_t below(struct world *world, uint32_t bound)
{
    return tp_random_below(&world->random.random, bound);
}

static void on_send(void *context, const uint8_t *data, size_t bytes)
{
    struct side *side = context;
    assert_true(side->sent_count < QUEUE_LIMIT);
    struct frame *frame = &side->sent[side->sent_count++];
    frame->data = malloc(bytes);
    memcpy(frame->data, data, bytes);
    frame->bytes = bytes;
}

static void drop_frames(struct side *side)
{
    for (size_t i = 0; i < side->sent_count; i++)
        free(side->sent[i].data);
    side->sent_count = 0;
}

static void connect_side(struct side *side)
{
    struct tp_link_config config = {
        .role = side->role,
        .keypair = side->keypair,
        .clock = &side->world->clock.clock,
        .random = &side->world->random.random,
        .version = "test",
        .send = on_send,
        .context = side,
        .marks = side->disk.marks,
    };
    if (side->role == TP_LINK_NODE) {
        config.node_id = "lanzhou";
        memcpy(config.peer_sign_public, side->peer_public, TP_SIGN_PUBLIC_BYTES);
    }
    assert_true(tp_ok(tp_link_new(&config, &side->link, NULL)));
    tp_link_start(side->link);
}

/* The connection is gone for both: what was on its way is lost, what was in work is undone. */
static void cut(struct world *world)
{
    struct side *sides[] = {&world->coordinator, &world->node};
    for (size_t i = 0; i < 2; i++) {
        drop_frames(sides[i]);
        tp_link_free(sides[i]->link);
        sides[i]->link = NULL;
        sides[i]->in_work = 0;
    }
    world->cuts++;
}

static void send_more(struct side *side)
{
    if (side->disk.marks.sent_seq == MESSAGES)
        return;
    side->disk.outbox[side->disk.marks.sent_seq] = (uint32_t)side->disk.marks.sent_seq * 7 + 1;
    side->disk.marks.sent_seq++;
    if (side->link != NULL)
        tp_link_outbox_grew(side->link);
}

static void load(struct side *side, const struct tp_link_event *event)
{
    uint32_t given = 0;
    uint64_t seq = event->seq;
    assert_true(seq >= side->disk.marks.acked_seq);
    for (; seq < side->disk.marks.sent_seq && given < event->limit_count; given++, seq++)
        tp_link_loaded(side->link, seq + 1, &side->disk.outbox[seq], sizeof(uint32_t));
    tp_link_load_end(side->link, seq < side->disk.marks.sent_seq);
}

/* The store's transaction: mark and effect together. */
static void apply(struct side *side)
{
    uint64_t seq = side->in_work;
    side->in_work = 0;
    if (seq > side->disk.marks.received_seq) {
        assert_int_equal(seq, side->disk.marks.received_seq + 1);
        side->disk.marks.received_seq = seq;
        side->disk.applied[side->disk.applied_count++] = side->in_work_value;
    }
    tp_link_applied(side->link, seq);
}

static bool handle_event(struct side *side, const struct side *other)
{
    if (side->in_work != 0) {
        apply(side);
        return true;
    }
    struct tp_link_event event;
    if (!tp_link_next_event(side->link, &event))
        return false;
    switch (event.kind) {
    case TP_LINK_EVENT_IDENTIFY:
        assert_string_equal(event.node_id, "lanzhou");
        tp_link_identified(side->link, other->keypair->sign_public, &side->disk.marks);
        break;
    case TP_LINK_EVENT_ESTABLISHED:
        side->world->establishments++;
        break;
    case TP_LINK_EVENT_LOAD:
        load(side, &event);
        break;
    case TP_LINK_EVENT_APPLY:
        assert_int_equal(event.message_bytes, sizeof(uint32_t));
        side->in_work = event.seq;
        memcpy(&side->in_work_value, event.message, sizeof(uint32_t));
        break;
    case TP_LINK_EVENT_CALL:
        side->calls_received++;
        break;
    case TP_LINK_EVENT_ACKNOWLEDGED:
        assert_true(event.seq <= side->disk.marks.sent_seq);
        if (event.seq > side->disk.marks.acked_seq)
            side->disk.marks.acked_seq = event.seq;
        break;
    case TP_LINK_EVENT_FAILED:
        fail_msg("the link failed: %s", event.error.code);
        break;
    }
    tp_link_event_fini(&event);
    return true;
}

/* One frame from `from` to `to`; false when none waits. */
static bool deliver(struct side *from, struct side *to)
{
    if (from->sent_count == 0)
        return false;
    struct frame frame = from->sent[0];
    from->sent_count--;
    memmove(from->sent, from->sent + 1, from->sent_count * sizeof frame);
    tp_link_received(to->link, frame.data, frame.bytes);
    free(frame.data);
    return true;
}

static void step(struct world *world, uint32_t cut_chance)
{
    if (world->node.link == NULL) {
        connect_side(&world->coordinator);
        connect_side(&world->node);
    }
    struct side *side = below(world, 2) == 0 ? &world->coordinator : &world->node;
    struct side *other = side == &world->node ? &world->coordinator : &world->node;
    uint32_t act = below(world, 100);
    if (act < cut_chance) {
        cut(world);
    } else if (act < 20) {
        send_more(side);
    } else if (act < 25) {
        if (tp_ok(tp_link_call(side->link, "now", 3, NULL)))
            side->calls_sent++;
    } else if (act < 30) {
        tp_manual_clock_turn(&world->clock, 100);
        tp_link_tick(world->coordinator.link);
        tp_link_tick(world->node.link);
    } else if (act < 65) {
        (void)deliver(side, other);
    } else {
        (void)handle_event(side, other);
    }
}

static bool settled(const struct world *world)
{
    const struct side *sides[] = {&world->coordinator, &world->node};
    for (size_t i = 0; i < 2; i++)
        if (sides[i]->disk.marks.acked_seq != MESSAGES)
            return false;
    return true;
}

/* A calm network until all is acknowledged; bounded. */
static void settle(struct world *world)
{
    while (world->coordinator.disk.marks.sent_seq < MESSAGES)
        send_more(&world->coordinator);
    while (world->node.disk.marks.sent_seq < MESSAGES)
        send_more(&world->node);
    if (world->node.link == NULL) {
        connect_side(&world->coordinator);
        connect_side(&world->node);
    }
    for (int round = 0; round < 2000 && !settled(world); round++) {
        while (deliver(&world->coordinator, &world->node) ||
               deliver(&world->node, &world->coordinator) ||
               handle_event(&world->coordinator, &world->node) ||
               handle_event(&world->node, &world->coordinator)) {
        }
        tp_manual_clock_turn(&world->clock, 100);
        tp_link_tick(world->coordinator.link);
        tp_link_tick(world->node.link);
    }
    assert_true(settled(world));
}

static void check_disk(const struct disk *disk)
{
    assert_int_equal(disk->applied_count, MESSAGES);
    for (uint32_t i = 0; i < MESSAGES; i++)
        assert_int_equal(disk->applied[i], i * 7 + 1);
}

static void run(uint64_t seed, uint32_t cut_chance, size_t *cuts)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    tp_manual_clock_init(&world->clock, 1700000000000);
    tp_seeded_random_init(&world->random, seed);
    world->coordinator = (struct side){.world = world, .role = TP_LINK_COORDINATOR};
    world->node = (struct side){.world = world, .role = TP_LINK_NODE};
    assert_true(tp_ok(tp_keypair_new(&world->coordinator.keypair, NULL)));
    assert_true(tp_ok(tp_keypair_new(&world->node.keypair, NULL)));
    world->node.peer_public = world->coordinator.keypair->sign_public;
    for (int i = 0; i < 12000; i++)
        step(world, cut_chance);
    settle(world);
    check_disk(&world->coordinator.disk);
    check_disk(&world->node.disk);
    *cuts += world->cuts;
    cut(world);
    tp_keypair_free(world->coordinator.keypair);
    tp_keypair_free(world->node.keypair);
    free(world);
}

static void simulation__cuts_at_any_moment__exactly_once_in_order(void **state)
{
    (void)state;
    size_t cuts = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed, seed % 3, &cuts);
    assert_true(cuts > 1000);
}

static void simulation__no_cut__exactly_once_in_order(void **state)
{
    (void)state;
    size_t cuts = 0;
    run(4711, 0, &cuts);
    assert_int_equal(cuts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simulation__cuts_at_any_moment__exactly_once_in_order),
        cmocka_unit_test(simulation__no_cut__exactly_once_in_order),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
