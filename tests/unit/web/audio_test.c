/* The socket for sound, over real TCP: who gets in, what a frame may be, and a reader that stands still. */
#include "bed.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static vtb_web_socket last;
static size_t last_len;

static int admit(void *ctx, struct vtb_web_request *req, void **out_user)
{
    (void)ctx;
    *out_user = NULL;
    return vtb_str_is(vtb_web_request_cookie(req, "s"), VTB_LIT("ok")) &&
           vtb_str_is(vtb_web_request_query(req, "meeting"), VTB_LIT("m1")) ? 0 : 403;
}
static void opened(void *ctx, vtb_web_socket socket, void *user)
{
    (void)ctx;
    (void)user;
    last = socket;
}
/* Says back what was said. */
static void frame(void *ctx, vtb_web_socket socket, void *user, struct vtb_str bytes)
{
    struct bed *bed = ctx;
    struct vtb_blob *blob = vtb_blob_make(bytes.at, bytes.len);

    (void)user;
    last_len = bytes.len;
    vtb_web_send_frame(bed->web, socket, blob);
    vtb_blob_unref(blob);
}
static void closed(void *ctx, vtb_web_socket socket, void *user)
{
    (void)ctx;
    (void)socket;
    (void)user;
}
static void with_audio(struct vtb_web_config *cfg)
{
    cfg->audio = (struct vtb_web_live){ cfg->ctx, admit, opened, frame, NULL, closed };
}

static int dial(struct bed *bed, int fd, const char *path, const char *protocol)
{
    char origin[64];

    snprintf(origin, sizeof origin, "http://127.0.0.1:%u", bed->port);
    return ws_open_at(bed, fd, path, origin, protocol, WS_GOOD);
}

static int good(struct bed *bed)
{
    int fd = client_open(bed);

    CHECK_EQ(dial(bed, fd, "/ws/audio?meeting=m1", "consilium.audio.v1"), 101);
    return fd;
}

static void expect_close(int fd, int code)
{
    struct frame got = ws_read(fd);

    CHECK_EQ(got.opcode, 8);
    CHECK_EQ(got.code, code);
    frame_fini(&got);
    close(fd);
}

static void only_the_admitted_get_in(void **state)
{
    struct bed *bed = bed_start(with_audio);
    const struct {
        const char *path, *protocol;
        int status;
    } rows[] = {
        { "/ws/audio?meeting=m1", "consilium.audio.v1", 101 },
        { "/ws/audio?meeting=m2", "consilium.audio.v1", 403 },
        { "/ws/audio", "consilium.audio.v1", 403 },
        { "/ws/audio?meeting=m1", "consilium.v1", 400 },
        { "/ws/audio?meeting=m1", NULL, 400 },
        { "/ws", "consilium.audio.v1", 400 },
        { "/ws/other", "consilium.audio.v1", 404 },
    };
    int fd;

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        fd = client_open(bed);
        if (dial(bed, fd, rows[i].path, rows[i].protocol) != rows[i].status)
            fail_msg("row %zu", i);
        close(fd);
    }
    fd = client_open(bed);
    CHECK_EQ(ws_open_at(bed, fd, "/ws/audio?meeting=m1", "http://evil.example", "consilium.audio.v1", WS_GOOD), 403);
    close(fd);
    bed_stop(bed);
}

static void a_server_without_sound_has_no_such_socket(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = client_open(bed);

    (void)state;
    CHECK_EQ(dial(bed, fd, "/ws/audio?meeting=m1", "consilium.audio.v1"), 404);
    close(fd);
    bed_stop(bed);
}

static void frames_go_both_ways_whole_also_in_pieces(void **state)
{
    struct bed *bed = bed_start(with_audio);
    uint8_t bytes[VTB_WEB_FRAME_MAX];
    int fd = good(bed);
    struct frame got;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    ws_send(fd, 2, true, bytes, sizeof bytes);
    got = ws_read(fd);
    CHECK_EQ(got.opcode, 2);
    CHECK_EQ(got.len, sizeof bytes);
    assert_memory_equal(got.data, bytes, sizeof bytes);
    frame_fini(&got);
    ws_send(fd, 2, false, bytes, 5);
    ws_send(fd, 0, true, bytes + 5, 6);
    got = ws_read(fd);
    CHECK_EQ(got.len, 11);
    assert_memory_equal(got.data, bytes, 11);
    frame_fini(&got);
    CHECK_EQ(bed_figures(bed).frames_in, 2);
    CHECK_EQ(bed_figures(bed).frames_out, 2);
    close(fd);
    bed_stop(bed);
}

static void text_and_what_is_too_long_close_with_a_reason(void **state)
{
    struct bed *bed = bed_start(with_audio);
    uint8_t bytes[VTB_WEB_FRAME_MAX + 1] = { 0 };
    int fd = good(bed);

    (void)state;
    ws_text(fd, "ping");
    expect_close(fd, 1003);
    fd = good(bed);
    ws_send(fd, 2, true, bytes, sizeof bytes);
    expect_close(fd, 1009);
    fd = good(bed);
    ws_send(fd, 2, false, bytes, 1000);
    ws_send(fd, 0, true, bytes, 1000);
    expect_close(fd, 1009);
    CHECK_EQ(bed_figures(bed).frames_in, 0);
    bed_stop(bed);
}

static void send_many(struct bed *bed, void *ctx)
{
    uint32_t *n = ctx;

    for (int i = 0; i < 16; i++, ++*n) {
        uint8_t bytes[1200] = { 0 };
        struct vtb_blob *blob;

        memcpy(bytes, n, sizeof *n);
        blob = vtb_blob_make(bytes, sizeof bytes);
        vtb_web_send_frame(bed->web, last, blob);
        vtb_blob_unref(blob);
    }
}

/* However long it stood, what it gets of the past is bounded: no backlog is played to it. */
static void a_reader_that_stands_still_gets_the_newest_and_no_backlog(void **state)
{
    struct bed *bed = bed_start(with_audio);
    int fd = client_open_small(bed);
    uint32_t sent = 0, seen = 0, got_n = 0, mark;
    struct frame got;

    (void)state;
    CHECK_EQ(dial(bed, fd, "/ws/audio?meeting=m1", "consilium.audio.v1"), 101);
    while (bed_figures(bed).frames_dropped < 1000)
        bed_call(bed, send_many, &sent);
    mark = sent;
    while (seen < mark) {
        uint32_t n;

        bed_call(bed, send_many, &sent); /* the meeting goes on */
        got = ws_read(fd);
        CHECK_EQ(got.opcode, 2);
        memcpy(&n, got.data, sizeof n);
        CHECK(n >= seen);
        seen = n;
        got_n++;
        frame_fini(&got);
    }
    CHECK(got_n < 200); /* a receive buffer, a send buffer, and sixteen places */
    CHECK(bed_figures(bed).frames_dropped >= 1000);
    close(fd);
    bed_stop(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_admitted_get_in),
        cmocka_unit_test(a_server_without_sound_has_no_such_socket),
        cmocka_unit_test(frames_go_both_ways_whole_also_in_pieces),
        cmocka_unit_test(text_and_what_is_too_long_close_with_a_reason),
        cmocka_unit_test(a_reader_that_stands_still_gets_the_newest_and_no_backlog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
