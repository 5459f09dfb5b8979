/*
 * Ends pipelines away from the threads that must go on. Taking a pipeline down waits for its
 * streaming threads, and a dead camera or viewer may make that long.
 */
#ifndef TP_MEDIA_REAPER_H
#define TP_MEDIA_REAPER_H

#include <stdbool.h>
#include <stdint.h>

/* Once, before anything is reaped. */
void tp_reaper_start(void);

/* Runs release(object) on a worker thread. Any thread may call. */
void tp_reaper_take(void (*release)(void *object), void *object);

/* How many objects still wait for their end or are at it. */
unsigned tp_reaper_pending(void);

/* Waits until nothing is pending; false when that took longer than `timeout_ms`. */
bool tp_reaper_drain(int64_t timeout_ms);

#endif
