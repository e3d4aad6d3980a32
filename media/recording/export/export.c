/*
 * consilium-export TIMELINE.json OUT.webm < SOUND.webm
 *
 * One WebM of a recording: its own sound, not encoded again, and VP8 of the pages, the pointer and the names
 * of who speaks (timeline.h). The sound comes by a pipe, so that only what was asked for, the export, is ever
 * plain on a disk. A process of its own at the lowest priority: it may take as long as it likes.
 *
 *     fdsrc ! matroskademux ! -------------------------------------- webmmux ! filesink
 *     pages, pointer ! appsrc ! textoverlay ! vp8enc ! ------------- /
 *
 * Says on its output "progress N" (per cent, each once) and at last "done"; on failure one line of words on
 * its errors, exit status 1, and no file.
 */
#include "picture.h"

#include <gst/app/gstappsrc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
/* What these two keep until the process ends is theirs (see pipeline.c). */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libglib-2.0\nleak:libfontconfig";
}
#endif

#define FPS      5u /* a pointer that moves is followed; a page costs nothing but its first frame */
#define FRAME_MS (1000u / FPS)
#define QUEUED   4u

struct export {
    struct vtb_timeline *line;
    char folder[4096];
    struct vtb_picture picture;
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

static enum vtb_err read_line(const char *path, struct vtb_timeline **out)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(VTB_TIMELINE_BYTES + 1);
    enum vtb_err err = VTB_NOMEM;

    if (file && text) {
        size_t len = fread(text, 1, VTB_TIMELINE_BYTES + 1, file);

        err = vtb_timeline_parse(text, len, out);
    } else if (!file) {
        err = VTB_ABSENT;
    }
    if (file)
        fclose(file);
    free(text);
    return err;
}

static GstPadProbeReturn name_frame(GstPad *pad, GstPadProbeInfo *info, gpointer ctx)
{
    struct export *x = ctx;
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);

    (void)pad;
    vtb_timeline_at(x->line, (uint32_t)(GST_BUFFER_PTS(buffer) / GST_MSECOND), &x->names_cursor, &x->names);
    g_object_set(x->who, "text", x->names.names, "silent", x->names.names[0] == '\0', NULL);
    return GST_PAD_PROBE_OK;
}

static bool build(struct export *x, const char *out)
{
    GstElement *file;
    GstPad *pad;

    x->pipeline = gst_parse_launch(
        "fdsrc fd=0 ! matroskademux ! queue max-size-time=0 max-size-buffers=0 max-size-bytes=67108864 ! mux.audio_0 "
        "appsrc name=video format=time is-live=false caps=video/x-raw,format=BGRx,width=1280,height=720,framerate=5/1 ! "
        "textoverlay name=who valignment=bottom halignment=left shaded-background=true font-desc=\"Noto Sans 14\" ! "
        "videoconvert ! vp8enc deadline=1 cpu-used=8 threads=1 target-bitrate=400000 keyframe-max-dist=50 "
        "static-threshold=100 ! queue ! mux.video_0 webmmux name=mux ! filesink name=file", NULL);
    if (!x->pipeline)
        return false;
    x->video = gst_bin_get_by_name(GST_BIN(x->pipeline), "video");
    x->who = gst_bin_get_by_name(GST_BIN(x->pipeline), "who");
    x->bus = gst_element_get_bus(x->pipeline);
    file = gst_bin_get_by_name(GST_BIN(x->pipeline), "file");
    g_object_set(file, "location", out, NULL);
    gst_object_unref(file);
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

static const char *push_frames(struct export *x)
{
    uint32_t frames = (vtb_timeline_duration_ms(x->line) + FRAME_MS - 1) / FRAME_MS, said = 0;
    struct vtb_shown shown = vtb_nothing_shown;
    size_t cursor = 0;

    for (uint32_t n = 0; n < frames; n++) {
        GstBuffer *buffer;

        vtb_timeline_at(x->line, n * FRAME_MS, &cursor, &shown);
        if (vtb_picture_draw(&x->picture, &shown, &buffer))
            return "a page cannot be drawn: its picture is missing or no picture.";
        GST_BUFFER_PTS(buffer) = (GstClockTime)n * FRAME_MS * GST_MSECOND;
        GST_BUFFER_DURATION(buffer) = FRAME_MS * GST_MSECOND;
        if (!wait_for_room(x) || gst_app_src_push_buffer(GST_APP_SRC(x->video), buffer) != GST_FLOW_OK)
            return "the sound is no recording of ours, or the file cannot be written.";
        if (n * 100u / frames > said) {
            said = n * 100u / frames;
            printf("progress %u\n", said);
            fflush(stdout);
        }
    }
    gst_app_src_end_of_stream(GST_APP_SRC(x->video));
    return NULL;
}

static const char *run(struct export *x, const char *out)
{
    bool is_over = false;
    const char *why;

    if (vtb_picture_init(&x->picture, x->line, x->folder))
        return "out of memory.";
    if (!build(x, out))
        return "GStreamer, or a plugin of its base and good sets, is not installed.";
    why = push_frames(x);
    while (!why && !is_over)
        if (!listen(x, GST_SECOND, &is_over))
            why = "the sound is no recording of ours, or the file cannot be written.";
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
    vtb_picture_fini(&x->picture);
    vtb_timeline_destroy(x->line);
}

int main(int argc, char **argv)
{
    static struct export x;
    const char *slash, *why;

    if (argc != 3)
        return fail("usage: consilium-export TIMELINE.json OUT.webm < SOUND.webm");
    if (setpriority(PRIO_PROCESS, 0, 19))
        fprintf(stderr, "consilium-export: runs at plain priority\n");
    if (read_line(argv[1], &x.line))
        return fail("the time line cannot be read, or is none.");
    slash = strrchr(argv[1], '/');
    snprintf(x.folder, sizeof x.folder, "%.*s", slash ? (int)(slash - argv[1]) : 1, slash ? argv[1] : ".");
    x.names = vtb_nothing_shown;
    gst_init(NULL, NULL);
    why = run(&x, argv[2]);
    close_all(&x);
    if (why) {
        unlink(argv[2]); /* half a film is none */
        return fail(why);
    }
    printf("progress 100\ndone\n");
    return 0;
}
