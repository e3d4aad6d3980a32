#include "stretch.h"

#include <math.h>
#include <string.h>

#define COARSE 4u     /* the search looks at every fourth sample first: 12 kHz holds the pitch */
#define SILENT 1e-6f  /* mean square: -60 dBFS */

/* Likeness of the fade's length at the beginning and `lag` later, -1..1. */
static float likeness(const float *pcm, uint32_t lag, uint32_t step)
{
    float ab = 0.0f, aa = 1e-9f, bb = 1e-9f;

    for (uint32_t i = 0; i < VTB_STRETCH_FADE; i += step) {
        float a = pcm[i], b = pcm[i + lag];

        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    return ab / sqrtf(aa * bb);
}

static bool is_silent(const float *pcm, uint32_t n)
{
    float sum = 0.0f;

    for (uint32_t i = 0; i < n; i++)
        sum += pcm[i] * pcm[i];
    return sum < SILENT * (float)n;
}

/* The lag at which the sound repeats best, or 0. */
static uint32_t find(const float *pcm, uint32_t n, uint32_t most, enum vtb_stretch_care care)
{
    static const float least[] = { 0.85f, 0.5f, -1.0f };
    uint32_t best = 0, from;
    float top = -2.0f;

    if (n < VTB_STRETCH_FADE + VTB_STRETCH_LEAST || most < VTB_STRETCH_LEAST)
        return 0;
    if (most > n - VTB_STRETCH_FADE)
        most = n - VTB_STRETCH_FADE;
    if (most > VTB_STRETCH_MOST)
        most = VTB_STRETCH_MOST;
    if (is_silent(pcm, most + VTB_STRETCH_FADE))
        return most;
    for (uint32_t lag = VTB_STRETCH_LEAST; lag <= most; lag += COARSE) {
        float like = likeness(pcm, lag, COARSE);

        /* Of equals the longer one: more is gained by one joint. */
        if (like >= top - 0.005f) {
            top = like > top ? like : top;
            best = lag;
        }
    }
    from = best > VTB_STRETCH_LEAST + COARSE ? best - COARSE + 1 : VTB_STRETCH_LEAST;
    top = -2.0f;
    for (uint32_t lag = from, end = best + COARSE; lag < end && lag <= most; lag++) {
        float like = likeness(pcm, lag, 1);

        if (like > top) {
            top = like;
            best = lag;
        }
    }
    return top >= least[care] ? best : 0;
}

/* From `a` into `b` over the fade's length; `out` may be one of them. */
static void fade(const float *a, const float *b, float *out)
{
    for (uint32_t i = 0; i < VTB_STRETCH_FADE; i++) {
        float w = (float)(i + 1) / (float)(VTB_STRETCH_FADE + 1);

        out[i] = a[i] * (1.0f - w) + b[i] * w;
    }
}

uint32_t vtb_stretch_shorten(float *pcm, uint32_t n, uint32_t most, enum vtb_stretch_care care)
{
    uint32_t lag = find(pcm, n, most, care);

    if (!lag)
        return 0;
    fade(pcm, pcm + lag, pcm + lag);
    memmove(pcm, pcm + lag, (n - lag) * sizeof *pcm);
    return lag;
}

/* The first period is played, then fades back into itself: ... lag ... | lag again ... */
uint32_t vtb_stretch_lengthen(float *pcm, uint32_t n, uint32_t most, enum vtb_stretch_care care)
{
    uint32_t lag = find(pcm, n, most, care);
    float joint[VTB_STRETCH_FADE];

    if (!lag)
        return 0;
    fade(pcm + lag, pcm, joint);
    memmove(pcm + lag, pcm, n * sizeof *pcm);
    memcpy(pcm + lag, joint, sizeof joint);
    return lag;
}
