#include "venue-node/media_link.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "venue-node/media_process.h"

#define LENGTH_BYTES 4
#define CONNECT_EVERY_MS 100
#define LOOK_EVERY_MS 200
#define SEND_LIMIT_S 2
#define END_LIMIT_MS 5000

struct tp_media_link {
    struct tp_media_handler handler;
    const struct tp_clock *clock;
    struct tp_media_process process; /* the thread's own */
    char socket_path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    int stop_fd; /* an eventfd: readable when the thread shall end */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* guards fd, and the order of what is written to it */
    int fd;               /* -1: not connected */
};

struct tp_status tp_media_link_new(const struct tp_venue_config *config,
                                   const struct tp_clock *clock,
                                   const struct tp_media_handler *handler,
                                   struct tp_media_link **link, struct tp_error *error)
{
    size_t path_bytes = strlen(config->media_socket) + 1;
    struct tp_media_link *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for the media link");
    if (path_bytes > sizeof made->socket_path) {
        free(made);
        return tp_fail(error, TP_INPUT, "venue.socket_path", "the media socket's path is too long");
    }
    memcpy(made->socket_path, config->media_socket, path_bytes);
    made->handler = *handler;
    made->clock = clock;
    made->fd = -1;
    made->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (made->stop_fd < 0) {
        free(made);
        return tp_fail(error, TP_IO, "media.eventfd", "%s", strerror(errno));
    }
    tp_media_process_init(&made->process, config, clock);
    pthread_mutex_init(&made->lock, NULL);
    *link = made;
    return TP_STATUS_OK;
}

/* Waits for the stop, or for the socket (when not -1), at most `limit_ms`. True: stop. */
static bool wait_for(const struct tp_media_link *link, int fd, int limit_ms, bool *readable)
{
    struct pollfd fds[2] = {{.fd = link->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    (void)poll(fds, fd < 0 ? 1 : 2, limit_ms);
    *readable = fd >= 0 && fds[1].revents != 0;
    return fds[0].revents != 0;
}

static int connect_socket(const struct tp_media_link *link)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, link->socket_path, sizeof address.sun_path);
    const struct timeval limit = {.tv_sec = SEND_LIMIT_S};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void set_fd(struct tp_media_link *link, int fd)
{
    pthread_mutex_lock(&link->lock);
    if (link->fd >= 0)
        close(link->fd);
    link->fd = fd;
    pthread_mutex_unlock(&link->lock);
}

static size_t read_length(const uint8_t *data)
{
    return (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
}

/* Hands on the whole frames at the front of `buffer` and takes them out. False: garbled. */
static bool take_frames(struct tp_media_link *link, struct tp_bytes *buffer)
{
    size_t at = 0;
    while (buffer->length - at >= LENGTH_BYTES) {
        size_t bytes = read_length(buffer->data + at);
        if (bytes == 0 || bytes > TP_MEDIA_FRAME_MOST_BYTES)
            return false;
        if (buffer->length - at - LENGTH_BYTES < bytes)
            break;
        Tongping__Media__MediaFrame *frame =
            tongping__media__media_frame__unpack(NULL, bytes, buffer->data + at + LENGTH_BYTES);
        if (frame == NULL)
            return false;
        link->handler.frame(link->handler.context, frame);
        tongping__media__media_frame__free_unpacked(frame, NULL);
        at += LENGTH_BYTES + bytes;
    }
    memmove(buffer->data, buffer->data + at, buffer->length - at);
    buffer->length -= at;
    return true;
}

/* Reads until the connection ends or the stop comes; true: stop. */
static bool converse(struct tp_media_link *link, int fd)
{
    TP_AUTO(tp_bytes) struct tp_bytes buffer = TP_BYTES_INIT;
    uint8_t chunk[16384];
    int64_t heard_at = tp_clock_monotonic_ms(link->clock);
    for (;;) {
        bool readable;
        if (wait_for(link, fd, LOOK_EVERY_MS, &readable))
            return true;
        tp_media_process_look_after(&link->process);
        int64_t now = tp_clock_monotonic_ms(link->clock);
        if (now - heard_at > TP_MEDIA_SILENT_MS) {
            tp_media_process_kill(&link->process);
            return false;
        }
        if (!readable)
            continue;
        ssize_t got = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (got < 0)
            continue;
        heard_at = now;
        tp_bytes_append(&buffer, chunk, (size_t)got);
        if (buffer.failed || !take_frames(link, &buffer)) {
            tp_log(TP_LOG_ERROR, "media.garbled", "waiting_bytes=%zu", buffer.length);
            return false;
        }
    }
}

/* A child that runs and cannot be reached for so long hangs as well as one that says nothing. */
static void kill_unreachable(struct tp_media_link *link, int64_t since)
{
    int64_t start = link->process.started_at > since ? link->process.started_at : since;
    if (tp_clock_monotonic_ms(link->clock) - start > TP_MEDIA_SILENT_MS)
        tp_media_process_kill(&link->process);
}

static void *run(void *argument)
{
    struct tp_media_link *link = argument;
    int64_t disconnected_at = tp_clock_monotonic_ms(link->clock);
    bool readable;
    do {
        tp_media_process_look_after(&link->process);
        int fd = connect_socket(link);
        if (fd < 0) {
            kill_unreachable(link, disconnected_at);
            continue;
        }
        set_fd(link, fd);
        tp_log(TP_LOG_INFO, "media.connected", "pid=%d", (int)link->process.pid);
        link->handler.connected(link->handler.context);
        bool stop = converse(link, fd);
        set_fd(link, -1);
        tp_log(TP_LOG_WARN, "media.disconnected", "pid=%d", (int)link->process.pid);
        link->handler.disconnected(link->handler.context);
        disconnected_at = tp_clock_monotonic_ms(link->clock);
        if (stop)
            break;
    } while (!wait_for(link, -1, CONNECT_EVERY_MS, &readable));
    tp_media_process_end(&link->process, END_LIMIT_MS);
    return NULL;
}

struct tp_status tp_media_link_start(struct tp_media_link *link, struct tp_error *error)
{
    if (pthread_create(&link->thread, NULL, run, link) != 0)
        return tp_fail(error, TP_IO, "media.thread", "no thread for the media link");
    link->started = true;
    return TP_STATUS_OK;
}

void tp_media_link_free(struct tp_media_link *link)
{
    if (link == NULL)
        return;
    if (link->started) {
        const uint64_t one = 1;
        ssize_t written = write(link->stop_fd, &one, sizeof one);
        (void)written;
        pthread_join(link->thread, NULL);
    }
    close(link->stop_fd);
    pthread_mutex_destroy(&link->lock);
    free(link);
}

bool tp_media_link_up(struct tp_media_link *link)
{
    pthread_mutex_lock(&link->lock);
    bool up = link->fd >= 0;
    pthread_mutex_unlock(&link->lock);
    return up;
}

static bool write_all(int fd, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t written = send(fd, data, bytes, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        bytes -= (size_t)written;
    }
    return true;
}

struct tp_status tp_media_link_send(struct tp_media_link *link,
                                    const Tongping__Media__MediaFrame *frame,
                                    struct tp_error *error)
{
    size_t bytes = tongping__media__media_frame__get_packed_size(frame);
    if (bytes > TP_MEDIA_FRAME_MOST_BYTES)
        return tp_fail(error, TP_LIMIT, "media.frame_too_large", "the frame is too large");
    TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
    tp_bytes_append_u32(&out, (uint32_t)bytes);
    tp_bytes_reserve(&out, bytes);
    struct tp_status status = tp_bytes_check(&out, error);
    if (tp_failed(status))
        return status;
    tongping__media__media_frame__pack(frame, out.data + out.length);
    out.length += bytes;
    pthread_mutex_lock(&link->lock);
    bool sent = link->fd >= 0 && write_all(link->fd, out.data, out.length);
    if (!sent && link->fd >= 0)
        shutdown(link->fd, SHUT_RDWR); /* half a frame may be out: the thread connects anew */
    pthread_mutex_unlock(&link->lock);
    if (!sent)
        return tp_fail(error, TP_PEER, "media.down", "tp-media is not connected");
    return TP_STATUS_OK;
}
