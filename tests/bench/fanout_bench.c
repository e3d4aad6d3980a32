/*
 * fanout_bench - from "a page was turned" to the last of N sockets that received it.
 *
 * The server (server/web alone) runs in one thread; one client thread holds all sockets in one
 * epoll. Each round the server sends one blob of 120 bytes to all; a round ends when every
 * socket has it. Plain loopback, both threads on the same machine: upper bounds.
 *
 *     fanout_bench [rounds] [audio]
 *
 * With `audio`: the sockets for sound, one frame of 120 bytes to all; fifty such rounds are a second
 * of a meeting.
 */
#include "base/clock.h"
#include "web/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS_MAX 2000
#define MESSAGE     ((size_t)120)
#define FRAME       (MESSAGE + 2) /* two bytes of header below 126 */

static bool is_audio;

struct bench {
    uv_loop_t loop;
    uv_async_t turn, end;
    uv_sem_t started, sent;
    struct vtb_web *web;
    uint16_t port;
    vtb_web_socket sockets[SOCKETS_MAX];
    size_t n_sockets;
    uint64_t begun_us, cpu_us; /* of the last round: the call, and the server thread's CPU so far */
};

static uint64_t thread_cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int admit(void *ctx, struct vtb_web_request *req, void **out_user)
{
    (void)req;
    *out_user = ctx;
    return 0;
}

static void opened(void *ctx, vtb_web_socket socket, void *user)
{
    struct bench *bench = ctx;

    (void)user;
    bench->sockets[bench->n_sockets++] = socket;
}

static void on_turn(uv_async_t *async)
{
    struct bench *bench = async->data;
    char text[MESSAGE];
    struct vtb_blob *blob;

    bench->cpu_us = thread_cpu_us();
    memset(text, 'x', sizeof text);
    blob = vtb_blob_make(text, sizeof text);
    bench->begun_us = vtb_mono_us();
    for (size_t i = 0; i < bench->n_sockets; i++) {
        if (is_audio)
            vtb_web_send_frame(bench->web, bench->sockets[i], blob);
        else
            vtb_web_send(bench->web, bench->sockets[i], blob);
    }
    vtb_blob_unref(blob);
    uv_sem_post(&bench->sent);
}

static void on_end(uv_async_t *async)
{
    struct bench *bench = async->data;

    uv_close((uv_handle_t *)&bench->turn, NULL);
    uv_close((uv_handle_t *)&bench->end, NULL);
    vtb_web_stop(bench->web, NULL, NULL);
}

static void *serve(void *ctx)
{
    static const char *const loopback[] = { "127.0.0.1" };
    struct bench *bench = ctx;
    struct vtb_web_config cfg = {
        .loop = &bench->loop, .addresses = loopback, .n_addresses = 1, .ctx = bench,
        .per_address = SOCKETS_MAX + 8, .new_per_second = 60000, .fd_limit = SOCKETS_MAX + 64,
        .live = { .ctx = bench, .admit = admit, .opened = opened },
        .audio = { .ctx = bench, .admit = admit, .opened = opened },
    };

    if (vtb_web_start(&cfg, &bench->web)) {
        fputs("the server does not start\n", stderr);
        exit(1);
    }
    bench->port = vtb_web_port(bench->web);
    uv_sem_post(&bench->started);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    vtb_web_destroy(bench->web);
    uv_loop_close(&bench->loop);
    return NULL;
}

static int join(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[512], end[4] = "";

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        return -1;
    dprintf(fd, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Protocol: %s\r\n\r\n", is_audio ? "/ws/audio" : "/ws", port, port,
            is_audio ? "consilium.audio.v1" : "consilium.v1");
    for (size_t i = 0; i < sizeof text && memcmp(end, "\r\n\r\n", 4) != 0; i++) {
        memmove(end, end + 1, 3);
        if (recv(fd, end + 3, 1, 0) != 1)
            return -1;
        text[i] = end[3];
    }
    return memcmp(text, "HTTP/1.1 101", 12) == 0 ? fd : -1;
}

/* Reads until every socket has `FRAME` more bytes; returns when the last came. */
static uint64_t wait_all(int epoll, size_t n, size_t *left, size_t *out_lost)
{
    struct epoll_event events[256];
    uint64_t last = 0;
    size_t open = n;
    char buf[FRAME];

    for (size_t i = 0; i < n; i++)
        left[i] = FRAME;
    while (open) {
        int got = epoll_wait(epoll, events, 256, is_audio ? 400 : 20000);

        if (got == 0 && is_audio) { /* waited 200 ms and was dropped, as it should */
            *out_lost += open;
            break;
        }
        if (got <= 0) {
            fputs("a socket got nothing for 20 s\n", stderr);
            exit(1);
        }
        for (int i = 0; i < got; i++) {
            size_t at = (size_t)(events[i].data.u64 >> 32);
            ssize_t bytes = recv((int)(uint32_t)events[i].data.u64, buf, left[at], 0);

            if (bytes <= 0) {
                fputs("a socket was closed\n", stderr);
                exit(1);
            }
            left[at] -= (size_t)bytes;
            if (left[at] == 0) {
                open--;
                last = vtb_mono_us();
            }
        }
    }
    return last;
}

/* An unasked pong (RFC 6455, 5.5.3) now and then, so that the server never pings into a round. */
static void stay_alive(const int *fds, size_t n)
{
    static const uint8_t pong[6] = { 0x8a, 0x80, 1, 2, 3, 4 };

    for (size_t i = 0; i < n; i++)
        if (send(fds[i], pong, sizeof pong, MSG_NOSIGNAL) != sizeof pong)
            exit(1);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void run(size_t n, size_t rounds)
{
    struct bench *bench = calloc(1, sizeof *bench);
    uint64_t *took = calloc(rounds, sizeof *took), cpu = 0, alive_us = vtb_mono_us();
    size_t *left = calloc(n, sizeof *left), lost = 0;
    int *fds = calloc(n, sizeof *fds), epoll = epoll_create1(0);
    pthread_t thread;

    uv_loop_init(&bench->loop);
    uv_async_init(&bench->loop, &bench->turn, on_turn);
    uv_async_init(&bench->loop, &bench->end, on_end);
    bench->turn.data = bench->end.data = bench;
    uv_sem_init(&bench->started, 0);
    uv_sem_init(&bench->sent, 0);
    pthread_create(&thread, NULL, serve, bench);
    uv_sem_wait(&bench->started);
    for (size_t i = 0; i < n; i++) {
        struct epoll_event event = { .events = EPOLLIN };

        fds[i] = join(bench->port);
        if (fds[i] < 0) {
            fprintf(stderr, "socket %zu: %s\n", i, strerror(errno));
            exit(1);
        }
        event.data.u64 = (uint64_t)i << 32 | (uint32_t)fds[i];
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
    }
    for (size_t r = 0; r < rounds; r++) {
        uint64_t last, before = bench->cpu_us;

        if (vtb_mono_us() - alive_us > 5000000) {
            alive_us = vtb_mono_us();
            stay_alive(fds, n);
        }
        uv_async_send(&bench->turn);
        last = wait_all(epoll, n, left, &lost);
        uv_sem_wait(&bench->sent);
        took[r] = last > bench->begun_us ? last - bench->begun_us : 0;
        cpu += r ? bench->cpu_us - before : 0;
        usleep(10000);
    }
    uv_async_send(&bench->end);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    pthread_join(thread, NULL);
    qsort(took, rounds, sizeof *took, by_value);
    printf("| %zu | %.2f | %.2f | %.2f | %.2f |\n", n, (double)took[rounds / 2] / 1000,
           (double)took[rounds * 99 / 100] / 1000, (double)took[rounds - 1] / 1000,
           rounds > 1 ? (double)cpu / (double)(rounds - 1) / (double)n : 0);
    if (lost)
        printf("(%zu of %zu frames were dropped: the machine was busy)\n", lost, n * rounds);
    close(epoll);
    uv_sem_destroy(&bench->started);
    uv_sem_destroy(&bench->sent);
    free(took);
    free(left);
    free(fds);
    free(bench);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = { 10, 100, 500, 2000 };
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 300;
    struct rlimit limit = { 8192, 8192 };

    is_audio = argc > 2 && strcmp(argv[2], "audio") == 0;
    if (rounds < 1 || rounds > 100000)
        return 2;
    setrlimit(RLIMIT_NOFILE, &limit);
    printf("| sockets | last received p50 ms | p99 ms | max ms | server CPU us a socket |\n"
           "| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < VTB_COUNT(sizes); i++)
        run(sizes[i], (size_t)rounds);
    return 0;
}
