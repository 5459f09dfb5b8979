/*
 * Between a running capture and a feed's encoders: the capture's threads write, the feed's thread
 * looks. One per start of a capture, so that what an old capture still says is said to nobody.
 */
#ifndef TP_MEDIA_INTAKE_H
#define TP_MEDIA_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/capture.h"
#include "media/encoder.h"

enum tp_rendition { TP_RENDITION_MAIN, TP_RENDITION_SMALL, TP_RENDITION_SOUND };
#define TP_RENDITIONS_COUNT 3
#define TP_INTAKE_DETAIL_MAX_BYTES 200

struct tp_intake;

/* Held by the feed and by the capture's sink. */
struct tp_intake *tp_intake_new(void);
void tp_intake_unref(struct tp_intake *intake);
/* A sink that writes here; releasing it drops one reference, taken now. */
struct tp_capture_sink tp_intake_sink(struct tp_intake *intake);

/* After it returns, the encoder set before is not used any more. NULL: none. */
void tp_intake_set_encoder(struct tp_intake *intake, enum tp_rendition rendition,
                           struct tp_encoder *encoder);

struct tp_intake_report {
    bool failed;
    char detail[TP_INTAKE_DETAIL_MAX_BYTES];
    uint64_t frame_count; /* pictures, or pieces of sound where there is no picture */
    int64_t last_us;      /* monotonic; 0: nothing yet */
};
struct tp_intake_report tp_intake_look(struct tp_intake *intake);

#endif
