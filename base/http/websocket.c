#include "base/http/websocket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/http/connection.h"

#define OUTGOING_COUNT_MAX 1024
#define OUTGOING_BYTES_MAX (8u << 20)
#define INCOMING_COUNT_HIGH 256
#define INCOMING_BYTES_HIGH (1u << 20)
#define INCOMING_COUNT_LOW 64
#define INCOMING_BYTES_LOW (256u << 10)
/* So many messages of one socket before another gets the worker. */
#define MESSAGES_PER_TURN 32

struct tp_incoming {
    struct tp_incoming *next;
    size_t bytes;
    bool binary;
    uint8_t data[];
};

static void run_turn(struct tp_work *work);
static void run_wake(struct tp_post *post);
static void run_release(struct tp_post *post);

struct tp_websocket *tp_websocket_new(struct tp_http_server *server, struct tp_loop *loop,
                                      struct tp_worker_pool *pool,
                                      const struct tp_websocket_handler *handler)
{
    struct tp_websocket *socket = calloc(1, sizeof(*socket));
    if (socket == NULL)
        return NULL;
    socket->server = server;
    socket->loop = loop;
    socket->pool = pool;
    socket->handler = *handler;
    socket->last_next = &socket->first;
    socket->work.run = run_turn;
    socket->wake_post.run = run_wake;
    socket->release_post.run = run_release;
    pthread_mutex_init(&socket->mutex, NULL);
    return socket;
}

void tp_websocket_discard(struct tp_websocket *socket)
{
    if (socket == NULL)
        return;
    while (socket->first != NULL) {
        struct tp_incoming *incoming = socket->first;
        socket->first = incoming->next;
        free(incoming);
    }
    tp_bytes_fini(&socket->outgoing);
    pthread_mutex_destroy(&socket->mutex);
    free(socket);
}

/* Under the mutex. */
static void schedule(struct tp_websocket *socket)
{
    if (socket->scheduled)
        return;
    socket->scheduled = true;
    tp_worker_pool_submit(socket->pool, &socket->work);
}

/* Under the mutex. */
static void wake_loop(struct tp_websocket *socket)
{
    if (socket->wake_posted)
        return;
    socket->wake_posted = true;
    tp_loop_post(socket->loop, &socket->wake_post);
}

void tp_websocket_begin(struct tp_websocket *socket, struct tp_connection *connection)
{
    socket->connection = connection;
    pthread_mutex_lock(&socket->mutex);
    socket->opened_due = socket->handler.opened != NULL;
    if (socket->opened_due)
        schedule(socket);
    pthread_mutex_unlock(&socket->mutex);
}

bool tp_websocket_deliver(struct tp_websocket *socket, const struct tp_frame *frame)
{
    struct tp_incoming *incoming = malloc(sizeof(*incoming) + frame->bytes + 1);
    if (incoming == NULL)
        return false;
    incoming->next = NULL;
    incoming->bytes = frame->bytes;
    incoming->binary = frame->opcode == TP_OPCODE_BINARY;
    if (frame->bytes > 0)
        memcpy(incoming->data, frame->data, frame->bytes);
    incoming->data[frame->bytes] = '\0';
    pthread_mutex_lock(&socket->mutex);
    *socket->last_next = incoming;
    socket->last_next = &incoming->next;
    socket->incoming_count++;
    socket->incoming_bytes += frame->bytes;
    if (socket->incoming_count >= INCOMING_COUNT_HIGH ||
        socket->incoming_bytes >= INCOMING_BYTES_HIGH)
        socket->paused = true;
    schedule(socket);
    pthread_mutex_unlock(&socket->mutex);
    return true;
}

bool tp_websocket_paused(struct tp_websocket *socket)
{
    pthread_mutex_lock(&socket->mutex);
    bool paused = socket->paused;
    pthread_mutex_unlock(&socket->mutex);
    return paused;
}

void tp_websocket_end(struct tp_websocket *socket)
{
    socket->connection = NULL;
    pthread_mutex_lock(&socket->mutex);
    socket->closing = true;
    socket->closed_due = true;
    schedule(socket);
    pthread_mutex_unlock(&socket->mutex);
}

bool tp_websocket_take(struct tp_websocket *socket, struct tp_bytes *out)
{
    assert(out->length == 0);
    pthread_mutex_lock(&socket->mutex);
    struct tp_bytes taken = socket->outgoing;
    socket->outgoing = *out;
    *out = taken;
    socket->handed_count = socket->outgoing_count;
    socket->handed_bytes = taken.length;
    socket->outgoing_count = 0;
    pthread_mutex_unlock(&socket->mutex);
    return taken.length > 0;
}

bool tp_websocket_closing(struct tp_websocket *socket)
{
    pthread_mutex_lock(&socket->mutex);
    bool closing = socket->closing;
    pthread_mutex_unlock(&socket->mutex);
    return closing;
}

void tp_websocket_control(struct tp_websocket *socket, uint8_t opcode, const void *data,
                          size_t bytes)
{
    pthread_mutex_lock(&socket->mutex);
    if (!socket->closing && socket->outgoing_count + socket->handed_count < OUTGOING_COUNT_MAX) {
        tp_frame_append(&socket->outgoing, opcode, data, bytes);
        socket->outgoing_count++;
    }
    pthread_mutex_unlock(&socket->mutex);
}

struct tp_status tp_websocket_send(struct tp_websocket *socket, const void *data, size_t bytes,
                                   bool binary)
{
    enum tp_class class = TP_OK;
    pthread_mutex_lock(&socket->mutex);
    if (socket->closing) {
        class = TP_PEER;
    } else if (socket->outgoing_count + socket->handed_count >= OUTGOING_COUNT_MAX ||
               socket->outgoing.length + socket->handed_bytes + bytes > OUTGOING_BYTES_MAX) {
        class = TP_LIMIT;
    } else {
        tp_frame_append(&socket->outgoing, binary ? TP_OPCODE_BINARY : TP_OPCODE_TEXT, data, bytes);
        socket->outgoing_count++;
        if (socket->outgoing.failed)
            class = TP_NOMEM;
        wake_loop(socket);
    }
    pthread_mutex_unlock(&socket->mutex);
    return tp_status_of(class);
}

void tp_websocket_close(struct tp_websocket *socket, int code, const char *reason)
{
    pthread_mutex_lock(&socket->mutex);
    if (!socket->closing) {
        socket->closing = true;
        tp_frame_append_close(&socket->outgoing, code, reason);
        wake_loop(socket);
    }
    pthread_mutex_unlock(&socket->mutex);
}

static void run_wake(struct tp_post *post)
{
    struct tp_websocket *socket = (void *)((char *)post - offsetof(struct tp_websocket, wake_post));
    pthread_mutex_lock(&socket->mutex);
    socket->wake_posted = false;
    pthread_mutex_unlock(&socket->mutex);
    if (socket->connection != NULL)
        tp_connection_wake(socket->connection);
}

static void run_release(struct tp_post *post)
{
    struct tp_websocket *socket =
        (void *)((char *)post - offsetof(struct tp_websocket, release_post));
    struct tp_http_server *server = socket->server;
    tp_websocket_discard(socket);
    tp_connection_socket_released(server);
}

enum turn { TURN_NOTHING, TURN_OPENED, TURN_MESSAGE, TURN_CLOSED };

static enum turn next_turn(struct tp_websocket *socket, struct tp_incoming **message)
{
    enum turn turn = TURN_NOTHING;
    pthread_mutex_lock(&socket->mutex);
    if (socket->opened_due) {
        socket->opened_due = false;
        turn = TURN_OPENED;
    } else if (socket->first != NULL) {
        *message = socket->first;
        socket->first = (*message)->next;
        if (socket->first == NULL)
            socket->last_next = &socket->first;
        socket->incoming_count--;
        socket->incoming_bytes -= (*message)->bytes;
        if (socket->paused && socket->incoming_count <= INCOMING_COUNT_LOW &&
            socket->incoming_bytes <= INCOMING_BYTES_LOW) {
            socket->paused = false;
            wake_loop(socket);
        }
        turn = TURN_MESSAGE;
    } else if (socket->closed_due) {
        turn = TURN_CLOSED;
    } else {
        socket->scheduled = false;
    }
    pthread_mutex_unlock(&socket->mutex);
    return turn;
}

static void run_turn(struct tp_work *work)
{
    struct tp_websocket *socket = (void *)((char *)work - offsetof(struct tp_websocket, work));
    const struct tp_websocket_handler *handler = &socket->handler;
    for (int i = 0; i < MESSAGES_PER_TURN; i++) {
        struct tp_incoming *message = NULL;
        switch (next_turn(socket, &message)) {
        case TURN_NOTHING:
            return;
        case TURN_OPENED:
            handler->opened(handler->context, socket->user, socket);
            break;
        case TURN_MESSAGE:
            handler->message(handler->context, socket->user, socket, message->data, message->bytes,
                             message->binary);
            free(message);
            break;
        case TURN_CLOSED:
            handler->closed(handler->context, socket->user, socket);
            tp_loop_post(socket->loop, &socket->release_post);
            return;
        }
    }
    tp_worker_pool_submit(socket->pool, work);
}
