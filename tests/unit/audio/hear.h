/*
 * hear.h - decides in numbers whether one recording is heard in another.
 *
 * r is the normalised correlation of 1 s windows in the band 100..3400 Hz, after both were brought
 * to 8 kHz. Heard: at least 80 % of the windows that contain speech have r > 0.8 and neighbours
 * agree on the delay within 5 ms.
 */
#ifndef TESTS_HEAR_H
#define TESTS_HEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hear {
    float *at; /* malloc'd */
    size_t n;
};

struct hear_match {
    size_t windows, good; /* with speech in the reference; of these r > 0.8 and a steady delay */
    double mean;          /* of r over the windows with speech */
    double worst;
    int delay_ms;         /* median of the windows' delays */
};

/* A mono 16 bit WAV of 48 or 16 kHz, as -1..1 at 48 kHz; exits the program with a message when it cannot be read. */
struct hear hear_wav(const char *path);
struct hear hear_voice(const char *leaf); /* from the test's speech folder */

/* 100..3400 Hz at 8 kHz. The caller frees. */
struct hear hear_band(const float *pcm48, size_t n);

/* Looks for `ref` in `got` with delays of -max_ms..max_ms (got later than ref: positive). */
struct hear_match hear_compare(const struct hear *ref, const struct hear *got, int max_ms);
bool hear_is_heard(const struct hear_match *match);

/* r of one pair of windows at a fixed delay, over the whole common length. */
double hear_r(const struct hear *ref, const struct hear *got, int delay_samples);

#endif
