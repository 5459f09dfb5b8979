/*
 * tp-media as a child process: started, looked after, ended by its id. It dies with this process.
 */
#ifndef TP_VENUE_NODE_MEDIA_PROCESS_H
#define TP_VENUE_NODE_MEDIA_PROCESS_H

#include <sys/types.h>

#include "base/clock.h"
#include "base/error.h"
#include "venue-node/config.h"

#define TP_MEDIA_BACKOFF_FIRST_MS 200
#define TP_MEDIA_BACKOFF_MOST_MS 10000
/* A child that lived so long begins with the first pause again. */
#define TP_MEDIA_STEADY_MS 30000

struct tp_media_process {
    const char *program; /* borrowed; "": never started here */
    const char *config_path;
    const struct tp_clock *clock;
    pid_t pid; /* 0: none */
    int64_t started_at;
    int64_t start_not_before;
    int64_t backoff_ms;
};

void tp_media_process_init(struct tp_media_process *process, const struct tp_venue_config *config,
                           const struct tp_clock *clock);

/* Starts the child when it should run and its pause is over; notes its death. Call it often, always
 * from the same thread: the child is bound to the life of that thread. */
void tp_media_process_look_after(struct tp_media_process *process);

/* SIGKILL: it does not answer any more. */
void tp_media_process_kill(struct tp_media_process *process);

/* SIGTERM, and SIGKILL after `limit_ms`; returns when it is gone. */
void tp_media_process_end(struct tp_media_process *process, int64_t limit_ms);

#endif
