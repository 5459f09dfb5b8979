/*
 * Turns raw samples of one picture or sound into RTP packets of one fan-out. A pipeline of its own,
 * so that a capture may end and another begin without the viewers' stream breaking off.
 */
#ifndef TP_MEDIA_ENCODER_H
#define TP_MEDIA_ENCODER_H

#include <gst/gst.h>
#include <stdbool.h>

#include "base/error.h"
#include "media/fanout.h"

struct tp_encoder_plan {
    unsigned width, height; /* of a picture; other shapes get borders */
    unsigned frame_rate;    /* frames beyond it are left out */
    unsigned bitrate_kbit;
    unsigned thread_count;
};

struct tp_encoder;

/* A picture's or a sound's encoder, by the fan-out's kind. `plan` matters to a picture except for
 * the bitrate. TP_IO "encoder.cannot_start". */
TP_MUST_USE struct tp_status tp_encoder_new(const struct tp_encoder_plan *plan,
                                            struct tp_fanout *fanout, struct tp_encoder **encoder,
                                            struct tp_error *error);
/* Returns at once; the pipeline ends on the reaper. Nobody may push any more. */
void tp_encoder_free(struct tp_encoder *encoder);

/* Any thread, one at a time. Borrowed sample with its segment; dropped when the encoder lags. */
void tp_encoder_push(struct tp_encoder *encoder, GstSample *sample);

/* True once the pipeline has reported an error: it must be replaced. */
bool tp_encoder_broken(const struct tp_encoder *encoder);

#endif
