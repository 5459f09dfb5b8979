/*
 * One viewer: a pipeline of its own around webrtcbin. An offer goes in, a complete answer (all
 * candidates inside) comes out; packets flow only after the connection stands and the certificate
 * the viewer showed in the DTLS handshake is the one its offer named. Main loop only.
 */
#ifndef TP_MEDIA_VIEWER_H
#define TP_MEDIA_VIEWER_H

#include <stdbool.h>
#include <stdint.h>

#include "media/config.h"
#include "media/fanout.h"
#include "media/offer.h"

struct tp_viewer;

/* Called from the main loop, never from within tp_viewer_new, _tick or _end. */
struct tp_viewer_events {
    void *context;
    /* Once, unless the viewer ended before: `sdp` is NULL when there is no answer. */
    void (*answered)(void *context, struct tp_viewer *viewer, const char *sdp,
                     const struct tp_error *error);
    /* Once: the viewer wants to end ("viewer.silent", "viewer.wrong_certificate" ...); call
     * tp_viewer_end. */
    void (*ended)(void *context, struct tp_viewer *viewer, const char *reason);
};

struct tp_viewer_plan {
    const char *viewer_id;
    const struct tp_offer *offer;
    struct tp_fanout *picture;
    struct tp_fanout *sound; /* NULL: none, or not wanted by the offer */
    const struct tp_media_config *config;
    struct tp_viewer_events events;
};

/* Nothing of the plan is kept but the configuration and references to the fan-outs.
 * TP_IO "viewer.cannot_start". */
TP_MUST_USE struct tp_status tp_viewer_new(const struct tp_viewer_plan *plan,
                                           struct tp_viewer **viewer, struct tp_error *error);
/* Stops packets at once and takes the rest down on the reaper. No event comes any more. */
void tp_viewer_end(struct tp_viewer *viewer);

/* Looks at the limits of time; every 100 ms or so. Returns NULL or why the viewer must end. */
const char *tp_viewer_tick(struct tp_viewer *viewer, int64_t now_us);

bool tp_viewer_watching(const struct tp_viewer *viewer);
const char *tp_viewer_id(const struct tp_viewer *viewer);

#endif
