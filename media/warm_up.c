#include "media/warm_up.h"

#include <gst/gst.h>

/* dtlsdec makes the certificate that all viewers' connections share. */
static const char *const elements[] = {
    "webrtcbin", "dtlsdec",    "dtlsenc",    "nicesrc", "srtpenc",    "rtpbin",
    "x264enc",   "rtph264pay", "videoscale", "opusenc", "rtpopuspay",
};

static gpointer load(gpointer data)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++) {
        GstElement *element = gst_element_factory_make(elements[i], NULL);
        if (element != NULL)
            gst_object_unref(gst_object_ref_sink(element));
    }
    return NULL;
}

void tp_warm_up_start(void)
{
    g_thread_unref(g_thread_new("warm-up", load, NULL));
}
