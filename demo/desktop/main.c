/*
 * What stands on the evaluation PCs of the demo province: one window per X screen with a score
 * sheet that fills itself, a page of a bid document that scrolls and a clock. A desktop that an
 * expert would have before him, so that a regulator's wall has something to watch.
 *
 * tp-demo-desktop DISPLAY TITLE...: the n-th title goes on screen n of DISPLAY (":90").
 */
#include <cairo/cairo-xlib.h>
#include <pango/pangocairo.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <X11/Xlib.h>

#define TICK_MS 250
#define TICKS_PER_CLOCK 4
#define TICKS_PER_WORK 8
#define HEADER_HEIGHT 64
#define ROW_COUNT 8
#define COLUMN_COUNT 5
#define SCREEN_COUNT_MAX 16

static volatile sig_atomic_t ended;

struct desktop {
    const char *title;
    cairo_surface_t *screen; /* the X window */
    cairo_surface_t *canvas; /* drawn off screen, so that the window never flickers */
    int width, height;
    unsigned seed;
};

static void on_signal(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

static void fill(cairo_t *cr, double x, double y, double width, double height, uint32_t rgb)
{
    cairo_set_source_rgb(cr, ((rgb >> 16) & 0xFF) / 255.0, ((rgb >> 8) & 0xFF) / 255.0,
                         (rgb & 0xFF) / 255.0);
    cairo_rectangle(cr, x, y, width, height);
    cairo_fill(cr);
}

static void text(cairo_t *cr, double x, double y, const char *font, uint32_t rgb, const char *words)
{
    PangoLayout *layout = pango_cairo_create_layout(cr);
    PangoFontDescription *description = pango_font_description_from_string(font);
    pango_layout_set_font_description(layout, description);
    pango_layout_set_text(layout, words, -1);
    cairo_set_source_rgb(cr, ((rgb >> 16) & 0xFF) / 255.0, ((rgb >> 8) & 0xFF) / 255.0,
                         (rgb & 0xFF) / 255.0);
    cairo_move_to(cr, x, y);
    pango_cairo_show_layout(cr, layout);
    pango_font_description_free(description);
    g_object_unref(layout);
}

static void draw_score_sheet(const struct desktop *desktop, cairo_t *cr, double x, double y,
                             double width, long tick)
{
    static const char *const items[ROW_COUNT] = {
        "施工组织设计", "项目管理机构", "质量保证措施", "安全文明施工",
        "进度计划安排", "主要机械设备", "类似工程业绩", "投标报价得分",
    };
    static const char *const columns[COLUMN_COUNT] = {"评分项", "投标人甲", "投标人乙", "投标人丙",
                                                      "投标人丁"};
    double row_height = 58, column_width = width / COLUMN_COUNT;
    fill(cr, x, y, width, row_height, 0x1F5F8B);
    for (int column = 0; column < COLUMN_COUNT; column++)
        text(cr, x + column * column_width + 18, y + 15, "Noto Sans CJK SC 15", 0xFFFFFF,
             columns[column]);
    long filled = (tick / 2 + desktop->seed) % (ROW_COUNT * (COLUMN_COUNT - 1) + 6);
    for (int row = 0; row < ROW_COUNT; row++) {
        double top = y + (row + 1) * row_height;
        fill(cr, x, top, width, row_height, row % 2 == 0 ? 0xFFFFFF : 0xF2F6FA);
        text(cr, x + 18, top + 15, "Noto Sans CJK SC 14", 0x203040, items[row]);
        for (int column = 1; column < COLUMN_COUNT; column++) {
            long cell = row * (COLUMN_COUNT - 1) + column - 1;
            double left = x + column * column_width;
            if (cell == filled)
                fill(cr, left + 8, top + 8, column_width - 16, row_height - 16, 0xFFF3CD);
            if (cell > filled)
                continue;
            char score[16];
            snprintf(score, sizeof(score), "%.1f",
                     6.0 + (double)((desktop->seed * 7U + (unsigned)cell * 13U) % 35U) / 10.0);
            text(cr, left + 18, top + 15, "Noto Sans CJK SC 14", 0x203040, score);
        }
    }
}

static void draw_document(const struct desktop *desktop, cairo_t *cr, double x, double y,
                          double width, double height, long tick)
{
    fill(cr, x, y, width, height, 0xFFFFFF);
    cairo_save(cr);
    cairo_rectangle(cr, x, y, width, height);
    cairo_clip(cr);
    long scroll = (tick * 3 + desktop->seed * 31L) % 900;
    for (int line = 0; line < 60; line++) {
        double top = y + 24 + line * 30 - (double)scroll;
        if (top < y - 30 || top > y + height)
            continue;
        if (line % 12 == 0) {
            char heading[64];
            snprintf(heading, sizeof(heading), "第%d章  技术标书", line / 12 + 1);
            text(cr, x + 24, top, "Noto Sans CJK SC Bold 14", 0x203040, heading);
        } else {
            double length = width - 60 - (line * 37 % 90);
            fill(cr, x + 24, top + 8, length, 9, 0xC9D2DB);
        }
    }
    cairo_restore(cr);
}

static void draw_header(const struct desktop *desktop, cairo_t *cr)
{
    fill(cr, 0, 0, desktop->width, HEADER_HEIGHT, 0x12395B);
    text(cr, 24, 14, "Noto Sans CJK SC Bold 18", 0xFFFFFF, "电子评标系统");
    text(cr, 230, 18, "Noto Sans CJK SC 15", 0xBFD4E6, desktop->title);
    struct tm china;
    char clock_text[32];
    gmtime_r(&(time_t){time(NULL) + 8 * 3600}, &china);
    strftime(clock_text, sizeof(clock_text), "%Y-%m-%d %H:%M:%S", &china);
    text(cr, desktop->width - 330, 16, "Noto Sans Mono CJK SC 16", 0xFFFFFF, clock_text);
}

static void draw_work(const struct desktop *desktop, cairo_t *cr, long tick)
{
    double width = desktop->width, height = desktop->height;
    fill(cr, 0, HEADER_HEIGHT, width, height - HEADER_HEIGHT, 0xDDE5EC);
    double left_width = width * 0.58;
    draw_score_sheet(desktop, cr, 24, 92, left_width - 36, tick);
    draw_document(desktop, cr, left_width + 12, 92, width - left_width - 36, height - 116, tick);
    double pointer_x = 60 + (double)((tick * 17 + desktop->seed * 91L) % (long)(width - 120));
    double pointer_y = 120 + (double)((tick * 11 + desktop->seed * 53L) % (long)(height - 200));
    cairo_set_source_rgb(cr, 0.85, 0.2, 0.2);
    cairo_arc(cr, pointer_x, pointer_y, 7, 0, 6.2832);
    cairo_fill(cr);
}

/* Draws off screen and shows the part that changed. */
static void draw(struct desktop *desktop, long tick, bool whole)
{
    cairo_t *cr = cairo_create(desktop->canvas);
    draw_header(desktop, cr);
    if (whole)
        draw_work(desktop, cr, tick);
    cairo_destroy(cr);

    cairo_t *out = cairo_create(desktop->screen);
    cairo_set_source_surface(out, desktop->canvas, 0, 0);
    cairo_rectangle(out, 0, 0, desktop->width, whole ? desktop->height : HEADER_HEIGHT);
    cairo_fill(out);
    cairo_destroy(out);
    cairo_surface_flush(desktop->screen);
}

static void desktop_open(struct desktop *desktop, Display *display, int screen, const char *title)
{
    desktop->title = title;
    desktop->seed = (unsigned)screen + 3U;
    desktop->width = DisplayWidth(display, screen);
    desktop->height = DisplayHeight(display, screen);
    Window window =
        XCreateSimpleWindow(display, RootWindow(display, screen), 0, 0, (unsigned)desktop->width,
                            (unsigned)desktop->height, 0, 0, WhitePixel(display, screen));
    XMapWindow(display, window);
    desktop->screen = cairo_xlib_surface_create(display, window, DefaultVisual(display, screen),
                                                desktop->width, desktop->height);
    desktop->canvas =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, desktop->width, desktop->height);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc - 2 > SCREEN_COUNT_MAX) {
        fprintf(stderr, "usage: tp-demo-desktop DISPLAY TITLE... (at most %d)\n", SCREEN_COUNT_MAX);
        return 2;
    }
    Display *display = XOpenDisplay(argv[1]);
    if (display == NULL) {
        fprintf(stderr, "tp-demo-desktop: display %s does not answer\n", argv[1]);
        return 1;
    }
    int count = argc - 2;
    if (count > ScreenCount(display)) {
        fprintf(stderr, "tp-demo-desktop: %d titles for %d screens\n", count, ScreenCount(display));
        return 2;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    struct desktop desktops[SCREEN_COUNT_MAX];
    for (int screen = 0; screen < count; screen++)
        desktop_open(&desktops[screen], display, screen, argv[screen + 2]);
    const struct timespec pause = {.tv_nsec = TICK_MS * 1000000L};
    /* The screens take turns, so that the work is spread over the seconds. */
    for (long tick = 0; !ended; tick++) {
        for (int screen = 0; screen < count; screen++) {
            bool whole = tick == 0 || (tick + screen) % TICKS_PER_WORK == 0;
            if (whole || (tick + screen) % TICKS_PER_CLOCK == 0)
                draw(&desktops[screen], tick, whole);
        }
        XFlush(display);
        nanosleep(&pause, NULL);
    }
    for (int screen = 0; screen < count; screen++) {
        cairo_surface_destroy(desktops[screen].canvas);
        cairo_surface_destroy(desktops[screen].screen);
    }
    XCloseDisplay(display);
    return 0;
}
