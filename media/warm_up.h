/*
 * Loads what the first viewer needs (plug-ins, the process's DTLS certificate) ahead of it, on a
 * thread of its own: 0.8 s that the first viewer does not wait.
 */
#ifndef TP_MEDIA_WARM_UP_H
#define TP_MEDIA_WARM_UP_H

/* After gst_init; returns at once. */
void tp_warm_up_start(void);

#endif
