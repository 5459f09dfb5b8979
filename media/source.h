/*
 * What a feed's picture and sound are taken from: the texts of docs/interfaces.md section 5
 * ("Sources"), parsed and checked before anything is opened.
 */
#ifndef TP_MEDIA_SOURCE_H
#define TP_MEDIA_SOURCE_H

#include "base/error.h"

#define TP_SOURCE_TARGET_MAX_BYTES 512

enum tp_picture_kind {
    TP_PICTURE_TEST, /* target: the text to show */
    TP_PICTURE_V4L2, /* target: "/dev/video0" */
    TP_PICTURE_RTSP, /* target: the whole URL, which may hold a password: never logged */
    TP_PICTURE_X11,  /* target: the display, ":90" */
};

enum tp_sound_kind {
    TP_SOUND_NONE,
    TP_SOUND_TEST,  /* frequency_hz */
    TP_SOUND_ALSA,  /* target: the device */
    TP_SOUND_PULSE, /* target: the device, empty for the server's default */
    TP_SOUND_RTSP,  /* the camera's own; only beside an RTSP picture */
};

struct tp_picture_source {
    enum tp_picture_kind kind;
    char target[TP_SOURCE_TARGET_MAX_BYTES];
};

struct tp_sound_source {
    enum tp_sound_kind kind;
    unsigned frequency_hz;
    char target[TP_SOURCE_TARGET_MAX_BYTES];
};

/* TP_INPUT "source.unknown", "source.malformed". */
TP_MUST_USE struct tp_status
tp_picture_source_parse(const char *text, struct tp_picture_source *source, struct tp_error *error);

/* "" gives TP_SOUND_NONE. TP_INPUT "sound.unknown", "sound.malformed"; "sound.needs_rtsp" when
 * "rtsp" stands beside a picture that is none. */
TP_MUST_USE struct tp_status tp_sound_source_parse(const char *text,
                                                   const struct tp_picture_source *picture,
                                                   struct tp_sound_source *source,
                                                   struct tp_error *error);

#endif
