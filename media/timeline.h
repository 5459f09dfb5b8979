/*
 * One clock and one base time for every pipeline of the process, so that a time stamp means the
 * same everywhere: nanoseconds since the start of the process.
 */
#ifndef TP_MEDIA_TIMELINE_H
#define TP_MEDIA_TIMELINE_H

#include <gst/gst.h>

/* Once, after gst_init and before any thread. */
void tp_timeline_start(void);

/* Gives the pipeline the common clock and base time. */
void tp_timeline_join(GstElement *pipeline);

/* The present as a running time of every pipeline that joined. */
GstClockTime tp_timeline_now(void);

#endif
