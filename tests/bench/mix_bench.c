/*
 * mix_bench.c - what one 20 ms step of a room costs, and what the encoder's settings cost.
 *
 * Continuous overlapping speech (three voices, looped without their pauses at the ends). Prints the
 * CPU time of this thread; the machine is named by who prints the table. Asserts nothing.
 */
#include <opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/encode.h"
#include "audio/mix.h"
#include "hear.h"

#define STEPS   3000u /* one minute */
#define STEP_US 20000u

static double cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct uplink {
    uint8_t bytes[600][400];
    int len[600];
};

static void record(const struct hear *voice, struct uplink *up)
{
    OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);

    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(32000));
    for (size_t f = 0; f < 600; f++) {
        up->len[f] = opus_encode_float(encoder, voice->at + f * 960, 960, up->bytes[f],
                                       sizeof up->bytes[f]);
        if (up->len[f] <= 0)
            abort();
    }
    opus_encoder_destroy(encoder);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void room(const struct uplink *up, size_t speakers, uint32_t members, uint32_t bitrate)
{
    static double cost[STEPS];
    struct vtb_mix_config cfg = { .max_speakers = 3, .bitrate = bitrate };
    struct vtb_mix_figures figures;
    struct vtb_mix_out out;
    struct vtb_mix *mix;
    uint32_t source;
    double sum = 0.0, push = 0.0;

    if (vtb_mix_create(&cfg, &mix))
        abort();
    for (uint32_t i = 0; i < members; i++) {
        if (vtb_mix_add(mix, &source))
            abort();
        vtb_mix_set_heard(mix, source, true);
    }
    for (size_t s = 0; s < STEPS; s++) {
        double from = cpu_us();

        for (uint32_t w = 0; w < speakers; w++) {
            size_t f = 20 + (s + w * 173) % 500; /* inside the speech */
            struct vtb_mix_packet packet = {
                .seq = (uint16_t)s, .timestamp = (uint32_t)(s * 960), .payload = up[w].bytes[f],
                .len = (size_t)up[w].len[f], .level = 25,
            };

            if (vtb_mix_push(mix, w, &packet, s * STEP_US))
                abort();
        }
        push += cpu_us() - from;
        from = cpu_us();
        vtb_mix_tick(mix, s * STEP_US, &out);
        cost[s] = cpu_us() - from;
        sum += cost[s];
    }
    vtb_mix_figures(mix, &figures);
    qsort(cost, STEPS, sizeof *cost, by_value);
    printf("%8zu %7u %8u %8.0f %8.0f %8.0f %9.2f %8.2f %8.2f\n", speakers, members, bitrate,
           sum / STEPS, cost[STEPS / 2], cost[STEPS * 99 / 100],
           speakers ? push / (double)(STEPS * speakers) : 0.0, (double)figures.encodes / STEPS,
           (double)figures.decodes / STEPS);
    vtb_mix_destroy(mix);
}

/* Does more complexity carry more of the speech? r of decoded against said, mean over 1 s windows. */
static void settings(const struct hear *voice, uint32_t bitrate, int complexity)
{
    struct vtb_encode *encode;
    OpusDecoder *decoder = opus_decoder_create(48000, 1, NULL);
    struct hear heard = { calloc(voice->n, sizeof(float)), voice->n };
    double spent = 0.0, bytes = 0.0;

    if (vtb_encode_create(bitrate, complexity, &encode))
        abort();
    for (size_t f = 0; f < voice->n / 960; f++) {
        double from = cpu_us();
        size_t len;
        const uint8_t *packet = vtb_encode_step(encode, voice->at + f * 960, &len);

        spent += cpu_us() - from;
        bytes += (double)len;
        if (packet && opus_decode_float(decoder, packet, (opus_int32)len, heard.at + f * 960, 960,
                                        0) != 960)
            abort();
    }
    struct hear ref = hear_band(voice->at, voice->n), got = hear_band(heard.at, heard.n);
    struct hear_match m = hear_compare(&ref, &got, 20);

    printf("%8u %10d %10.0f %8.1f %8.3f\n", bitrate, complexity, spent / (double)(voice->n / 960),
           bytes * 8 / (double)(voice->n / 48), m.mean);
    free(heard.at);
    free(ref.at);
    free(got.at);
    opus_decoder_destroy(decoder);
    vtb_encode_destroy(encode);
}

int main(void)
{
    static struct uplink up[3];
    struct hear voices[3] = { hear_voice("anna"), hear_voice("ben"), hear_voice("cleo") };
    static const int complexities[] = { 0, 2, 4, 5, 6, 8, 10 };

    for (size_t v = 0; v < 3; v++)
        record(&voices[v], &up[v]);
    printf("one step, us of CPU\n%8s %7s %8s %8s %8s %8s %9s %8s %8s\n", "speakers", "members",
           "bit/s", "mean", "p50", "p99", "a push", "encodes", "decodes");
    for (uint32_t members = 4; members <= 2048; members *= 8) {
        room(up, 0, members, 24000);
        room(up, 1, members, 24000);
        room(up, 3, members, 24000);
    }
    room(up, 3, 4, 32000);
    printf("\none encode\n%8s %10s %10s %8s %8s\n", "bit/s", "complexity", "us", "kbit/s", "r");
    for (size_t c = 0; c < VTB_COUNT(complexities); c++)
        settings(&voices[0], 24000, complexities[c]);
    settings(&voices[0], 32000, 5);
    for (size_t v = 0; v < 3; v++)
        free(voices[v].at);
    return 0;
}
