#include "voices.h"

#include "door.h"
#include "hear.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 960u

static struct hear said[VOICES];      /* without its pauses */
static struct coded_voice coded[VOICES];
static struct coded silence;

static uint8_t level_of(const float *pcm)
{
    double power = 1e-13;

    for (size_t i = 0; i < FRAME; i++)
        power += (double)pcm[i] * (double)pcm[i] / FRAME;
    return (uint8_t)fmin(127.0, fmax(0.0, -10.0 * log10(power)));
}

/* Pauses are cut out, so that all three really speak all the time. */
static void cut_pauses(struct hear *voice)
{
    size_t n = 0;

    for (size_t at = 0; at + FRAME <= voice->n; at += FRAME) {
        if (level_of(voice->at + at) > 40)
            continue;
        memmove(voice->at + n, voice->at + at, FRAME * sizeof(float));
        n += FRAME;
    }
    voice->n = n;
}

static struct coded encode(OpusEncoder *encoder, const float *pcm)
{
    struct coded frame = { .level = level_of(pcm) };
    int len = opus_encode_float(encoder, pcm, (int)FRAME, frame.data, 250);

    if (len <= 0)
        door_fail("opus");
    frame.len = (uint8_t)len;
    return frame;
}

const struct coded_voice *voices_load(const struct coded **out_silence)
{
    static const char *const names[VOICES] = { "anna", "ben", "cleo" };
    static const float nothing[FRAME];

    for (size_t i = 0; i < VOICES; i++) {
        OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
        struct coded_voice *v = &coded[i];

        opus_encoder_ctl(encoder, OPUS_SET_BITRATE(32000));
        silence = encode(encoder, nothing);
        said[i] = hear_voice(names[i]);
        cut_pauses(&said[i]);
        v->n = said[i].n / FRAME;
        v->frames = calloc(v->n, sizeof *v->frames);
        if (!v->n || !v->frames)
            door_fail("no speech");
        for (size_t k = 0; k < v->n; k++) {
            v->frames[k] = encode(encoder, said[i].at + k * FRAME);
            if (v->frames[k].level < v->frames[v->loud].level)
                v->loud = k;
        }
        opus_encoder_destroy(encoder);
    }
    *out_silence = &silence;
    return coded;
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
static double r_at(const struct hear *got, const struct hear bands[VOICES], size_t from, int delay[VOICES], int reach)
{
    struct hear part = { got->at + from, SEGMENT + FAR }, sum = { calloc(SEGMENT + FAR, sizeof(float)), SEGMENT + FAR };
    double r;

    for (size_t s = 0; s < VOICES; s++) {
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
static double r_of(const struct hear *got, const struct hear bands[VOICES])
{
    int delay[VOICES];
    double sum_r = 0.0, r = 0.0;
    size_t n = 0;

    for (size_t from = 0; from + SEGMENT + FAR <= got->n; from += SEGMENT, n++) {
        if (n)
            r = r_at(got, bands, from, delay, NEAR);
        if (r < 0.6) { /* the first time, and after a voice stood still because its program was not run */
            for (size_t s = 0; s < VOICES; s++)
                delay[s] = FAR / 2;
            r = r_at(got, bands, from, delay, FAR / 2);
        }
        sum_r += r;
    }
    return n ? sum_r / (double)n : 0.0;
}

double voices_r(const float *heard, size_t n)
{
    struct hear bands[VOICES], got = hear_band(heard, n);
    double r;

    for (size_t s = 0; s < VOICES; s++)
        bands[s] = hear_band(said[s].at, said[s].n);
    r = r_of(&got, bands);
    for (size_t s = 0; s < VOICES; s++)
        free(bands[s].at);
    free(got.at);
    return r;
}
