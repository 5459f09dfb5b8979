#include "media/feed.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "media/input.h"

#define SMALL_WIDTH 320
#define SMALL_HEIGHT 180
#define SMALL_FRAME_RATE 5
#define SMALL_BITRATE_KBIT 150
#define MS_US INT64_C(1000)

struct output {
    struct tp_fanout *fanout;
    struct tp_encoder *encoder; /* NULL: not running */
    unsigned viewer_count;
    int64_t until_us; /* how long it lingers without viewers */
};

struct tp_feed {
    struct tp_feed_spec spec;
    struct tp_feed_options options;
    char fault[TP_INTAKE_DETAIL_MAX_BYTES]; /* of the source's text: it will never work */
    struct tp_input picture;
    struct tp_input sound;
    bool separate_sound; /* `sound` is an input of its own */
    bool has_sound;
    char sound_fault[TP_INTAKE_DETAIL_MAX_BYTES];
    struct output outputs[TP_RENDITIONS_COUNT];
    int64_t check_us; /* when an unwatched source is tried next */
    bool checking;
};

static enum tp_scene_kind scene_of(const char *kind)
{
    if (strcmp(kind, "room") == 0)
        return TP_SCENE_ROOM;
    return strcmp(kind, "camera") == 0 ? TP_SCENE_PERSON : TP_SCENE_DESKTOP;
}

static void read_sources(struct tp_feed *feed)
{
    struct tp_error error = {0};
    struct tp_capture_plan plan = {.scene = scene_of(feed->spec.kind)};
    strcpy(plan.look, feed->spec.feed_id);
    if (tp_failed(tp_picture_source_parse(feed->spec.source, &plan.picture, &error)))
        g_strlcpy(feed->fault, error.message, sizeof feed->fault);
    else if (tp_failed(tp_sound_source_parse(feed->spec.sound, &plan.picture, &plan.sound, &error)))
        snprintf(feed->sound_fault, sizeof feed->sound_fault, "sound: %.180s", error.message);
    feed->has_sound = plan.sound.kind != TP_SOUND_NONE;
    feed->separate_sound = feed->has_sound && plan.sound.kind != TP_SOUND_RTSP;
    tp_input_init(&feed->picture, true, &plan);
    tp_input_init(&feed->sound, false, &plan);
}

struct tp_feed *tp_feed_new(const struct tp_feed_spec *spec, const struct tp_feed_options *options,
                            int64_t now_us)
{
    struct tp_feed *feed = g_new0(struct tp_feed, 1);
    feed->spec = *spec;
    feed->options = *options;
    read_sources(feed);
    for (int rendition = 0; rendition < TP_RENDITIONS_COUNT; rendition++)
        feed->outputs[rendition].fanout =
            tp_fanout_new(rendition == TP_RENDITION_SOUND ? TP_FANOUT_SOUND : TP_FANOUT_PICTURE);
    feed->check_us = now_us;
    return feed;
}

static void set_encoder(struct tp_feed *feed, enum tp_rendition rendition)
{
    struct tp_encoder *encoder = feed->outputs[rendition].encoder;
    if (feed->picture.intake != NULL)
        tp_intake_set_encoder(feed->picture.intake, rendition, encoder);
    if (feed->sound.intake != NULL)
        tp_intake_set_encoder(feed->sound.intake, rendition, encoder);
}

static void stop_encoder(struct tp_feed *feed, enum tp_rendition rendition)
{
    struct output *output = &feed->outputs[rendition];
    struct tp_encoder *encoder = output->encoder;
    output->encoder = NULL;
    set_encoder(feed, rendition);
    tp_encoder_free(encoder);
}

void tp_feed_free(struct tp_feed *feed)
{
    if (feed == NULL)
        return;
    for (int rendition = 0; rendition < TP_RENDITIONS_COUNT; rendition++)
        stop_encoder(feed, rendition);
    tp_input_fini(&feed->picture);
    tp_input_fini(&feed->sound);
    for (int rendition = 0; rendition < TP_RENDITIONS_COUNT; rendition++)
        tp_fanout_unref(feed->outputs[rendition].fanout);
    g_free(feed);
}

const struct tp_feed_spec *tp_feed_get_spec(const struct tp_feed *feed)
{
    return &feed->spec;
}

bool tp_feed_has_sound(const struct tp_feed *feed)
{
    return feed->has_sound;
}

struct tp_fanout *tp_feed_fanout(struct tp_feed *feed, enum tp_rendition rendition)
{
    return feed->outputs[rendition].fanout;
}

bool tp_feed_running(const struct tp_feed *feed, enum tp_rendition rendition)
{
    return feed->outputs[rendition].encoder != NULL;
}

static struct tp_encoder_plan plan_of(const struct tp_feed *feed, enum tp_rendition rendition)
{
    struct tp_encoder_plan plan = {
        .width = SMALL_WIDTH,
        .height = SMALL_HEIGHT,
        .frame_rate = SMALL_FRAME_RATE,
        .bitrate_kbit = SMALL_BITRATE_KBIT,
        .thread_count = 1,
    };
    if (rendition == TP_RENDITION_MAIN) {
        plan.width = feed->spec.width;
        plan.height = feed->spec.height;
        plan.frame_rate = feed->spec.frame_rate;
        plan.bitrate_kbit = feed->spec.bitrate_kbit;
        plan.thread_count = feed->options.encoder_thread_count;
    }
    return plan;
}

static void start_encoder(struct tp_feed *feed, enum tp_rendition rendition)
{
    struct output *output = &feed->outputs[rendition];
    struct tp_encoder_plan plan = plan_of(feed, rendition);
    struct tp_error error = {0};
    if (tp_failed(tp_encoder_new(&plan, output->fanout, &output->encoder, &error)))
        tp_log_error(TP_LOG_ERROR, "encoder.failed", &error);
    set_encoder(feed, rendition);
}

static bool needed(const struct output *output, int64_t now_us)
{
    return output->viewer_count > 0 || now_us < output->until_us;
}

static void keep_encoder(struct tp_feed *feed, enum tp_rendition rendition, int64_t now_us)
{
    struct output *output = &feed->outputs[rendition];
    bool broken = output->encoder != NULL && tp_encoder_broken(output->encoder);
    bool wanted = needed(output, now_us);
    if (output->encoder != NULL && (broken || !wanted))
        stop_encoder(feed, rendition);
    /* A broken one is replaced at the next tick and not in a tight loop. */
    if (output->encoder == NULL && wanted && !broken)
        start_encoder(feed, rendition);
    tp_fanout_tick(output->fanout);
}

static struct tp_capture_demand demand_of(const struct tp_feed *feed, int64_t now_us)
{
    bool main = needed(&feed->outputs[TP_RENDITION_MAIN], now_us);
    struct tp_encoder_plan plan = plan_of(feed, main ? TP_RENDITION_MAIN : TP_RENDITION_SMALL);
    return (struct tp_capture_demand){plan.width, plan.height, plan.frame_rate};
}

/* An unwatched source is tried now and then until it delivers, so that "idle" means ready. */
static void keep_checking(struct tp_feed *feed, bool watched, int64_t now_us)
{
    bool running = feed->picture.state == TP_INPUT_RUNNING &&
                   (!feed->separate_sound || feed->sound.state != TP_INPUT_STARTING);
    if (watched || (feed->checking && running)) {
        feed->checking = false;
        feed->check_us = now_us + feed->options.check_ms * MS_US;
    } else if (now_us >= feed->check_us) {
        feed->checking = true;
    }
}

void tp_feed_tick(struct tp_feed *feed, int64_t now_us)
{
    if (feed->fault[0] != '\0')
        return;
    for (int rendition = 0; rendition < TP_RENDITIONS_COUNT; rendition++)
        keep_encoder(feed, rendition, now_us);
    bool picture_needed = needed(&feed->outputs[TP_RENDITION_MAIN], now_us) ||
                          needed(&feed->outputs[TP_RENDITION_SMALL], now_us);
    bool sound_needed = needed(&feed->outputs[TP_RENDITION_SOUND], now_us);
    keep_checking(feed, picture_needed, now_us);
    struct tp_capture_demand demand = demand_of(feed, now_us);
    bool started = tp_input_tick(&feed->picture, picture_needed || feed->checking, &demand, now_us);
    if (feed->separate_sound)
        started |= tp_input_tick(&feed->sound, sound_needed || feed->checking, &demand, now_us);
    for (int rendition = 0; started && rendition < TP_RENDITIONS_COUNT; rendition++)
        set_encoder(feed, rendition);
}

void tp_feed_attach(struct tp_feed *feed, enum tp_rendition picture, bool sound, int64_t now_us)
{
    feed->outputs[picture].viewer_count++;
    if (sound)
        feed->outputs[TP_RENDITION_SOUND].viewer_count++;
    tp_feed_tick(feed, now_us);
}

static void leave(struct tp_feed *feed, enum tp_rendition rendition, int64_t now_us)
{
    struct output *output = &feed->outputs[rendition];
    if (--output->viewer_count == 0)
        output->until_us = now_us + feed->options.linger_ms * MS_US;
}

void tp_feed_detach(struct tp_feed *feed, enum tp_rendition picture, bool sound, int64_t now_us)
{
    leave(feed, picture, now_us);
    if (sound)
        leave(feed, TP_RENDITION_SOUND, now_us);
}

static const char *state_name(const struct tp_feed *feed, unsigned viewer_count)
{
    if (feed->fault[0] != '\0')
        return "failed";
    switch (feed->picture.state) {
    case TP_INPUT_FAILED:
        return "failed";
    case TP_INPUT_RUNNING:
        return viewer_count > 0 ? "live" : "idle";
    case TP_INPUT_STARTING:
        return "starting";
    case TP_INPUT_RESTING:
        break;
    }
    return viewer_count > 0 || feed->checking ? "starting" : "idle";
}

struct tp_feed_report tp_feed_report(struct tp_feed *feed)
{
    struct tp_feed_report report = {0};
    report.viewer_count = feed->outputs[TP_RENDITION_MAIN].viewer_count +
                          feed->outputs[TP_RENDITION_SMALL].viewer_count;
    report.state = state_name(feed, report.viewer_count);
    report.frame_count = tp_input_frame_count(&feed->picture);
    if (feed->fault[0] != '\0')
        g_strlcpy(report.detail, feed->fault, sizeof report.detail);
    else if (feed->picture.detail[0] != '\0')
        g_strlcpy(report.detail, feed->picture.detail, sizeof report.detail);
    else if (feed->sound_fault[0] != '\0')
        g_strlcpy(report.detail, feed->sound_fault, sizeof report.detail);
    else if (feed->sound.detail[0] != '\0')
        snprintf(report.detail, sizeof report.detail, "sound: %.180s", feed->sound.detail);
    return report;
}
