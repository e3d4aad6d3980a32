/*
 * stretch.h - makes sound a little shorter or longer without changing its pitch.
 *
 * WSOLA (Verhelst and Roelands, ICASSP 1993): the sound is looked for in its own near future, 2.5 to
 * 20 ms later; where it repeats best, one such period is left out or said twice, with a fade of 5 ms
 * over the joint. In voiced speech that is a pitch period and not heard; in silence any piece will
 * do; noise that repeats badly is left alone unless the caller is in a hurry.
 *
 * Pure; any thread; no allocation. Samples of 48 kHz.
 */
#ifndef VTB_AUDIO_STRETCH_H
#define VTB_AUDIO_STRETCH_H

#include "base/err.h"

#define VTB_STRETCH_LEAST 120u /* samples: 2.5 ms */
#define VTB_STRETCH_MOST  960u /* 20 ms */
#define VTB_STRETCH_FADE  240u /* 5 ms */
#define VTB_STRETCH_NEED  (VTB_STRETCH_MOST + VTB_STRETCH_FADE) /* samples to be able to do it all */

enum vtb_stretch_care {
    VTB_STRETCH_GENTLE, /* only where it is hardly heard */
    VTB_STRETCH_EAGER,  /* also where it is heard a little */
    VTB_STRETCH_ANYHOW, /* somewhere, and now */
};

/* Takes up to `most` samples out of pcm[0..n), near its beginning. Returns how many; pcm is then
 * that much shorter. 0: there is no good place, nothing changed. */
uint32_t vtb_stretch_shorten(float *pcm, uint32_t n, uint32_t most, enum vtb_stretch_care care);

/* Puts up to `most` samples into pcm[0..n), which has room for them. Returns how many. */
uint32_t vtb_stretch_lengthen(float *pcm, uint32_t n, uint32_t most, enum vtb_stretch_care care);

#endif
