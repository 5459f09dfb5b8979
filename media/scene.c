/* The test picture: a scene by the feed's kind, its text, a clock to the millisecond and, along the
 * lower edge, the same time as a strip of 32 black and white cells (milliseconds since 1970 UTC,
 * modulo 2^32, highest bit left), so that a program can read the delay from the picture. */
#include <pango/pangocairo.h>
#include <stdio.h>

#include "base/clock.h"
#include "media/painter.h"
#include "media/scene_figures.h"

#define STRIP_CELLS_COUNT 32
#define STRIP_HEIGHT 16.0
#define CHINA_OFFSET_MS (8 * 3600 * INT64_C(1000))
#define DAY_MS (24 * 3600 * INT64_C(1000))

struct scene {
    struct tp_painter painter;
    enum tp_scene_kind kind;
    struct tp_scene_look look;
    char *text;
    cairo_surface_t *back; /* what stands still, at the size of the last picture */
    int width, height;
    struct tp_picture_pool pool;
};

static void draw_text(cairo_t *cairo, const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoFontDescription *font =
        pango_font_description_from_string("Noto Sans CJK SC, WenQuanYi Micro Hei, Sans Bold 27");
    pango_layout_set_font_description(layout, font);
    pango_layout_set_text(layout, text, -1);
    pango_layout_set_width(layout, 700 * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_set_source_rgba(cairo, 0.05, 0.07, 0.10, 0.72);
    tp_scene_rounded_box(cairo, 24, 24, width + 40, height + 20, 14);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_move_to(cairo, 44, 34);
    pango_cairo_show_layout(cairo, layout);
    pango_font_description_free(font);
    g_object_unref(layout);
}

static void draw_clock(cairo_t *cairo, int64_t now_ms)
{
    int64_t of_day = (now_ms + CHINA_OFFSET_MS) % DAY_MS;
    char text[32];
    snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", (int)(of_day / 3600000),
             (int)(of_day / 60000 % 60), (int)(of_day / 1000 % 60), (int)(of_day % 1000));
    cairo_set_source_rgba(cairo, 0.05, 0.07, 0.10, 0.80);
    tp_scene_rounded_box(cairo, 790, 20, 470, 92, 16);
    cairo_fill(cairo);
    cairo_select_font_face(cairo, "DejaVu Sans Mono", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cairo, 58);
    cairo_set_source_rgb(cairo, 1.0, 0.95, 0.55);
    cairo_move_to(cairo, 806, 88);
    cairo_show_text(cairo, text);
}

static void draw_strip(cairo_t *cairo, int64_t now_ms)
{
    double width = TP_SCENE_WIDTH / STRIP_CELLS_COUNT;
    for (int cell = 0; cell < STRIP_CELLS_COUNT; cell++) {
        double level = (now_ms >> (STRIP_CELLS_COUNT - 1 - cell) & 1) != 0 ? 1.0 : 0.0;
        cairo_set_source_rgb(cairo, level, level, level);
        cairo_rectangle(cairo, cell * width, TP_SCENE_HEIGHT - STRIP_HEIGHT, width, STRIP_HEIGHT);
        cairo_fill(cairo);
    }
}

static cairo_t *scaled(cairo_surface_t *surface, int width, int height)
{
    cairo_t *cairo = cairo_create(surface);
    cairo_scale(cairo, width / TP_SCENE_WIDTH, height / TP_SCENE_HEIGHT);
    return cairo;
}

static void make_back(struct scene *scene, int width, int height)
{
    g_clear_pointer(&scene->back, cairo_surface_destroy);
    scene->back = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    scene->width = width;
    scene->height = height;
    cairo_t *cairo = scaled(scene->back, width, height);
    tp_scene_draw_back(cairo, scene->kind, &scene->look);
    cairo_destroy(cairo);
}

static void draw(struct scene *scene, unsigned char *pixels)
{
    int64_t now_ms = tp_clock_now_ms(tp_clock_system());
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        pixels, CAIRO_FORMAT_RGB24, scene->width, scene->height, scene->width * 4);
    cairo_t *plain = cairo_create(surface);
    cairo_set_operator(plain, CAIRO_OPERATOR_SOURCE);
    cairo_set_source_surface(plain, scene->back, 0, 0);
    cairo_paint(plain);
    cairo_destroy(plain);
    cairo_t *cairo = scaled(surface, scene->width, scene->height);
    tp_scene_draw_front(cairo, scene->kind, &scene->look, (double)(now_ms % DAY_MS) / 1000.0);
    draw_text(cairo, scene->text);
    draw_clock(cairo, now_ms);
    draw_strip(cairo, now_ms);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    cairo_surface_destroy(surface);
}

static struct tp_status paint(struct tp_painter *painter, const struct tp_capture_demand *demand,
                              GstBuffer **picture, GstCaps **caps, struct tp_error *error)
{
    struct scene *scene = (struct scene *)painter;
    struct tp_status status =
        tp_picture_pool_take(&scene->pool, demand->width, demand->height, picture, caps, error);
    if (tp_failed(status))
        return status;
    if (scene->back == NULL || scene->width != (int)demand->width ||
        scene->height != (int)demand->height)
        make_back(scene, (int)demand->width, (int)demand->height);
    GstMapInfo map;
    if (!gst_buffer_map(*picture, &map, GST_MAP_WRITE)) {
        gst_clear_buffer(picture);
        gst_clear_caps(caps);
        return tp_fail(error, TP_NOMEM, "capture.no_memory", "no memory for a picture");
    }
    draw(scene, map.data);
    gst_buffer_unmap(*picture, &map);
    return TP_STATUS_OK;
}

static void free_scene(struct tp_painter *painter)
{
    struct scene *scene = (struct scene *)painter;
    g_clear_pointer(&scene->back, cairo_surface_destroy);
    tp_picture_pool_fini(&scene->pool);
    g_free(scene->text);
    g_free(scene);
}

static const struct tp_painter_class scene_class = {
    .paint = paint,
    .free = free_scene,
};

struct tp_painter *tp_scene_new(enum tp_scene_kind kind, const char *text, const char *look)
{
    struct scene *scene = g_new0(struct scene, 1);
    scene->painter.class = &scene_class;
    scene->kind = kind;
    scene->look = tp_scene_look_of(look);
    scene->text = g_strdup(text);
    return &scene->painter;
}
