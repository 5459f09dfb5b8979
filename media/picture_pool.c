#include "media/painter.h"

/* Encoders hold a few pictures each; a picture that is never given back is an error elsewhere. */
#define PICTURES_MAX_COUNT 12

static struct tp_status make_pool(struct tp_picture_pool *pool, unsigned width, unsigned height,
                                  struct tp_error *error)
{
    tp_picture_pool_fini(pool);
    pool->caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "BGRx", "width",
                                     G_TYPE_INT, (int)width, "height", G_TYPE_INT, (int)height,
                                     "framerate", GST_TYPE_FRACTION, 0, 1, "pixel-aspect-ratio",
                                     GST_TYPE_FRACTION, 1, 1, NULL);
    pool->pool = gst_buffer_pool_new();
    GstStructure *settings = gst_buffer_pool_get_config(pool->pool);
    gst_buffer_pool_config_set_params(settings, pool->caps, width * height * 4, 0,
                                      PICTURES_MAX_COUNT);
    if (!gst_buffer_pool_set_config(pool->pool, settings) ||
        !gst_buffer_pool_set_active(pool->pool, TRUE))
        return tp_fail(error, TP_NOMEM, "capture.no_memory", "no memory for pictures");
    pool->width = width;
    pool->height = height;
    return TP_STATUS_OK;
}

struct tp_status tp_picture_pool_take(struct tp_picture_pool *pool, unsigned width, unsigned height,
                                      GstBuffer **picture, GstCaps **caps, struct tp_error *error)
{
    if (pool->pool == NULL || pool->width != width || pool->height != height) {
        struct tp_status status = make_pool(pool, width, height, error);
        if (tp_failed(status))
            return status;
    }
    GstBufferPoolAcquireParams patience = {.flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT};
    if (gst_buffer_pool_acquire_buffer(pool->pool, picture, &patience) != GST_FLOW_OK)
        return tp_fail(error, TP_LIMIT, "capture.lagging", "all pictures are still in use");
    *caps = gst_caps_ref(pool->caps);
    return TP_STATUS_OK;
}

void tp_picture_pool_fini(struct tp_picture_pool *pool)
{
    if (pool->pool != NULL)
        gst_buffer_pool_set_active(pool->pool, FALSE);
    gst_clear_object(&pool->pool);
    gst_clear_caps(&pool->caps);
}
