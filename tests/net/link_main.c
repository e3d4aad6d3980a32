/*
 * consilium-link - a bad link between this network namespace and a new one.
 *
 *     consilium-link SEED NET      NET: 0..255, the link is 198.18.NET.0/24 (RFC 2544's addresses)
 *
 * Both ends are TUN devices; every packet passes through this program, which decides its fate by
 * link.h. The near end is .1, here; the far one is .2, in a namespace that has no name, no other
 * device than its loopback and a default route to here. It ends with this program. Whoever wants to
 * run something at the far end joins it by the path that is printed:
 *
 *     ready /proc/PID/fd/N         -> nsenter --net=/proc/PID/fd/N program ...
 *
 * Commands on standard input, a line each, answered by "ok" or "refused" on standard output:
 *
 *     up|down|both COMMAND...      up: far to near; the commands are link.h's
 *     address D                    the far end is 198.18.NET.D from now on, and no longer what it was
 *     nat D                        the same, but the far end does not know: a box on the way changed
 *                                  its mind (0: an end to it). Ports stay
 *     stats                        -> stats up passed=N lost=N full=N refused=N down passed=N ...
 *
 * Needs CAP_NET_ADMIN and CAP_SYS_ADMIN, in a user namespace at least.
 */
#include "link.h"
#include "tun.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define HELD_MAX   4096u
#define PACKET_MAX 1600u

struct held {
    uint64_t due_us;
    size_t len;
    uint8_t *data;
};

struct direction {
    struct link_way way;
    int from, to;
    struct held held[HELD_MAX]; /* by due time */
    size_t n;
};

static struct direction up, down;
static unsigned net, far_host = 2, nat_host;

static void hold(struct direction *d, uint64_t due_us, const uint8_t *packet, size_t len)
{
    size_t at = d->n;

    if (d->n == HELD_MAX) {
        d->way.full++;
        return;
    }
    while (at > 0 && d->held[at - 1].due_us > due_us)
        at--;
    memmove(d->held + at + 1, d->held + at, (d->n - at) * sizeof d->held[0]);
    d->held[at] = (struct held){ due_us, len, malloc(len) };
    if (!d->held[at].data)
        exit(1);
    memcpy(d->held[at].data, packet, len);
    d->n++;
}

static void let_go(struct direction *d, uint64_t now_us)
{
    size_t n = 0;

    while (n < d->n && d->held[n].due_us <= now_us) {
        (void)!write(d->to, d->held[n].data, d->held[n].len); /* a full device loses it, as any does */
        free(d->held[n++].data);
    }
    memmove(d->held, d->held + n, (d->n - n) * sizeof d->held[0]);
    d->n -= n;
}

/* The box on the way: outside the far end has another address. */
static void translate(struct direction *d, uint8_t *packet, size_t len)
{
    if (!nat_host)
        return;
    if (d == &up)
        tun_rewrite(packet, len, false, net, nat_host);
    else
        tun_rewrite(packet, len, true, net, far_host);
}

static void take_packets(struct direction *d)
{
    uint8_t packet[PACKET_MAX];
    ssize_t n;

    while ((n = read(d->from, packet, sizeof packet)) > 0) {
        uint64_t now_us = vtb_mono_us();
        uint64_t due_us;

        if (packet[0] >> 4 != 4)
            continue; /* IPv6's neighbours; the far end has none */
        due_us = link_take(&d->way, now_us, (size_t)n, link_is_udp(packet, (size_t)n));
        if (due_us == LINK_LOST)
            continue;
        translate(d, packet, (size_t)n);
        hold(d, due_us, packet, (size_t)n);
    }
}

static void say_stats(const char *name, const struct link_way *way)
{
    printf(" %s passed=%llu lost=%llu full=%llu refused=%llu", name, (unsigned long long)way->passed,
           (unsigned long long)way->lost, (unsigned long long)way->full, (unsigned long long)way->refused);
}

static bool obey_address(unsigned host, int home, int far)
{
    if (host < 2 || host > 254 || setns(far, CLONE_NEWNET))
        return false;
    far_host = host;
    if (tun_address("far", net, host) || setns(home, CLONE_NEWNET))
        exit(1); /* half-changed: nothing that follows would mean anything */
    return true;
}

static bool obey(const char *line, int home, int far)
{
    uint64_t now_us = vtb_mono_us();
    char who[8];
    unsigned host;
    int at = 0;

    if (strcmp(line, "stats") == 0) {
        printf("stats");
        say_stats("up", &up.way);
        say_stats("down", &down.way);
        printf("\n");
        return true;
    }
    if (sscanf(line, "address %u", &host) == 1)
        return obey_address(host, home, far);
    if (sscanf(line, "nat %u", &host) == 1 && host < 255) {
        nat_host = host;
        return true;
    }
    if (sscanf(line, "%7s %n", who, &at) != 1 || !at)
        return false;
    if (strcmp(who, "up") == 0)
        return link_obey(&up.way, now_us, line + at);
    if (strcmp(who, "down") == 0)
        return link_obey(&down.way, now_us, line + at);
    return strcmp(who, "both") == 0 && link_obey(&up.way, now_us, line + at) && link_obey(&down.way, now_us, line + at);
}

/* False at the end of the input: so ends the link. */
static bool read_commands(int home, int far)
{
    static char line[256];
    static size_t len;
    char in[512];
    ssize_t n = read(STDIN_FILENO, in, sizeof in);

    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    for (ssize_t i = 0; i < n; i++) {
        if (in[i] != '\n') {
            line[len] = in[i];
            len += len + 1 < sizeof line;
            continue;
        }
        line[len] = '\0';
        len = 0;
        printf("%s\n", obey(line, home, far) ? "ok" : "refused");
    }
    return true;
}

static void run(int home, int far)
{
    struct pollfd fds[3] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = up.from, .events = POLLIN },
                             { .fd = down.from, .events = POLLIN } };
    bool goes_on = true;

    while (goes_on) {
        uint64_t now_us = vtb_mono_us(), next = now_us + 1000000u, wait;
        struct timespec limit;

        if (up.n && up.held[0].due_us < next)
            next = up.held[0].due_us;
        if (down.n && down.held[0].due_us < next)
            next = down.held[0].due_us;
        wait = next > now_us ? next - now_us : 0;
        limit = (struct timespec){ (time_t)(wait / 1000000u), (long)(wait % 1000000u) * 1000 };
        if (ppoll(fds, 3, &limit, NULL) < 0 && errno != EINTR)
            return;
        if (fds[1].revents)
            take_packets(&up);
        if (fds[2].revents)
            take_packets(&down);
        now_us = vtb_mono_us();
        let_go(&up, now_us);
        let_go(&down, now_us);
        if (fds[0].revents)
            goes_on = read_commands(home, far);
    }
}

int main(int argc, char **argv)
{
    char near[16];
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), far = -1;

    if (argc != 3 || sscanf(argv[2], "%u", &net) != 1 || net > 255)
        return 2;
    prctl(PR_SET_TIMERSLACK, 1000);
    setvbuf(stdout, NULL, _IOLBF, 0);
    link_init(&up.way, strtoull(argv[1], NULL, 10) * 2);
    link_init(&down.way, strtoull(argv[1], NULL, 10) * 2 + 1);
    snprintf(near, sizeof near, "link%u", net);
    down.from = up.to = tun_open(near);
    if (home >= 0 && up.to >= 0 && tun_address(near, net, 1) == 0 && unshare(CLONE_NEWNET) == 0) {
        far = open("/proc/self/ns/net", O_RDONLY); /* stays open: the namespace lives by it */
        up.from = down.to = tun_open("far");
    }
    if (far < 0 || up.from < 0 || tun_address("far", net, 2) || tun_up("lo") || setns(home, CLONE_NEWNET)) {
        fprintf(stderr, "consilium-link: no link: %s\n", strerror(errno));
        return 1;
    }
    printf("ready /proc/%d/fd/%d\n", (int)getpid(), far);
    run(home, far);
    return 0;
}
