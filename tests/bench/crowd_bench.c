/*
 * crowd_bench - everybody in the rooms of a server: in each, three who speak at once without a pause,
 * and listeners. One thread, so that it can be pinned to one core; the same for every server.
 *
 *     crowd_bench ours|janus SOCKET PID INTERFACE MAC ROOMS LISTENERS SECONDS [BITRATE]
 *
 * PID: the server's process, whose CPU time, memory and threads are read from /proc. Every listener
 * authenticates every packet and notes when it came; five of the first room decode, and what they
 * hear is correlated with what was said. Prints one JSON object; "void" says why its figures mean
 * nothing. LISTENERS are those of each room; 0 seconds measures nothing but joining.
 *
 * A packet's slot: the last 20 ms in it, by its RTP timestamp, placed after the fastest packet of its listener; it is on time
 * if it comes no later than 20 ms after that, when the next one is due.
 */
#include "door.h"
#include "voices.h"
#include "wire.h"

#include "base/clock.h"
#include "rtc/red.h"
#include "rtc/rtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DECODERS 5u
#define AT_ONCE  16u      /* handshakes in flight */
#define CLIENTS  VTB_CLIENTS_MAX
#define SLOT_US  20000
#define BINS     2000u    /* of 0.1 ms */
#define ROUNDS   20u      /* of the latency */
#define LOUD     330.0f   /* of 32768: -40 dBFS */

struct speaker {
    const struct coded_voice *voice;
    size_t at;
    uint64_t loud_us; /* when the first frame after silence was handed over */
};

struct listener {
    struct vtb_client *client;
    int64_t least_us;      /* transit of the fastest packet */
    uint64_t sound, in_time; /* samples received, and those in their slot */
    uint64_t packets;
    uint64_t at_us;        /* of the last packet */
    float *heard;          /* decoders only */
    size_t n, cap;
    uint64_t first_us;     /* of the first loud frame since it was zeroed */
};

struct usage { uint64_t cpu_us; unsigned long rss_kb, threads; };

static struct vtb_crew *crew;
static struct door door;
static const struct coded *silence;
static struct speaker speakers[CLIENTS];
static struct listener who[CLIENTS];
static unsigned rooms;
static size_t joined, asked, offered;
static bool is_quiet = true, is_measuring, waits_for_loud;
static uint64_t lateness[BINS];
static const char *void_because = "";

_Noreturn void door_fail(const char *what)
{
    printf("{\"failed\":\"%.200s\",\"joined\":%zu}\n", what, joined);
    exit(1);
}

static size_t voices_n(void)
{
    return (size_t)rooms * VOICES;
}

/* ---- speakers ---- */

static size_t speak(void *ctx, uint8_t *to, size_t cap, uint8_t *level)
{
    struct speaker *s = ctx;
    const struct coded *frame = is_quiet && !s->loud_us ? silence : &s->voice->frames[s->at++ % s->voice->n];

    if (s->loud_us == 1)
        s->loud_us = vtb_mono_us();
    if (frame->len > cap)
        return 0;
    memcpy(to, frame->data, frame->len);
    *level = frame->level;
    return frame->len;
}

/* ---- listeners ---- */

static unsigned samples_of(const struct vtb_heard *heard)
{
    static const uint16_t sizes[4] = { 480, 960, 1920, 2880 };
    struct vtb_red red;
    const uint8_t *at = heard->payload;
    unsigned config, one;

    if (heard->type == VTB_RTP_RED) {
        if (vtb_red_parse(heard->payload, heard->len, VTB_RTP_OPUS, &red))
            return 0;
        at = red.blocks[red.n - 1].payload;
    } else if (!heard->len) {
        return 0;
    }
    config = at[0] >> 3; /* RFC 6716, 3.1 */
    one = config < 12 ? sizes[config & 3] : config < 16 ? sizes[config & 1] : 120u << (config & 3);
    return (at[0] & 3) == 0 ? one : (at[0] & 3) < 3 ? 2 * one : (at[1] & 63u) * one;
}

static void packet(void *ctx, const struct vtb_heard *heard)
{
    struct listener *l = ctx;
    unsigned samples = samples_of(heard);
    /* Server and listener have one clock here, and timestamps are 48 a millisecond: 32 bits suffice. */
    uint32_t whole = heard->timestamp + (samples ? samples - 960u : 0); /* when its last 20 ms began: it cannot leave before they end */
    int64_t transit = (int64_t)(int32_t)((uint32_t)(heard->at_us * 48 / 1000) - whole) * 1000 / 48, late;

    l->at_us = heard->at_us;
    l->packets++;
    if (l->packets == 1 || transit < l->least_us)
        l->least_us = transit;
    if (!is_measuring)
        return;
    late = transit - l->least_us;
    l->sound += samples;
    l->in_time += late <= SLOT_US ? samples : 0;
    lateness[late / 100 < BINS ? (size_t)(late / 100) : BINS - 1]++;
}

static void hear(void *ctx, uint64_t gap, const int16_t *pcm, size_t n)
{
    struct listener *l = ctx;

    for (size_t i = 0; waits_for_loud && !l->first_us && i < n; i++)
        if ((float)abs(pcm[i]) > LOUD)
            l->first_us = l->at_us;
    if (!is_measuring)
        return;
    while (gap-- > 0 && l->n < l->cap)
        l->heard[l->n++] = 0.0f;
    for (size_t i = 0; i < n && l->n < l->cap; i++)
        l->heard[l->n++] = (float)pcm[i] / 32768.0f;
}

static void gone(void *ctx, enum vtb_err why)
{
    char text[64];

    (void)ctx;
    snprintf(text, sizeof text, "a client lost its connection: %s", vtb_err_name(why));
    door_fail(text);
}

static void connected(void *ctx)
{
    (void)ctx;
    joined++;
}

/* Clients are numbered: first the speakers, VOICES a room, then the listeners, room by room. */
static void offer(size_t i, const char *sdp, size_t len)
{
    static char answer[VTB_CLIENT_SDP_MAX + 1];
    struct vtb_client_config cfg = { .ctx = &who[i], .connected = connected, .gone = gone, .packet = packet };

    if (i < voices_n()) {
        cfg.ctx = &speakers[i];
        cfg.speak_opus = speak;
        cfg.packet = NULL;
    } else if (i < voices_n() + DECODERS) {
        cfg.hear = hear;
    }
    if (vtb_client_add(crew, &cfg, sdp, len, &who[i].client, answer))
        door_fail("an offer is not usable");
    door.answer(door.state, i, answer);
    offered++;
}

static void step_for(uint64_t us)
{
    uint64_t end = vtb_mono_us() + us;

    while (vtb_mono_us() < end) {
        if (vtb_crew_step(crew, 2))
            door_fail("step");
        door.step(door.state);
    }
}

static void join_all(size_t n, size_t listeners)
{
    uint64_t end = vtb_mono_us() + 60000000 + n * 10000;

    while (joined < n) {
        for (; asked < n && asked < joined + AT_ONCE; asked++) {
            bool speaks = asked < voices_n();

            door.add(door.state, asked, (unsigned)(speaks ? asked / VOICES : (asked - voices_n()) / listeners), speaks);
        }
        if (vtb_crew_step(crew, 2))
            door_fail("step");
        door.step(door.state);
        if (vtb_mono_us() > end)
            door_fail("not everybody connected in time");
    }
}

/* ---- the server's process ---- */

static struct usage usage_of(unsigned pid)
{
    struct usage u = { 0 };
    unsigned long long user = 0, system = 0;
    char path[64], line[512];
    FILE *file;

    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    file = fopen(path, "re");
    if (!file || !fgets(line, sizeof line, file))
        door_fail("the server has ended");
    fclose(file);
    if (sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
        door_fail("/proc");
    u.cpu_us = (user + system) * 1000000u / (unsigned long long)sysconf(_SC_CLK_TCK);
    snprintf(path, sizeof path, "/proc/%u/status", pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        (void)!sscanf(line, "VmRSS: %lu", &u.rss_kb);
        (void)!sscanf(line, "Threads: %lu", &u.threads);
    }
    if (file)
        fclose(file);
    return u;
}

static double own_cpu_us(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

/* ---- figures ---- */

static double percentile_ms(double share)
{
    uint64_t all = 0, n = 0;
    size_t i = 0;

    for (size_t k = 0; k < BINS; k++)
        all += lateness[k];
    while (i < BINS - 1 && (double)(n += lateness[i]) < share * (double)all)
        i++;
    return (double)(i + 1) / 10.0;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* After silence a loud frame goes in; the first loud one comes out at a listener who decodes. */
static bool latency(double *p50, double *p99)
{
    uint64_t took[ROUNDS];

    is_quiet = true;
    waits_for_loud = true;
    step_for(1500000);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct speaker *s = &speakers[i % VOICES];
        struct listener *l = &who[voices_n() + i % DECODERS];
        uint64_t end = vtb_mono_us() + 2000000;

        l->first_us = 0;
        s->at = s->voice->loud;
        s->loud_us = 1;
        while ((s->loud_us == 1 || !l->first_us) && vtb_mono_us() < end)
            step_for(500);
        if (!l->first_us || l->first_us < s->loud_us) /* what sounds still is the round before: it cannot be told */
            return false;
        took[i] = l->first_us - s->loud_us;
        step_for(40000);
        s->loud_us = 0;
        step_for(400000 + (i * 7919u) % 20000u); /* another phase of the tick each time */
    }
    qsort(took, ROUNDS, sizeof *took, by_value);
    *p50 = (double)took[ROUNDS / 2] / 1000;
    *p99 = (double)took[ROUNDS - 1] / 1000;
    return true;
}

static double worst_r(size_t n)
{
    double worst = 1.0;

    for (size_t d = 0; d < n; d++) {
        const struct listener *l = &who[voices_n() + d];
        double r = voices_r(l->heard, l->n);

        worst = r < worst ? r : worst;
    }
    return worst;
}

static void shares(size_t n, double window_us, double *got, double *in_time, double *worst)
{
    double due = window_us * 48 / 1000;
    double sum = 0.0, on_time = 0.0;

    *worst = 1.0;
    for (size_t i = voices_n(); i < n; i++) {
        /* At the edges of the window one packet (of at most 60 ms) may be on the other side. */
        double missing = due - (double)who[i].in_time, slack = 2880.0;
        double share = missing <= slack ? 1.0 : 1.0 - (missing - slack) / due;

        sum += (double)who[i].sound / due;
        on_time += (double)who[i].in_time / due;
        *worst = share < *worst ? share : *worst;
    }
    *got = sum / (double)(n - voices_n());
    *in_time = on_time / (double)(n - voices_n());
}

static void measure(unsigned pid, size_t listeners, uint64_t seconds, struct wire *wire)
{
    size_t n = voices_n() + rooms * listeners, decoders = listeners < DECODERS ? listeners : DECODERS;
    uint64_t from_us = vtb_mono_us(), joined_us;
    struct usage empty, full, end;
    double window, mine, got, in_time, worst, p50 = 0.0, p99 = 0.0, r;
    unsigned missed;

    join_all(voices_n(), listeners);
    step_for(500000);
    empty = usage_of(pid);
    join_all(n, listeners);
    joined_us = vtb_mono_us() - from_us;
    is_quiet = false;
    step_for(3000000);
    for (size_t d = 0; d < decoders; d++) {
        who[voices_n() + d].cap = 48000 * 12;
        who[voices_n() + d].heard = calloc(who[voices_n() + d].cap, sizeof(float));
        if (!who[voices_n() + d].heard)
            door_fail("no memory");
    }
    for (size_t s = 0; s < voices_n(); s++)
        speakers[s].at = 0; /* all three from their first word: the sum is known */
    (void)wire_missed(wire);
    full = usage_of(pid);
    from_us = vtb_mono_us();
    mine = own_cpu_us();
    is_measuring = true;
    step_for(seconds * 1000000);
    is_measuring = false;
    window = (double)(vtb_mono_us() - from_us);
    mine = (own_cpu_us() - mine) / window;
    end = usage_of(pid);
    missed = wire_missed(wire);
    shares(n, window, &got, &in_time, &worst);
    r = worst_r(decoders);
    if (missed)
        void_because = "the generator lost frames";
    else if (mine > 0.9)
        void_because = "the generator was out of time";
    if (!latency(&p50, &p99))
        p50 = p99 = -1.0;
    printf("{\"rooms\":%u,\"listeners\":%zu,\"cpu\":%.4f,\"threads\":%lu,\"kb_each\":%.1f,\"got\":%.5f,\"in_time\":%.5f,\"worst\":%.5f,"
           "\"late_p50_ms\":%.1f,\"late_p99_ms\":%.1f,\"added_p50_ms\":%.1f,\"added_p99_ms\":%.1f,\"r\":%.2f,\"generator\":%.2f,"
           "\"join_s\":%.1f,\"missed\":%u,\"void\":\"%s\"}\n",
           rooms, rooms * listeners, (double)(end.cpu_us - full.cpu_us) / window, end.threads,
           (double)(end.rss_kb - empty.rss_kb) / (double)(rooms * listeners), got, in_time, worst, percentile_ms(0.5),
           percentile_ms(0.99), p50, p99, r, mine, (double)joined_us / 1e6, missed, void_because);
}

static unsigned number(const char *text, unsigned most)
{
    unsigned long value = strtoul(text, NULL, 10);

    if (value == 0 || value > most)
        door_fail("a number is out of range");
    return (unsigned)value;
}

int main(int argc, char **argv)
{
    const struct coded_voice *voices;
    unsigned bitrate = argc > 9 ? number(argv[9], 64000) : 24000, listeners, seconds;
    struct vtb_crew_wire through;
    struct wire *wire;

    if (argc < 9) {
        fprintf(stderr, "crowd_bench ours|janus SOCKET PID INTERFACE MAC ROOMS LISTENERS SECONDS [BITRATE]\n");
        return 2;
    }
    rooms = number(argv[6], 1000);
    listeners = number(argv[7], CLIENTS);
    seconds = number(argv[8], 600);
    if (voices_n() + rooms * listeners > CLIENTS)
        door_fail("too many");
    voices = voices_load(&silence);
    for (size_t s = 0; s < voices_n(); s++)
        speakers[s].voice = &voices[s % VOICES];
    wire = wire_open(argv[4], argv[5]);
    if (!wire || vtb_crew_create(&crew))
        door_fail("no packet socket");
    through = wire_for_crew(wire);
    if (vtb_crew_use_wire(crew, &through))
        door_fail("no packet socket");
    door = strcmp(argv[1], "janus") == 0 ? door_janus(argv[2], rooms, bitrate, 0, offer) : door_ours(argv[2], offer);
    measure(number(argv[3], UINT32_MAX), listeners, seconds, wire);
    fflush(stdout);
    _exit(0); /* thousands of goodbyes would only be counted by nobody */
}
