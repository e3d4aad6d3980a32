/* Requests and answers of a live server. */
#include "bed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void get(int fd, const char *path, const char *extra, struct reply *out)
{
    client_sendf(fd, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", path, extra);
    client_reply(fd, false, out);
}

static void a_route_gives_segments_queries_and_cookies(void **state)
{
    struct bed *bed = bed_start(NULL);
    struct reply reply;
    int fd = client_open(bed);

    (void)state;
    get(fd, "/api/hello/M%C3%BCller?x=1&q=a%26b+c&y", "Cookie: a=1; s=ok\r\n", &reply);
    CHECK_EQ(reply.status, 200);
    assert_string_equal((char *)reply.body, "M\xc3\xbcller|a&b c|ok|127.0.0.1|127.0.0.1");
    reply_fini(&reply);
    /* the same connection again: nothing of the first request is left */
    get(fd, "/api/hello/x", "", &reply);
    assert_string_equal((char *)reply.body, "x|||127.0.0.1|127.0.0.1");
    reply_fini(&reply);
    close(fd);
    bed_stop(bed);
}

static void every_answer_carries_the_security_headers(void **state)
{
    static const char *const paths[] = { "/api/hello/x", "/api/nothing", "/api/denied" };
    static const char *const lines[] = {
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
        "x-content-type-options: nosniff", "referrer-policy: no-referrer",
        "permissions-policy: microphone=(self), camera=()",
        "cross-origin-opener-policy: same-origin", "cache-control: no-store",
    };
    struct bed *bed = bed_start(NULL);
    int fd = client_open(bed);

    (void)state;
    for (size_t p = 0; p < VTB_COUNT(paths); p++) {
        struct reply reply;

        get(fd, paths[p], "", &reply);
        for (size_t i = 0; i < VTB_COUNT(lines); i++)
            CHECK(reply_has(&reply, lines[i]));
        CHECK(!reply_has(&reply, "strict-transport-security"));
        CHECK(!reply_has(&reply, "server:"));
        reply_fini(&reply);
    }
    close(fd);
    bed_stop(bed);
}

static void an_error_is_a_sentence_in_json(void **state)
{
    struct bed *bed = bed_start(NULL);
    struct reply reply;
    int fd = client_open(bed);

    (void)state;
    get(fd, "/api/denied", "", &reply);
    CHECK_EQ(reply.status, 403);
    assert_string_equal((char *)reply.body,
        "{\"error\":\"denied\",\"message\":\"Only the \\\"chair\\\" may do this.\"}");
    CHECK(reply_has(&reply, "content-type: application/json"));
    reply_fini(&reply);
    close(fd);
    bed_stop(bed);
}

static void a_header_value_cannot_start_a_line_of_its_own(void **state)
{
    struct bed *bed = bed_start(NULL);
    struct reply reply;
    int fd = client_open(bed);

    (void)state;
    get(fd, "/api/hostile", "", &reply);
    CHECK(reply_has(&reply, "x-good: 1"));
    CHECK(strstr(reply.head, "stolen") == NULL);
    reply_fini(&reply);
    close(fd);
    bed_stop(bed);
}

static void head_sends_the_length_and_no_body(void **state)
{
    static const char *const paths[] = { "/api/big", "/api/file" };
    struct bed *bed = bed_start(NULL);
    int fd = client_open(bed);

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(paths); i++) {
        struct reply reply;

        client_sendf(fd, "HEAD %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", paths[i]);
        client_reply(fd, true, &reply);
        CHECK_EQ(reply.status, 200);
        CHECK(reply_has(&reply, "content-length: 300000"));
        reply_fini(&reply);
        /* were a body sent, it would stand before the next answer */
        get(fd, "/api/hello/x", "", &reply);
        CHECK_EQ(reply.status, 200);
        reply_fini(&reply);
    }
    close(fd);
    bed_stop(bed);
}

static void large_answers_arrive_whole_from_memory_and_file(void **state)
{
    static const char *const paths[] = { "/api/big", "/api/file" };
    struct bed *bed = bed_start(NULL);

    (void)state;
    for (size_t i = 0; i < 2 * VTB_COUNT(paths); i++) {
        int fd = i < 2 ? client_open(bed) : client_open_small(bed); /* in many small windows too */
        struct reply reply;

        get(fd, paths[i % 2], "", &reply);
        CHECK_EQ(reply.status, 200);
        CHECK_EQ(reply.len, vtb_blob_len(bed->big));
        assert_memory_equal(reply.body, vtb_blob_data(bed->big), reply.len);
        reply_fini(&reply);
        close(fd);
    }
    bed_stop(bed);
}

static void ranges_and_tags_are_honoured(void **state)
{
    static const struct {
        const char *path, *extra;
        int status;
        size_t at, len;
        const char *line;
    } rows[] = {
        { "/api/big", "Range: bytes=100-299\r\n", 206, 100, 200, "content-range: bytes 100-299/300000" },
        { "/api/big", "Range: bytes=-70000\r\n", 206, 230000, 70000, "content-range: bytes 230000-299999/300000" },
        { "/api/file", "Range: bytes=1000-199999\r\n", 206, 1000, 199000, "content-range: bytes 1000-199999/300000" },
        { "/api/big", "Range: bytes=300000-\r\n", 416, 0, 0, "content-range: bytes */300000" },
        { "/api/big", "Range: bytes=0-1,4-5\r\n", 200, 0, 300000, "accept-ranges: bytes" },
        { "/api/big", "Range: bytes=0-9\r\nIf-Range: \"old\"\r\n", 200, 0, 300000, "etag: \"big\"" },
        { "/api/big", "Range: bytes=0-9\r\nIf-Range: \"big\"\r\n", 206, 0, 10, "etag: \"big\"" },
        { "/api/big", "If-None-Match: W/\"big\"\r\n", 304, 0, 0, "etag: \"big\"" },
        { "/api/file", "If-None-Match: \"x\", \"file\"\r\n", 304, 0, 0, "etag: \"file\"" },
    };
    struct bed *bed = bed_start(NULL);
    int fd = client_open(bed);

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        struct reply reply;

        get(fd, rows[i].path, rows[i].extra, &reply);
        CHECK_EQ(reply.status, rows[i].status);
        CHECK_EQ(reply.len, rows[i].len);
        CHECK(reply_has(&reply, rows[i].line));
        if (rows[i].len)
            assert_memory_equal(reply.body, vtb_blob_data(bed->big) + rows[i].at, reply.len);
        reply_fini(&reply);
    }
    close(fd);
    bed_stop(bed);
}

static void answer_late(struct bed *bed, void *ctx)
{
    struct vtb_blob *blob = vtb_blob_make("at last", 7);

    (void)ctx;
    vtb_web_answer(bed->web, bed->late, 200, NULL, 0, blob);
    vtb_web_answer(bed->web, bed->late, 500, NULL, 0, blob); /* the first one counts */
    vtb_blob_unref(blob);
}

static void copy_handled(struct bed *bed, void *ctx)
{
    *(int *)ctx = bed->handled;
}

static void wait_handled(struct bed *bed, int n)
{
    int seen;

    do
        bed_call(bed, copy_handled, &seen);
    while (seen < n && usleep(1000) == 0);
}

static void an_answer_may_come_later(void **state)
{
    struct bed *bed = bed_start(NULL);
    struct reply reply;
    int fd = client_open(bed);

    (void)state;
    client_send(fd, "GET /api/hello/late HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_handled(bed, 1);
    bed_call(bed, answer_late, NULL);
    client_reply(fd, false, &reply);
    CHECK_EQ(reply.status, 200);
    assert_string_equal((char *)reply.body, "at last");
    reply_fini(&reply);
    get(fd, "/api/hello/x", "", &reply);
    CHECK_EQ(reply.status, 200);
    reply_fini(&reply);
    close(fd);
    bed_stop(bed);
}

static void an_answer_to_a_client_that_left_does_nothing(void **state)
{
    struct bed *bed = bed_start(NULL);
    struct reply reply;
    int fd = client_open(bed);

    (void)state;
    client_send(fd, "GET /api/hello/late HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_handled(bed, 1);
    close(fd);
    while (bed_figures(bed).connections_now)
        usleep(1000);
    fd = client_open(bed); /* takes the same place; must not get the other's answer */
    client_send(fd, "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n");
    bed_call(bed, answer_late, NULL);
    client_reply(fd, false, &reply);
    CHECK_EQ(reply.len, strlen("x|||127.0.0.1|127.0.0.1"));
    reply_fini(&reply);
    close(fd);
    bed_stop(bed);
}

static void soon(struct vtb_web_config *cfg)
{
    cfg->answer_ms = 100;
}

static void a_handler_that_never_answers_is_answered_for(void **state)
{
    struct bed *bed = bed_start(soon);
    int fd = client_open(bed);

    (void)state;
    CHECK_EQ(client_status(fd, "GET /api/hello/late HTTP/1.1\r\nHost: x\r\n\r\n"), 504);
    bed_call(bed, answer_late, NULL); /* too late: no second answer */
    CHECK_EQ(client_status(fd, "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    close(fd);
    bed_stop(bed);
}

static void uploads_of_a_full_piece_arrive(void **state)
{
    struct bed *bed = bed_start(NULL);
    size_t len = VTB_WEB_BODY_PIECE;
    uint8_t *piece = calloc(1, len);
    int fd = client_open(bed);

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct reply reply;

        client_sendf(fd, "PUT /api/upload/7 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                         "Origin: http://127.0.0.1:%u\r\nContent-Length: %zu\r\n\r\n",
                     bed->port, bed->port, len);
        client_send_bytes(fd, piece, len);
        client_reply(fd, false, &reply);
        CHECK_EQ(reply.status, 200);
        assert_string_equal((char *)reply.body, "8388608");
        reply_fini(&reply);
    }
    CHECK_EQ(bed_figures(bed).bodies_bytes_now, 0);
    free(piece);
    close(fd);
    bed_stop(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_gives_segments_queries_and_cookies),
        cmocka_unit_test(every_answer_carries_the_security_headers),
        cmocka_unit_test(an_error_is_a_sentence_in_json),
        cmocka_unit_test(a_header_value_cannot_start_a_line_of_its_own),
        cmocka_unit_test(head_sends_the_length_and_no_body),
        cmocka_unit_test(large_answers_arrive_whole_from_memory_and_file),
        cmocka_unit_test(ranges_and_tags_are_honoured),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(an_answer_to_a_client_that_left_does_nothing),
        cmocka_unit_test(a_handler_that_never_answers_is_answered_for),
        cmocka_unit_test(uploads_of_a_full_piece_arrive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
