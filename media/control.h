/*
 * The local socket tp-venue speaks through: listens, reads frames, writes frames. What they mean is
 * the owner's. Main loop only.
 */
#ifndef TP_MEDIA_CONTROL_H
#define TP_MEDIA_CONTROL_H

#include <stdint.h>

#include "media/frame.h"

struct tp_control;

struct tp_control_events {
    void *context;
    /* Borrowed frame. */
    void (*frame)(void *context, uint64_t connection, const Tongping__Media__MediaFrame *frame);
    void (*closed)(void *context, uint64_t connection);
};

/* The socket is made with mode 0600; connections of other users are refused. A socket file that
 * nobody listens on is replaced. TP_IO "control.cannot_listen", TP_CONFLICT "control.in_use". */
TP_MUST_USE struct tp_status tp_control_open(const char *path, struct tp_control_events events,
                                             struct tp_control **control, struct tp_error *error);
/* Closes everything and removes the socket file; no event comes any more. */
void tp_control_close(struct tp_control *control);

/* To one connection, or to all with 0. A connection that does not read is closed. */
void tp_control_send(struct tp_control *control, uint64_t connection,
                     const Tongping__Media__MediaFrame *frame);

#endif
