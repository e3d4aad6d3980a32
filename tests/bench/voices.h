/*
 * voices.h - what is said in a bench, encoded beforehand, and whether what is heard is the sum of it.
 *
 * Thread: one. Everything lives to the end of the program.
 */
#ifndef VTB_BENCH_VOICES_H
#define VTB_BENCH_VOICES_H

#include <stddef.h>
#include <stdint.h>

#define VOICES 3u /* who speak at once */

struct coded { uint8_t len, level, data[400]; };

struct coded_voice {
    struct coded *frames; /* 20 ms each, without the pauses */
    size_t n;
    size_t loud;          /* the loudest frame: for what waits for sound */
};

/* Of VOICES voices, and of silence; 32 kbit/s. Ends the program when they cannot be read. */
const struct coded_voice *voices_load(const struct coded **out_silence);

/* r, mean over stretches of 2 s, of `heard` (48 kHz) and the voices said at once from their first
 * frames on. */
double voices_r(const float *heard, size_t n);

#endif
