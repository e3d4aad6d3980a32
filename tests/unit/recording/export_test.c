/*
 * The time line is read strictly; and the program makes a film whose pages, views, pointer and sound are where the
 * time line says. What is in the film is asked of GStreamer's demuxer and decoder.
 */
#include "kit.h"

#include "export/feed.h"
#include "export/picture.h"
#include "recording/recordings.h"

#include <fcntl.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <webp/encode.h>

#define SECONDS 6u

static char said_buffer[100000];

/* ---- time line ---- */

static enum vtb_err parse(const char *text)
{
    struct vtb_timeline *line = NULL;
    enum vtb_err err = vtb_timeline_parse(text, strlen(text), &line);

    vtb_timeline_destroy(line);
    return err;
}

#define LINE(events) "{\"duration_ms\":6000,\"pages\":[{\"width\":800,\"height\":450},{\"width\":800,\"height\":450}],\"events\":[" events "]}"

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
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"pointer\":[0,100001]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"view\":[0,0,0,10]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"view\":[0,0,10]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"page\":null},{\"at_ms\":0,\"view\":[-9,0,5,10]}")), VTB_OK);
    assert_int_equal(parse("{\"duration_ms\":1,\"pages\":[{\"width\":0,\"height\":9}],\"events\":[]}"), VTB_PARSE);
    assert_int_equal(parse("{\"duration_ms\":1,\"pages\":[{\"width\":20000,\"height\":20000}],\"events\":[]}"), VTB_LIMIT);
    assert_int_equal(parse(LINE("{\"at_ms\":0,\"names\":[7]}")), VTB_PARSE);
    assert_int_equal(parse(LINE("{\"at_ms\":0}")), VTB_PARSE);
}

static void each_event_changes_one_thing_and_a_new_page_takes_the_pointer(void **state)
{
    static const char text[] = LINE("{\"at_ms\":0,\"page\":0},{\"at_ms\":100,\"view\":[0,0,5000,2800]},{\"at_ms\":100,\"pointer\":[2500,5000]},"
                                    "{\"at_ms\":200,\"names\":[\"Dr. A\",\"Dr. B\"]},{\"at_ms\":300,\"page\":1}");
    struct vtb_shown shown = vtb_nothing_shown;
    struct vtb_timeline *line;
    size_t cursor = 0;

    (void)state;
    assert_int_equal(vtb_timeline_parse(text, sizeof text - 1, &line), VTB_OK);
    vtb_timeline_at(line, 99, &cursor, &shown);
    assert_int_equal(shown.page, 0);
    assert_false(shown.has_pointer);
    vtb_timeline_at(line, 299, &cursor, &shown);
    assert_int_equal(shown.x, 2500);
    assert_int_equal(shown.view_w, 5000);
    assert_string_equal(shown.names, "Dr. A, Dr. B");
    vtb_timeline_at(line, 300, &cursor, &shown);
    assert_int_equal(shown.page, 1);
    assert_false(shown.has_pointer);
    assert_int_equal(shown.view_w, 0); /* it comes whole */
    assert_string_equal(shown.names, "Dr. A, Dr. B");
    vtb_timeline_destroy(line);
}

/* ---- the program ---- */

struct bytes {
    uint8_t *at;
    size_t len;
};

static void add(struct bytes *to, const void *at, size_t len)
{
    to->at = realloc(to->at, to->len + len);
    assert_non_null(to->at);
    memcpy(to->at + to->len, at, len);
    to->len += len;
}

static void add_number(struct bytes *to, size_t n)
{
    uint8_t bytes[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

    add(to, bytes, sizeof bytes);
}

/* A tile whose left 400 columns of the page are of one colour and the others of another. */
static void add_tile(struct bytes *to, int from_x, int w, int h, uint32_t left, uint32_t right)
{
    uint32_t *px = calloc((size_t)w * (size_t)h, sizeof *px);
    uint8_t *webp;
    size_t len;

    assert_non_null(px);
    for (int i = 0; i < w * h; i++)
        px[i] = 0xff000000u | (from_x + i % w < 400 ? left : right);
    len = WebPEncodeLosslessBGRA((uint8_t *)px, w, h, w * 4, &webp);
    assert_true(len > 0);
    add_number(to, len);
    add(to, webp, len);
    WebPFree(webp);
    free(px);
}

/* Two pages of 800 x 450: green, and blue with a red right half. */
static struct bytes feed_of(const char *line)
{
    struct bytes feed = { 0 };

    add(&feed, "VTBFILM1", 8);
    add_number(&feed, strlen(line));
    add(&feed, line, strlen(line));
    add_tile(&feed, 0, 512, 450, 0x00ff00, 0x00ff00);
    add_tile(&feed, 512, 288, 450, 0x00ff00, 0x00ff00);
    add_tile(&feed, 0, 512, 450, 0x0000ff, 0xff0000);
    add_tile(&feed, 512, 288, 450, 0x0000ff, 0xff0000);
    return feed;
}

/* As the server does: all by a pipe, into memory. Gives the exit status; `said` is what it wrote on its errors. */
static int run_export(const struct bytes *feed, int film, char *said, size_t cap)
{
    const uint8_t *at = feed->at;
    size_t left = feed->len, n = 0;
    int in[2], words[2], status;
    pid_t child, feeder;

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(words), 0);
    child = fork();
    if (child == 0) {
        dup2(in[0], 0);
        dup2(film, 1);
        dup2(words[1], 2);
        close(in[1]);
        close(words[0]);
        execl(VTB_BINARY_DIR "/media/recording/consilium-export", "consilium-export", (char *)NULL);
        _exit(127);
    }
    feeder = fork();
    if (feeder == 0) {
        close(words[0]);
        close(words[1]);
        close(in[0]);
        while (left) {
            ssize_t wrote = write(in[1], at, left);

            if (wrote <= 0)
                _exit(1);
            at += wrote;
            left -= (size_t)wrote;
        }
        _exit(0);
    }
    close(in[0]);
    close(in[1]);
    close(words[1]);
    for (ssize_t got; n + 1 < cap && (got = read(words[0], said + n, cap - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = '\0';
    close(words[0]);
    waitpid(feeder, NULL, 0);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct film {
    unsigned frames, sounds;
    uint8_t centre[8][3]; /* RGB of the middle, at each second */
    uint8_t ring[8][3];   /* of a place on the pointer's ring, right of the middle */
    uint8_t right[8][3];  /* a third of the way in from the right edge */
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
    memcpy(film->centre[second], map.data + (360 * 1280 + 630) * 4, 3);
    memcpy(film->ring[second], map.data + (360 * 1280 + 640 + 17) * 4, 3);
    memcpy(film->right[second], map.data + (360 * 1280 + 850) * 4, 3);
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

static void watch(int fd, struct film *film)
{
    char line[500];
    GstElement *pipeline, *picture, *sound;
    GstBus *bus;
    GstMessage *message;
    gint64 duration = 0;

    snprintf(line, sizeof line, "filesrc location=/proc/self/fd/%d ! matroskademux name=d d. ! queue ! vp8dec ! videoconvert ! "
             "video/x-raw,format=RGBA ! fakesink name=picture signal-handoffs=true sync=false "
             "d. ! queue ! audio/x-opus ! fakesink name=sound signal-handoffs=true sync=false", fd);
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

static void a_film_shows_page_view_and_pointer_when_they_were_shown(void **state)
{
    static const char line[] = LINE("{\"at_ms\":0,\"page\":0},{\"at_ms\":1000,\"names\":[\"Dr. A\"]},"
        "{\"at_ms\":2000,\"page\":1},{\"at_ms\":3000,\"view\":[0,0,5000,2812]},"
        "{\"at_ms\":4000,\"pointer\":[2500,1406]},{\"at_ms\":5000,\"page\":null}");
    struct kit kit;
    struct film film = { 0 };
    struct bytes feed;
    char said[4000];
    uint8_t *sound;
    size_t len;
    int fd = memfd_create("film", MFD_CLOEXEC);

    (void)state;
    gst_init(NULL, NULL);
    kit_open(&kit);
    kit_make(&kit, SECONDS * 50, 0);
    sound = kit_read(&kit, &len);
    feed = feed_of(line);
    add(&feed, sound, len);
    assert_int_equal(run_export(&feed, fd, said, sizeof said), 0);
    assert_non_null(strstr(said, "progress 50\n"));
    assert_non_null(strstr(said, "progress 100\ndone\n"));
    watch(fd, &film);
    assert_int_equal(film.frames, SECONDS * 5);
    assert_int_equal(film.sounds, SECONDS * 50); /* every frame of it, not encoded again */
    assert_true(is_near(film.centre[1], 0, 255, 0));
    assert_true(film.words[0] < 100); /* nobody speaks yet */
    assert_true(film.words[1] > 500); /* the name, on its own ground */
    assert_true(is_near(film.centre[2], 0, 0, 255));
    assert_true(is_near(film.right[2], 255, 0, 0));
    assert_true(is_near(film.right[3], 0, 0, 255)); /* zoomed: the left half fills the frame */
    assert_true(is_near(film.ring[3], 0, 0, 255));
    assert_true(is_near(film.ring[4], 242, 184, 75));
    assert_true(is_near(film.centre[5], 0, 0, 0)); /* hidden */
    close(fd);
    free(feed.at);
    free(sound);
    kit_close(&kit);
}

static void what_cannot_be_made_is_said_in_words(void **state)
{
    static const uint8_t noise[2000] = { 1, 2, 3 };
    struct kit kit;
    struct bytes feed = { 0 };
    char said[4000];
    int fd = memfd_create("film", MFD_CLOEXEC);

    (void)state;
    kit_open(&kit);
    add(&feed, noise, sizeof noise); /* no feed */
    assert_int_equal(run_export(&feed, fd, said, sizeof said), 1);
    free(feed.at);
    feed = feed_of(LINE("{\"at_ms\":0,\"page\":0}"));
    add(&feed, noise, sizeof noise); /* no sound */
    assert_int_equal(run_export(&feed, fd, said, sizeof said), 1);
    assert_non_null(strstr(said, "the sound is no recording"));
    free(feed.at);
    feed = feed_of(LINE("{\"at_ms\":0,\"page\":0}"));
    feed.len -= 200; /* the feed ends in a tile */
    assert_int_equal(run_export(&feed, fd, said, sizeof said), 1);
    free(feed.at);
    feed = feed_of(LINE("{\"at_ms\":0,\"page\":0}"));
    feed.at[8 + 4 + strlen(LINE("{\"at_ms\":0,\"page\":0}")) + 4] ^= 0xff; /* a tile is no picture */
    assert_int_equal(run_export(&feed, fd, said, sizeof said), 1);
    assert_non_null(strstr(said, "a tile of it is damaged"));
    free(feed.at);
    close(fd);
    kit_close(&kit);
}

/* The same code as in the program, under the sanitizers. */
static void a_damaged_tile_is_refused_and_nothing_else_is_drawn(void **state)
{
    struct vtb_shown shown = vtb_nothing_shown;
    struct bytes feed = feed_of(LINE("{\"at_ms\":0,\"page\":0}"));
    struct vtb_picture *picture;
    struct vtb_feed read;
    uint8_t *out = malloc(VTB_PICTURE_BYTES);
    FILE *file = tmpfile();

    (void)state;
    assert_int_equal(fwrite(feed.at, 1, feed.len, file), feed.len);
    rewind(file);
    fflush(file);
    assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
    assert_int_equal(vtb_feed_read(fileno(file), &read), VTB_OK);
    assert_int_equal(vtb_picture_create(&read, &picture), VTB_OK);
    assert_int_equal(vtb_picture_draw(picture, &shown, out), VTB_OK); /* nothing */
    shown.page = 0;
    shown.has_pointer = true;
    shown.x = shown.y = -90000; /* far outside */
    assert_int_equal(vtb_picture_draw(picture, &shown, out), VTB_OK);
    assert_int_equal(out[4 * (360 * 1280 + 640) + 1], 255);
    shown.page = 1;
    memset(read.tiles[3].at, 0, read.tiles[3].len);
    assert_int_equal(vtb_picture_draw(picture, &shown, out), VTB_CORRUPT);
    vtb_picture_destroy(picture);
    vtb_feed_fini(&read);
    fclose(file);
    free(out);
    free(feed.at);
}

/* ---- what is kept beside a recording ---- */

static void a_film_is_sealed_and_goes_with_its_recording(void **state)
{
    static const char words[] = "film film film";
    uint8_t digest[VTB_RECORDING_DIGEST], out[64];
    struct vtb_recording_info info;
    struct vtb_recording *film;
    struct kit kit;
    char path[120], plain[VTB_ID_TEXT];
    size_t n;
    FILE *file;
    int fd = memfd_create("film", MFD_CLOEXEC);

    (void)state;
    kit_open(&kit);
    assert_int_equal(write(fd, words, sizeof words), sizeof words);
    assert_int_equal(vtb_film_keep(kit.dir, kit.key, kit.id, fd, 5000, &info, digest), VTB_ABSENT); /* of no recording */
    assert_int_equal(vtb_film_open(kit.dir, kit.key, kit.id, &film), VTB_ABSENT);
    kit_make(&kit, 50, 0);
    assert_int_equal(vtb_film_keep(kit.dir, kit.key, kit.id, fd, 5000, &info, digest), VTB_OK);
    assert_int_equal(vtb_film_keep(kit.dir, kit.key, kit.id, fd, 5000, &info, digest), VTB_OK); /* in place of the first */
    assert_int_equal(info.bytes, sizeof words);
    assert_int_equal(vtb_film_open(kit.dir, kit.key, kit.id, &film), VTB_OK);
    assert_int_equal(vtb_recording_read(film, 0, out, sizeof out, &n), VTB_OK);
    assert_int_equal(n, sizeof words);
    assert_memory_equal(out, words, n);
    vtb_recording_close(film);
    vtb_id_write(kit.id, plain);
    snprintf(path, sizeof path, "%s/%s.film", kit.dir, plain);
    file = fopen(path, "r");
    n = fread(said_buffer, 1, sizeof said_buffer, file);
    assert_null(memmem(said_buffer, n, words, 9)); /* nothing plain on the disk */
    fclose(file);
    /* A film under a recording's name is none: its kind is in what is authenticated. */
    snprintf(said_buffer, sizeof said_buffer, "%s/%s.rec", kit.dir, plain);
    assert_int_equal(vtb_recording_destroy(kit.dir, vtb_id_make(7)), VTB_OK);
    assert_int_equal(rename(path, said_buffer), 0);
    assert_int_equal(vtb_recording_open(kit.dir, kit.key, kit.id, &film), VTB_CORRUPT);
    assert_int_equal(rename(said_buffer, path), 0);
    assert_int_equal(vtb_recording_destroy(kit.dir, kit.id), VTB_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    close(fd);
    kit_close(&kit);
}

static void marks_are_sealed_kept_as_they_come_and_go_with_the_recording(void **state)
{
    struct vtb_mark mark[2] = { { VTB_MARK_POINTER, 100, 2500, -7, 0, 0 }, { VTB_MARK_VIEW, 200, 0, -100000, 5000, 1 } };
    struct vtb_mark back;
    struct vtb_marks *marks;
    uint8_t *bytes;
    struct kit kit;
    size_t len;

    (void)state;
    kit_open(&kit);
    assert_int_equal(vtb_marks_read(kit.dir, kit.key, kit.id, &bytes, &len), VTB_ABSENT);
    assert_int_equal(vtb_marks_create(kit.dir, kit.key, kit.id, &marks), VTB_OK);
    assert_int_equal(vtb_marks_append(marks, mark, 2), VTB_OK);
    /* As after a kill: nothing was closed. */
    assert_int_equal(vtb_marks_read(kit.dir, kit.key, kit.id, &bytes, &len), VTB_OK);
    assert_int_equal(len, 2 * VTB_MARK_BYTES);
    back = vtb_mark_of(bytes + VTB_MARK_BYTES);
    assert_int_equal(back.kind, VTB_MARK_VIEW);
    assert_int_equal(back.at_ms, 200);
    assert_int_equal(back.y, -100000);
    assert_int_equal(vtb_mark_of(bytes).y, -7);
    free(bytes);
    vtb_marks_close(marks);
    kit.key[0] ^= 1;
    assert_int_equal(vtb_marks_read(kit.dir, kit.key, kit.id, &bytes, &len), VTB_DENIED);
    kit.key[0] ^= 1;
    assert_int_equal(vtb_recording_destroy(kit.dir, kit.id), VTB_OK);
    assert_int_equal(vtb_marks_read(kit.dir, kit.key, kit.id, &bytes, &len), VTB_ABSENT);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_time_line_is_refused),
        cmocka_unit_test(each_event_changes_one_thing_and_a_new_page_takes_the_pointer),
        cmocka_unit_test(a_film_shows_page_view_and_pointer_when_they_were_shown),
        cmocka_unit_test(what_cannot_be_made_is_said_in_words),
        cmocka_unit_test(a_damaged_tile_is_refused_and_nothing_else_is_drawn),
        cmocka_unit_test(a_film_is_sealed_and_goes_with_its_recording),
        cmocka_unit_test(marks_are_sealed_kept_as_they_come_and_go_with_the_recording),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
