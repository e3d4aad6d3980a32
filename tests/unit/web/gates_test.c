/* What is refused before a handler sees it. */
#include "bed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
#define NEXT "GET /api/hello/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

static void copy_handled(struct bed *bed, void *ctx)
{
    *(int *)ctx = bed->handled;
}

static int handled(struct bed *bed)
{
    int n;

    bed_call(bed, copy_handled, &n);
    return n;
}

static void nothing_is_smuggled_behind_an_ambiguous_length(void **state)
{
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        { "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, 400 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" NEXT, 400 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd" NEXT, 400 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 4, 4\r\n\r\nabcd" NEXT, 400 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: -4\r\n\r\nabcd" NEXT, 400 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 4x\r\n\r\nabcd" NEXT, 400 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, 411 },
        { "POST /api/echo HTTP/1.1\r\n" HOST "\r\n" NEXT, 411 },
        { "GET /api/hello/a HTTP/1.1\r\n" HOST "Content-Length: 49\r\n\r\n" NEXT, 400 },
        { "GET /api/hello/a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, 411 },
    };
    struct bed *bed = bed_start(NULL);

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        int fd = client_open(bed);
        struct reply reply;

        client_send(fd, rows[i].request);
        client_reply(fd, false, &reply);
        if (reply.status != rows[i].status)
            fail_msg("row %zu: %d", i, reply.status);
        CHECK(reply_has(&reply, "connection: close"));
        reply_fini(&reply);
        CHECK(client_is_closed(fd)); /* and no second answer */
        close(fd);
    }
    CHECK_EQ(handled(bed), 0);
    bed_stop(bed);
}

static void wrong_addresses_and_methods_are_told(void **state)
{
    struct bed *bed = bed_start(NULL);
    struct reply reply;
    int fd = client_open(bed);

    (void)state;
    CHECK_EQ(client_status(fd, "GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
    CHECK_EQ(client_status(fd, "GET /api/hello/a/b HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
    client_send(fd, "GET /api/echo HTTP/1.1\r\nHost: x\r\n\r\n");
    client_reply(fd, false, &reply);
    CHECK_EQ(reply.status, 405);
    CHECK(reply_has(&reply, "allow: POST, DELETE"));
    reply_fini(&reply);
    CHECK_EQ(client_status(fd, "OPTIONS /api/echo HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
    close(fd);
    bed_stop(bed);
}

static void writing_needs_our_own_origin(void **state)
{
    static const struct {
        const char *lines;
        int status;
    } rows[] = {
        { "Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n", 200 },
        { "Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n", 403 },
        { "Host: evil.example\r\nOrigin: http://evil.example\r\n", 403 },
        { "Host: 127.0.0.1\r\n", 403 },
        { "Host: 127.0.0.1\r\nOrigin: null\r\n", 403 },
    };
    struct bed *bed = bed_start(NULL);

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        int fd = client_open(bed);
        struct reply reply;

        client_sendf(fd, "POST /api/echo HTTP/1.1\r\n%sContent-Length: 2\r\n\r\nhi", rows[i].lines);
        client_reply(fd, false, &reply);
        CHECK_EQ(reply.status, rows[i].status);
        reply_fini(&reply);
        client_sendf(fd, "DELETE /api/echo HTTP/1.1\r\n%s\r\n", rows[i].lines);
        if (rows[i].status == 200) { /* else the connection was closed */
            client_reply(fd, false, &reply);
            CHECK_EQ(reply.status, 200);
            reply_fini(&reply);
        }
        close(fd);
    }
    CHECK_EQ(handled(bed), 2);
    {
        int fd = client_open(bed);

        CHECK_EQ(client_status(fd, "POST /api/machine HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"), 200);
        CHECK_EQ(client_status(fd, "POST /api/machine HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"), 200);
        close(fd);
    }
    bed_stop(bed);
}

/* The answer arrives although the client goes on sending: the body is swallowed for a while. */
static void a_body_at_the_cap_is_taken_and_one_byte_more_is_refused(void **state)
{
    struct bed *bed = bed_start(NULL);
    size_t cap = VTB_WEB_BODY_SMALL;
    char *body = calloc(1, cap + 1);

    (void)state;
    for (size_t len = cap; len <= cap + 1; len++) {
        int fd = client_open(bed);
        struct reply reply;

        client_sendf(fd, "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", len);
        client_send_bytes(fd, body, len);
        client_reply(fd, false, &reply);
        CHECK_EQ(reply.status, len > cap ? 413 : 200);
        reply_fini(&reply);
        if (len > cap)
            CHECK(client_is_closed(fd));
        close(fd);
    }
    CHECK_EQ(handled(bed), 1);
    free(body);
    bed_stop(bed);
}

static void a_late_body_is_not_read_for_strangers(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = client_open(bed);

    (void)state;
    /* the answer comes before a single byte of the body was sent */
    CHECK_EQ(client_status(fd, "PUT /api/gated HTTP/1.1\r\n" HOST "Content-Length: 8000000\r\n\r\n"), 401);
    CHECK_EQ(bed_figures(bed).bodies_bytes_now, 0);
    close(fd);
    fd = client_open(bed);
    CHECK_EQ(client_status(fd, "PUT /api/gated HTTP/1.1\r\n" HOST "Cookie: s=ok\r\nContent-Length: 3\r\n\r\nabc"), 200);
    close(fd);
    bed_stop(bed);
}

static void tight(struct vtb_web_config *cfg)
{
    cfg->bodies_bytes = 100000;
}

static void all_bodies_together_are_bounded(void **state)
{
    struct bed *bed = bed_start(tight);
    char *body = calloc(1, 60000);
    int a = client_open(bed), b = client_open(bed);
    struct reply reply;

    (void)state;
    client_send(a, "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\n");
    client_send_bytes(a, body, 59999);
    while (bed_figures(bed).bodies_bytes_now < 59999)
        usleep(1000);
    client_send(b, "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\n");
    client_send_bytes(b, body, 60000);
    client_reply(b, false, &reply);
    CHECK_EQ(reply.status, 503);
    CHECK(reply_has(&reply, "retry-after: 1"));
    reply_fini(&reply);
    client_send_bytes(a, body, 1); /* the first one is not hurt */
    client_reply(a, false, &reply);
    CHECK_EQ(reply.status, 200);
    CHECK_EQ(reply.len, 60000);
    reply_fini(&reply);
    free(body);
    close(a);
    close(b);
    bed_stop(bed);
}

static void short_window(struct vtb_web_config *cfg)
{
    cfg->body_window_ms = 400;
}

static void a_body_that_drips_is_cut_off(void **state)
{
    struct bed *bed = bed_start(short_window);
    int fd = client_open(bed);
    struct vtb_web_figures figures;

    (void)state;
    client_send(fd, "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\n");
    do {
        client_send(fd, "x"); /* lws alone would wait for ever: each byte arms its timer anew */
        usleep(20000);
        figures = bed_figures(bed);
    } while (figures.slow_bodies == 0);
    while (bed_figures(bed).connections_now)
        usleep(1000);
    close(fd);
    CHECK_EQ(handled(bed), 0);
    bed_stop(bed);
}

static void an_oversized_header_ends_only_its_connection(void **state)
{
    struct bed *bed = bed_start(NULL);
    char *line = malloc(20000);
    int fd = client_open(bed), other = client_open(bed);
    char byte;

    (void)state;
    memset(line, 'a', 19999);
    line[19999] = '\0';
    client_send(fd, "GET /api/hello/x HTTP/1.1\r\nHost: x\r\nCookie: ");
    client_send(fd, line);
    client_send(fd, "\r\n\r\n");
    CHECK(recv(fd, &byte, 1, 0) <= 0);
    CHECK_EQ(client_status(other, "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    free(line);
    close(fd);
    close(other);
    bed_stop(bed);
}

static void upgrades_to_other_protocols_are_refused(void **state)
{
    struct bed *bed = bed_start(NULL);
    int fd = client_open(bed);

    (void)state;
    CHECK_EQ(client_status(fd, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                               "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"), 400);
    CHECK(client_is_closed(fd));
    close(fd);
    fd = client_open(bed); /* lws would make a raw pipe of it */
    client_send(fd, "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\nanything");
    CHECK(client_is_closed(fd));
    close(fd);
    fd = client_open(bed);
    { /* HTTP/2 without asking: an answer in HTTP/1, not a frame */
        char line[13] = "";

        client_send(fd, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        CHECK_EQ(recv(fd, line, 12, MSG_WAITALL), 12);
        assert_string_equal(line, "HTTP/1.0 403");
    }
    close(fd);
    CHECK_EQ(client_status(fd = client_open(bed), "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    close(fd);
    bed_stop(bed);
}

static void four_each(struct vtb_web_config *cfg)
{
    cfg->per_address = 4;
}

static void an_address_has_only_so_many_connections(void **state)
{
    struct bed *bed = bed_start(four_each);
    int fds[5];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fds[i] = client_open(bed);
        CHECK_EQ(client_status(fds[i], "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    }
    fds[4] = client_open(bed);
    CHECK(client_is_closed(fds[4]));
    CHECK_EQ(bed_figures(bed).refused_address, 1);
    close(fds[0]); /* one leaves, one may come */
    while (bed_figures(bed).connections_now == 4)
        usleep(1000);
    close(fds[4]);
    fds[4] = client_open(bed);
    CHECK_EQ(client_status(fds[4], "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    for (size_t i = 1; i < 5; i++)
        close(fds[i]);
    bed_stop(bed);
}

static void three_a_second(struct vtb_web_config *cfg)
{
    cfg->new_per_second = 3;
}

static void an_address_opens_only_so_many_a_second(void **state)
{
    struct bed *bed = bed_start(three_a_second);
    int fds[12];

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        fds[i] = client_open(bed);
    while (bed_figures(bed).refused_address == 0)
        usleep(1000);
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        close(fds[i]);
    bed_stop(bed);
}

static void defaults(struct vtb_web_config *cfg)
{
    cfg->per_address = cfg->new_per_second = 0;
}

static void the_default_limits_spare_this_machine(void **state)
{
    struct bed *bed = bed_start(defaults);
    int fds[80];

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        fds[i] = client_open(bed);
    for (size_t i = 0; i < VTB_COUNT(fds); i++) {
        CHECK_EQ(client_status(fds[i], "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
        close(fds[i]);
    }
    CHECK_EQ(bed_figures(bed).refused_address, 0);
    bed_stop(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_smuggled_behind_an_ambiguous_length),
        cmocka_unit_test(wrong_addresses_and_methods_are_told),
        cmocka_unit_test(writing_needs_our_own_origin),
        cmocka_unit_test(a_body_at_the_cap_is_taken_and_one_byte_more_is_refused),
        cmocka_unit_test(a_late_body_is_not_read_for_strangers),
        cmocka_unit_test(all_bodies_together_are_bounded),
        cmocka_unit_test(a_body_that_drips_is_cut_off),
        cmocka_unit_test(an_oversized_header_ends_only_its_connection),
        cmocka_unit_test(upgrades_to_other_protocols_are_refused),
        cmocka_unit_test(an_address_has_only_so_many_connections),
        cmocka_unit_test(an_address_opens_only_so_many_a_second),
        cmocka_unit_test(the_default_limits_spare_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
