#include "base/link/runner.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct tp_link_runner {
    atomic_uint references;
    enum tp_link_role role;
    struct tp_store *store;
    struct tp_link_runner_handler handler;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    struct tp_link *link;             /* under the lock, as all below */
    bool driving;                     /* a thread handles events, without the lock */
    bool over;                        /* end was called */
    char peer[TP_LINK_NODE_ID_BYTES]; /* set before any event that needs it */
};

static struct tp_status read_marks(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_link_marks_read(db, TP_LINK_COORDINATOR_PEER, argument, error);
}

static void send_frame(void *context, const uint8_t *frame, size_t bytes)
{
    struct tp_link_runner *runner = context;
    if (!runner->over)
        runner->handler.send(runner->handler.context, frame, bytes);
}

struct tp_status tp_link_runner_new(const struct tp_link_config *config, struct tp_store *store,
                                    const struct tp_link_runner_handler *handler,
                                    struct tp_link_runner **runner, struct tp_error *error)
{
    *runner = NULL;
    struct tp_link_runner *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a link");
    made->role = config->role;
    made->store = store;
    made->handler = *handler;
    struct tp_link_config own = *config;
    own.send = send_frame;
    own.context = made;
    struct tp_status status = TP_STATUS_OK;
    if (config->role == TP_LINK_NODE) {
        memcpy(made->peer, TP_LINK_COORDINATOR_PEER, sizeof TP_LINK_COORDINATOR_PEER);
        status = tp_store_read(store, read_marks, &own.marks, error);
    }
    if (tp_ok(status))
        status = tp_link_new(&own, &made->link, error);
    if (tp_failed(status)) {
        free(made);
        return status;
    }
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->idle, NULL);
    atomic_init(&made->references, 1);
    *runner = made;
    return TP_STATUS_OK;
}

struct tp_link_runner *tp_link_runner_ref(struct tp_link_runner *runner)
{
    atomic_fetch_add(&runner->references, 1);
    return runner;
}

void tp_link_runner_unref(struct tp_link_runner *runner)
{
    if (runner == NULL || atomic_fetch_sub(&runner->references, 1) != 1)
        return;
    tp_link_free(runner->link);
    pthread_cond_destroy(&runner->idle);
    pthread_mutex_destroy(&runner->lock);
    free(runner);
}

static void fail_locked(struct tp_link_runner *runner, const struct tp_error *error)
{
    pthread_mutex_lock(&runner->lock);
    tp_link_fail(runner->link, error);
    pthread_mutex_unlock(&runner->lock);
}

struct marks_work {
    const char *peer;
    struct tp_link_marks marks;
};

static struct tp_status read_node_marks(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct marks_work *work = argument;
    return tp_link_marks_read(db, work->peer, &work->marks, error);
}

static void on_identify(struct tp_link_runner *runner, const struct tp_link_event *event)
{
    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES] = {0};
    struct tp_error error = {0};
    memcpy(runner->peer, event->node_id, sizeof runner->peer);
    struct marks_work work = {.peer = runner->peer};
    struct tp_status status =
        runner->handler.identify(runner->handler.context, event->node_id, sign_public, &error);
    if (tp_ok(status))
        status = tp_store_read(runner->store, read_node_marks, &work, &error);
    if (tp_failed(status)) {
        fail_locked(runner, &error);
        return;
    }
    pthread_mutex_lock(&runner->lock);
    tp_link_identified(runner->link, sign_public, &work.marks);
    pthread_mutex_unlock(&runner->lock);
}

struct load_work {
    const char *peer;
    const struct tp_link_event *event;
    struct tp_bytes rows; /* u64 seq, u32 length, message; one after the other */
    bool more;
};

static void keep_row(void *context, uint64_t seq, const void *message, size_t bytes)
{
    struct tp_bytes *rows = context;
    tp_bytes_append_u64(rows, seq);
    tp_bytes_append_u32(rows, (uint32_t)bytes);
    tp_bytes_append(rows, message, bytes);
}

static struct tp_status load_rows(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct load_work *work = argument;
    tp_bytes_clear(&work->rows);
    struct tp_status status =
        tp_link_outbox_load(db, work->peer, work->event->seq, work->event->limit_count,
                            work->event->limit_bytes, keep_row, &work->rows, &work->more, error);
    return tp_ok(status) ? tp_bytes_check(&work->rows, error) : status;
}

static uint64_t read_number(const uint8_t *data, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | data[i];
    return value;
}

static void give_rows(struct tp_link *link, const struct tp_bytes *rows)
{
    const size_t head_bytes = 12;
    for (size_t at = 0; at + head_bytes <= rows->length;) {
        const uint8_t *row = rows->data + at;
        size_t bytes = (size_t)read_number(row + 8, 4);
        tp_link_loaded(link, read_number(row, 8), row + head_bytes, bytes);
        at += head_bytes + bytes;
    }
}

static void on_load(struct tp_link_runner *runner, const struct tp_link_event *event)
{
    struct load_work work = {.peer = runner->peer, .event = event, .rows = TP_BYTES_INIT};
    struct tp_error error = {0};
    struct tp_status status = tp_store_read(runner->store, load_rows, &work, &error);
    pthread_mutex_lock(&runner->lock);
    if (tp_ok(status)) {
        give_rows(runner->link, &work.rows);
        tp_link_load_end(runner->link, work.more);
    } else {
        tp_link_fail(runner->link, &error);
    }
    pthread_mutex_unlock(&runner->lock);
    tp_bytes_fini(&work.rows);
}

struct apply_work {
    struct tp_link_runner *runner;
    const struct tp_link_event *event;
    const Tongping__Link__LinkMessage *message;
    bool fresh;
};

static struct tp_status apply_message(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct apply_work *work = argument;
    struct tp_link_runner *runner = work->runner;
    struct tp_status status =
        tp_link_mark_applied(db, runner->peer, work->event->seq, &work->fresh, error);
    if (tp_failed(status) || !work->fresh)
        return status;
    return runner->handler.apply(runner->handler.context, db, work->event->node_id, work->message,
                                 error);
}

static void on_apply(struct tp_link_runner *runner, const struct tp_link_event *event,
                     const Tongping__Link__LinkMessage *message)
{
    struct apply_work work = {.runner = runner, .event = event, .message = message};
    struct tp_error error = {0};
    if (tp_failed(tp_store_write(runner->store, apply_message, &work, &error))) {
        tp_log_error(TP_LOG_ERROR, "link.apply_failed", &error);
        fail_locked(runner, &error);
        return;
    }
    pthread_mutex_lock(&runner->lock);
    tp_link_applied(runner->link, event->seq);
    pthread_mutex_unlock(&runner->lock);
    if (work.fresh && runner->handler.applied != NULL)
        runner->handler.applied(runner->handler.context, event->node_id, message);
}

static void on_message(struct tp_link_runner *runner, const struct tp_link_event *event)
{
    Tongping__Link__LinkMessage *message =
        tongping__link__link_message__unpack(NULL, event->message_bytes, event->message);
    if (message == NULL || message->kind_case == TONGPING__LINK__LINK_MESSAGE__KIND__NOT_SET) {
        struct tp_error error = {0};
        (void)tp_fail(&error, TP_PEER, "link.malformed", "the message cannot be read");
        fail_locked(runner, &error);
    } else if (event->kind == TP_LINK_EVENT_APPLY) {
        on_apply(runner, event, message);
    } else {
        runner->handler.call(runner->handler.context, event->node_id, message);
    }
    tongping__link__link_message__free_unpacked(message, NULL);
}

struct acknowledge_work {
    const char *peer;
    uint64_t seq;
};

static struct tp_status acknowledge(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct acknowledge_work *work = argument;
    return tp_link_outbox_acknowledge(db, work->peer, work->seq, error);
}

static void on_acknowledged(struct tp_link_runner *runner, const struct tp_link_event *event)
{
    struct acknowledge_work work = {.peer = runner->peer, .seq = event->seq};
    struct tp_error error = {0};
    if (tp_failed(tp_store_write(runner->store, acknowledge, &work, &error)))
        fail_locked(runner, &error);
}

static void handle(struct tp_link_runner *runner, const struct tp_link_event *event)
{
    switch (event->kind) {
    case TP_LINK_EVENT_IDENTIFY:
        on_identify(runner, event);
        break;
    case TP_LINK_EVENT_ESTABLISHED:
        runner->handler.established(runner->handler.context, event->node_id, event->version);
        break;
    case TP_LINK_EVENT_LOAD:
        on_load(runner, event);
        break;
    case TP_LINK_EVENT_APPLY:
    case TP_LINK_EVENT_CALL:
        on_message(runner, event);
        break;
    case TP_LINK_EVENT_ACKNOWLEDGED:
        on_acknowledged(runner, event);
        break;
    case TP_LINK_EVENT_FAILED:
        runner->handler.failed(runner->handler.context, &event->error);
        break;
    }
}

/* Handles events until none waits; when another thread is at it, that one goes on. Called with the
 * lock held, which it gives up while an event is handled. */
static void drive(struct tp_link_runner *runner)
{
    if (runner->driving)
        return;
    runner->driving = true;
    struct tp_link_event event;
    while (!runner->over && tp_link_next_event(runner->link, &event)) {
        pthread_mutex_unlock(&runner->lock);
        handle(runner, &event);
        tp_link_event_fini(&event);
        pthread_mutex_lock(&runner->lock);
    }
    runner->driving = false;
    pthread_cond_broadcast(&runner->idle);
}

void tp_link_runner_start(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    tp_link_start(runner->link);
    drive(runner);
    pthread_mutex_unlock(&runner->lock);
}

void tp_link_runner_received(struct tp_link_runner *runner, const uint8_t *frame, size_t bytes)
{
    pthread_mutex_lock(&runner->lock);
    tp_link_received(runner->link, frame, bytes);
    drive(runner);
    pthread_mutex_unlock(&runner->lock);
}

void tp_link_runner_tick(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    tp_link_tick(runner->link);
    drive(runner);
    pthread_mutex_unlock(&runner->lock);
}

void tp_link_runner_wake(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    tp_link_outbox_grew(runner->link);
    drive(runner);
    pthread_mutex_unlock(&runner->lock);
}

struct tp_status tp_link_runner_call(struct tp_link_runner *runner,
                                     const Tongping__Link__LinkMessage *message,
                                     struct tp_error *error)
{
    size_t bytes = tongping__link__link_message__get_packed_size(message);
    uint8_t *packed = malloc(bytes + 1);
    if (packed == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a message");
    tongping__link__link_message__pack(message, packed);
    pthread_mutex_lock(&runner->lock);
    struct tp_status status = tp_link_call(runner->link, packed, bytes, error);
    pthread_mutex_unlock(&runner->lock);
    free(packed);
    return status;
}

void tp_link_runner_fail(struct tp_link_runner *runner, const struct tp_error *error)
{
    pthread_mutex_lock(&runner->lock);
    tp_link_fail(runner->link, error);
    drive(runner);
    pthread_mutex_unlock(&runner->lock);
}

void tp_link_runner_end(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    runner->over = true;
    while (runner->driving)
        pthread_cond_wait(&runner->idle, &runner->lock);
    pthread_mutex_unlock(&runner->lock);
}

bool tp_link_runner_established(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    bool established = !runner->over && tp_link_established(runner->link);
    pthread_mutex_unlock(&runner->lock);
    return established;
}

uint32_t tp_link_runner_round_trip_ms(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    uint32_t round_trip_ms = tp_link_round_trip_ms(runner->link);
    pthread_mutex_unlock(&runner->lock);
    return round_trip_ms;
}

int64_t tp_link_runner_clock_offset_ms(struct tp_link_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    int64_t offset_ms = tp_link_clock_offset_ms(runner->link);
    pthread_mutex_unlock(&runner->lock);
    return offset_ms;
}

struct tp_status tp_link_outbox_append_message(struct tp_db *db, const char *peer,
                                               const Tongping__Link__LinkMessage *message,
                                               int64_t now_ms, uint64_t *seq,
                                               struct tp_error *error)
{
    size_t bytes = tongping__link__link_message__get_packed_size(message);
    if (bytes > TP_LINK_MESSAGE_MAX_BYTES)
        return tp_fail(error, TP_LIMIT, "link.message_too_large", "the message is too large");
    uint8_t *packed = malloc(bytes + 1);
    if (packed == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a message");
    tongping__link__link_message__pack(message, packed);
    struct tp_status status = tp_link_outbox_append(db, peer, packed, bytes, now_ms, seq, error);
    free(packed);
    return status;
}
