#include "base/http/loop.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"

#define SERVICE_BUFFER_BYTES 32768
#define TLS_HANDSHAKE_TIMEOUT_S 20
#define CONNECTION_COUNT_MAX 65536

static void log_line(int level, const char *line)
{
    tp_log((level & LLL_ERR) != 0 ? TP_LOG_ERROR : TP_LOG_WARN, "http.library", "text=\"%.*s\"",
           (int)strcspn(line, "\n"), line);
}

static void set_up_process(void)
{
    /* TLS writes to a peer that has gone would otherwise end the process. */
    signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(LLL_ERR, log_line);
}

/* The library keeps a table of as many places as there may be files, so an unlimited number of
 * files must not become an unlimited table. */
static unsigned connection_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > CONNECTION_COUNT_MAX)
        return CONNECTION_COUNT_MAX;
    return (unsigned)limit.rlim_cur;
}

/* The first call closes the connections, whose handles the loop then lets go of; the second frees
 * the context (the library's order for a loop that is not its own). */
static void destroy_context(struct tp_loop *loop)
{
    if (loop->context != NULL) {
        lws_context_destroy(loop->context);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        lws_context_destroy(loop->context);
        loop->context = NULL;
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop->uv) != 0)
        tp_log(TP_LOG_ERROR, "http.loop_not_empty", "%s", "handles were left open");
}

struct tp_status tp_loop_init(struct tp_loop *loop, struct lws_context_creation_info *info,
                              struct tp_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_process);
    memset(loop, 0, sizeof(*loop));
    loop->last_next = &loop->first;
    if (uv_loop_init(&loop->uv) != 0)
        return tp_fail(error, TP_IO, "http.loop", "cannot make an event loop");
    pthread_mutex_init(&loop->mutex, NULL);
    void *foreign_loops[1] = {&loop->uv};
    info->foreign_loops = foreign_loops;
    /* The library does not survive a context whose own host cannot be made. */
    info->options |= LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    info->user = loop;
    info->pt_serv_buf_size = SERVICE_BUFFER_BYTES;
    if (info->timeout_secs == 0)
        info->timeout_secs = TLS_HANDSHAKE_TIMEOUT_S;
    info->fd_limit_per_thread = connection_limit();
    loop->context = lws_create_context(info);
    info->foreign_loops = NULL;
    if (loop->context != NULL)
        loop->host = lws_create_vhost(loop->context, info);
    if (loop->host != NULL)
        return TP_STATUS_OK;
    destroy_context(loop);
    pthread_mutex_destroy(&loop->mutex);
    return tp_fail(error, TP_IO, "http.listen",
                   "cannot listen: the port is taken or a TLS file cannot be read");
}

static void *loop_main(void *argument)
{
    struct tp_loop *loop = argument;
    while (!loop->stopping)
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    destroy_context(loop);
    return NULL;
}

struct tp_status tp_loop_start(struct tp_loop *loop, struct tp_error *error)
{
    if (pthread_create(&loop->thread, NULL, loop_main, loop) != 0)
        return tp_fail(error, TP_IO, "http.threads", "cannot start the loop thread");
    loop->thread_started = true;
    return TP_STATUS_OK;
}

void tp_loop_post(struct tp_loop *loop, struct tp_post *post)
{
    pthread_mutex_lock(&loop->mutex);
    bool wake = loop->first == NULL;
    post->next = NULL;
    *loop->last_next = post;
    loop->last_next = &post->next;
    pthread_mutex_unlock(&loop->mutex);
    if (wake)
        lws_cancel_service(loop->context);
}

static void run_posts(struct tp_loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    struct tp_post *post = loop->first;
    loop->first = NULL;
    loop->last_next = &loop->first;
    pthread_mutex_unlock(&loop->mutex);
    while (post != NULL) {
        struct tp_post *next = post->next;
        post->run(post);
        post = next;
    }
}

void tp_loop_stop(struct tp_loop *loop)
{
    loop->stopping = true;
    uv_stop(&loop->uv);
}

void tp_loop_fini(struct tp_loop *loop)
{
    if (loop->thread_started)
        pthread_join(loop->thread, NULL);
    else
        destroy_context(loop);
    pthread_mutex_destroy(&loop->mutex);
}

struct tp_loop *tp_loop_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

void tp_loop_callback(struct lws *wsi, enum lws_callback_reasons reason)
{
    if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED && !tp_loop_of(wsi)->stopping)
        run_posts(tp_loop_of(wsi));
}
