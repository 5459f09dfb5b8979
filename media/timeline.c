#include "media/timeline.h"

static GstClock *shared_clock;
static GstClockTime epoch;

void tp_timeline_start(void)
{
    shared_clock = gst_system_clock_obtain();
    epoch = gst_clock_get_time(shared_clock);
}

void tp_timeline_join(GstElement *pipeline)
{
    gst_pipeline_use_clock(GST_PIPELINE(pipeline), shared_clock);
    gst_element_set_start_time(pipeline, GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline, epoch);
}

GstClockTime tp_timeline_now(void)
{
    return gst_clock_get_time(shared_clock) - epoch;
}
