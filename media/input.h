/*
 * One source of a feed, kept running while it is wanted: started, watched, and after a failure
 * started again with growing waits.
 */
#ifndef TP_MEDIA_INPUT_H
#define TP_MEDIA_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "media/intake.h"

enum tp_input_state {
    TP_INPUT_RESTING,  /* not wanted, nothing known against it */
    TP_INPUT_STARTING, /* nothing has come yet */
    TP_INPUT_RUNNING,
    TP_INPUT_FAILED, /* waits for the next try */
};

struct tp_input {
    bool picture; /* else a sound of its own */
    struct tp_capture_plan plan;
    struct tp_capture *capture;
    struct tp_intake *intake;
    enum tp_input_state state;
    char detail[TP_INTAKE_DETAIL_MAX_BYTES]; /* why it failed; "" otherwise */
    unsigned tries;                          /* that failed in a row */
    int64_t started_us;
    int64_t next_try_us;
    uint64_t frames_before; /* of captures that have ended */
};

void tp_input_init(struct tp_input *input, bool picture, const struct tp_capture_plan *plan);
void tp_input_fini(struct tp_input *input);

/* Starts, watches or stops; call every 100 ms or so from one thread. True when a capture was
 * started: give its intake the encoders. */
bool tp_input_tick(struct tp_input *input, bool wanted, const struct tp_capture_demand *demand,
                   int64_t now_us);

uint64_t tp_input_frame_count(struct tp_input *input);

/* 1 s, 2 s, 4 s ... 30 s after the first, second, ... failure in a row. */
int64_t tp_input_back_off_us(unsigned tries);

#endif
