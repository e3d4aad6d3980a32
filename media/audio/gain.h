/*
 * gain.h - brings a speaker to the loudness of the others, slowly.
 *
 * Loudness is measured in the manner of ITU-R BS.1770 (K-weighting, gated), in steps of 20 ms: only
 * what is speech counts, which is voiced (it repeats at 67 to 350 Hz; a lorry that passes does not) or
 * follows such a step within 160 ms, is 9 dB over the least of the last 0.8 s (syllables have dips, a
 * hum has none) and over -60, and is not 14 dB below the speech before. The gain, -12 to +18 dB, goes
 * to what brings that speech to VTB_GAIN_TARGET:
 *
 *     moves     only in speech: 10 dB/s in a source's first three seconds of it, then 2 dB/s up, 5 down
 *     pauses    what is near that least is not raised: the gain above 0 dB leaves with 50 dB/s
 *               after 60 ms, and is back within 5 ms of the next word
 *     a shout   is no louder than VTB_GAIN_PEAK from its first millisecond on; what is taken for that
 *               comes back with 10 dB/s
 *
 * So a distant microphone at -40 dBFS and a close one at -12 are heard alike, and between its words the
 * distant one's room is as quiet as it was. Samples that need no gain pass bit for bit.
 *
 * Pure; the owner's thread; no allocation. Belongs to a source, not to its decoder: who speaks again has
 * the gain of before.
 */
#ifndef VTB_AUDIO_GAIN_H
#define VTB_AUDIO_GAIN_H

#include "voice.h"

#define VTB_GAIN_TARGET (-22.0f) /* LUFS of gated 20 ms steps: usual speech of a browser with its own AGC */
#define VTB_GAIN_MOST   18.0f    /* dB */
#define VTB_GAIN_LEAST  (-12.0f) /* dB */
#define VTB_GAIN_POINTS 120u     /* of a step at 6 kHz */
#define VTB_GAIN_RECENT 40u      /* steps */
#define VTB_GAIN_PEAK   0.7f     /* of full scale, by one voice */

struct vtb_gain {
    float filter[4];     /* of the two weighting stages */
    float speech;        /* mean square of its speech, weighted */
    float points[2 * VTB_GAIN_POINTS]; /* the last two steps, weighted, their slope at 6 kHz */
    float recent[VTB_GAIN_RECENT]; /* LUFS of the last steps, a ring */
    float gain_db;       /* what its speech needs */
    float applied_db;    /* at the end of the last step */
    float guard_db;      /* what a shout leaves */
    uint16_t heard;      /* steps of speech, up to the time constant */
    uint16_t below;      /* steps in a row of what would be speech, were it not so much softer */
    uint16_t voiced;     /* steps for which speech may go on unvoiced */
    uint16_t hold;       /* steps until a pause is one */
    uint16_t at;         /* of the ring: the next */
};

void vtb_gain_init(struct vtb_gain *gain);

/* One step of 20 ms, in place. */
void vtb_gain_run(struct vtb_gain *gain, float pcm[static VTB_VOICE_FRAME]);

#endif
