/*
 * The drawings a test picture is made of, in a space of 1280 x 720 units.
 */
#ifndef TP_MEDIA_SCENE_FIGURES_H
#define TP_MEDIA_SCENE_FIGURES_H

#include <cairo.h>
#include <stdint.h>

#include "media/capture.h"

#define TP_SCENE_WIDTH 1280.0
#define TP_SCENE_HEIGHT 720.0

struct tp_colour {
    double red, green, blue;
};

/* What makes the picture of one feed differ from another's: all derived from the feed's id. */
struct tp_scene_look {
    uint32_t seed;
    struct tp_colour wall, floor, accent;
};

struct tp_scene_look tp_scene_look_of(const char *feed_id);
struct tp_colour tp_colour_from_hue(double hue, double saturation, double value);
void tp_scene_set_colour(cairo_t *cairo, struct tp_colour colour);
void tp_scene_rounded_box(cairo_t *cairo, double x, double y, double width, double height,
                          double radius);
/* A figure of someone seated: head and shoulders. `seed` gives its colours and its own rhythm. */
void tp_scene_draw_person(cairo_t *cairo, double x, double y, double scale, uint32_t seed,
                          double seconds);

/* What stands still, painted once per size; and what moves. */
void tp_scene_draw_back(cairo_t *cairo, enum tp_scene_kind kind, const struct tp_scene_look *look);
void tp_scene_draw_front(cairo_t *cairo, enum tp_scene_kind kind, const struct tp_scene_look *look,
                         double seconds);

#endif
