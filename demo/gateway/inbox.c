#include "demo/gateway/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/json.h"

#define FILE_MOST_BYTES (64U << 20)

struct tp_inbox {
    pthread_mutex_t mutex;
    json_t *messages; /* array in order; n = index + 1 */
    json_t *ids;      /* object: id -> true */
    int file;
};

static struct tp_status keep(struct tp_inbox *inbox, json_t *message, struct tp_error *error)
{
    const char *id = json_string_value(json_object_get(message, "id"));
    if (json_array_append(inbox->messages, message) != 0 ||
        (id != NULL && json_object_set_new(inbox->ids, id, json_true()) != 0))
        return tp_fail(error, TP_NOMEM, "inbox.memory", "out of memory");
    return TP_STATUS_OK;
}

/* Reads whole lines; gives the length of what was whole. */
static struct tp_status load(struct tp_inbox *inbox, const struct tp_bytes *text, size_t *whole,
                             struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    *whole = 0;
    while (tp_ok(status) && *whole < text->length) {
        const uint8_t *line = text->data + *whole;
        const uint8_t *end = memchr(line, '\n', text->length - *whole);
        TP_AUTO(tp_json) json_t *message = NULL;
        if (end == NULL || tp_failed(tp_json_parse(line, (size_t)(end - line), &message, NULL)))
            break;
        status = keep(inbox, message, error);
        *whole += (size_t)(end - line) + 1;
    }
    return status;
}

struct tp_status tp_inbox_open(const char *path, struct tp_inbox **inbox, struct tp_error *error)
{
    struct tp_inbox *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "inbox.memory", "out of memory");
    pthread_mutex_init(&made->mutex, NULL);
    made->messages = json_array();
    made->ids = json_object();
    made->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct tp_status status = TP_STATUS_OK;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    size_t whole = 0;
    if (made->messages == NULL || made->ids == NULL)
        status = tp_fail(error, TP_NOMEM, "inbox.memory", "out of memory");
    else if (made->file < 0)
        status = tp_fail(error, TP_IO, "inbox.open", "cannot open %s: %s", path, strerror(errno));
    if (tp_ok(status))
        status = tp_file_read(path, FILE_MOST_BYTES, &text, error);
    if (tp_ok(status))
        status = load(made, &text, &whole, error);
    if (tp_ok(status) && whole < text.length && ftruncate(made->file, (off_t)whole) != 0)
        status = tp_fail(error, TP_IO, "inbox.repair", "cannot drop a torn line of %s", path);
    if (tp_failed(status)) {
        tp_inbox_free(made);
        return status;
    }
    *inbox = made;
    return TP_STATUS_OK;
}

void tp_inbox_free(struct tp_inbox *inbox)
{
    if (inbox == NULL)
        return;
    json_decref(inbox->messages);
    json_decref(inbox->ids);
    if (inbox->file >= 0)
        close(inbox->file);
    pthread_mutex_destroy(&inbox->mutex);
    free(inbox);
}

static struct tp_status write_line(struct tp_inbox *inbox, const json_t *message,
                                   struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes line = TP_BYTES_INIT;
    struct tp_status status = tp_json_write(message, &line, error);
    tp_bytes_append_text(&line, "\n");
    if (tp_ok(status))
        status = tp_bytes_check(&line, error);
    if (tp_ok(status) && write(inbox->file, line.data, line.length) != (ssize_t)line.length)
        status = tp_fail(error, TP_IO, "inbox.write", "cannot keep the message");
    return status;
}

static struct tp_status add_locked(struct tp_inbox *inbox, const struct tp_inbox_message *message,
                                   bool *fresh, struct tp_error *error)
{
    size_t count = json_array_size(inbox->messages);
    *fresh = message->id == NULL || json_object_get(inbox->ids, message->id) == NULL;
    if (!*fresh)
        return TP_STATUS_OK;
    if (count >= TP_INBOX_MESSAGES_MOST)
        return tp_fail(error, TP_LIMIT, "inbox.full", "the phones hold %d messages",
                       TP_INBOX_MESSAGES_MOST);
    TP_AUTO(tp_json)
    json_t *made = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s*}", "n", (json_int_t)count + 1, "at",
                             (json_int_t)message->at_ms, "kind", message->kind, "to", message->to,
                             "text", message->text, "id", message->id);
    if (made == NULL)
        return tp_fail(error, TP_INPUT, "inbox.bad_text", "the message is not text");
    struct tp_status status = write_line(inbox, made, error);
    return tp_ok(status) ? keep(inbox, made, error) : status;
}

struct tp_status tp_inbox_add(struct tp_inbox *inbox, const struct tp_inbox_message *message,
                              bool *fresh, struct tp_error *error)
{
    pthread_mutex_lock(&inbox->mutex);
    struct tp_status status = add_locked(inbox, message, fresh, error);
    pthread_mutex_unlock(&inbox->mutex);
    return status;
}

json_t *tp_inbox_after(struct tp_inbox *inbox, int64_t after, size_t most)
{
    json_t *items = json_array();
    pthread_mutex_lock(&inbox->mutex);
    size_t count = json_array_size(inbox->messages);
    size_t first = after < 0 ? 0 : (size_t)after;
    for (size_t i = first; items != NULL && i < count && i - first < most; i++) {
        /* A copy: the caller's array outlives the lock, and counts of references are not atomic. */
        if (json_array_append_new(items, json_deep_copy(json_array_get(inbox->messages, i))) != 0) {
            json_decref(items);
            items = NULL;
        }
    }
    pthread_mutex_unlock(&inbox->mutex);
    return items;
}
