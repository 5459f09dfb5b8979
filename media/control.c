#include "media/control.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define CLIENTS_MAX_COUNT 8
#define BACKLOG_COUNT 128
#define UNSENT_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define READ_BYTES ((size_t)64 * 1024)

struct client {
    struct tp_control *control;
    uint64_t id;
    int fd;
    guint read_watch, write_watch; /* 0: none */
    struct tp_frame_reader reader;
    struct tp_bytes unsent;
    bool doomed; /* closed at the next idle moment */
};

struct tp_control {
    struct tp_control_events events;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    int fd;
    guint watch;
    guint reap; /* idle source that closes doomed clients */
    uint64_t last_id;
    GPtrArray *clients;
};

static void free_client(gpointer data)
{
    struct client *client = data;
    if (client->read_watch != 0)
        g_source_remove(client->read_watch);
    if (client->write_watch != 0)
        g_source_remove(client->write_watch);
    close(client->fd);
    tp_frame_reader_fini(&client->reader);
    tp_bytes_fini(&client->unsent);
    g_free(client);
}

static gboolean reap_doomed(gpointer data)
{
    struct tp_control *control = data;
    control->reap = 0;
    for (guint i = control->clients->len; i > 0; i--) {
        struct client *client = g_ptr_array_index(control->clients, i - 1);
        if (!client->doomed)
            continue;
        uint64_t id = client->id;
        g_ptr_array_remove_index(control->clients, i - 1);
        tp_log(TP_LOG_INFO, "control.closed", "connection=%llu", (unsigned long long)id);
        control->events.closed(control->events.context, id);
    }
    return G_SOURCE_REMOVE;
}

/* Closing waits until nobody is in the midst of using the client. */
static void doom(struct client *client)
{
    client->doomed = true;
    if (client->control->reap == 0)
        client->control->reap =
            g_idle_add_full(G_PRIORITY_DEFAULT, reap_doomed, client->control, NULL);
}

static void handle_frames(struct client *client)
{
    struct tp_control *control = client->control;
    while (!client->doomed) {
        Tongping__Media__MediaFrame *frame = NULL;
        struct tp_error error = {0};
        if (tp_failed(tp_frame_reader_next(&client->reader, &frame, &error))) {
            tp_log_error(TP_LOG_WARN, "control.bad_frame", &error);
            doom(client);
        } else if (frame == NULL) {
            return;
        } else {
            control->events.frame(control->events.context, client->id, frame);
            tongping__media__media_frame__free_unpacked(frame, NULL);
        }
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    struct client *client = data;
    char bytes[READ_BYTES];
    ssize_t length = read(fd, bytes, sizeof bytes);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (length > 0 && tp_ok(tp_frame_reader_feed(&client->reader, bytes, (size_t)length, NULL)))
        handle_frames(client);
    else
        doom(client);
    if (client->doomed)
        client->read_watch = 0;
    return client->doomed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* Sends what the socket takes; false when the connection has broken. */
static bool flush(struct client *client)
{
    while (client->unsent.length > 0) {
        ssize_t sent = send(client->fd, client->unsent.data, client->unsent.length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        client->unsent.length -= (size_t)sent;
        memmove(client->unsent.data, client->unsent.data + sent, client->unsent.length);
    }
    return true;
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    struct client *client = data;
    if (!flush(client))
        doom(client);
    bool more = !client->doomed && client->unsent.length > 0;
    if (!more)
        client->write_watch = 0;
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void send_to(struct client *client, const Tongping__Media__MediaFrame *frame)
{
    struct tp_error error = {0};
    if (client->doomed)
        return;
    if (tp_failed(tp_frame_append(&client->unsent, frame, &error))) {
        tp_log_error(TP_LOG_ERROR, "control.cannot_send", &error);
        doom(client);
    } else if (client->write_watch == 0) {
        if (!flush(client) || client->unsent.length > UNSENT_MAX_BYTES)
            doom(client);
        else if (client->unsent.length > 0)
            client->write_watch = g_unix_fd_add(client->fd, G_IO_OUT, on_writable, client);
    } else if (client->unsent.length > UNSENT_MAX_BYTES) {
        tp_log(TP_LOG_WARN, "control.not_reading", "connection=%llu",
               (unsigned long long)client->id);
        doom(client);
    }
}

void tp_control_send(struct tp_control *control, uint64_t connection,
                     const Tongping__Media__MediaFrame *frame)
{
    for (guint i = 0; i < control->clients->len; i++) {
        struct client *client = g_ptr_array_index(control->clients, i);
        if (connection == 0 || client->id == connection)
            send_to(client, frame);
    }
}

static bool same_user(int fd)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static gboolean on_connection(gint listener, GIOCondition condition, gpointer data)
{
    (void)condition;
    struct tp_control *control = data;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return G_SOURCE_CONTINUE;
    if (!same_user(fd) || control->clients->len >= CLIENTS_MAX_COUNT) {
        tp_log(TP_LOG_WARN, "control.refused", "clients=%u", control->clients->len);
        close(fd);
        return G_SOURCE_CONTINUE;
    }
    struct client *client = g_new0(struct client, 1);
    client->control = control;
    client->id = ++control->last_id;
    client->fd = fd;
    client->read_watch = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, client);
    g_ptr_array_add(control->clients, client);
    tp_log(TP_LOG_INFO, "control.connected", "connection=%llu", (unsigned long long)client->id);
    return G_SOURCE_CONTINUE;
}

/* Removes a socket file that no process listens on any more. */
static struct tp_status clear_stale(const struct sockaddr_un *address, struct tp_error *error)
{
    struct stat about;
    if (lstat(address->sun_path, &about) != 0)
        return TP_STATUS_OK;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers =
        probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof *address) == 0;
    if (probe >= 0)
        close(probe);
    if (answers || !S_ISSOCK(about.st_mode))
        return tp_fail(error, TP_CONFLICT, "control.in_use", "the socket's path is in use");
    unlink(address->sun_path);
    return TP_STATUS_OK;
}

static struct tp_status listen_on(struct tp_control *control, struct tp_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, control->path);
    struct tp_status status = clear_stale(&address, error);
    if (tp_failed(status))
        return status;
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool bound =
        control->fd >= 0 && bind(control->fd, (struct sockaddr *)&address, sizeof address) == 0;
    umask(before);
    if (!bound || listen(control->fd, BACKLOG_COUNT) != 0)
        return tp_fail(error, TP_IO, "control.cannot_listen", "%s", strerror(errno));
    control->watch = g_unix_fd_add(control->fd, G_IO_IN, on_connection, control);
    return TP_STATUS_OK;
}

struct tp_status tp_control_open(const char *path, struct tp_control_events events,
                                 struct tp_control **out, struct tp_error *error)
{
    struct tp_control *control = g_new0(struct tp_control, 1);
    if (strlen(path) >= sizeof control->path) {
        g_free(control);
        return tp_fail(error, TP_INPUT, "control.cannot_listen", "the socket's path is too long");
    }
    strcpy(control->path, path);
    control->events = events;
    control->fd = -1;
    control->clients = g_ptr_array_new_with_free_func(free_client);
    struct tp_status status = listen_on(control, error);
    if (tp_failed(status)) {
        tp_control_close(control);
        return status;
    }
    *out = control;
    return status;
}

void tp_control_close(struct tp_control *control)
{
    if (control->watch != 0) {
        g_source_remove(control->watch);
        unlink(control->path);
    }
    if (control->reap != 0)
        g_source_remove(control->reap);
    if (control->fd >= 0)
        close(control->fd);
    g_ptr_array_unref(control->clients);
    g_free(control);
}
