#include "media/intake.h"

struct tp_intake {
    gatomicrefcount references;
    GMutex lock; /* guards all below */
    struct tp_encoder *encoders[TP_RENDITIONS_COUNT];
    struct tp_intake_report report;
    bool has_picture;
};

struct tp_intake *tp_intake_new(void)
{
    struct tp_intake *intake = g_new0(struct tp_intake, 1);
    g_atomic_ref_count_init(&intake->references);
    g_mutex_init(&intake->lock);
    return intake;
}

void tp_intake_unref(struct tp_intake *intake)
{
    if (intake == NULL || !g_atomic_ref_count_dec(&intake->references))
        return;
    g_mutex_clear(&intake->lock);
    g_free(intake);
}

static void push(struct tp_intake *intake, enum tp_rendition rendition, GstSample *sample)
{
    if (intake->encoders[rendition] != NULL)
        tp_encoder_push(intake->encoders[rendition], sample);
}

static void on_picture(void *context, GstSample *sample)
{
    struct tp_intake *intake = context;
    g_mutex_lock(&intake->lock);
    intake->has_picture = true;
    intake->report.frame_count++;
    intake->report.last_us = g_get_monotonic_time();
    push(intake, TP_RENDITION_MAIN, sample);
    push(intake, TP_RENDITION_SMALL, sample);
    g_mutex_unlock(&intake->lock);
}

static void on_sound(void *context, GstSample *sample)
{
    struct tp_intake *intake = context;
    g_mutex_lock(&intake->lock);
    if (!intake->has_picture) {
        intake->report.frame_count++;
        intake->report.last_us = g_get_monotonic_time();
    }
    push(intake, TP_RENDITION_SOUND, sample);
    g_mutex_unlock(&intake->lock);
}

static void on_failed(void *context, const char *detail)
{
    struct tp_intake *intake = context;
    g_mutex_lock(&intake->lock);
    intake->report.failed = true;
    g_strlcpy(intake->report.detail, detail, sizeof intake->report.detail);
    g_mutex_unlock(&intake->lock);
}

static void on_release(void *context)
{
    tp_intake_unref(context);
}

struct tp_capture_sink tp_intake_sink(struct tp_intake *intake)
{
    g_atomic_ref_count_inc(&intake->references);
    return (struct tp_capture_sink){
        .context = intake,
        .picture = on_picture,
        .sound = on_sound,
        .failed = on_failed,
        .release = on_release,
    };
}

void tp_intake_set_encoder(struct tp_intake *intake, enum tp_rendition rendition,
                           struct tp_encoder *encoder)
{
    g_mutex_lock(&intake->lock);
    intake->encoders[rendition] = encoder;
    g_mutex_unlock(&intake->lock);
}

struct tp_intake_report tp_intake_look(struct tp_intake *intake)
{
    g_mutex_lock(&intake->lock);
    struct tp_intake_report report = intake->report;
    g_mutex_unlock(&intake->lock);
    return report;
}
