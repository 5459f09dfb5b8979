/*
 * A source that runs: raw samples of a picture, a sound or both. Three makings: drawn test
 * pictures and X displays (a thread that paints or grabs, media/painter.h), everything else a
 * GStreamer pipeline.
 */
#ifndef TP_MEDIA_CAPTURE_H
#define TP_MEDIA_CAPTURE_H

#include <gst/gst.h>

#include "base/error.h"
#include "media/source.h"

/* What the encoders can use at most now; a source may deliver less or more. */
struct tp_capture_demand {
    unsigned width, height;
    unsigned frame_rate;
};

/* Called from the capture's threads. Samples are borrowed and carry caps, segment and a time on the
 * common timeline. After `failed` nothing more comes; the capture must still be freed. */
struct tp_capture_sink {
    void *context;
    void (*picture)(void *context, GstSample *sample);
    void (*sound)(void *context, GstSample *sample);
    void (*failed)(void *context, const char *detail);
    void (*release)(void *context); /* once, when the capture has ended for good */
};

struct tp_capture {
    const struct tp_capture_class *class;
    struct tp_capture_sink sink;
};

struct tp_capture_class {
    void (*set_demand)(struct tp_capture *capture, const struct tp_capture_demand *demand);
    void (*free)(struct tp_capture *capture); /* may take long */
};

/* How a test picture looks: by what the feed shows, and in colours by its id. */
enum tp_scene_kind { TP_SCENE_ROOM, TP_SCENE_PERSON, TP_SCENE_DESKTOP };

struct tp_capture_plan {
    struct tp_picture_source picture;
    struct tp_sound_source sound;
    enum tp_scene_kind scene;
    char look[65]; /* the feed's id */
};

/* On failure the sink is released. TP_IO "capture.cannot_start". A picture from RTSP delivers the
 * sound too when the plan names it. */
TP_MUST_USE struct tp_status tp_capture_start_picture(const struct tp_capture_plan *plan,
                                                      const struct tp_capture_demand *demand,
                                                      struct tp_capture_sink sink,
                                                      struct tp_capture **capture,
                                                      struct tp_error *error);
TP_MUST_USE struct tp_status tp_capture_start_sound(const struct tp_capture_plan *plan,
                                                    struct tp_capture_sink sink,
                                                    struct tp_capture **capture,
                                                    struct tp_error *error);
void tp_capture_set_demand(struct tp_capture *capture, const struct tp_capture_demand *demand);
/* Returns at once; the capture ends on the reaper. Samples may still come until it released its
 * sink. */
void tp_capture_free(struct tp_capture *capture);

/* The makings. */
struct tp_painter;
TP_MUST_USE struct tp_status tp_capture_painted_new(struct tp_painter *painter_taken,
                                                    const struct tp_capture_demand *demand,
                                                    struct tp_capture_sink sink,
                                                    struct tp_capture **capture,
                                                    struct tp_error *error);
TP_MUST_USE struct tp_status tp_capture_pipeline_new(const struct tp_capture_plan *plan,
                                                     bool picture, struct tp_capture_sink sink,
                                                     struct tp_capture **capture,
                                                     struct tp_error *error);

#endif
