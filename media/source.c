#include "media/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define TONE_MIN_HZ 20
#define TONE_MAX_HZ 20000

static const char *after_prefix(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static bool printable(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    return tp_utf8_valid(text, strlen(text));
}

/* The path of a device file: below /dev and nowhere else. */
static bool device_path(const char *text)
{
    return after_prefix(text, "/dev/") != NULL && text[5] != '\0' && strstr(text, "..") == NULL;
}

/* ":90" or ":90.0": displays of this machine only, so that a feed never opens a TCP connection. */
static bool local_display(const char *text)
{
    if (text[0] != ':' || !isdigit((unsigned char)text[1]))
        return false;
    size_t digits = strspn(text + 1, "0123456789");
    const char *rest = text + 1 + digits;
    if (digits > 5)
        return false;
    if (*rest == '\0')
        return true;
    return *rest == '.' && rest[1] != '\0' && strspn(rest + 1, "0123456789") == strlen(rest + 1) &&
           strlen(rest + 1) <= 2;
}

static bool rtsp_url(const char *text)
{
    const char *host = after_prefix(text, "rtsp://");
    if (host == NULL)
        host = after_prefix(text, "rtsps://");
    return host != NULL && *host != '\0' && *host != '/' && strpbrk(text, " \"\\<>") == NULL;
}

static struct tp_status take_target(const char *text, char target[TP_SOURCE_TARGET_MAX_BYTES],
                                    const char *code, struct tp_error *error)
{
    if (strlen(text) >= TP_SOURCE_TARGET_MAX_BYTES) {
        return tp_fail(error, TP_INPUT, code, "longer than %d bytes",
                       TP_SOURCE_TARGET_MAX_BYTES - 1);
    }
    strcpy(target, text);
    return TP_STATUS_OK;
}

struct tp_status tp_picture_source_parse(const char *text, struct tp_picture_source *source,
                                         struct tp_error *error)
{
    static const char *const malformed = "source.malformed";
    *source = (struct tp_picture_source){0};
    if (!printable(text))
        return tp_fail(error, TP_INPUT, malformed, "not printable UTF-8");
    const char *target = after_prefix(text, "test:");
    if (target != NULL) {
        source->kind = TP_PICTURE_TEST;
        return take_target(target, source->target, malformed, error);
    }
    target = after_prefix(text, "v4l2:");
    if (target != NULL) {
        source->kind = TP_PICTURE_V4L2;
        if (!device_path(target))
            return tp_fail(error, TP_INPUT, malformed, "v4l2: takes a path below /dev");
        return take_target(target, source->target, malformed, error);
    }
    target = after_prefix(text, "x11:");
    if (target != NULL) {
        source->kind = TP_PICTURE_X11;
        if (!local_display(target))
            return tp_fail(error, TP_INPUT, malformed, "x11: takes a local display such as :90");
        return take_target(target, source->target, malformed, error);
    }
    if (after_prefix(text, "rtsp://") != NULL || after_prefix(text, "rtsps://") != NULL) {
        source->kind = TP_PICTURE_RTSP;
        if (!rtsp_url(text))
            return tp_fail(error, TP_INPUT, malformed, "not a usable RTSP address");
        return take_target(text, source->target, malformed, error);
    }
    return tp_fail(error, TP_INPUT, "source.unknown",
                   "no such kind of source: test:, v4l2:, rtsp:// and x11: are known");
}

static struct tp_status parse_tone(const char *text, struct tp_sound_source *source,
                                   struct tp_error *error)
{
    char *end = NULL;
    long frequency = strtol(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || frequency < TONE_MIN_HZ ||
        frequency > TONE_MAX_HZ) {
        return tp_fail(error, TP_INPUT, "sound.malformed", "test: takes %d to %d Hz", TONE_MIN_HZ,
                       TONE_MAX_HZ);
    }
    source->kind = TP_SOUND_TEST;
    source->frequency_hz = (unsigned)frequency;
    return TP_STATUS_OK;
}

struct tp_status tp_sound_source_parse(const char *text, const struct tp_picture_source *picture,
                                       struct tp_sound_source *source, struct tp_error *error)
{
    static const char *const malformed = "sound.malformed";
    *source = (struct tp_sound_source){0};
    if (text[0] == '\0')
        return TP_STATUS_OK;
    if (!printable(text))
        return tp_fail(error, TP_INPUT, malformed, "not printable UTF-8");
    const char *target = after_prefix(text, "test:");
    if (target != NULL)
        return parse_tone(target, source, error);
    target = after_prefix(text, "alsa:");
    if (target != NULL) {
        source->kind = TP_SOUND_ALSA;
        if (target[0] == '\0')
            return tp_fail(error, TP_INPUT, malformed, "alsa: takes a device");
        return take_target(target, source->target, malformed, error);
    }
    target = after_prefix(text, "pulse:");
    if (target != NULL) {
        source->kind = TP_SOUND_PULSE;
        return take_target(target, source->target, malformed, error);
    }
    if (strcmp(text, "rtsp") == 0) {
        source->kind = TP_SOUND_RTSP;
        if (picture->kind != TP_PICTURE_RTSP) {
            return tp_fail(error, TP_INPUT, "sound.needs_rtsp",
                           "rtsp sound stands only beside an RTSP picture");
        }
        return TP_STATUS_OK;
    }
    return tp_fail(error, TP_INPUT, "sound.unknown",
                   "no such kind of sound: test:, alsa:, pulse: and rtsp are known");
}
