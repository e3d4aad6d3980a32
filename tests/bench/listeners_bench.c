/*
 * listeners_bench - everybody in the room of listeners_host: three who speak at once without a
 * pause, and N who listen. One thread, so that it can be pinned to one core.
 *
 *     listeners_bench PATH N SECONDS [latency ROUNDS]
 *
 * Every listener authenticates every packet; five decode, and what they hear is correlated with the
 * sum of what was said. Prints one row of the table, or why the run is void, which ends with 1.
 */
#include "base/clock.h"
#include "hear.h"
#include "mediaclient/base64.h"
#include "mediaclient/client.h"

#include <math.h>
#include <opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SPEAKERS 3u
#define DECODERS 5u
#define AT_ONCE  16u /* handshakes in flight */
#define CLIENTS_MAX 2100u

struct coded { uint8_t len, level, data[400]; };

struct speaker {
    struct hear voice;    /* without its pauses */
    struct coded *frames;
    size_t n, at;
    bool is_quiet;        /* sends silence: for the latency runs */
    uint64_t loud_us;     /* when the first frame after silence was handed over */
};

struct listener {
    struct vtb_client *client;
    float *heard;         /* decoders only */
    size_t n, cap;
    uint64_t first_us;    /* of the first frame with sound since it was zeroed */
};

struct stat_line {
    unsigned long long now, user, sys, rss, ticks, late, skipped, p99, in, out, encodes, decodes, auth;
};

static struct vtb_crew *crew;
static struct speaker speakers[SPEAKERS];
static struct coded silence;
static struct listener who[CLIENTS_MAX];
static size_t joined, asked;
static bool is_listening; /* decoders keep what they hear */
static FILE *in, *out;
static char line[16384];

static void fail(const char *what)
{
    fprintf(stderr, "listeners_bench: %s\n", what);
    exit(1);
}

/* ---- speakers ---- */

static uint8_t level_of(const float *pcm)
{
    double power = 1e-13;

    for (size_t i = 0; i < VTB_CLIENT_FRAME; i++)
        power += (double)pcm[i] * (double)pcm[i] / VTB_CLIENT_FRAME;
    return (uint8_t)fmin(127.0, fmax(0.0, -10.0 * log10(power)));
}

/* Pauses are cut out, so that all three really speak all the time. */
static void cut_pauses(struct hear *voice)
{
    size_t n = 0;

    for (size_t at = 0; at + VTB_CLIENT_FRAME <= voice->n; at += VTB_CLIENT_FRAME) {
        if (level_of(voice->at + at) > 40)
            continue;
        memmove(voice->at + n, voice->at + at, VTB_CLIENT_FRAME * sizeof(float));
        n += VTB_CLIENT_FRAME;
    }
    voice->n = n;
}

static struct coded encode(OpusEncoder *encoder, const float *pcm)
{
    struct coded frame = { .level = level_of(pcm) };
    int len = opus_encode_float(encoder, pcm, (int)VTB_CLIENT_FRAME, frame.data, 250);

    if (len <= 0)
        fail("opus");
    frame.len = (uint8_t)len;
    return frame;
}

static void load_voices(void)
{
    static const char *const names[SPEAKERS] = { "anna", "ben", "cleo" };
    static const float nothing[VTB_CLIENT_FRAME];

    for (size_t i = 0; i < SPEAKERS; i++) {
        OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
        struct speaker *s = &speakers[i];

        opus_encoder_ctl(encoder, OPUS_SET_BITRATE(32000));
        silence = encode(encoder, nothing);
        s->voice = hear_voice(names[i]);
        cut_pauses(&s->voice);
        s->n = s->voice.n / VTB_CLIENT_FRAME;
        s->frames = calloc(s->n, sizeof *s->frames);
        if (!s->n || !s->frames)
            fail("no speech");
        for (size_t k = 0; k < s->n; k++)
            s->frames[k] = encode(encoder, s->voice.at + k * VTB_CLIENT_FRAME);
        opus_encoder_destroy(encoder);
    }
}

static void be_quiet(bool is_quiet)
{
    for (size_t s = 0; s < SPEAKERS; s++)
        speakers[s].is_quiet = is_quiet;
}

static size_t speak(void *ctx, uint8_t *to, size_t cap, uint8_t *level)
{
    struct speaker *s = ctx;
    const struct coded *frame = s->is_quiet ? &silence : &s->frames[s->at % s->n];

    if (!s->is_quiet && s->at++ == 0)
        s->loud_us = vtb_mono_us();
    if (frame->len > cap)
        return 0;
    memcpy(to, frame->data, frame->len);
    *level = frame->level;
    return frame->len;
}

/* ---- listeners ---- */

static void hear(void *ctx, uint64_t gap, const int16_t *pcm, size_t n)
{
    struct listener *l = ctx;

    if (!is_listening)
        return;
    while (gap-- > 0 && l->n < l->cap)
        l->heard[l->n++] = 0.0f;
    for (size_t i = 0; i < n && l->n < l->cap; i++)
        l->heard[l->n++] = (float)pcm[i] / 32768.0f;
}

static void packet(void *ctx, const struct vtb_heard *heard)
{
    struct listener *l = ctx;

    if (heard->len > 8 && !l->first_us) /* shorter: the frame of silence that holds the way open */
        l->first_us = heard->at_us;
}

static void gone(void *ctx, enum vtb_err why)
{
    (void)ctx;
    fprintf(stderr, "listeners_bench: a client is gone: %s\n", vtb_err_name(why));
    exit(1);
}

static void connected(void *ctx)
{
    (void)ctx;
    joined++;
}

/* ---- the host ---- */

static void call(const char *path)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (strlen(path) >= sizeof name.sun_path)
        fail("path");
    memcpy(name.sun_path, path, strlen(path) + 1);
    for (int i = 0; connect(fd, (struct sockaddr *)&name, sizeof name); i++) {
        if (i == 500)
            fail("no host");
        usleep(10000);
    }
    in = fdopen(fd, "r");
    out = fdopen(dup(fd), "w");
    setvbuf(out, NULL, _IOLBF, 0);
}

static void add_client(size_t i, const char *offer64, unsigned index, unsigned generation)
{
    static uint8_t offer[VTB_CLIENT_SDP_MAX];
    static char answer[VTB_CLIENT_SDP_MAX + 1], text[VTB_BASE64_LEN(VTB_CLIENT_SDP_MAX) + 1];
    struct vtb_client_config cfg = { .ctx = &who[i], .connected = connected, .gone = gone, .packet = packet };
    size_t len;

    if (i < SPEAKERS) {
        cfg.ctx = &speakers[i];
        cfg.speak_opus = speak;
        cfg.packet = NULL;
    } else if (i < SPEAKERS + DECODERS) {
        cfg.hear = hear;
    }
    if (vtb_base64_read(offer64, strlen(offer64), offer, sizeof offer, &len) ||
        vtb_client_add(crew, &cfg, (const char *)offer, len, &who[i].client, answer))
        fail("an offer is not usable");
    vtb_base64_write((const uint8_t *)answer, strlen(answer), text);
    fprintf(out, "answer %u %u %s\n", index, generation, text);
}

/* One line of the host's, without blocking the crew for longer than the host needs. */
static void take_line(void)
{
    static size_t added;
    unsigned index, generation;
    int at = 0;

    if (!fgets(line, sizeof line, in))
        fail("the host ended");
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "offer %u %u %n", &index, &generation, &at) == 2 && at)
        add_client(added++, line + at, index, generation);
    else if (strncmp(line, "gone", 4) == 0)
        fail(line);
}

static struct stat_line stat_now(void)
{
    struct stat_line s;

    fprintf(out, "stat\n");
    do
        take_line();
    while (strncmp(line, "stat ", 5) != 0);
    if (sscanf(line, "stat now_us=%llu user_us=%llu sys_us=%llu rss_kb=%llu ticks=%llu late=%llu skipped=%llu "
               "p99_us=%llu in=%llu out=%llu encodes=%llu decodes=%llu auth=%llu", &s.now, &s.user, &s.sys, &s.rss,
               &s.ticks, &s.late, &s.skipped, &s.p99, &s.in, &s.out, &s.encodes, &s.decodes, &s.auth) != 13)
        fail("stat");
    return s;
}

static void step_for(uint64_t us)
{
    uint64_t end = vtb_mono_us() + us;

    while (vtb_mono_us() < end)
        if (vtb_crew_step(crew, 5))
            fail("step");
}

static void join_all(size_t n)
{
    uint64_t end = vtb_mono_us() + 120000000;

    while (joined < n) {
        while (asked < n && asked < joined + AT_ONCE) {
            fprintf(out, "add %d\n", asked < SPEAKERS);
            asked++;
            do
                take_line();
            while (strncmp(line, "offer", 5) != 0);
        }
        if (vtb_crew_step(crew, 5))
            fail("step");
        if (vtb_mono_us() > end)
            fail("not everybody connected within two minutes");
    }
}

/* ---- what came out ---- */

#define SEGMENT 16000u /* 2 s at 8 kHz: shorter than any drift of a jitter buffer matters */
#define FAR     4800   /* samples: the first search */
#define NEAR    240

/* Where in `got` the voice lies, around `about`. */
static int delay_of(const struct hear *voice, const struct hear *got, int about, int reach)
{
    double best = -1.0;
    int at = about;

    for (int d = about - reach; d <= about + reach; d++) {
        double r = hear_r(voice, got, d);

        if (r > best) {
            best = r;
            at = d;
        }
    }
    return at;
}

/* A stretch of a voice that is said again and again, in the band and rate of `got`. */
static struct hear stretch(const struct hear *band, size_t from, size_t n)
{
    struct hear part = { malloc(n * sizeof(float)), n };

    for (size_t i = 0; i < n; i++)
        part.at[i] = band->at[(from + i) % band->n];
    return part;
}

/* Each voice comes with the phase of its own clock, so each is placed by itself before they are added
 * and compared. `delay` is where they lay before; `reach` how far from there they are looked for. */
static double r_at(const struct hear *got, const struct hear bands[SPEAKERS], size_t from, int delay[SPEAKERS], int reach)
{
    struct hear part = { got->at + from, SEGMENT + FAR }, sum = { calloc(SEGMENT + FAR, sizeof(float)), SEGMENT + FAR };
    double r;

    for (size_t s = 0; s < SPEAKERS; s++) {
        struct hear voice = stretch(&bands[s], from, SEGMENT);

        delay[s] = delay_of(&voice, &part, delay[s], reach);
        for (size_t i = 0; i < SEGMENT; i++) {
            long at = (long)i + delay[s];
            if (at >= 0 && at < (long)sum.n)
                sum.at[at] += voice.at[i];
        }
        free(voice.at);
    }
    /* The ends, where not every voice reaches, are left out. */
    struct hear ref = { sum.at + FAR, SEGMENT - FAR }, same = { part.at + FAR, SEGMENT - FAR };
    r = hear_r(&ref, &same, 0);
    free(sum.at);
    return r;
}

/* The mean over stretches of two seconds. */
static double r_of(const struct hear *got, const struct hear bands[SPEAKERS])
{
    int delay[SPEAKERS];
    double sum_r = 0.0, r = 0.0;
    size_t n = 0;

    for (size_t from = 0; from + SEGMENT + FAR <= got->n; from += SEGMENT, n++) {
        if (n)
            r = r_at(got, bands, from, delay, NEAR);
        if (r < 0.6) { /* the first time, and after a voice stood still because its program was not run */
            for (size_t s = 0; s < SPEAKERS; s++)
                delay[s] = FAR / 2;
            r = r_at(got, bands, from, delay, FAR / 2);
        }
        sum_r += r;
    }
    return n ? sum_r / (double)n : 0.0;
}

static double worst_r(size_t decoders)
{
    struct hear bands[SPEAKERS];
    double worst = 1.0;

    for (size_t s = 0; s < SPEAKERS; s++)
        bands[s] = hear_band(speakers[s].voice.at, speakers[s].voice.n);
    for (size_t d = 0; d < decoders; d++) {
        struct listener *l = &who[SPEAKERS + d];
        struct hear got = hear_band(l->heard, l->n);
        double r = r_of(&got, bands);

        if (r < worst)
            worst = r;
        free(got.at);
    }
    for (size_t s = 0; s < SPEAKERS; s++)
        free(bands[s].at);
    return worst;
}

/* Of all packets that the server numbered for a listener, the share that arrived and authenticated. */
/* No worse than what the clock says: `ticks` packets should have come, but for the edges of the window. */
static double worst_share(size_t n, const struct vtb_client_stats *before, double ticks)
{
    double worst = 1.0;

    for (size_t i = SPEAKERS; i < n; i++) {
        struct vtb_client_stats s;
        double got, lost, share;

        vtb_client_stats(who[i].client, &s);
        if (s.received != s.authenticated)
            fail("a packet did not authenticate");
        got = (double)(s.packets - before[i].packets);
        lost = (double)(s.lost - before[i].lost);
        share = got > 0 ? got / (got + lost) : 0.0;
        if (got < ticks - 5 && got / ticks < share)
            share = got / ticks;
        if (share < worst)
            worst = share;
    }
    return worst;
}

static void measure(size_t listeners, uint64_t seconds)
{
    static struct vtb_client_stats before[CLIENTS_MAX];
    size_t n = SPEAKERS + listeners, decoders = listeners < DECODERS ? listeners : DECODERS;
    struct stat_line empty = stat_now(), full, end;
    struct rusage use0, use1;
    double wall, cpu, share, r, mine;

    be_quiet(true); /* sound for those who are here would slow down who still come */
    join_all(n);
    be_quiet(false);
    step_for(2000000);
    full = stat_now();
    for (size_t i = SPEAKERS; i < n; i++)
        vtb_client_stats(who[i].client, &before[i]);
    for (size_t d = 0; d < decoders; d++) {
        who[SPEAKERS + d].cap = 48000 * 12;
        who[SPEAKERS + d].heard = calloc(who[SPEAKERS + d].cap, sizeof(float));
    }
    for (size_t s = 0; s < SPEAKERS; s++)
        speakers[s].at = 0; /* all three from their first word: the sum is known */
    is_listening = true;
    getrusage(RUSAGE_SELF, &use0);
    step_for(seconds * 1000000);
    getrusage(RUSAGE_SELF, &use1);
    end = stat_now();
    wall = (double)(end.now - full.now);
    cpu = (double)(end.user + end.sys - full.user - full.sys) / wall;
    mine = (double)(use1.ru_utime.tv_sec - use0.ru_utime.tv_sec + use1.ru_stime.tv_sec - use0.ru_stime.tv_sec) +
           (double)(use1.ru_utime.tv_usec - use0.ru_utime.tv_usec + use1.ru_stime.tv_usec - use0.ru_stime.tv_usec) / 1e6;
    share = worst_share(n, before, (double)(end.ticks + end.skipped - full.ticks - full.skipped));
    r = worst_r(decoders);
    printf("| %zu | %.1f %% | %.1f %% | %.2f | %llu | %llu | %.1f | %.3f %% | %.2f | %.0f %% |\n", listeners, 100 * cpu,
           100 * (double)(end.sys - full.sys) / wall, 1e6 * cpu / ((double)(end.out - full.out) / (wall / 1e6)), end.p99,
           end.late - full.late, (double)(end.rss - empty.rss) / (double)n, 100 * share, r,
           100 * mine / (double)seconds);
    if (share < 0.999)
        printf("\nVoid at %zu: a listener authenticated only %.3f %% of its packets (skipped ticks: %llu; load generator "
               "%.0f %% busy).\n", listeners, 100 * share, end.skipped - full.skipped, 100 * mine / (double)seconds);
    if (r < 0.7)
        printf("\nVoid at %zu: what is heard correlates with what was said by %.2f only.\n", listeners, r);
}

/* ---- how long a packet is in the server ---- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* After silence the first frame of sound goes in; the first mixed frame with sound comes out. */
static void latency(size_t listeners, size_t rounds)
{
    uint64_t *took = calloc(rounds, sizeof *took);

    be_quiet(true);
    join_all(SPEAKERS + listeners);
    step_for(2000000);
    for (size_t i = 0; i < rounds; i++) {
        struct speaker *s = &speakers[i % SPEAKERS];
        struct listener *l = &who[SPEAKERS + i % listeners];
        uint64_t end = vtb_mono_us() + 2000000;

        l->first_us = 0;
        s->at = 0;
        s->is_quiet = false;
        while (!l->first_us && vtb_mono_us() < end)
            if (vtb_crew_step(crew, 1))
                fail("step");
        if (!l->first_us)
            fail("no sound came out");
        took[i] = l->first_us - s->loud_us;
        step_for(60000);
        s->is_quiet = true;
        step_for(900000 + (i * 7919u) % 20000u); /* another phase of the tick each time */
    }
    qsort(took, rounds, sizeof *took, by_value);
    printf("| %zu | %zu | %.1f | %.1f | %.1f |\n", listeners, rounds, (double)took[rounds / 2] / 1000,
           (double)took[rounds * 99 / 100] / 1000, (double)took[rounds - 1] / 1000);
    free(took);
}

int main(int argc, char **argv)
{
    struct rlimit limit = { 8192, 8192 };
    long n = argc > 2 ? strtol(argv[2], NULL, 10) : -1, seconds = argc > 3 ? strtol(argv[3], NULL, 10) : 0;

    if (n < 0 || n + (long)SPEAKERS > (long)CLIENTS_MAX || seconds < 1 || seconds > 600)
        return 2;
    setrlimit(RLIMIT_NOFILE, &limit);
    load_voices();
    if (vtb_crew_create(&crew))
        fail("crew");
    call(argv[1]);
    if (argc > 5 && strcmp(argv[4], "latency") == 0) {
        latency((size_t)n, (size_t)strtol(argv[5], NULL, 10));
    } else if (n == 0) {
        struct stat_line s;

        sleep((unsigned)seconds);
        s = stat_now();
        printf("%llu ticks, p99 %llu us late, %llu over 5 ms\n", s.ticks, s.p99, s.late);
    } else {
        measure((size_t)n, (uint64_t)seconds);
    }
    fclose(out);
    fclose(in);
    vtb_crew_destroy(crew);
    return 0;
}
