/*
 * The time line is read strictly; and the program makes a film whose pages, pointer and sound are where the
 * time line says. What is in the film is asked of GStreamer's demuxer and decoder.
 */
#include "kit.h"

#include "export/timeline.h"

#include <fcntl.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 6u

/* ---- time line ---- */

static enum vtb_err parse(const char *text)
{
    struct vtb_timeline *line = NULL;
    enum vtb_err err = vtb_timeline_parse(text, strlen(text), &line);

    vtb_timeline_destroy(line);
    return err;
}

#define LINE(events) "{\"duration_ms\":6000,\"pages\":[\"a.png\",\"b.png\"],\"events\":[" events "]}"

static void what_is_no_time_line_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse(LINE("")), VTB_OK);
    assert_int_equal(parse("[]"), VTB_PARSE);
    assert_int_equal(parse("{"), VTB_PARSE);
    assert_int_equal(parse("{\"duration_ms\":-1,\"pages\":[],\"events\":[]}"), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"page\":2}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"page\":0,\"names\":[]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":5,\"page\":0},{\"at_ms\":4,\"page\":1}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"pointer\":[0,1000001]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"names\":[7]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0}")), VTB_PARSE);
}

static void each_event_changes_one_thing_and_a_new_page_takes_the_pointer(void **state)
{
    static const char text[] = LINE("{\"at_ms\":0,\"page\":0},{\"at_ms\":100,\"pointer\":[250000,500000]},"
                                    "{\"at_ms\":200,\"names\":[\"Dr. A\",\"Dr. B\"]},{\"at_ms\":300,\"page\":1}");
    struct vtb_shown shown = vtb_nothing_shown;
    struct vtb_timeline *line;
    size_t cursor = 0;

    (void)state;
    assert_int_equal(vtb_timeline_parse(text, sizeof text - 1, &line), VTB_OK);
    vtb_timeline_at(line, 99, &cursor, &shown);
    assert_int_equal(shown.page, 0);
    assert_int_equal(shown.x, -1);
    vtb_timeline_at(line, 299, &cursor, &shown);
    assert_int_equal(shown.x, 250000);
    assert_string_equal(shown.names, "Dr. A, Dr. B");
    vtb_timeline_at(line, 300, &cursor, &shown);
    assert_int_equal(shown.page, 1);
    assert_int_equal(shown.x, -1);
    assert_string_equal(shown.names, "Dr. A, Dr. B");
    vtb_timeline_destroy(line);
}

/* ---- the program ---- */

static void run_line(const char *line)
{
    GstElement *pipeline = gst_parse_launch(line, NULL);
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message;

    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered(bus, 30 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    assert_non_null(message);
    assert_int_equal(GST_MESSAGE_TYPE(message), GST_MESSAGE_EOS);
    gst_message_unref(message);
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
}

static void make_page(const struct kit *kit, const char *name, const char *pattern)
{
    char line[400];

    snprintf(line, sizeof line, "videotestsrc num-buffers=1 pattern=%s ! video/x-raw,width=800,height=450 ! videoconvert ! "
             "pngenc ! filesink location=%s/%s", pattern, kit->dir, name);
    run_line(line);
}

/* Sound goes in by a pipe. Gives the exit status; `said` is what it printed. */
static int run_export(const struct kit *kit, const uint8_t *sound, size_t len, char *said, size_t cap)
{
    char line[200], film[200];
    int in[2], out[2], status;
    size_t n = 0;
    pid_t child, feeder;

    snprintf(line, sizeof line, "%s/line.json", kit->dir);
    snprintf(film, sizeof film, "%s/film.webm", kit->dir);
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    child = fork();
    if (child == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execl(VTB_BINARY_DIR "/media/recording/consilium-export", "consilium-export", line, film, (char *)NULL);
        _exit(127);
    }
    feeder = fork();
    if (feeder == 0) {
        close(out[0]);
        close(out[1]);
        close(in[0]);
        while (len) {
            ssize_t wrote = write(in[1], sound, len);

            if (wrote <= 0)
                _exit(1);
            sound += wrote;
            len -= (size_t)wrote;
        }
        _exit(0);
    }
    close(in[0]);
    close(in[1]);
    close(out[1]);
    for (ssize_t got; n + 1 < cap && (got = read(out[0], said + n, cap - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = '\0';
    close(out[0]);
    waitpid(feeder, NULL, 0);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_line(const struct kit *kit, const char *text)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/line.json", kit->dir);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

struct film {
    unsigned frames, sounds;
    uint8_t centre[8][3]; /* RGB of the middle, at each second */
    unsigned words[8];    /* pixels at the bottom left that are not as the middle */
};

static bool is_near(const uint8_t rgb[3], int r, int g, int b)
{
    return abs(rgb[0] - r) < 50 && abs(rgb[1] - g) < 50 && abs(rgb[2] - b) < 50;
}

static void on_picture(GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer ctx)
{
    struct film *film = ctx;
    size_t second = (size_t)(GST_BUFFER_PTS(buffer) / GST_SECOND);
    GstMapInfo map;

    (void)sink;
    (void)pad;
    film->frames++;
    if (GST_BUFFER_PTS(buffer) % GST_SECOND < 400 * GST_MSECOND || second >= 8 || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    memcpy(film->centre[second], map.data + (360 * 1280 + 640) * 4, 3);
    film->words[second] = 0;
    for (size_t y = 640; y < 720; y++)
        for (size_t x = 0; x < 300; x++)
            film->words[second] += !is_near(map.data + (y * 1280 + x) * 4, film->centre[second][0],
                                            film->centre[second][1], film->centre[second][2]);
    gst_buffer_unmap(buffer, &map);
}

static void on_sound(GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer ctx)
{
    (void)sink;
    (void)buffer;
    (void)pad;
    ((struct film *)ctx)->sounds++;
}

static void watch(const struct kit *kit, struct film *film)
{
    char line[500];
    GstElement *pipeline, *picture, *sound;
    GstBus *bus;
    GstMessage *message;
    gint64 duration = 0;

    snprintf(line, sizeof line, "filesrc location=%s/film.webm ! matroskademux name=d d. ! queue ! vp8dec ! videoconvert ! "
             "video/x-raw,format=RGBA ! fakesink name=picture signal-handoffs=true sync=false "
             "d. ! queue ! audio/x-opus ! fakesink name=sound signal-handoffs=true sync=false", kit->dir);
    pipeline = gst_parse_launch(line, NULL);
    picture = gst_bin_get_by_name(GST_BIN(pipeline), "picture");
    sound = gst_bin_get_by_name(GST_BIN(pipeline), "sound");
    bus = gst_element_get_bus(pipeline);
    g_signal_connect(picture, "handoff", G_CALLBACK(on_picture), film);
    g_signal_connect(sound, "handoff", G_CALLBACK(on_sound), film);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered(bus, 30 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    assert_non_null(message);
    assert_int_equal(GST_MESSAGE_TYPE(message), GST_MESSAGE_EOS);
    assert_true(gst_element_query_duration(pipeline, GST_FORMAT_TIME, &duration));
    assert_in_range(duration, SECONDS * GST_SECOND - 40 * GST_MSECOND, SECONDS * GST_SECOND + 40 * GST_MSECOND);
    gst_message_unref(message);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(bus);
    gst_object_unref(picture);
    gst_object_unref(sound);
    gst_object_unref(pipeline);
}

static void a_film_shows_each_page_and_the_pointer_when_they_were_shown(void **state)
{
    struct kit kit;
    struct film film = { 0 };
    size_t len;
    char said[4000];
    uint8_t *sound;

    (void)state;
    gst_init(NULL, NULL);
    kit_open(&kit);
    kit_make(&kit, SECONDS * 50, 0);
    sound = kit_read(&kit, &len);
    make_page(&kit, "a.png", "green");
    make_page(&kit, "b.png", "blue");
    write_line(&kit, LINE("{\"at_ms\":0,\"page\":0},{\"at_ms\":1000,\"names\":[\"Dr. A\"]},{\"at_ms\":2000,\"page\":1},"
                          "{\"at_ms\":4000,\"pointer\":[500000,500000]},{\"at_ms\":5000,\"pointer\":null}"));
    assert_int_equal(run_export(&kit, sound, len, said, sizeof said), 0);
    assert_non_null(strstr(said, "progress 50\n"));
    assert_non_null(strstr(said, "progress 100\ndone\n"));
    watch(&kit, &film);
    assert_int_equal(film.frames, SECONDS * 5);
    assert_int_equal(film.sounds, SECONDS * 50); /* every frame of it, not encoded again */
    assert_true(is_near(film.centre[1], 0, 255, 0));
    assert_true(film.words[0] < 100); /* nobody speaks yet */
    assert_true(film.words[1] > 500); /* the name, on its own ground */
    assert_true(is_near(film.centre[3], 0, 0, 255));
    assert_true(is_near(film.centre[4], 216, 30, 44));
    assert_true(is_near(film.centre[5], 0, 0, 255));
    free(sound);
    kit_close(&kit);
}

static void what_cannot_be_made_leaves_no_film(void **state)
{
    static const uint8_t noise[2000] = { 1, 2, 3 };
    struct kit kit;
    size_t len;
    char said[4000], film[200];
    uint8_t *sound;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, 100, 0);
    sound = kit_read(&kit, &len);
    snprintf(film, sizeof film, "%s/film.webm", kit.dir);
    write_line(&kit, LINE("{\"at_ms\":0,\"page\":0}")); /* a.png is not there */
    assert_int_equal(run_export(&kit, sound, len, said, sizeof said), 1);
    assert_int_not_equal(access(film, F_OK), 0);
    write_line(&kit, LINE(""));
    assert_int_equal(run_export(&kit, noise, sizeof noise, said, sizeof said), 1);
    assert_int_not_equal(access(film, F_OK), 0);
    write_line(&kit, "nonsense");
    assert_int_equal(run_export(&kit, noise, sizeof noise, said, sizeof said), 1);
    free(sound);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_time_line_is_refused),
        cmocka_unit_test(each_event_changes_one_thing_and_a_new_page_takes_the_pointer),
        cmocka_unit_test(a_film_shows_each_page_and_the_pointer_when_they_were_shown),
        cmocka_unit_test(what_cannot_be_made_leaves_no_film),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
