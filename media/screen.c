/* The picture of an X display. Over XCB and not ximagesrc (Xlib), which ends the whole process when
 * the X server goes away; here that is an error like any other. The whole picture is read each time
 * (no damage events), so a still screen delivers too. */
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xfixes.h>

#include "media/painter.h"

struct screen {
    struct tp_painter painter;
    char display[TP_SOURCE_TARGET_MAX_BYTES];
    xcb_connection_t *connection;
    xcb_window_t root;
    bool has_cursor;
    bool has_shared;
    unsigned width, height;
    xcb_shm_seg_t segment;
    uint8_t *shared;
    size_t shared_bytes;
    struct tp_picture_pool pool;
};

static struct tp_status gone(struct tp_error *error)
{
    return tp_fail(error, TP_IO, "capture.display_gone", "the X display does not answer");
}

static bool usable_depth(xcb_connection_t *connection, uint8_t depth)
{
    const xcb_setup_t *setup = xcb_get_setup(connection);
    if (setup->image_byte_order != XCB_IMAGE_ORDER_LSB_FIRST || depth < 24)
        return false;
    for (xcb_format_iterator_t it = xcb_setup_pixmap_formats_iterator(setup); it.rem > 0;
         xcb_format_next(&it))
        if (it.data->depth == depth)
            return it.data->bits_per_pixel == 32;
    return false;
}

static bool start_cursor(xcb_connection_t *connection)
{
    const xcb_query_extension_reply_t *extension =
        xcb_get_extension_data(connection, &xcb_xfixes_id);
    if (extension == NULL || !extension->present)
        return false;
    xcb_xfixes_query_version_reply_t *version = xcb_xfixes_query_version_reply(
        connection, xcb_xfixes_query_version(connection, 2, 0), NULL);
    bool usable = version != NULL;
    free(version);
    return usable;
}

static struct tp_status connect_display(struct screen *screen, struct tp_error *error)
{
    int preferred = 0;
    screen->connection = xcb_connect(screen->display, &preferred);
    if (xcb_connection_has_error(screen->connection) != 0)
        return tp_fail(error, TP_IO, "capture.no_display", "no X display %s", screen->display);
    xcb_screen_iterator_t it = xcb_setup_roots_iterator(xcb_get_setup(screen->connection));
    while (preferred-- > 0 && it.rem > 1)
        xcb_screen_next(&it);
    if (it.rem == 0 || !usable_depth(screen->connection, it.data->root_depth))
        return tp_fail(error, TP_IO, "capture.bad_display", "the display has no 24-bit colours");
    screen->root = it.data->root;
    screen->has_cursor = start_cursor(screen->connection);
    const xcb_query_extension_reply_t *shm =
        xcb_get_extension_data(screen->connection, &xcb_shm_id);
    screen->has_shared = shm != NULL && shm->present;
    return TP_STATUS_OK;
}

static void drop_shared(struct screen *screen)
{
    if (screen->shared == NULL)
        return;
    xcb_shm_detach(screen->connection, screen->segment);
    shmdt(screen->shared);
    screen->shared = NULL;
}

/* Memory that server and process share, for pictures of the present size; without it pictures come
 * through the socket. */
static void make_shared(struct screen *screen)
{
    drop_shared(screen);
    screen->shared_bytes = (size_t)screen->width * screen->height * 4;
    int id = shmget(IPC_PRIVATE, screen->shared_bytes, IPC_CREAT | 0600);
    if (id < 0) {
        screen->has_shared = false;
        return;
    }
    void *memory = shmat(id, NULL, 0);
    screen->segment = xcb_generate_id(screen->connection);
    xcb_generic_error_t *refusal = NULL;
    if (memory != (void *)-1)
        refusal = xcb_request_check(
            screen->connection,
            xcb_shm_attach_checked(screen->connection, screen->segment, (uint32_t)id, 0));
    shmctl(id, IPC_RMID, NULL);
    screen->has_shared = memory != (void *)-1 && refusal == NULL;
    if (screen->has_shared)
        screen->shared = memory;
    else if (memory != (void *)-1)
        shmdt(memory);
    free(refusal);
}

static struct tp_status follow_size(struct screen *screen, struct tp_error *error)
{
    xcb_get_geometry_reply_t *geometry = xcb_get_geometry_reply(
        screen->connection, xcb_get_geometry(screen->connection, screen->root), NULL);
    if (geometry == NULL)
        return gone(error);
    bool changed = geometry->width != screen->width || geometry->height != screen->height;
    screen->width = geometry->width;
    screen->height = geometry->height;
    free(geometry);
    if (screen->has_shared && (changed || screen->shared == NULL))
        make_shared(screen);
    return TP_STATUS_OK;
}

static struct tp_status grab(struct screen *screen, uint8_t *pixels, struct tp_error *error)
{
    size_t bytes = (size_t)screen->width * screen->height * 4;
    uint16_t width = (uint16_t)screen->width, height = (uint16_t)screen->height;
    if (screen->shared != NULL) {
        xcb_shm_get_image_reply_t *reply = xcb_shm_get_image_reply(
            screen->connection,
            xcb_shm_get_image(screen->connection, screen->root, 0, 0, width, height, ~0U,
                              XCB_IMAGE_FORMAT_Z_PIXMAP, screen->segment, 0),
            NULL);
        if (reply == NULL)
            return gone(error);
        free(reply);
        memcpy(pixels, screen->shared, bytes);
        return TP_STATUS_OK;
    }
    xcb_get_image_reply_t *reply =
        xcb_get_image_reply(screen->connection,
                            xcb_get_image(screen->connection, XCB_IMAGE_FORMAT_Z_PIXMAP,
                                          screen->root, 0, 0, width, height, ~0U),
                            NULL);
    bool whole = reply != NULL && (size_t)xcb_get_image_data_length(reply) >= bytes;
    if (whole)
        memcpy(pixels, xcb_get_image_data(reply), bytes);
    free(reply);
    return whole ? TP_STATUS_OK : gone(error);
}

/* One pixel of the pointer (alpha already multiplied in) over one of the picture. */
static uint32_t over(uint32_t front, uint32_t back)
{
    uint32_t rest = 255 - (front >> 24), out = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        uint32_t level = (front >> shift & 255) + (back >> shift & 255) * rest / 255;
        out |= (level > 255 ? 255 : level) << shift;
    }
    return out;
}

static void draw_cursor(struct screen *screen, uint8_t *pixels)
{
    xcb_xfixes_get_cursor_image_reply_t *cursor = xcb_xfixes_get_cursor_image_reply(
        screen->connection, xcb_xfixes_get_cursor_image(screen->connection), NULL);
    if (cursor == NULL)
        return;
    const uint32_t *image = xcb_xfixes_get_cursor_image_cursor_image(cursor);
    for (int row = 0; row < cursor->height; row++) {
        for (int column = 0; column < cursor->width; column++) {
            int x = cursor->x - cursor->xhot + column, y = cursor->y - cursor->yhot + row;
            if (x < 0 || y < 0 || x >= (int)screen->width || y >= (int)screen->height)
                continue;
            uint8_t *at = pixels + ((size_t)y * screen->width + (size_t)x) * 4;
            uint32_t back;
            memcpy(&back, at, sizeof back);
            back = over(image[row * cursor->width + column], back);
            memcpy(at, &back, sizeof back);
        }
    }
    free(cursor);
}

static struct tp_status take_picture(struct screen *screen, GstBuffer *picture,
                                     struct tp_error *error)
{
    GstMapInfo map;
    if (!gst_buffer_map(picture, &map, GST_MAP_WRITE))
        return tp_fail(error, TP_NOMEM, "capture.no_memory", "no memory for a picture");
    struct tp_status status = grab(screen, map.data, error);
    if (tp_ok(status) && screen->has_cursor)
        draw_cursor(screen, map.data);
    gst_buffer_unmap(picture, &map);
    return status;
}

static struct tp_status paint(struct tp_painter *painter, const struct tp_capture_demand *demand,
                              GstBuffer **picture, GstCaps **caps, struct tp_error *error)
{
    (void)demand; /* a screen has its own size; the thread keeps the rate */
    struct screen *screen = (struct screen *)painter;
    struct tp_status status = TP_STATUS_OK;
    if (screen->connection == NULL)
        status = connect_display(screen, error);
    if (tp_ok(status))
        status = follow_size(screen, error);
    if (tp_ok(status))
        status = tp_picture_pool_take(&screen->pool, screen->width, screen->height, picture, caps,
                                      error);
    if (tp_failed(status))
        return status;
    status = take_picture(screen, *picture, error);
    if (tp_failed(status)) {
        gst_clear_buffer(picture);
        gst_clear_caps(caps);
    }
    return status;
}

static void free_screen(struct tp_painter *painter)
{
    struct screen *screen = (struct screen *)painter;
    drop_shared(screen);
    if (screen->connection != NULL)
        xcb_disconnect(screen->connection);
    tp_picture_pool_fini(&screen->pool);
    g_free(screen);
}

static const struct tp_painter_class screen_class = {
    .paint = paint,
    .free = free_screen,
};

struct tp_painter *tp_screen_new(const char *display)
{
    struct screen *screen = g_new0(struct screen, 1);
    screen->painter.class = &screen_class;
    g_strlcpy(screen->display, display, sizeof screen->display);
    return &screen->painter;
}
