#include <ctype.h>
#include <string.h>

#include "media/feed.h"

#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 720
#define DEFAULT_FRAME_RATE 15
#define DEFAULT_BITRATE_KBIT 1500

static bool id_valid(const char *id)
{
    size_t length = strlen(id);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)id[i]) && id[i] != '-')
            return false;
    return length > 0;
}

static bool kind_valid(const char *kind)
{
    return strcmp(kind, "room") == 0 || strcmp(kind, "camera") == 0 || strcmp(kind, "desktop") == 0;
}

static bool within(unsigned value, unsigned minimum, unsigned maximum)
{
    return value >= minimum && value <= maximum;
}

static void fill_default(unsigned *value, unsigned fallback)
{
    *value = *value == 0 ? fallback : *value;
}

struct tp_status tp_feed_spec_check(struct tp_feed_spec *spec, struct tp_error *error)
{
    if (!id_valid(spec->feed_id))
        return tp_fail(error, TP_INPUT, "feed.bad_id",
                       "a feed's id is letters, digits and hyphens");
    if (!kind_valid(spec->kind))
        return tp_fail(error, TP_INPUT, "feed.bad_kind", "feed %s: room, camera or desktop",
                       spec->feed_id);
    fill_default(&spec->width, DEFAULT_WIDTH);
    fill_default(&spec->height, DEFAULT_HEIGHT);
    fill_default(&spec->frame_rate, DEFAULT_FRAME_RATE);
    fill_default(&spec->bitrate_kbit, DEFAULT_BITRATE_KBIT);
    bool even = spec->width % 2 == 0 && spec->height % 2 == 0;
    if (!even || !within(spec->width, 160, 3840) || !within(spec->height, 90, 2160) ||
        !within(spec->frame_rate, 1, 60) || !within(spec->bitrate_kbit, 32, 20000))
        return tp_fail(error, TP_INPUT, "feed.bad_size",
                       "feed %s: size, frame rate or bitrate out of bounds", spec->feed_id);
    return TP_STATUS_OK;
}

bool tp_feed_spec_equal(const struct tp_feed_spec *a, const struct tp_feed_spec *b)
{
    return strcmp(a->feed_id, b->feed_id) == 0 && strcmp(a->kind, b->kind) == 0 &&
           strcmp(a->source, b->source) == 0 && strcmp(a->sound, b->sound) == 0 &&
           a->width == b->width && a->height == b->height && a->frame_rate == b->frame_rate &&
           a->bitrate_kbit == b->bitrate_kbit;
}
