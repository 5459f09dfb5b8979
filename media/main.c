/*
 * tp-media: captures, encodes once, fans out. `tp-media --config FILE`
 */
#include <argp.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "media/config.h"
#include "media/reaper.h"
#include "media/service.h"
#include "media/timeline.h"
#include "media/warm_up.h"

#define STOP_LIMIT_MS 3000
/* Threads come and go with viewers; an arena for each would keep memory for nothing. */
#define ARENAS_MAX_COUNT 1

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "the configuration (INI)", 0},
    {0},
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    const char **path = state->input;
    if (key == 'c')
        *path = text;
    else if (key == ARGP_KEY_END && *path == NULL)
        argp_error(state, "--config is missing");
    else
        return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
    return 0;
}

static gboolean on_stop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

static void run(void)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, on_stop, loop);
    g_unix_signal_add(SIGINT, on_stop, loop);
    printf("ready port=0\n");
    fflush(stdout);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
}

int main(int count, char **arguments)
{
    static const struct argp argp = {
        options, parse_option, NULL, "Captures, encodes and fans out a center's feeds.",
        NULL,    NULL,         NULL};
    const char *path = NULL;
    argp_parse(&argp, count, arguments, 0, NULL, &path);
    mallopt(M_ARENA_MAX, ARENAS_MAX_COUNT);
    signal(SIGPIPE, SIG_IGN);
    static struct tp_media_config config;
    struct tp_error error = {0};
    if (tp_failed(tp_media_config_read(path, &config, &error))) {
        tp_log_error(TP_LOG_ERROR, "config.refused", &error);
        return EXIT_FAILURE;
    }
    gst_init(NULL, NULL);
    tp_timeline_start();
    tp_reaper_start();
    tp_warm_up_start();
    struct tp_service *service = NULL;
    if (tp_failed(tp_service_start(&config, &service, &error))) {
        tp_log_error(TP_LOG_ERROR, "service.cannot_start", &error);
        return EXIT_FAILURE;
    }
    tp_log(TP_LOG_INFO, "service.ready", "addresses=%zu", config.address_count);
    run();
    tp_service_stop(service);
    tp_reaper_drain(STOP_LIMIT_MS);
    tp_log(TP_LOG_INFO, "service.stopped", "pipelines_left=%u", tp_reaper_pending());
    /* Threads of a source that hangs must not hold the end up. */
    fflush(NULL);
    _exit(EXIT_SUCCESS);
}
