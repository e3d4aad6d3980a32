#include "pipeline.h"

#include "base/log.h"
#include "webm.h"

#include <gst/gst.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
/* When GLib's table of names grows it leaves the old one behind on purpose: another thread may be
 * reading it (glib/gquark.c). Its allocations all look alike to the checker, which sees no deeper. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libglib-2.0";
}
#endif

#define SLOT_NS     ((GstClockTime)VTB_SLOT_MS * GST_MSECOND)
#define CLUSTER_MAX (G_GINT64_CONSTANT(1000) * GST_MSECOND)
#define CLUSTER_MIN (G_GINT64_CONSTANT(900) * GST_MSECOND) /* else each frame gets a cluster of its own */

struct vtb_pipeline {
    struct vtb_pipeline_sink sink;
    enum vtb_err err; /* of the sink, in the running push */
    GstElement *bin, *mux;
    GstPad *in, *out, *mux_in, *mux_out;
};

/* Only the plugin we use is loaded, from where it was at build time; no registry is scanned or written. */
static bool load(void)
{
    static char name[] = "consilium", no_update[] = "--gst-disable-registry-update",
                no_fork[] = "--gst-disable-registry-fork";
    char *args[] = { name, no_update, no_fork, NULL };
    char **argv = args;
    int argc = 3;
    GError *error = NULL;
    GstPlugin *plugin;

    if (!gst_init_check(&argc, &argv, &error)) {
        VTB_LOG(VTB_ERROR, "recorder.gstreamer.absent");
        g_clear_error(&error);
        return false;
    }
    plugin = gst_plugin_load_file(VTB_GST_PLUGINS "/libgstmatroska.so", &error);
    if (!plugin) {
        VTB_LOG(VTB_ERROR, "recorder.matroska.absent", VTB_STR("wants", "gstreamer1.0-plugins-good"));
        g_clear_error(&error);
        return false;
    }
    gst_object_unref(plugin);
    return true;
}

static GstFlowReturn on_bytes(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    struct vtb_pipeline *pipeline = gst_pad_get_element_private(pad);
    GstMapInfo map;

    (void)parent;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        pipeline->err = VTB_NOMEM;
    } else {
        if (map.size && !pipeline->err)
            pipeline->err = pipeline->sink.bytes(pipeline->sink.ctx, map.data, map.size);
        gst_buffer_unmap(buffer, &map);
    }
    gst_buffer_unref(buffer);
    return pipeline->err ? GST_FLOW_ERROR : GST_FLOW_OK;
}

static gboolean on_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    (void)pad;
    (void)parent;
    gst_event_unref(event); /* stream start, caps, segment: known */
    return TRUE;
}

/* RFC 7845, section 5: what a decoder must know, as "streamheader". Takes over the caps. */
static GstCaps *with_head(GstCaps *caps)
{
    static const guint8 tags[16] = { 'O', 'p', 'u', 's', 'T', 'a', 'g', 's' }; /* no vendor, no tag */
    GValue list = G_VALUE_INIT, value = G_VALUE_INIT;

    g_value_init(&list, GST_TYPE_ARRAY);
    g_value_init(&value, GST_TYPE_BUFFER);
    gst_value_take_buffer(&value, gst_buffer_new_memdup(vtb_opus_head, VTB_OPUS_HEAD));
    gst_value_array_append_value(&list, &value);
    gst_value_take_buffer(&value, gst_buffer_new_memdup(tags, sizeof tags));
    gst_value_array_append_value(&list, &value);
    gst_caps_set_value(caps, "streamheader", &list);
    g_value_unset(&value);
    g_value_unset(&list);
    return caps;
}

static bool begin(struct vtb_pipeline *p)
{
    GstCaps *caps = with_head(gst_caps_new_simple("audio/x-opus", "rate", G_TYPE_INT, 48000, "channels", G_TYPE_INT, 1,
        "channel-mapping-family", G_TYPE_INT, 0, "stream-count", G_TYPE_INT, 1, "coupled-count", G_TYPE_INT, 0, NULL));
    GstSegment segment;
    bool good;

    gst_segment_init(&segment, GST_FORMAT_TIME);
    good = gst_pad_push_event(p->in, gst_event_new_stream_start("mix")) &&
           gst_pad_push_event(p->in, gst_event_new_caps(caps)) &&
           gst_pad_push_event(p->in, gst_event_new_segment(&segment));
    gst_caps_unref(caps);
    return good;
}

static bool join(struct vtb_pipeline *p)
{
    p->bin = gst_pipeline_new(NULL);
    p->mux = gst_element_factory_make("webmmux", NULL);
    if (!p->bin || !p->mux) {
        if (p->mux)
            gst_object_unref(gst_object_ref_sink(p->mux));
        return false;
    }
    g_object_set(p->mux, "streamable", TRUE, "max-cluster-duration", CLUSTER_MAX, "min-cluster-duration", CLUSTER_MIN,
                 "writing-app", "consilium", NULL);
    gst_bin_add(GST_BIN(p->bin), p->mux); /* the bin owns it now */
    p->in = gst_object_ref_sink(gst_pad_new("in", GST_PAD_SRC));
    p->out = gst_object_ref_sink(gst_pad_new("out", GST_PAD_SINK));
    gst_pad_set_element_private(p->out, p);
    gst_pad_set_chain_function(p->out, on_bytes);
    gst_pad_set_event_function(p->out, on_event);
    gst_pad_set_active(p->in, TRUE);
    gst_pad_set_active(p->out, TRUE);
    p->mux_in = gst_element_request_pad_simple(p->mux, "audio_%u");
    p->mux_out = gst_element_get_static_pad(p->mux, "src");
    return p->mux_in && p->mux_out &&
           gst_pad_link_full(p->in, p->mux_in, GST_PAD_LINK_CHECK_NOTHING) == GST_PAD_LINK_OK &&
           gst_pad_link_full(p->mux_out, p->out, GST_PAD_LINK_CHECK_NOTHING) == GST_PAD_LINK_OK &&
           gst_element_set_state(p->bin, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

enum vtb_err vtb_pipeline_create(struct vtb_pipeline_sink sink, struct vtb_pipeline **out)
{
    struct vtb_pipeline *p;

    if (!load())
        return VTB_SYS;
    p = calloc(1, sizeof *p);
    if (!p)
        return VTB_NOMEM;
    p->sink = sink;
    if (!join(p) || !begin(p) || p->err) {
        enum vtb_err err = p->err ? p->err : VTB_SYS;

        VTB_LOG(VTB_ERROR, "recorder.pipeline.failed", VTB_ERR(err));
        vtb_pipeline_destroy(p);
        return err;
    }
    *out = p;
    return VTB_OK;
}

enum vtb_err vtb_pipeline_push(struct vtb_pipeline *p, uint32_t slot, const uint8_t *opus, size_t len)
{
    GstBuffer *buffer = gst_buffer_new_memdup(opus, len);

    /* No duration: with one, webmmux wraps each frame in a group that costs 12 bytes more. */
    GST_BUFFER_PTS(buffer) = (GstClockTime)slot * SLOT_NS;
    p->err = VTB_OK;
    if (gst_pad_push(p->in, buffer) == GST_FLOW_OK)
        return VTB_OK;
    return p->err ? p->err : VTB_SYS;
}

static void drop_pad(GstPad *pad)
{
    if (!pad)
        return;
    gst_pad_set_active(pad, FALSE);
    gst_object_unref(pad);
}

void vtb_pipeline_destroy(struct vtb_pipeline *p)
{
    if (!p)
        return;
    if (p->bin)
        gst_element_set_state(p->bin, GST_STATE_NULL);
    drop_pad(p->in);
    drop_pad(p->out);
    if (p->mux_in) {
        gst_element_release_request_pad(p->mux, p->mux_in);
        gst_object_unref(p->mux_in);
    }
    if (p->mux_out)
        gst_object_unref(p->mux_out);
    if (p->bin)
        gst_object_unref(p->bin);
    free(p);
}
