#include "media/scene_figures.h"

#include <math.h>

#define TURN (2.0 * G_PI)

struct tp_colour tp_colour_from_hue(double hue, double saturation, double value)
{
    double channel[3];
    for (int i = 0; i < 3; i++) {
        double k = fmod(hue * 6.0 + 5.0 - 2.0 * i, 6.0);
        double ramp = fmax(0.0, fmin(1.0, fmin(k, 4.0 - k)));
        channel[i] = value - value * saturation * ramp;
    }
    return (struct tp_colour){channel[0], channel[1], channel[2]};
}

struct tp_scene_look tp_scene_look_of(const char *feed_id)
{
    uint32_t seed = 2166136261U; /* FNV-1a */
    for (const char *at = feed_id; *at != '\0'; at++)
        seed = (seed ^ (unsigned char)*at) * 16777619U;
    seed ^= seed >> 15;
    double hue = (seed % 360) / 360.0;
    return (struct tp_scene_look){
        .seed = seed,
        .wall = tp_colour_from_hue(hue, 0.16, 0.86),
        .floor = tp_colour_from_hue(hue + 0.06, 0.28, 0.52),
        .accent = tp_colour_from_hue(hue + 0.45, 0.55, 0.72),
    };
}

void tp_scene_set_colour(cairo_t *cairo, struct tp_colour colour)
{
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
}

void tp_scene_rounded_box(cairo_t *cairo, double x, double y, double width, double height,
                          double radius)
{
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, x + width - radius, y + radius, radius, -TURN / 4, 0);
    cairo_arc(cairo, x + width - radius, y + height - radius, radius, 0, TURN / 4);
    cairo_arc(cairo, x + radius, y + height - radius, radius, TURN / 4, TURN / 2);
    cairo_arc(cairo, x + radius, y + radius, radius, TURN / 2, 3 * TURN / 4);
    cairo_close_path(cairo);
}

static void box(cairo_t *cairo, double x, double y, double width, double height)
{
    cairo_rectangle(cairo, x, y, width, height);
    cairo_fill(cairo);
}

static void oval(cairo_t *cairo, double x, double y, double half_width, double half_height)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, half_width, half_height);
    cairo_arc(cairo, 0, 0, 1, 0, TURN);
    cairo_restore(cairo);
    cairo_fill(cairo);
}

static void draw_face(cairo_t *cairo, uint32_t seed, double seconds)
{
    double rhythm = 2.7 + seed % 17 * 0.1;
    bool blink = fmod(seconds + seed % 7, rhythm) < 0.16;
    double mouth = 3 + 5 * fabs(sin(seconds * (2.1 + seed % 5 * 0.3)));
    cairo_set_source_rgb(cairo, 0.18, 0.13, 0.11);
    for (int side = -1; side <= 1; side += 2)
        oval(cairo, side * 23, -96, 7, blink ? 1.2 : 6);
    cairo_set_source_rgb(cairo, 0.62, 0.25, 0.24);
    oval(cairo, 0, -58, 16, mouth);
}

void tp_scene_draw_person(cairo_t *cairo, double x, double y, double scale, uint32_t seed,
                          double seconds)
{
    double sway = sin(seconds * (0.6 + seed % 5 * 0.11) + seed % 9) * 7;
    double nod = sin(seconds * (0.9 + seed % 4 * 0.13) + seed % 13) * 4;
    struct tp_colour coat = tp_colour_from_hue((seed % 97) / 97.0, 0.45, 0.45 + seed % 5 * 0.08);
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, scale, scale);
    tp_scene_set_colour(cairo, coat);
    tp_scene_rounded_box(cairo, -112, -28, 224, 220, 70);
    cairo_fill(cairo);
    cairo_translate(cairo, sway, nod);
    cairo_set_source_rgb(cairo, 0.84, 0.66, 0.53);
    box(cairo, -18, -52, 36, 44);
    cairo_set_source_rgb(cairo, 0.13, 0.11, 0.10);
    oval(cairo, 0, -108, 62, 70);
    cairo_set_source_rgb(cairo, 0.93, 0.76, 0.63);
    oval(cairo, 0, -88, 54, 62);
    draw_face(cairo, seed, seconds);
    cairo_restore(cairo);
}

static void draw_room_back(cairo_t *cairo, const struct tp_scene_look *look)
{
    tp_scene_set_colour(cairo, look->wall);
    box(cairo, 0, 0, 1280, 470);
    tp_scene_set_colour(cairo, look->floor);
    box(cairo, 0, 470, 1280, 250);
    cairo_set_source_rgb(cairo, 0.80, 0.89, 0.96);
    for (int window = 0; window < 2; window++)
        box(cairo, 60 + window * 240, 150, 190, 200);
    cairo_set_source_rgb(cairo, 0.10, 0.12, 0.16);
    box(cairo, 800, 150, 380, 220);
}

static void draw_room_screen(cairo_t *cairo, const struct tp_scene_look *look, double seconds)
{
    cairo_set_source_rgb(cairo, 0.95, 0.97, 0.99);
    box(cairo, 812, 162, 356, 196);
    tp_scene_set_colour(cairo, look->accent);
    for (int bar = 0; bar < 7; bar++) {
        double height = 70 + 60 * sin(seconds * 0.7 + bar * 0.9 + look->seed % 11);
        box(cairo, 832 + bar * 47, 346 - height, 30, height);
    }
}

static void draw_room_front(cairo_t *cairo, const struct tp_scene_look *look, double seconds)
{
    draw_room_screen(cairo, look, seconds);
    /* Someone walks to and fro behind the table. */
    double walk = fmod(seconds * 60 + look->seed % 1500, 1600) - 160;
    tp_scene_draw_person(cairo, walk, 400 + 4 * sin(seconds * 7), 0.8, look->seed / 7, seconds);
    for (uint32_t i = 0; i < 5; i++)
        tp_scene_draw_person(cairo, 190 + i * 225, 490, 0.78, look->seed / 3 + i * 7919, seconds);
    cairo_set_source_rgb(cairo, 0.45, 0.30, 0.19);
    tp_scene_rounded_box(cairo, 40, 560, 1200, 220, 60);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 0.96, 0.96, 0.94);
    for (int paper = 0; paper < 5; paper++)
        box(cairo, 150 + paper * 225, 590, 90, 44);
}

static void draw_person_back(cairo_t *cairo, const struct tp_scene_look *look)
{
    tp_scene_set_colour(cairo, look->wall);
    box(cairo, 0, 0, 1280, 720);
    tp_scene_set_colour(cairo, look->floor);
    box(cairo, 0, 150, 90, 440);
    box(cairo, 1190, 150, 90, 440);
    tp_scene_set_colour(cairo, look->accent);
    for (int shelf = 0; shelf < 3; shelf++)
        for (int book = 0; book < 5; book++)
            box(cairo, 960 + book * 34, 200 + shelf * 120, 22 + (look->seed >> book & 7), 90);
}

static void draw_person_front(cairo_t *cairo, const struct tp_scene_look *look, double seconds)
{
    double lean = 40 * sin(seconds * 0.35 + look->seed % 8);
    tp_scene_draw_person(cairo, 560 + lean, 450, 1.75, look->seed, seconds);
    cairo_set_source_rgb(cairo, 0.40, 0.28, 0.20);
    box(cairo, 0, 620, 1280, 100);
    cairo_set_source_rgb(cairo, 0.20, 0.22, 0.25);
    tp_scene_rounded_box(cairo, 800, 480, 260, 160, 10);
    cairo_fill(cairo);
    double hand = 20 * sin(seconds * 3.1);
    cairo_set_source_rgb(cairo, 0.93, 0.76, 0.63);
    oval(cairo, 720 + hand, 640, 42, 22);
}

static void draw_desktop_back(cairo_t *cairo, const struct tp_scene_look *look)
{
    tp_scene_set_colour(cairo, look->floor);
    box(cairo, 0, 0, 1280, 720);
    cairo_set_source_rgb(cairo, 0.97, 0.97, 0.98);
    box(cairo, 60, 130, 1160, 540);
    tp_scene_set_colour(cairo, look->accent);
    box(cairo, 60, 130, 1160, 40);
    cairo_set_source_rgb(cairo, 0.86, 0.88, 0.91);
    for (int line = 0; line < 10; line++)
        box(cairo, 80, 220 + line * 44, 1120, 2);
}

static void draw_desktop_front(cairo_t *cairo, const struct tp_scene_look *look, double seconds)
{
    int active = (int)(seconds / 1.5) % 10;
    cairo_set_source_rgb(cairo, 0.85, 0.92, 1.0);
    box(cairo, 80, 180 + active * 44, 1120, 40);
    for (uint32_t row = 0; row < 10; row++) {
        double score = 0.5 + 0.5 * sin(seconds * 0.4 + row * 1.7 + look->seed % 5);
        cairo_set_source_rgb(cairo, 0.35, 0.38, 0.42);
        box(cairo, 96, 192 + row * 44, 220 + (look->seed >> row & 127), 14);
        tp_scene_set_colour(cairo, look->accent);
        box(cairo, 620, 190 + row * 44, 520 * score, 18);
    }
    double x = 640 + 480 * sin(seconds * 0.6), y = 420 + 200 * sin(seconds * 0.83);
    cairo_move_to(cairo, x, y);
    cairo_line_to(cairo, x, y + 34);
    cairo_line_to(cairo, x + 24, y + 24);
    cairo_close_path(cairo);
    cairo_set_source_rgb(cairo, 0.05, 0.05, 0.05);
    cairo_fill(cairo);
}

void tp_scene_draw_back(cairo_t *cairo, enum tp_scene_kind kind, const struct tp_scene_look *look)
{
    switch (kind) {
    case TP_SCENE_ROOM:
        draw_room_back(cairo, look);
        break;
    case TP_SCENE_PERSON:
        draw_person_back(cairo, look);
        break;
    case TP_SCENE_DESKTOP:
        draw_desktop_back(cairo, look);
        break;
    }
}

void tp_scene_draw_front(cairo_t *cairo, enum tp_scene_kind kind, const struct tp_scene_look *look,
                         double seconds)
{
    switch (kind) {
    case TP_SCENE_ROOM:
        draw_room_front(cairo, look, seconds);
        break;
    case TP_SCENE_PERSON:
        draw_person_front(cairo, look, seconds);
        break;
    case TP_SCENE_DESKTOP:
        draw_desktop_front(cairo, look, seconds);
        break;
    }
}
