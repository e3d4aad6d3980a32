/* The loopback listener. */
#include "app/metrics.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

struct bed {
    uv_loop_t loop;
    uv_async_t stop;
    uv_sem_t started;
    pthread_t thread;
    struct vtb_health health;
    struct vtb_metrics *metrics;
    uint16_t port;
    _Atomic bool is_store_well;
};

static bool store_is_well(void *ctx)
{
    return ((struct bed *)ctx)->is_store_well;
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

static void fill(void *ctx, struct vtb_metrics_out *out)
{
    (void)ctx;
    vtb_metrics_counter(out, "test_total", "Things.", "kind", "a", 3);
    vtb_metrics_counter(out, "test_total", "Things.", "kind", "b", UINT64_MAX);
    vtb_metrics_gauge(out, "test_seconds", "Time.", NULL, NULL, 0.25);
}

static void on_stop(uv_async_t *async)
{
    struct bed *bed = async->data;

    vtb_metrics_stop(bed->metrics);
    uv_close((uv_handle_t *)async, NULL);
}

static void *serve(void *ctx)
{
    struct bed *bed = ctx;

    assert_int_equal(vtb_metrics_start(&bed->loop, 0, &bed->health, &bed->metrics), VTB_OK);
    assert_int_equal(vtb_metrics_add(bed->metrics, fill, NULL), VTB_OK);
    assert_int_equal(vtb_metrics_add(bed->metrics, vtb_metrics_process, NULL), VTB_OK);
    bed->port = vtb_metrics_port(bed->metrics);
    uv_sem_post(&bed->started);
    uv_run(&bed->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&bed->loop), 0);
    return NULL;
}

static void bed_start(struct bed *bed)
{
    memset(bed, 0, sizeof *bed);
    bed->is_store_well = true;
    assert_int_equal(vtb_health_add(&bed->health, "store", store_is_well, bed), VTB_OK);
    assert_int_equal(vtb_health_add(&bed->health, "media", always, NULL), VTB_OK);
    uv_loop_init(&bed->loop);
    uv_async_init(&bed->loop, &bed->stop, on_stop);
    bed->stop.data = bed;
    uv_sem_init(&bed->started, 0);
    pthread_create(&bed->thread, NULL, serve, bed);
    uv_sem_wait(&bed->started);
}

static void bed_stop(struct bed *bed)
{
    uv_async_send(&bed->stop);
    pthread_join(bed->thread, NULL);
    uv_sem_destroy(&bed->started);
}

static int dial(const struct bed *bed)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bed->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void ask(const struct bed *bed, const char *path, const char *host, char *out, size_t cap)
{
    int fd = dial(bed);
    size_t at = 0;
    ssize_t n;

    dprintf(fd, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
    while (at < cap - 1 && (n = recv(fd, out + at, cap - 1 - at, 0)) > 0)
        at += (size_t)n;
    out[at] = '\0';
    close(fd);
}

static void figures_are_text_with_help_once(void **state)
{
    struct bed bed;
    char text[8192];

    (void)state;
    bed_start(&bed);
    ask(&bed, "/metrics", "127.0.0.1:9", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_non_null(strstr(text, "text/plain; version=0.0.4"));
    assert_non_null(strstr(text, "# HELP test_total Things.\n# TYPE test_total counter\n"
                                 "test_total{kind=\"a\"} 3\n"
                                 "test_total{kind=\"b\"} 18446744073709551615\n"
                                 "# HELP test_seconds Time.\n# TYPE test_seconds gauge\n"
                                 "test_seconds 0.25\n"));
    assert_non_null(strstr(text, "process_resident_memory_bytes "));
    bed_stop(&bed);
}

static void ready_is_the_sum_of_its_checks(void **state)
{
    struct bed bed;
    char text[4096];

    (void)state;
    bed_start(&bed);
    ask(&bed, "/readyz", "localhost", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_non_null(strstr(text, "{\"ready\":true,\"store\":\"ok\",\"media\":\"ok\"}"));
    bed.is_store_well = false;
    ask(&bed, "/readyz", "localhost", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 503"));
    assert_non_null(strstr(text, "{\"ready\":false,\"store\":\"failing\",\"media\":\"ok\"}"));
    ask(&bed, "/healthz", "localhost", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    bed_stop(&bed);
}

static void strangers_and_unknown_paths_get_nothing(void **state)
{
    struct bed bed;
    char text[4096];

    (void)state;
    bed_start(&bed);
    ask(&bed, "/metrics", "evil.example", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 403"));
    ask(&bed, "/metrics", "localhost.evil.example", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 403"));
    ask(&bed, "/metricsx", "localhost", text, sizeof text);
    assert_non_null(strstr(text, "HTTP/1.1 404"));
    bed_stop(&bed);
}

static void a_flood_and_a_long_request_are_bounded(void **state)
{
    struct bed bed;
    char text[4096], byte;
    int fds[12], n_closed = 0;

    (void)state;
    bed_start(&bed);
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        fds[i] = dial(&bed); /* eight are served, four are closed at once */
    for (size_t i = 8; i < VTB_COUNT(fds); i++)
        n_closed += recv(fds[i], &byte, 1, 0) <= 0;
    assert_int_equal(n_closed, 4);
    memset(text, 'a', sizeof text);
    assert_true(send(fds[0], text, sizeof text, MSG_NOSIGNAL) > 0);
    assert_true(recv(fds[0], &byte, 1, 0) <= 0); /* no end within 2 kB */
    bed_stop(&bed); /* with seven open: nothing leaks, the loop closes */
    for (size_t i = 0; i < VTB_COUNT(fds); i++)
        close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_text_with_help_once),
        cmocka_unit_test(ready_is_the_sum_of_its_checks),
        cmocka_unit_test(strangers_and_unknown_paths_get_nothing),
        cmocka_unit_test(a_flood_and_a_long_request_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
