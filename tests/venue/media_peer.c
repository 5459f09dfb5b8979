/*
 * tp-media's side of the local socket as the venue tests need it: takes the feeds, answers offers,
 * tells its status; captures nothing. An offer whose SDP is "silent" is never answered.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ini.h"
#include "proto/media.pb-c.h"

#define FEEDS_MOST 64
#define VIEWERS_MOST 64

static struct media {
    int fd;
    char feeds[FEEDS_MOST][80];
    size_t feed_count;
    char viewers[VIEWERS_MOST][40]; /* id, "" when free */
    char watched[VIEWERS_MOST][80]; /* the viewer's feed */
} media;

static void write_frame(const Tongping__Media__MediaFrame *frame)
{
    uint32_t bytes = (uint32_t)tongping__media__media_frame__get_packed_size(frame);
    uint8_t *packed = malloc(bytes + 4);
    for (int i = 0; i < 4; i++)
        packed[i] = (uint8_t)(bytes >> (24 - 8 * i));
    tongping__media__media_frame__pack(frame, packed + 4);
    if (write(media.fd, packed, bytes + 4) != (ssize_t)bytes + 4)
        exit(0);
    free(packed);
}

static void say_done(uint64_t call_id)
{
    Tongping__Media__Done done;
    tongping__media__done__init(&done);
    done.ok = true;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.call_id = call_id;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_DONE;
    frame.done = &done;
    write_frame(&frame);
}

static void say_status(void)
{
    Tongping__Media__FeedState states[FEEDS_MOST];
    Tongping__Media__FeedState *pointers[FEEDS_MOST];
    for (size_t i = 0; i < media.feed_count; i++) {
        tongping__media__feed_state__init(&states[i]);
        states[i].feed_id = media.feeds[i];
        for (size_t k = 0; k < VIEWERS_MOST; k++)
            states[i].viewer_count +=
                media.viewers[k][0] != '\0' && strcmp(media.watched[k], media.feeds[i]) == 0;
        states[i].state = (char *)(uintptr_t)(states[i].viewer_count > 0 ? "live" : "idle");
        pointers[i] = &states[i];
    }
    Tongping__Media__MediaStatus status;
    tongping__media__media_status__init(&status);
    status.feeds = pointers;
    status.n_feeds = media.feed_count;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_STATUS;
    frame.status = &status;
    write_frame(&frame);
}

static void take_feeds(const Tongping__Media__FeedSet *set)
{
    media.feed_count = set->n_feeds < FEEDS_MOST ? set->n_feeds : FEEDS_MOST;
    for (size_t i = 0; i < media.feed_count; i++)
        snprintf(media.feeds[i], sizeof media.feeds[i], "%s", set->feeds[i]->feed_id);
}

static void take_offer(uint64_t call_id, const Tongping__Media__ViewerOffer *offer)
{
    if (strcmp(offer->sdp, "silent") == 0)
        return;
    for (size_t i = 0; i < VIEWERS_MOST; i++) {
        if (media.viewers[i][0] != '\0')
            continue;
        snprintf(media.viewers[i], sizeof media.viewers[i], "%s", offer->viewer_id);
        snprintf(media.watched[i], sizeof media.watched[i], "%s", offer->feed_id);
        break;
    }
    char sdp[160];
    snprintf(sdp, sizeof sdp, "answer %s %s", offer->feed_id, offer->rendition);
    Tongping__Media__ViewerAnswer answer;
    tongping__media__viewer_answer__init(&answer);
    answer.ok = true;
    answer.sdp = sdp;
    Tongping__Media__MediaFrame frame;
    tongping__media__media_frame__init(&frame);
    frame.call_id = call_id;
    frame.kind_case = TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_ANSWER;
    frame.viewer_answer = &answer;
    write_frame(&frame);
}

static void take_frame(const Tongping__Media__MediaFrame *frame)
{
    if (frame->kind_case == TONGPING__MEDIA__MEDIA_FRAME__KIND_FEED_SET) {
        take_feeds(frame->feed_set);
        say_done(frame->call_id);
    } else if (frame->kind_case == TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_OFFER) {
        take_offer(frame->call_id, frame->viewer_offer);
    } else if (frame->kind_case == TONGPING__MEDIA__MEDIA_FRAME__KIND_VIEWER_END) {
        for (size_t i = 0; i < VIEWERS_MOST; i++)
            if (strcmp(media.viewers[i], frame->viewer_end->viewer_id) == 0)
                media.viewers[i][0] = '\0';
        say_done(frame->call_id);
    }
}

static bool read_exactly(void *out, size_t bytes)
{
    return recv(media.fd, out, bytes, MSG_WAITALL) == (ssize_t)bytes;
}

static bool read_frame(void)
{
    uint8_t head[4];
    if (!read_exactly(head, sizeof head))
        return false;
    size_t bytes = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    uint8_t *data = malloc(bytes + 1);
    Tongping__Media__MediaFrame *frame =
        read_exactly(data, bytes) ? tongping__media__media_frame__unpack(NULL, bytes, data) : NULL;
    free(data);
    if (frame == NULL)
        return false;
    take_frame(frame);
    tongping__media__media_frame__free_unpacked(frame, NULL);
    return true;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 1) != 0)
        exit(1);
    return fd;
}

int main(int argc, char **argv)
{
    char path[108] = "";
    const struct tp_ini_key keys[] = {
        {.section = "media",
         .name = "socket",
         .type = TP_INI_TEXT,
         .value = path,
         .size = sizeof path,
         .required = true},
    };
    if (argc != 3 || strcmp(argv[1], "--config") != 0 ||
        tp_failed(tp_ini_read(argv[2], keys, 1, NULL)))
        return 2;
    int listener = listen_at(path);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        media.fd = accept(listener, NULL, NULL);
        bool going = media.fd >= 0;
        while (going) {
            struct pollfd fds = {.fd = media.fd, .events = POLLIN};
            if (poll(&fds, 1, 200) > 0)
                going = read_frame();
            if (going)
                say_status();
        }
        close(media.fd);
    }
}
