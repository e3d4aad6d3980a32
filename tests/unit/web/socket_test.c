/* WebSockets of a live server. */
#include "bed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void expect_text(int fd, const char *text)
{
    struct frame frame = ws_read(fd);

    CHECK_EQ(frame.opcode, 1);
    assert_string_equal((char *)frame.data, text);
    frame_fini(&frame);
}

static void expect_close(int fd, int code)
{
    struct frame frame = ws_read(fd);

    CHECK_EQ(frame.opcode, 8);
    CHECK_EQ(frame.code, code);
    frame_fini(&frame);
}

static void only_the_admitted_get_in(void **state)
{
    struct bed *bed = bed_start(NULL);
    char ours[64];
    int fd;

    (void)state;
    snprintf(ours, sizeof ours, "http://127.0.0.1:%u", bed->port);
    const struct {
        const char *origin, *protocol, *extra;
        int status;
    } rows[] = {
        { ours, "consilium.v1", WS_GOOD, 101 },
        { ours, "other, consilium.v1", WS_GOOD, 101 },
        { ours, "consilium.v1", "", 401 },
        { "http://evil.example", "consilium.v1", WS_GOOD, 403 },
        { NULL, "consilium.v1", WS_GOOD, 403 },
        { "null", "consilium.v1", WS_GOOD, 403 },
        { ours, NULL, WS_GOOD, 400 },
        { ours, "other", WS_GOOD, 400 },
        { ours, "consilium.v1", WS_GOOD "Content-Length: 5\r\n", 400 },
    };
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        fd = client_open(bed);
        if (ws_open(bed, fd, rows[i].origin, rows[i].protocol, rows[i].extra) != rows[i].status)
            fail_msg("row %zu", i);
        if (rows[i].status == 101) {
            ws_text(fd, "ping");
            expect_text(fd, "pong");
        } else {
            CHECK(client_is_closed(fd));
        }
        close(fd);
    }
    CHECK_EQ(bed_figures(bed).sockets, 2);
    bed_stop(bed);
}

static void a_broadcast_reaches_all_in_order(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fds[20];

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        fds[i] = ws_good(bed);
    ws_text(fds[0], "flood 100 200");
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        for (int n = 0; n < 100; n++) {
            struct frame frame = ws_read(fds[i]);

            CHECK_EQ(frame.opcode, 1);
            CHECK_EQ(frame.len, 200);
            CHECK_EQ(strtol((char *)frame.data, NULL, 10), n);
            frame_fini(&frame);
        }
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        close(fds[i]);
    bed_stop(bed);
}

static void large_messages_arrive_whole(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = ws_good(bed);

    (void)state;
    ws_text(fd, "flood 2 250000"); /* a snapshot may have 256 kB */
    for (int n = 0; n < 2; n++) {
        struct frame frame = ws_read(fd);

        CHECK_EQ(frame.len, 250000);
        CHECK_EQ(strtol((char *)frame.data, NULL, 10), n);
        CHECK_EQ(frame.data[249999], '.');
        frame_fini(&frame);
    }
    close(fd);
    bed_stop(bed);
}

static void the_latest_wins(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = ws_good(bed);

    (void)state;
    ws_text(fd, "latest 1000");
    expect_text(fd, "view 999");
    expect_text(fd, "level 1000");
    ws_text(fd, "ping");
    expect_text(fd, "pong"); /* nothing else was on its way */
    close(fd);
    bed_stop(bed);
}

static void copy_last_len(struct bed *bed, void *ctx)
{
    *(size_t *)ctx = bed->last_len;
}

static void a_message_of_64_kb_is_taken_and_one_byte_more_is_not(void **state)
{
    struct bed *bed = bed_start(NULL);
    char *text = malloc(VTB_WEB_MESSAGE_MAX + 1);
    size_t len = 0;
    int fd = ws_good(bed);

    (void)state;
    memset(text, 'x', VTB_WEB_MESSAGE_MAX + 1);
    ws_send(fd, 1, true, text, VTB_WEB_MESSAGE_MAX);
    expect_text(fd, "got it");
    bed_call(bed, copy_last_len, &len);
    CHECK_EQ(len, VTB_WEB_MESSAGE_MAX);
    ws_send(fd, 1, true, text, VTB_WEB_MESSAGE_MAX + 1);
    expect_close(fd, 1009);
    close(fd);

    fd = ws_good(bed); /* in fragments it is the sum that counts */
    ws_send(fd, 1, false, text, 40000);
    ws_send(fd, 0, true, text, 20000);
    expect_text(fd, "got it");
    bed_call(bed, copy_last_len, &len);
    CHECK_EQ(len, 60000);
    ws_send(fd, 1, false, text, 40000);
    ws_send(fd, 0, true, text, 40000);
    expect_close(fd, 1009);
    close(fd);
    free(text);
    bed_stop(bed);
}

static void binary_and_broken_text_are_refused(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = ws_good(bed);

    (void)state;
    ws_send(fd, 2, true, "ping", 4);
    expect_close(fd, 1003);
    close(fd);
    fd = ws_good(bed);
    ws_send(fd, 1, true, "\xff\xfe", 2);
    expect_close(fd, 1007);
    close(fd);
    CHECK_EQ(bed_figures(bed).messages_in, 0);
    bed_stop(bed);
}

static void a_close_lets_the_queue_go_first(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = ws_good(bed);

    (void)state;
    ws_text(fd, "bye");
    expect_text(fd, "last words");
    expect_close(fd, 4001);
    close(fd);
    bed_stop(bed);
}

/* Sends through `busy` until the stalled link's ring has overflowed `n` times in all. */
static void flood_until(struct bed *bed, int busy, uint64_t n)
{
    while (bed_figures(bed).overflows < n) {
        ws_text(busy, "flood 32 8000");
        for (int i = 0; i < 32; i++) {
            struct frame frame = ws_read(busy);

            CHECK_EQ(frame.opcode, 1); /* one slow link delays nobody */
            frame_fini(&frame);
        }
    }
}

static int stalled_socket(struct bed *bed)
{
    char origin[64];
    int fd = client_open_small(bed);

    snprintf(origin, sizeof origin, "http://127.0.0.1:%u", bed->port);
    CHECK_EQ(ws_open(bed, fd, origin, "consilium.v1", WS_GOOD), 101);
    return fd;
}

static void copy_resyncs(struct bed *bed, void *ctx)
{
    *(int *)ctx = bed->resyncs;
}

static void a_stalled_reader_gets_a_snapshot_instead_of_history(void **state)
{
    struct bed *bed = bed_start(NULL);
    int slow = stalled_socket(bed), busy = ws_good(bed);
    struct frame frame;
    int last = -1, snapshot = -1, resyncs = 0;

    (void)state;
    flood_until(bed, busy, 1);
    ws_text(busy, "flood 32 8000"); /* these it will find in the snapshot */
    for (int i = 0; i < 32; i++) {
        frame = ws_read(busy);
        frame_fini(&frame);
    }
    while (snapshot < 0) {
        frame = ws_read(slow);
        CHECK_EQ(frame.opcode, 1);
        if (sscanf((char *)frame.data, "snapshot %d", &snapshot) != 1) {
            CHECK_EQ(strtol((char *)frame.data, NULL, 10), last + 1); /* without a gap before it */
            last++;
        }
        frame_fini(&frame);
    }
    CHECK(snapshot > last);
    bed_call(bed, copy_resyncs, &resyncs);
    CHECK_EQ(resyncs, 1);
    ws_text(busy, "flood 1 8000"); /* and live again, from the snapshot on */
    frame = ws_read(slow);
    CHECK_EQ(strtol((char *)frame.data, NULL, 10), snapshot);
    frame_fini(&frame);
    close(slow);
    close(busy);
    bed_stop(bed);
}

static void one_that_falls_behind_twice_is_closed(void **state)
{
    struct bed *bed = bed_start(NULL);
    int slow = stalled_socket(bed), busy = ws_good(bed), snapshot = -1;
    struct frame frame;

    (void)state;
    flood_until(bed, busy, 1);
    while (snapshot < 0) {
        frame = ws_read(slow);
        CHECK_EQ(frame.opcode, 1);
        (void)sscanf((char *)frame.data, "snapshot %d", &snapshot);
        frame_fini(&frame);
    }
    flood_until(bed, busy, 2);
    CHECK_EQ(bed_figures(bed).closed_slow, 1);
    do { /* it reads what the kernel holds, then the end: with the close frame if in time */
        frame = ws_read(slow);
        if (frame.opcode == 8)
            CHECK_EQ(frame.code, 1013);
        CHECK(!strstr(frame.data ? (char *)frame.data : "", "snapshot"));
        frame_fini(&frame);
    } while (frame.opcode == 1);
    close(slow);
    ws_text(busy, "ping");
    expect_text(busy, "pong");
    close(busy);
    bed_stop(bed);
}

static void send_to_closed(struct bed *bed, void *ctx)
{
    vtb_web_socket old = *(vtb_web_socket *)ctx;
    struct vtb_blob *blob = vtb_blob_make("stray", 5);

    vtb_web_send(bed->web, old, blob);
    vtb_web_send_latest(bed->web, old, 0, blob);
    vtb_web_socket_close(bed->web, old, 4000, "stray");
    CHECK(vtb_web_socket_user(bed->web, old) == NULL);
    vtb_blob_unref(blob);
}

static void copy_socket(struct bed *bed, void *ctx)
{
    *(vtb_web_socket *)ctx = bed->sockets[0];
}

static void a_late_send_never_reaches_the_next_tenant(void **state)
{
    struct bed *bed = bed_start(NULL);
    vtb_web_socket old, fresh;
    int fd = ws_good(bed);

    (void)state;
    bed_call(bed, copy_socket, &old);
    close(fd);
    while (bed_figures(bed).connections_now)
        usleep(1000);
    fd = ws_good(bed);
    bed_call(bed, copy_socket, &fresh);
    CHECK_EQ(old.index, fresh.index); /* the same place */
    bed_call(bed, send_to_closed, &old);
    ws_text(fd, "ping");
    expect_text(fd, "pong");
    close(fd);
    bed_stop(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_admitted_get_in),
        cmocka_unit_test(a_broadcast_reaches_all_in_order),
        cmocka_unit_test(large_messages_arrive_whole),
        cmocka_unit_test(the_latest_wins),
        cmocka_unit_test(a_message_of_64_kb_is_taken_and_one_byte_more_is_not),
        cmocka_unit_test(binary_and_broken_text_are_refused),
        cmocka_unit_test(a_close_lets_the_queue_go_first),
        cmocka_unit_test(a_stalled_reader_gets_a_snapshot_instead_of_history),
        cmocka_unit_test(one_that_falls_behind_twice_is_closed),
        cmocka_unit_test(a_late_send_never_reaches_the_next_tenant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
