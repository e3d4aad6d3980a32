#include "limiter.h"

#include <math.h>
#include <string.h>

#define BLOCK       48u /* samples: 1 ms */
#define BLOCKS      (VTB_VOICE_LINE / BLOCK)
#define STEP_BLOCKS (VTB_VOICE_FRAME / BLOCK)
#define LOOK_BLOCKS (VTB_VOICE_LOOK / BLOCK)
#define HOLD_BLOCKS 12u
#define RELEASE     0.0083f /* of the way back a block: 120 ms */

void vtb_limiter_init(struct vtb_limiter *limiter)
{
    *limiter = (struct vtb_limiter){ .gain = 1.0f };
}

static float peak_of(const float *pcm)
{
    float peak = 0.0f;

    for (uint32_t i = 0; i < BLOCK; i++)
        peak = fmaxf(peak, fabsf(pcm[i]));
    return peak;
}

/*
 * The gain at the end of block k - 1, which is the start of block k. Both blocks must stay below
 * the ceiling, so it may not be above what either needs; blocks further on draw a straight ramp
 * that reaches their need when they begin.
 */
static float wanted(const float *need, uint32_t k)
{
    float gain = need[k - 1];

    for (uint32_t d = 0; d < LOOK_BLOCKS; d++) {
        float ramp = need[k + d] + (1.0f - need[k + d]) * (float)d / (float)LOOK_BLOCKS;

        gain = fminf(gain, ramp);
    }
    return gain;
}

static float next_gain(struct vtb_limiter *limiter, float gain, float want)
{
    if (want < 1.0f && want <= gain * 1.001f) {
        limiter->hold = HOLD_BLOCKS;
        return fminf(want, gain);
    }
    if (limiter->hold) {
        limiter->hold--;
        return gain;
    }
    gain += (1.0f - gain) * RELEASE;
    if (gain > 0.9999f)
        gain = 1.0f; /* unity is exact, so equal mixes give equal samples */
    return fminf(gain, want);
}

void vtb_limiter_run(struct vtb_limiter *limiter, const float line[static VTB_VOICE_LINE],
                     float out[static VTB_VOICE_FRAME])
{
    float need[BLOCKS + 1], gain = limiter->gain;
    bool idle = gain >= 1.0f;

    for (uint32_t b = 0; b < BLOCKS; b++) {
        float peak = peak_of(line + b * BLOCK);

        need[b] = peak > VTB_LIMITER_CEILING ? VTB_LIMITER_CEILING / peak : 1.0f;
        idle = idle && need[b] >= 1.0f;
    }
    need[BLOCKS] = 1.0f;
    if (idle) {
        memcpy(out, line, VTB_VOICE_FRAME * sizeof *out);
        return;
    }
    for (uint32_t b = 0; b < STEP_BLOCKS; b++) {
        float to = next_gain(limiter, gain, wanted(need, b + 1));
        float slope = (to - gain) / (float)BLOCK;

        for (uint32_t i = 0; i < BLOCK; i++) {
            float x = line[b * BLOCK + i] * (gain + slope * (float)(i + 1));

            /* Only a voice that leaves in mid-step can make the sum jump past the plan. */
            out[b * BLOCK + i] = fmaxf(-0.99f, fminf(0.99f, x));
        }
        gain = to;
    }
    limiter->gain = gain;
}
