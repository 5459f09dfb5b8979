#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/link/link_internal.h"

#define MISSED_HEARTBEATS 3
/* Acknowledge at least this often, so that the sender's window never closes for want of it. */
#define ACK_EVERY_COUNT (TP_LINK_WINDOW_COUNT / 4)

struct tp_status tp_link_new(const struct tp_link_config *config, struct tp_link **link,
                             struct tp_error *error)
{
    assert(config->keypair != NULL && config->clock != NULL && config->random != NULL);
    assert(config->send != NULL);
    *link = NULL;
    struct tp_link *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a link");
    made->config = *config;
    made->heartbeat_ms = config->heartbeat_ms != 0 ? config->heartbeat_ms : TP_LINK_HEARTBEAT_MS;
    if (config->version != NULL)
        strncpy(made->own_version, config->version, sizeof made->own_version - 1);
    if (config->role == TP_LINK_NODE) {
        assert(config->node_id != NULL && strlen(config->node_id) < TP_LINK_NODE_ID_BYTES);
        memcpy(made->node_id, config->node_id, strlen(config->node_id) + 1);
    }
    made->config.node_id = NULL;
    made->config.version = NULL;
    *link = made;
    return TP_STATUS_OK;
}

void tp_link_event_fini(struct tp_link_event *event)
{
    free(event->message);
    event->message = NULL;
}

void tp_link_free(struct tp_link *link)
{
    if (link == NULL)
        return;
    for (size_t i = 0; i < link->event_count; i++)
        tp_link_event_fini(&link->events[link->event_first + i]);
    free(link->events);
    free(link);
}

void tp_link_send_frame(struct tp_link *link, const Tongping__Link__LinkFrame *frame)
{
    size_t bytes = tongping__link__link_frame__get_packed_size(frame);
    uint8_t *packed = malloc(bytes);
    if (packed == NULL) {
        tp_link_break(link, TP_NOMEM, "memory", "no memory for a frame");
        return;
    }
    tongping__link__link_frame__pack(frame, packed);
    link->config.send(link->config.context, packed, bytes);
    free(packed);
}

/* Ends without a word to the peer. */
static void end_quietly(struct tp_link *link, enum tp_class class, const char *code,
                        const char *message)
{
    if (link->state == TP_LINK_ENDED)
        return;
    link->state = TP_LINK_ENDED;
    (void)tp_fail(&link->failure, class, code, "%s", message);
}

void tp_link_break(struct tp_link *link, enum tp_class class, const char *code, const char *message)
{
    if (link->state == TP_LINK_ENDED)
        return;
    end_quietly(link, class, code, message);
    if (class == TP_NOMEM)
        return;
    Tongping__Link__Refusal refusal;
    tongping__link__refusal__init(&refusal);
    refusal.code = link->failure.code;
    refusal.message = link->failure.message;
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_REFUSAL;
    frame.refusal = &refusal;
    tp_link_send_frame(link, &frame);
}

void tp_link_fail(struct tp_link *link, const struct tp_error *error)
{
    tp_link_break(link, error->class, error->code, error->message);
}

static bool grow_events(struct tp_link *link)
{
    if (link->event_first > 0) {
        memmove(link->events, link->events + link->event_first,
                link->event_count * sizeof *link->events);
        link->event_first = 0;
    }
    if (link->event_count < link->event_capacity)
        return true;
    size_t capacity = link->event_capacity == 0 ? 8 : link->event_capacity * 2;
    struct tp_link_event *events = realloc(link->events, capacity * sizeof *events);
    if (events == NULL)
        return false;
    link->events = events;
    link->event_capacity = capacity;
    return true;
}

void tp_link_push(struct tp_link *link, enum tp_link_event_kind kind, uint64_t seq,
                  uint8_t *message, size_t bytes)
{
    if (link->event_count >= TP_LINK_EVENT_LIMIT_COUNT) {
        free(message);
        tp_link_break(link, TP_LIMIT, "link.overrun", "frames come faster than they are handled");
        return;
    }
    if (link->event_first + link->event_count == link->event_capacity && !grow_events(link)) {
        free(message);
        tp_link_break(link, TP_NOMEM, "memory", "no memory for an event");
        return;
    }
    struct tp_link_event *event = &link->events[link->event_first + link->event_count++];
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->seq = seq;
    event->message = message;
    event->message_bytes = bytes;
    memcpy(event->node_id, link->node_id, sizeof event->node_id);
    memcpy(event->version, link->peer_version, sizeof event->version);
}

bool tp_link_next_event(struct tp_link *link, struct tp_link_event *event)
{
    if (link->event_count > 0) {
        *event = link->events[link->event_first++];
        link->event_count--;
        if (link->event_count == 0)
            link->event_first = 0;
        return true;
    }
    if (link->state != TP_LINK_ENDED || link->failure_told)
        return false;
    link->failure_told = true;
    memset(event, 0, sizeof *event);
    event->kind = TP_LINK_EVENT_FAILED;
    memcpy(event->node_id, link->node_id, sizeof event->node_id);
    event->error = link->failure;
    return true;
}

/* Asks for outbox rows when there may be some and the window has room. */
static void want_load(struct tp_link *link)
{
    if (link->state != TP_LINK_ESTABLISHED || link->loading || !link->more)
        return;
    uint64_t out = link->sent_seq - link->acked_seq;
    if (out >= TP_LINK_WINDOW_COUNT || link->window_bytes >= TP_LINK_WINDOW_BYTES)
        return;
    link->loading = true;
    link->more = false;
    tp_link_push(link, TP_LINK_EVENT_LOAD, link->sent_seq, NULL, 0);
    if (link->state == TP_LINK_ENDED)
        return;
    struct tp_link_event *event = &link->events[link->event_first + link->event_count - 1];
    event->limit_count = (uint32_t)(TP_LINK_WINDOW_COUNT - out);
    event->limit_bytes = TP_LINK_WINDOW_BYTES - link->window_bytes;
}

static void send_data(struct tp_link *link, uint64_t seq, const void *message, size_t bytes)
{
    Tongping__Link__Data data;
    tongping__link__data__init(&data);
    data.seq = seq;
    data.ack = link->applied_seq;
    data.message.data = (uint8_t *)(uintptr_t)message;
    data.message.len = bytes;
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_DATA;
    frame.data = &data;
    link->ack_sent_seq = link->applied_seq;
    tp_link_send_frame(link, &frame);
}

static void send_heartbeat(struct tp_link *link)
{
    int64_t now = tp_clock_monotonic_ms(link->config.clock);
    Tongping__Link__Heartbeat heartbeat;
    tongping__link__heartbeat__init(&heartbeat);
    heartbeat.ack = link->applied_seq;
    heartbeat.time_ms = tp_clock_now_ms(link->config.clock);
    heartbeat.echo_time_ms = link->heartbeat_received_time_ms;
    if (link->heartbeat_received_time_ms != 0)
        heartbeat.echo_held_ms = (uint32_t)(now - link->heartbeat_received_at);
    link->ack_sent_seq = link->applied_seq;
    link->heartbeat_sent_at = now;
    link->heartbeat_sent_time_ms = heartbeat.time_ms;
    Tongping__Link__LinkFrame frame;
    tongping__link__link_frame__init(&frame);
    frame.kind_case = TONGPING__LINK__LINK_FRAME__KIND_HEARTBEAT;
    frame.heartbeat = &heartbeat;
    tp_link_send_frame(link, &frame);
}

void tp_link_establish(struct tp_link *link, uint64_t peer_received_seq,
                       const struct tp_link_marks *marks)
{
    if (peer_received_seq > marks->sent_seq) {
        tp_link_break(link, TP_CONFLICT, "link.store_behind",
                      "the peer has applied messages that this store does not know");
        return;
    }
    if (peer_received_seq < marks->acked_seq) {
        tp_link_break(link, TP_CONFLICT, "link.peer_behind",
                      "the peer's store has lost messages that it had acknowledged");
        return;
    }
    link->state = TP_LINK_ESTABLISHED;
    link->acked_seq = peer_received_seq;
    link->sent_seq = peer_received_seq;
    link->delivered_seq = marks->received_seq;
    link->applied_seq = marks->received_seq;
    link->ack_sent_seq = marks->received_seq;
    link->more = true;
    tp_link_push(link, TP_LINK_EVENT_ESTABLISHED, 0, NULL, 0);
    if (peer_received_seq > marks->acked_seq)
        tp_link_push(link, TP_LINK_EVENT_ACKNOWLEDGED, peer_received_seq, NULL, 0);
    send_heartbeat(link);
    want_load(link);
}

static void take_ack(struct tp_link *link, uint64_t ack)
{
    if (ack > link->sent_seq) {
        tp_link_break(link, TP_PEER, "link.bad_ack", "a message that was not sent is acknowledged");
        return;
    }
    if (ack <= link->acked_seq)
        return;
    for (uint64_t seq = link->acked_seq + 1; seq <= ack; seq++)
        link->window_bytes -= link->window_sizes[seq % TP_LINK_WINDOW_COUNT];
    link->acked_seq = ack;
    tp_link_push(link, TP_LINK_EVENT_ACKNOWLEDGED, ack, NULL, 0);
    want_load(link);
}

static void deliver(struct tp_link *link, enum tp_link_event_kind kind, uint64_t seq,
                    const ProtobufCBinaryData *message)
{
    uint8_t *copy = malloc(message->len + 1);
    if (copy == NULL) {
        tp_link_break(link, TP_NOMEM, "memory", "no memory for a message");
        return;
    }
    if (message->len > 0)
        memcpy(copy, message->data, message->len);
    tp_link_push(link, kind, seq, copy, message->len);
}

static void on_data(struct tp_link *link, const Tongping__Link__Data *data)
{
    take_ack(link, data->ack);
    if (link->state != TP_LINK_ESTABLISHED)
        return;
    if (data->seq == 0) {
        deliver(link, TP_LINK_EVENT_CALL, 0, &data->message);
        return;
    }
    if (data->seq <= link->delivered_seq) /* sent again; the ack may have been lost */
        return;
    if (data->seq != link->delivered_seq + 1) {
        tp_link_break(link, TP_PEER, "link.gap", "a message is missing before this one");
        return;
    }
    link->delivered_seq = data->seq;
    deliver(link, TP_LINK_EVENT_APPLY, data->seq, &data->message);
}

void tp_link_take_time(struct tp_link *link, int64_t peer_time_ms)
{
    int64_t peer_now_ms;
    if (__builtin_add_overflow(peer_time_ms, (int64_t)(link->round_trip_ms / 2), &peer_now_ms) ||
        __builtin_sub_overflow(tp_clock_now_ms(link->config.clock), peer_now_ms,
                               &link->clock_offset_ms))
        link->clock_offset_ms = peer_time_ms < 0 ? INT64_MAX : -INT64_MAX;
}

static void on_heartbeat(struct tp_link *link, const Tongping__Link__Heartbeat *heartbeat)
{
    take_ack(link, heartbeat->ack);
    int64_t now = tp_clock_monotonic_ms(link->config.clock);
    if (heartbeat->echo_time_ms != 0 && heartbeat->echo_time_ms == link->heartbeat_sent_time_ms) {
        int64_t round_trip = now - link->heartbeat_sent_at - (int64_t)heartbeat->echo_held_ms;
        link->round_trip_ms = round_trip > 0 ? (uint32_t)round_trip : 0;
    }
    link->heartbeat_received_at = now;
    link->heartbeat_received_time_ms = heartbeat->time_ms;
    tp_link_take_time(link, heartbeat->time_ms);
}

/* Keeps a peer's refusal code when it looks like one of ours, so that operators see the cause. */
static void on_refusal(struct tp_link *link, const Tongping__Link__Refusal *refusal)
{
    size_t length = strlen(refusal->code);
    bool plain = length > 0 && length < TP_ERROR_CODE_MAX_BYTES &&
                 strspn(refusal->code, "abcdefghijklmnopqrstuvwxyz0123456789_.") == length;
    end_quietly(link, TP_PEER, plain ? refusal->code : "link.refused",
                "the peer has refused the link");
}

static bool needs_established(Tongping__Link__LinkFrame__KindCase kind)
{
    return kind == TONGPING__LINK__LINK_FRAME__KIND_DATA ||
           kind == TONGPING__LINK__LINK_FRAME__KIND_HEARTBEAT;
}

static void dispatch(struct tp_link *link, const Tongping__Link__LinkFrame *frame)
{
    bool node = link->config.role == TP_LINK_NODE;
    if (needs_established(frame->kind_case) && link->state != TP_LINK_ESTABLISHED) {
        tp_link_break(link, TP_DENIED, "link.unauthenticated", "the handshake is not over");
        return;
    }
    switch (frame->kind_case) {
    case TONGPING__LINK__LINK_FRAME__KIND_CHALLENGE:
        if (node)
            tp_link_on_challenge(link, frame->challenge);
        break;
    case TONGPING__LINK__LINK_FRAME__KIND_HELLO:
        if (!node)
            tp_link_on_hello(link, frame->hello);
        break;
    case TONGPING__LINK__LINK_FRAME__KIND_WELCOME:
        if (node)
            tp_link_on_welcome(link, frame->welcome);
        break;
    case TONGPING__LINK__LINK_FRAME__KIND_DATA:
        on_data(link, frame->data);
        return;
    case TONGPING__LINK__LINK_FRAME__KIND_HEARTBEAT:
        on_heartbeat(link, frame->heartbeat);
        return;
    case TONGPING__LINK__LINK_FRAME__KIND_REFUSAL:
        on_refusal(link, frame->refusal);
        return;
    case TONGPING__LINK__LINK_FRAME__KIND__NOT_SET:
    case _TONGPING__LINK__LINK_FRAME__KIND__CASE_IS_INT_SIZE:
        tp_link_break(link, TP_PEER, "link.malformed", "the frame is of no known kind");
        return;
    }
    bool own_part = node ? frame->kind_case == TONGPING__LINK__LINK_FRAME__KIND_HELLO
                         : frame->kind_case != TONGPING__LINK__LINK_FRAME__KIND_HELLO;
    if (own_part)
        tp_link_break(link, TP_PEER, "link.out_of_order", "the peer speaks this side's part");
}

void tp_link_received(struct tp_link *link, const uint8_t *frame, size_t bytes)
{
    if (link->state == TP_LINK_ENDED)
        return;
    link->received_at = tp_clock_monotonic_ms(link->config.clock);
    if (bytes > TP_LINK_FRAME_MAX_BYTES) {
        tp_link_break(link, TP_LIMIT, "link.frame_too_large", "the frame is too large");
        return;
    }
    Tongping__Link__LinkFrame *parsed = tongping__link__link_frame__unpack(NULL, bytes, frame);
    if (parsed == NULL) {
        tp_link_break(link, TP_PEER, "link.malformed", "the frame cannot be read");
        return;
    }
    dispatch(link, parsed);
    tongping__link__link_frame__free_unpacked(parsed, NULL);
}

void tp_link_tick(struct tp_link *link)
{
    if (link->state == TP_LINK_ENDED || link->state == TP_LINK_NEW)
        return;
    int64_t now = tp_clock_monotonic_ms(link->config.clock);
    if (link->state != TP_LINK_ESTABLISHED) {
        if (now - link->started_at >= TP_LINK_HANDSHAKE_MS)
            tp_link_break(link, TP_PEER, "link.handshake_timeout", "the handshake took too long");
        return;
    }
    if (now - link->received_at >= MISSED_HEARTBEATS * (int64_t)link->heartbeat_ms) {
        tp_link_break(link, TP_PEER, "link.silent", "three heartbeats of the peer were missed");
        return;
    }
    if (now - link->heartbeat_sent_at >= link->heartbeat_ms ||
        link->applied_seq > link->ack_sent_seq)
        send_heartbeat(link);
}

struct tp_status tp_link_call(struct tp_link *link, const void *message, size_t bytes,
                              struct tp_error *error)
{
    if (bytes > TP_LINK_MESSAGE_MAX_BYTES)
        return tp_fail(error, TP_LIMIT, "link.message_too_large", "the message is too large");
    if (link->state != TP_LINK_ESTABLISHED)
        return tp_fail(error, TP_PEER, "link.down", "the link is not established");
    send_data(link, 0, message, bytes);
    return TP_STATUS_OK;
}

void tp_link_outbox_grew(struct tp_link *link)
{
    link->more = true;
    want_load(link);
}

void tp_link_loaded(struct tp_link *link, uint64_t seq, const void *message, size_t bytes)
{
    if (link->state != TP_LINK_ESTABLISHED || !link->loading)
        return;
    if (seq != link->sent_seq + 1 || bytes > TP_LINK_MESSAGE_MAX_BYTES) {
        tp_link_break(link, TP_IO, "link.outbox_broken", "the outbox misses a message");
        return;
    }
    link->sent_seq = seq;
    link->window_sizes[seq % TP_LINK_WINDOW_COUNT] = (uint32_t)bytes;
    link->window_bytes += bytes;
    send_data(link, seq, message, bytes);
}

void tp_link_load_end(struct tp_link *link, bool more)
{
    link->loading = false;
    link->more = link->more || more;
    want_load(link);
}

void tp_link_applied(struct tp_link *link, uint64_t seq)
{
    if (link->state != TP_LINK_ESTABLISHED)
        return;
    assert(seq <= link->delivered_seq);
    if (seq > link->applied_seq)
        link->applied_seq = seq;
    if (link->applied_seq - link->ack_sent_seq >= ACK_EVERY_COUNT)
        send_heartbeat(link);
}

bool tp_link_established(const struct tp_link *link)
{
    return link->state == TP_LINK_ESTABLISHED;
}

bool tp_link_ended(const struct tp_link *link)
{
    return link->state == TP_LINK_ENDED;
}

const char *tp_link_node_id(const struct tp_link *link)
{
    return link->node_id;
}

uint32_t tp_link_round_trip_ms(const struct tp_link *link)
{
    return link->round_trip_ms;
}

int64_t tp_link_clock_offset_ms(const struct tp_link *link)
{
    return link->clock_offset_ms;
}
