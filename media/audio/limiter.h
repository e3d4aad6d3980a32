/*
 * limiter.h - keeps the sum of several voices within full scale without a sound of its own.
 *
 * Looks ahead 5 ms: the gain is on its way down before the peak arrives, holds for 12 ms (longer
 * than half a period of any voice) and comes back with a time constant of 120 ms. At gain 1 the
 * samples pass unchanged, bit for bit. The ceiling lies 2 dB below full scale because a decoder
 * overshoots what was encoded, by a quarter where three shout at once (measured).
 *
 * Pure; the owner's thread; no allocation.
 */
#ifndef VTB_AUDIO_LIMITER_H
#define VTB_AUDIO_LIMITER_H

#include "voice.h"

#define VTB_LIMITER_CEILING 0.79f

struct vtb_limiter {
    float gain;    /* at the end of the last step; 1 when idle */
    uint32_t hold; /* blocks of 1 ms before the gain may rise */
};

void vtb_limiter_init(struct vtb_limiter *limiter);

/* `line` is the bus with its look-ahead; `out` gets its first 960 samples, limited. */
void vtb_limiter_run(struct vtb_limiter *limiter, const float line[static VTB_VOICE_LINE],
                     float out[static VTB_VOICE_FRAME]);

#endif
