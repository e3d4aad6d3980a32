#include "gain.h"

#include <math.h>
#include <string.h>

#define DECIM      4u /* weighted at 12 kHz: above 6 there is next to nothing of a voice */
#define POINTS     (2u * VTB_GAIN_POINTS)
#define FLOOR_LEAST (-75.0f)
#define SPEECH_DB  (-60.0f)
#define OVER_FLOOR 9.0f
#define NEAR_DB    14.0f
#define LAG_LEAST  17u     /* points of 6 kHz: 350 Hz */
#define LAG_MOST   90u     /* 67 Hz */
#define VOICED     0.6f    /* likeness of a step and the same one a pitch period before */
#define UNVOICED   8u      /* steps */
#define FIRST      10u     /* steps of speech before anything moves */
#define KNOWN      150u    /* steps: 3 s */
#define BELOW_MOST 100u    /* steps, 2 s: then it is another person, or another place */
#define QUICK      0.2f    /* dB a step */
#define UP         0.04f
#define DOWN       0.1f
#define RAISE_OVER 3.0f    /* dB over the floor from which gain is given, 2 dB for each more */
#define HOLD       3u      /* steps */
#define FALL       1.0f    /* dB a step */
#define ATTACK     240u    /* samples */
#define GUARD      48u
#define RECOVER    0.2f    /* dB a step */

void vtb_gain_init(struct vtb_gain *gain)
{
    memset(gain, 0, sizeof *gain);
    gain->guard_db = VTB_GAIN_MOST;
}

/*
 * Mean square after K-weighting, and the slope of its points for is_voiced. The shelf is the one of
 * BS.1770 for 12 kHz; the high pass lies at 250 Hz and not at 38: words live above it, engines below.
 */
static float weighted(struct vtb_gain *gain, const float *pcm)
{
    float a = gain->filter[0], b = gain->filter[1], c = gain->filter[2], d = gain->filter[3];
    float sum = 0.0f, before = 0.0f, *points = gain->points + VTB_GAIN_POINTS;

    memcpy(gain->points, points, VTB_GAIN_POINTS * sizeof *points);
    for (uint32_t i = 0; i < POINTS; i++) {
        const float *at = pcm + DECIM * i;
        float x = 0.25f * (at[0] + at[1] + at[2] + at[3]), y, z;

        y = 1.40101639f * x + a;
        a = -1.44343147f * x + 0.82398044f * y + b;
        b = 0.51272519f * x - 0.29429060f * y;
        z = 0.91158593f * y + c;
        c = -1.82317186f * y + 1.81533961f * z + d;
        d = 0.91158593f * y - 0.83100411f * z;
        sum += z * z;
        if (i & 1)
            points[i / 2] = z - before;
        before = z;
    }
    /* Denormals after a voice has ended would cost more than the voice. */
    gain->filter[0] = fabsf(a) < 1e-15f ? 0.0f : a;
    gain->filter[1] = fabsf(b) < 1e-15f ? 0.0f : b;
    gain->filter[2] = fabsf(c) < 1e-15f ? 0.0f : c;
    gain->filter[3] = fabsf(d) < 1e-15f ? 0.0f : d;
    return sum / (float)POINTS;
}

static float lufs(float mean_square)
{
    return 10.0f * log10f(mean_square + 1e-13f) - 0.691f;
}

/* The least of the last 0.8 s, this step among them. */
static float floor_of(struct vtb_gain *gain, float db)
{
    float least = 0.0f;

    gain->recent[gain->at] = db;
    gain->at = (uint16_t)((gain->at + 1u) % VTB_GAIN_RECENT);
    for (uint32_t i = 0; i < VTB_GAIN_RECENT; i++)
        least = fminf(least, gain->recent[i]);
    return fmaxf(least, FLOOR_LEAST);
}

/* Does the last step repeat what was a pitch period before it? */
static bool is_voiced(const float points[static 2 * VTB_GAIN_POINTS])
{
    const float *now = points + LAG_MOST;
    uint32_t n = 2 * VTB_GAIN_POINTS - LAG_MOST;
    float own = 1e-12f;

    for (uint32_t i = 0; i < n; i++)
        own += now[i] * now[i];
    for (uint32_t lag = LAG_LEAST; lag <= LAG_MOST; lag++) {
        float both = 0.0f, then = 1e-12f;

        for (uint32_t i = 0; i < n; i++) {
            both += now[i] * now[(int)i - (int)lag];
            then += now[(int)i - (int)lag] * now[(int)i - (int)lag];
        }
        if (both > 0.0f && both * both > VOICED * VOICED * own * then)
            return true;
    }
    return false;
}

/* Is this step speech, by which the gain may move? What is softer for long replaces what was. */
static bool is_speech(struct vtb_gain *gain, float db, float floor_db)
{
    if (db < SPEECH_DB || db < floor_db + OVER_FLOOR) {
        gain->voiced = 0;
        return false;
    }
    if (is_voiced(gain->points))
        gain->voiced = UNVOICED;
    else if (gain->voiced)
        gain->voiced--;
    if (!gain->voiced)
        return false;
    if (gain->heard < FIRST || db > lufs(gain->speech) - NEAR_DB) {
        gain->below = 0;
        return true;
    }
    if (++gain->below >= BELOW_MOST) {
        gain->below = 0;
        gain->heard = 0;
        gain->speech = 0.0f;
    }
    return false;
}

static void learn(struct vtb_gain *gain, float mean_square)
{
    bool early = gain->heard < KNOWN;
    float want, by;

    gain->heard = (uint16_t)(early ? gain->heard + 1u : KNOWN);
    gain->speech += (mean_square - gain->speech) / (float)gain->heard;
    if (gain->heard < FIRST)
        return;
    want = fminf(VTB_GAIN_MOST, fmaxf(VTB_GAIN_LEAST, VTB_GAIN_TARGET - lufs(gain->speech)));
    by = want - gain->gain_db;
    gain->gain_db += fmaxf(early ? -QUICK : -DOWN, fminf(early ? QUICK : UP, by));
}

/* What this step gets: all of it in speech, nothing above 0 dB at the floor. */
static float wanted(struct vtb_gain *gain, float db, float floor_db)
{
    float most = fmaxf(0.0f, 2.0f * (db - floor_db - RAISE_OVER));
    float now = fminf(gain->gain_db, most);

    if (now >= gain->applied_db) {
        gain->hold = HOLD;
        return now;
    }
    if (gain->gain_db < gain->applied_db && now == gain->gain_db)
        return now; /* the speech itself needs less */
    if (gain->hold) {
        gain->hold--;
        return gain->applied_db;
    }
    return fmaxf(now, gain->applied_db - FALL);
}

/* The most that the step may get, by its peak. */
static float guarded(struct vtb_gain *gain, const float *pcm)
{
    float peak = 0.0f, most;

    for (uint32_t i = 0; i < VTB_VOICE_FRAME; i++)
        peak = fmaxf(peak, fabsf(pcm[i]));
    most = peak > 0.0f ? 20.0f * log10f(VTB_GAIN_PEAK / peak) : VTB_GAIN_MOST;
    gain->guard_db = fminf(most, fminf(VTB_GAIN_MOST, gain->guard_db + RECOVER));
    return gain->guard_db;
}

static void ramp(float *pcm, uint32_t n, float from, float to)
{
    float slope = (to - from) / (float)n;

    for (uint32_t i = 0; i < n; i++)
        pcm[i] *= from + slope * (float)(i + 1);
}

void vtb_gain_run(struct vtb_gain *gain, float pcm[static VTB_VOICE_FRAME])
{
    float mean_square = weighted(gain, pcm), db = lufs(mean_square), to_db, most, from, to;
    float floor_db = floor_of(gain, db);
    uint32_t edge;

    if (is_speech(gain, db, floor_db))
        learn(gain, mean_square);
    to_db = wanted(gain, db, floor_db);
    most = guarded(gain, pcm);
    to_db = fminf(to_db, most);
    if (to_db == 0.0f && gain->applied_db == 0.0f)
        return;
    from = exp2f(gain->applied_db * 0.16609640f); /* dB to a factor */
    to = exp2f(to_db * 0.16609640f);
    edge = to > from ? ATTACK : to_db == most ? GUARD : VTB_VOICE_FRAME;
    ramp(pcm, edge, from, to);
    for (uint32_t i = edge; i < VTB_VOICE_FRAME; i++)
        pcm[i] *= to;
    gain->applied_db = to_db;
}
