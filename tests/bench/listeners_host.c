/*
 * listeners_host - the media plane alone, for crowd_bench: rooms, driven over a socket.
 *
 *     listeners_host ADDRESS PATH [BITRATE [JOIN_FROM]]
 *
 * A line each way: "add ROOM 1" (may speak) or "add ROOM 0" -> "offer INDEX GENERATION BASE64";
 * "answer INDEX GENERATION BASE64" -> "connected INDEX"; "stat" -> "stat name=number ...".
 * Ends when the other side does. All threads of the process inherit the core it was pinned to.
 */
#include "base/clock.h"
#include "media/media.h"
#include "mediaclient/base64.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int wake_fd;
static struct vtb_media *media;
#define ROOMS 1000u
static struct vtb_id rooms[ROOMS];
static unsigned rooms_n;
static FILE *in, *out;
static char address[46];

static void notify(void *ctx)
{
    uint64_t one = 1;

    (void)ctx;
    (void)!write(wake_fd, &one, sizeof one);
}

static void must(enum vtb_err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "listeners_host: %s: %s\n", what, vtb_err_name(err));
    exit(1);
}

static void take_events(void)
{
    static char text[VTB_BASE64_LEN(VTB_MEDIA_SDP_MAX) + 1];
    struct vtb_media_event event;

    while (vtb_media_take(media, &event, 1) == 1) {
        if (event.kind == VTB_MEDIA_OFFER) {
            vtb_base64_write((const uint8_t *)event.sdp, strlen(event.sdp), text);
            fprintf(out, "offer %u %u %s\n", event.peer.index, event.peer.generation, text);
        } else if (event.kind == VTB_MEDIA_CONNECTED) {
            fprintf(out, "connected %u\n", event.peer.index);
        } else if (event.kind == VTB_MEDIA_REFUSED || event.kind == VTB_MEDIA_GONE) {
            fprintf(out, "gone %u %s\n", event.peer.index, vtb_err_name(event.err));
        }
        free(event.sdp);
    }
}

static uint64_t resident_kb(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    unsigned long long kb = 0;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Rss: %llu", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

static void say_stat(void)
{
    struct vtb_media_figures f;
    struct rusage use;

    vtb_media_figures(media, &f);
    getrusage(RUSAGE_SELF, &use); /* every thread, user and kernel */
    fprintf(out, "stat now_us=%" PRIu64 " user_us=%lld sys_us=%lld rss_kb=%" PRIu64 " ticks=%" PRIu64 " late=%" PRIu64
            " skipped=%" PRIu64 " p99_us=%" PRIu64 " in=%" PRIu64 " out=%" PRIu64 " encodes=%" PRIu64
            " decodes=%" PRIu64 " auth=%" PRIu64 "\n", vtb_mono_us(),
            (long long)use.ru_utime.tv_sec * 1000000 + use.ru_utime.tv_usec,
            (long long)use.ru_stime.tv_sec * 1000000 + use.ru_stime.tv_usec, resident_kb(), f.ticks, f.ticks_late_5ms,
            f.ticks_skipped, f.lateness_us_p99, f.packets_in, f.packets_out, f.encodes, f.decodes, f.dropped_auth);
}

static void obey(char *line)
{
    static uint8_t sdp[VTB_MEDIA_SDP_MAX];
    vtb_peer peer;
    unsigned heard, room;
    int at = 0;
    size_t len;

    if (sscanf(line, "add %u %u", &room, &heard) == 2 && room < ROOMS) {
        for (; rooms_n <= room; rooms_n++) {
            rooms[rooms_n] = vtb_id_make(vtb_wall_us());
            must(vtb_media_open_room(media, rooms[rooms_n]), "room");
        }
        must(vtb_media_add_peer(media, rooms[room], address, &peer), "add");
        must(vtb_media_set_gate(media, peer, true, heard), "gate");
    } else if (sscanf(line, "answer %u %u %n", &peer.index, &peer.generation, &at) == 2 && at) {
        must(vtb_base64_read(line + at, strlen(line + at), sdp, sizeof sdp, &len), "base64");
        must(vtb_media_answer(media, peer, (const char *)sdp, len), "answer");
    } else if (strcmp(line, "stat") == 0) {
        say_stat();
    }
}

static int accept_one(const char *path)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int at = socket(AF_UNIX, SOCK_STREAM, 0), fd;

    if (strlen(path) >= sizeof name.sun_path)
        return -1;
    memcpy(name.sun_path, path, strlen(path) + 1);
    if (at < 0 || bind(at, (struct sockaddr *)&name, sizeof name) || listen(at, 1))
        return -1;
    fd = accept(at, NULL, NULL);
    close(at);
    return fd;
}

int main(int argc, char **argv)
{
    struct vtb_media_config cfg = { .addresses = 1, .port = 8443, .max_speakers = 3, .bitrate = 24000, .notify = notify };
    static char line[VTB_BASE64_LEN(VTB_MEDIA_SDP_MAX) + 64];
    struct pollfd fds[2];
    int fd;

    if (argc < 3 || strlen(argv[1]) >= sizeof cfg.address[0])
        return 2;
    memcpy(cfg.address[0], argv[1], strlen(argv[1]) + 1);
    memcpy(address, argv[1], strlen(argv[1]) + 1);
    if (argc > 3)
        cfg.bitrate = (uint32_t)strtoul(argv[3], NULL, 10);
    if (argc > 4)
        cfg.join_from = (uint32_t)strtoul(argv[4], NULL, 10);
    wake_fd = eventfd(0, EFD_NONBLOCK);
    must(vtb_media_start(&cfg, &media), "start");
    fd = accept_one(argv[2]);
    in = fd < 0 ? NULL : fdopen(fd, "r");
    out = fd < 0 ? NULL : fdopen(dup(fd), "w");
    if (!in || !out)
        return 1;
    setvbuf(in, NULL, _IONBF, 0); /* so that poll knows what waits */
    setvbuf(out, NULL, _IOLBF, 0);
    fds[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
    while (poll(fds, 2, -1) > 0) {
        uint64_t drained;

        if (fds[1].revents) {
            (void)!read(wake_fd, &drained, sizeof drained);
            take_events();
        }
        if (fds[0].revents) {
            if (!fgets(line, sizeof line, in))
                break;
            line[strcspn(line, "\n")] = '\0';
            obey(line);
        }
    }
    vtb_media_stop(media);
    return 0;
}
