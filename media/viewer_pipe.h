/*
 * The media side of a viewer: appsrc to webrtcbin, one entry per medium, and what webrtcbin 1.22
 * needs to be told. Knows nothing of the exchange of offer and answer.
 */
#ifndef TP_MEDIA_VIEWER_PIPE_H
#define TP_MEDIA_VIEWER_PIPE_H

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

#include "media/config.h"
#include "media/fanout.h"
#include "media/offer.h"

#define TP_VIEWER_ENTRIES_COUNT 2

/* Where the packets of one fan-out enter. */
struct tp_viewer_entry {
    struct tp_fanout *fanout; /* owned reference; NULL: not used */
    unsigned payload;         /* the viewer's payload type */
    GstElement *source;       /* appsrc, borrowed from the pipeline */
    GstPad *pad;              /* webrtcbin's, owned */
    gint starved;             /* packets had to be dropped */
    bool subscribed;
};

struct tp_viewer_pipe {
    GstElement *pipeline;
    GstElement *webrtc; /* borrowed from the pipeline */
    struct tp_viewer_entry entries[TP_VIEWER_ENTRIES_COUNT];
    gint arrival_s; /* monotonic second of the viewer's last packet */
};

/* Builds and starts the pipeline; `pipe` must stay where it is. TP_IO "viewer.cannot_start". */
TP_MUST_USE struct tp_status tp_viewer_pipe_open(struct tp_viewer_pipe *pipe,
                                                 const struct tp_offer *offer,
                                                 struct tp_fanout *picture, struct tp_fanout *sound,
                                                 const struct tp_media_config *config,
                                                 struct tp_error *error);
/* True once webrtcbin knows every entry's caps: before that a description may lack a track. */
bool tp_viewer_pipe_ready(const struct tp_viewer_pipe *pipe);
/* SHA-256 of the certificate the other side showed; false when there is none yet. */
bool tp_viewer_pipe_certificate(const struct tp_viewer_pipe *pipe,
                                uint8_t fingerprint[TP_FINGERPRINT_BYTES]);
/* Begins to take packets, from a key frame on, and to note what the viewer sends. */
void tp_viewer_pipe_feed(struct tp_viewer_pipe *pipe);
/* Asks for a key frame where packets had to be dropped. */
void tp_viewer_pipe_tick(struct tp_viewer_pipe *pipe);
/* No packet is taken after it returns. */
void tp_viewer_pipe_starve(struct tp_viewer_pipe *pipe);
/* Takes the pipeline down; waits for its threads: reaper only. */
void tp_viewer_pipe_close(struct tp_viewer_pipe *pipe);

#endif
