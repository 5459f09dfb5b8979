#include "media/input.h"

#include <stdio.h>

#include "base/log.h"

#define SECOND_US INT64_C(1000000)
#define FIRST_WAIT_US SECOND_US
#define LONGEST_WAIT_US (30 * SECOND_US)
/* A source that delivers nothing for so long has failed, whatever it says of itself. */
#define SILENCE_LIMIT_US (5 * SECOND_US)
#define START_LIMIT_US (10 * SECOND_US)

int64_t tp_input_back_off_us(unsigned tries)
{
    int64_t wait_us = FIRST_WAIT_US;
    for (unsigned i = 1; i < tries && wait_us < LONGEST_WAIT_US; i++)
        wait_us *= 2;
    return wait_us < LONGEST_WAIT_US ? wait_us : LONGEST_WAIT_US;
}

void tp_input_init(struct tp_input *input, bool picture, const struct tp_capture_plan *plan)
{
    *input = (struct tp_input){.picture = picture, .plan = *plan};
}

static void stop(struct tp_input *input)
{
    if (input->intake == NULL)
        return;
    for (int rendition = 0; rendition < TP_RENDITIONS_COUNT; rendition++)
        tp_intake_set_encoder(input->intake, rendition, NULL);
    input->frames_before += tp_intake_look(input->intake).frame_count;
    tp_capture_free(input->capture);
    tp_intake_unref(input->intake);
    input->capture = NULL;
    input->intake = NULL;
}

void tp_input_fini(struct tp_input *input)
{
    stop(input);
}

static void fail(struct tp_input *input, const char *detail, int64_t now_us)
{
    stop(input);
    input->tries++;
    input->next_try_us = now_us + tp_input_back_off_us(input->tries);
    if (input->state != TP_INPUT_FAILED || g_strcmp0(detail, input->detail) != 0)
        tp_log(TP_LOG_WARN, "source.failed", "feed=%s part=%s detail=\"%s\"", input->plan.look,
               input->picture ? "picture" : "sound", detail);
    input->state = TP_INPUT_FAILED;
    g_strlcpy(input->detail, detail, sizeof input->detail);
}

static void start(struct tp_input *input, const struct tp_capture_demand *demand, int64_t now_us)
{
    struct tp_error error = {0};
    input->intake = tp_intake_new();
    struct tp_capture_sink sink = tp_intake_sink(input->intake);
    struct tp_status status =
        input->picture
            ? tp_capture_start_picture(&input->plan, demand, sink, &input->capture, &error)
            : tp_capture_start_sound(&input->plan, sink, &input->capture, &error);
    input->started_us = now_us;
    if (tp_failed(status)) {
        fail(input, error.message, now_us);
        return;
    }
    /* A source being tried again stays "failed" until it delivers, so that nobody is misled. */
    if (input->state != TP_INPUT_FAILED)
        input->state = TP_INPUT_STARTING;
}

static void watch(struct tp_input *input, int64_t now_us)
{
    struct tp_intake_report report = tp_intake_look(input->intake);
    if (report.failed) {
        fail(input, report.detail, now_us);
    } else if (report.last_us == 0) {
        if (now_us - input->started_us > START_LIMIT_US)
            fail(input, "the source delivers nothing", now_us);
    } else if (now_us - report.last_us > SILENCE_LIMIT_US) {
        fail(input, "the source delivers nothing any more", now_us);
    } else if (input->state != TP_INPUT_RUNNING) {
        if (input->state == TP_INPUT_FAILED)
            tp_log(TP_LOG_INFO, "source.back", "feed=%s", input->plan.look);
        input->state = TP_INPUT_RUNNING;
        input->detail[0] = '\0';
        input->tries = 0;
    }
}

bool tp_input_tick(struct tp_input *input, bool wanted, const struct tp_capture_demand *demand,
                   int64_t now_us)
{
    if (input->capture != NULL)
        watch(input, now_us);
    /* A failed source is tried again even when nobody watches: its state must tell the truth. */
    bool failed = input->state == TP_INPUT_FAILED;
    if (input->capture == NULL) {
        bool due = failed ? now_us >= input->next_try_us : wanted;
        if (due)
            start(input, demand, now_us);
        return due && input->capture != NULL;
    }
    if (!wanted && !failed && input->state == TP_INPUT_RUNNING) {
        stop(input);
        input->state = TP_INPUT_RESTING;
    } else {
        tp_capture_set_demand(input->capture, demand);
    }
    return false;
}

uint64_t tp_input_frame_count(struct tp_input *input)
{
    uint64_t running = input->intake != NULL ? tp_intake_look(input->intake).frame_count : 0;
    return input->frames_before + running;
}
