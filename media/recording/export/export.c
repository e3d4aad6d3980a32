/*
 * consilium-export < FEED > FILM 2> WORDS
 *
 * One WebM of a recording: its own sound, not encoded again, and VP8 of the pages, the pointer and the names
 * of who speaks. All that it is told comes by its standard input (feed.h); the film goes to its standard output,
 * which should be a file, or memory that can be sought in like one: an index and the duration are written last. It
 * opens nothing else but plugins and fonts, and runs at the lowest priority: it may take as long as it likes.
 *
 *     fdsrc ! matroskademux ! -------------------------------------- webmmux ! fdsink
 *     pages, pointer ! appsrc ! textoverlay ! vp8enc ! ------------- /
 *
 * Says on its errors "progress N" (per cent, each once) and at last "done"; on failure one line of words and exit
 * status 1: what was written until then is no film.
 */
#include "picture.h"

#include <gst/app/gstappsrc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FPS      5u /* a pointer that moves is followed; a page costs nothing but its first frame */
#define FRAME_MS (1000u / FPS)
#define QUEUED   4u

#define IOPRIO_IDLE (3 << 13) /* linux/ioprio.h: the disk when nobody else wants it */

struct export {
    struct vtb_feed feed;
    struct vtb_picture *picture;
    GstElement *pipeline, *video, *who;
    GstBus *bus;
    /* Names change with the frame they belong to, on the thread that draws them. */
    size_t names_cursor;
    struct vtb_shown names;
};

static int fail(const char *words)
{
    fprintf(stderr, "consilium-export: %s\n", words);
    return 1;
}

/* The plugins we use, by path: no registry is scanned or written, and no other code is loaded. */
static bool load(void)
{
    static char name[] = "consilium-export", no_update[] = "--gst-disable-registry-update",
                no_fork[] = "--gst-disable-registry-fork";
    static const char *const plugins[] = { "coreelements", "app", "matroska", "pango", "videoconvertscale", "vpx" };
    char *args[] = { name, no_update, no_fork, NULL };
    char **argv = args;
    int argc = 3;

    setenv("GST_PLUGIN_SYSTEM_PATH_1_0", "", 1); /* else it loads every plugin there is, to see what it is */
    if (!gst_init_check(&argc, &argv, NULL))
        return false;
    for (size_t i = 0; i < VTB_COUNT(plugins); i++) {
        char path[sizeof VTB_GST_PLUGINS + 64];
        GstPlugin *plugin;

        snprintf(path, sizeof path, "%s/libgst%s.so", VTB_GST_PLUGINS, plugins[i]);
        plugin = gst_plugin_load_file(path, NULL);
        if (!plugin)
            return false;
        gst_object_unref(plugin);
    }
    return true;
}

static GstPadProbeReturn name_frame(GstPad *pad, GstPadProbeInfo *info, gpointer ctx)
{
    struct export *x = ctx;
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);

    (void)pad;
    vtb_timeline_at(x->feed.line, (uint32_t)(GST_BUFFER_PTS(buffer) / GST_MSECOND), &x->names_cursor, &x->names);
    g_object_set(x->who, "text", x->names.names, "silent", x->names.names[0] == '\0', NULL);
    return GST_PAD_PROBE_OK;
}

static bool build(struct export *x)
{
    GstPad *pad;

    x->pipeline = gst_parse_launch(
        "fdsrc fd=0 ! matroskademux ! queue max-size-time=0 max-size-buffers=0 max-size-bytes=67108864 ! mux.audio_0 "
        "appsrc name=video format=time is-live=false caps=video/x-raw,format=BGRx,width=1280,height=720,framerate=5/1 ! "
        "textoverlay name=who valignment=bottom halignment=left shaded-background=true font-desc=\"Noto Sans 14\" ! "
        "videoconvert ! vp8enc deadline=1 cpu-used=8 threads=1 target-bitrate=400000 keyframe-max-dist=50 "
        "static-threshold=100 ! queue ! mux.video_0 webmmux name=mux ! fdsink fd=1", NULL);
    if (!x->pipeline)
        return false;
    x->video = gst_bin_get_by_name(GST_BIN(x->pipeline), "video");
    x->who = gst_bin_get_by_name(GST_BIN(x->pipeline), "who");
    x->bus = gst_element_get_bus(x->pipeline);
    pad = gst_element_get_static_pad(x->who, "video_sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, name_frame, x, NULL);
    gst_object_unref(pad);
    return gst_element_set_state(x->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

/* Until the message comes or the time is over. False: the pipeline failed. */
static bool listen(struct export *x, GstClockTime wait, bool *out_is_over)
{
    GstMessage *message = gst_bus_timed_pop_filtered(x->bus, wait, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    bool good = true;

    if (!message)
        return true;
    good = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
    *out_is_over = good;
    gst_message_unref(message);
    return good;
}

static bool wait_for_room(struct export *x)
{
    guint64 queued;
    bool is_over = false;

    for (;;) {
        g_object_get(x->video, "current-level-buffers", &queued, NULL);
        if (!listen(x, queued < QUEUED ? 0 : 2 * GST_MSECOND, &is_over))
            return false;
        if (queued < QUEUED)
            return true;
    }
}

static GstBuffer *frame(struct export *x, const struct vtb_shown *shown)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, VTB_PICTURE_BYTES, NULL);
    enum vtb_err err = VTB_NOMEM;
    GstMapInfo map;

    if (buffer && gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
        err = vtb_picture_draw(x->picture, shown, map.data);
        gst_buffer_unmap(buffer, &map);
    }
    if (err && buffer)
        gst_buffer_unref(buffer);
    return err ? NULL : buffer;
}

static const char *push_frames(struct export *x)
{
    uint32_t frames = (vtb_timeline_duration_ms(x->feed.line) + FRAME_MS - 1) / FRAME_MS, said = 0;
    struct vtb_shown shown = vtb_nothing_shown;
    size_t cursor = 0;

    for (uint32_t n = 0; n < frames; n++) {
        GstBuffer *buffer;

        vtb_timeline_at(x->feed.line, n * FRAME_MS, &cursor, &shown);
        buffer = frame(x, &shown);
        if (!buffer)
            return "a page cannot be drawn: a tile of it is damaged.";
        GST_BUFFER_PTS(buffer) = (GstClockTime)n * FRAME_MS * GST_MSECOND;
        GST_BUFFER_DURATION(buffer) = FRAME_MS * GST_MSECOND;
        if (!wait_for_room(x) || gst_app_src_push_buffer(GST_APP_SRC(x->video), buffer) != GST_FLOW_OK)
            return "the sound is no recording of ours, or the file cannot be written.";
        if (n * 100u / frames > said) {
            said = n * 100u / frames;
            fprintf(stderr, "progress %u\n", said);
        }
    }
    gst_app_src_end_of_stream(GST_APP_SRC(x->video));
    return NULL;
}

static const char *run(struct export *x)
{
    bool is_over = false;
    const char *why;

    if (vtb_picture_create(&x->feed, &x->picture))
        return "out of memory.";
    if (!build(x))
        return "the pipeline cannot be built.";
    why = push_frames(x);
    while (!why && !is_over)
        if (!listen(x, GST_SECOND, &is_over))
            why = "the sound is no recording of ours, or the film cannot be written.";
    return why;
}

static void close_all(struct export *x)
{
    if (x->pipeline)
        gst_element_set_state(x->pipeline, GST_STATE_NULL);
    if (x->video)
        gst_object_unref(x->video);
    if (x->who)
        gst_object_unref(x->who);
    if (x->bus)
        gst_object_unref(x->bus);
    if (x->pipeline)
        gst_object_unref(x->pipeline);
    vtb_picture_destroy(x->picture);
    vtb_feed_fini(&x->feed);
}

int main(void)
{
    static struct export x;
    const char *why;

    if (setpriority(PRIO_PROCESS, 0, 19) || syscall(SYS_ioprio_set, 1, 0, IOPRIO_IDLE))
        fprintf(stderr, "consilium-export: runs at plain priority\n");
    if (vtb_feed_read(0, &x.feed))
        return fail("what came by the input is no time line with its tiles.");
    x.names = vtb_nothing_shown;
    if (!load())
        return fail("GStreamer, or a plugin of its base and good sets, is not installed.");
    why = run(&x);
    close_all(&x);
    if (why)
        return fail(why);
    fputs("progress 100\ndone\n", stderr);
    return 0;
}
