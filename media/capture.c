#include "media/capture.h"

#include <assert.h>

#include "media/painter.h"
#include "media/reaper.h"

struct tp_status tp_capture_start_picture(const struct tp_capture_plan *plan,
                                          const struct tp_capture_demand *demand,
                                          struct tp_capture_sink sink, struct tp_capture **capture,
                                          struct tp_error *error)
{
    switch (plan->picture.kind) {
    case TP_PICTURE_TEST:
        return tp_capture_painted_new(tp_scene_new(plan->scene, plan->picture.target, plan->look),
                                      demand, sink, capture, error);
    case TP_PICTURE_X11:
        return tp_capture_painted_new(tp_screen_new(plan->picture.target), demand, sink, capture,
                                      error);
    case TP_PICTURE_V4L2:
    case TP_PICTURE_RTSP:
        break;
    }
    return tp_capture_pipeline_new(plan, true, sink, capture, error);
}

struct tp_status tp_capture_start_sound(const struct tp_capture_plan *plan,
                                        struct tp_capture_sink sink, struct tp_capture **capture,
                                        struct tp_error *error)
{
    assert(plan->sound.kind != TP_SOUND_NONE && plan->sound.kind != TP_SOUND_RTSP);
    return tp_capture_pipeline_new(plan, false, sink, capture, error);
}

void tp_capture_set_demand(struct tp_capture *capture, const struct tp_capture_demand *demand)
{
    capture->class->set_demand(capture, demand);
}

static void release(void *object)
{
    struct tp_capture *capture = object;
    capture->class->free(capture);
}

void tp_capture_free(struct tp_capture *capture)
{
    if (capture != NULL)
        tp_reaper_take(release, capture);
}
