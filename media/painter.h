/*
 * Something that makes one picture after another when asked: the drawn test scene, the grabbed
 * screen. Used by one thread.
 */
#ifndef TP_MEDIA_PAINTER_H
#define TP_MEDIA_PAINTER_H

#include <gst/gst.h>

#include "base/error.h"
#include "media/capture.h"

struct tp_painter {
    const struct tp_painter_class *class;
};

struct tp_painter_class {
    /* The next picture, 4 bytes a pixel (BGRx), tightly packed, owned by the caller, with its
     * caps in *caps (owned by the caller as well). TP_IO when the source is gone. */
    struct tp_status (*paint)(struct tp_painter *painter, const struct tp_capture_demand *demand,
                              GstBuffer **picture, GstCaps **caps, struct tp_error *error);
    void (*free)(struct tp_painter *painter);
};

/* The moving test picture. Never fails. */
struct tp_painter *tp_scene_new(enum tp_scene_kind kind, const char *text, const char *look);

/* The X display `display` of this machine, connected at the first picture. */
struct tp_painter *tp_screen_new(const char *display);

/* A buffer for width * height BGRx pixels from `pool`, which is made anew when the size changes. */
struct tp_picture_pool {
    GstBufferPool *pool;
    GstCaps *caps;
    unsigned width, height;
};
TP_MUST_USE struct tp_status tp_picture_pool_take(struct tp_picture_pool *pool, unsigned width,
                                                  unsigned height, GstBuffer **picture,
                                                  GstCaps **caps, struct tp_error *error);
void tp_picture_pool_fini(struct tp_picture_pool *pool);

#endif
