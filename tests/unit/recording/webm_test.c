/* The finished file is one for a demuxer that is not ours: it has its length, every frame, and it seeks. */
#include "kit.h"

#include <fcntl.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MINUTES 6u
#define SLOTS   (MINUTES * 60 * 50)

/* ---- our reader, with anything ---- */

static enum vtb_err count(void *ctx, uint32_t slot, const uint8_t *opus, size_t len)
{
    (void)slot;
    (void)opus;
    (void)len;
    ++*(uint32_t *)ctx;
    return VTB_OK;
}

static void pieces_of_any_size_give_the_same_frames(void **state)
{
    static const size_t sizes[] = { 1, 2, 3, 7, 63, 64, 1000, 100000 };
    struct kit kit;
    size_t len;
    uint8_t *bytes;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, 600, 0);
    bytes = kit_read(&kit, &len);
    for (size_t i = 0; i < VTB_COUNT(sizes); i++) {
        struct vtb_webm_reader reader;
        uint32_t frames = 0;

        vtb_webm_reader_init(&reader, count, &frames);
        for (size_t at = 0; at < len; at += sizes[i])
            assert_int_equal(vtb_webm_reader_take(&reader, bytes + at, len - at < sizes[i] ? len - at : sizes[i]), VTB_OK);
        assert_int_equal(frames, 600);
    }
    free(bytes);
    kit_close(&kit);
}

static void frames_out_of_order_or_too_long_make_no_file(void **state)
{
    struct vtb_webm_plan plan = { 0 };

    (void)state;
    assert_int_equal(vtb_webm_plan_frame(&plan, 5, 100), VTB_OK);
    assert_int_equal(vtb_webm_plan_frame(&plan, 5, 100), VTB_PARSE);
    assert_int_equal(vtb_webm_plan_frame(&plan, 4, 100), VTB_PARSE);
    assert_int_equal(vtb_webm_plan_frame(&plan, 6, 0), VTB_PARSE);
    assert_int_equal(vtb_webm_plan_frame(&plan, 6, VTB_WEBM_FRAME_MAX + 1), VTB_PARSE);
    assert_int_equal(vtb_webm_plan_frame(&plan, VTB_WEBM_SLOTS_MAX, 1), VTB_LIMIT);
    assert_int_equal(vtb_webm_plan_frame(&plan, 6, VTB_WEBM_FRAME_MAX), VTB_OK);
    vtb_webm_plan_fini(&plan);
}

/* ---- GStreamer's demuxer ---- */

struct seen {
    uint32_t frames, wrong;
    gint64 first_ns, last_ns;
};

static void on_frame(GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer ctx)
{
    struct seen *seen = ctx;
    GstMapInfo map;

    (void)sink;
    (void)pad;
    if (seen->frames++ == 0)
        seen->first_ns = (gint64)GST_BUFFER_PTS(buffer);
    seen->last_ns = (gint64)GST_BUFFER_PTS(buffer);
    if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        long says = kit_frame_says(map.data, map.size);

        /* What it says is where it lies. */
        seen->wrong += says >= 0 && says * 20 * 1000000L != (long)GST_BUFFER_PTS(buffer);
        gst_buffer_unmap(buffer, &map);
    }
}

static void wait_for_end(GstElement *pipeline)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message = gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

    assert_non_null(message);
    assert_int_equal(GST_MESSAGE_TYPE(message), GST_MESSAGE_EOS);
    gst_message_unref(message);
    gst_object_unref(bus);
}

static void another_demuxer_finds_length_frames_and_positions(void **state)
{
    struct kit kit;
    struct seen seen = { 0 };
    char path[200], line[400];
    size_t len;
    uint8_t *bytes;
    gint64 duration = 0;

    (void)state;
    gst_init(NULL, NULL);
    kit_open(&kit);
    kit_make(&kit, SLOTS, 0);
    bytes = kit_read(&kit, &len);
    snprintf(path, sizeof path, "%s/plain.webm", kit.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
    snprintf(line, sizeof line, "filesrc location=%s ! matroskademux ! fakesink name=sink sync=false signal-handoffs=true", path);
    GstElement *pipeline = gst_parse_launch(line, NULL);
    assert_non_null(pipeline);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    gulong handler = g_signal_connect(sink, "handoff", G_CALLBACK(on_frame), &seen);

    gst_element_set_state(pipeline, GST_STATE_PAUSED);
    assert_int_equal(gst_element_get_state(pipeline, NULL, NULL, 20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
    assert_true(gst_element_query_duration(pipeline, GST_FORMAT_TIME, &duration));
    assert_int_equal(duration, (gint64)MINUTES * 60 * GST_SECOND);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    wait_for_end(pipeline);
    assert_int_equal(seen.frames, SLOTS);
    assert_int_equal(seen.wrong, 0);
    assert_int_equal(seen.first_ns, 0);
    assert_int_equal(seen.last_ns, (gint64)(SLOTS - 1) * 20 * GST_MSECOND);

    /* By the index: what comes after a seek begins within the cluster of five seconds. */
    memset(&seen, 0, sizeof seen);
    assert_true(gst_element_seek_simple(pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT,
                                        (gint64)303 * GST_SECOND));
    wait_for_end(pipeline);
    assert_in_range(seen.first_ns, 300 * GST_SECOND, 303 * GST_SECOND);
    assert_int_equal(seen.last_ns, (gint64)(SLOTS - 1) * 20 * GST_MSECOND);
    assert_int_equal(seen.wrong, 0);
    g_signal_handler_disconnect(sink, handler);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
    free(bytes);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_any_size_give_the_same_frames),
        cmocka_unit_test(frames_out_of_order_or_too_long_make_no_file),
        cmocka_unit_test(another_demuxer_finds_length_frames_and_positions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
