/*
 * recorder.h - the recorder: one thread that writes, one of low priority that finishes.
 *
 * Neither exists before the first recording. The first looks into the rings of all taps every 100 ms
 * (nobody wakes it for a frame) and writes; the second makes whole files of live ones, at the end
 * of a recording and after a crash.
 *
 * Thread:    start, begin, finish, stop: control. `tell` is called on both threads and must take
 *            an event from any.
 * Ownership: begin takes the tap on success.
 * Blocks:    stop: until what runs is closed and finished (an hour takes about 0.1 s).
 */
#ifndef VTB_RECORDING_RECORDER_H
#define VTB_RECORDING_RECORDER_H

#include "take.h"

#define VTB_RECORDER_TAKES 64u

struct vtb_recorder;

struct vtb_recorder_config {
    const char *dir;    /* copied; made at first use */
    const uint8_t *key; /* VTB_RECORDING_KEY bytes, copied */
    struct vtb_teller teller;
};

struct vtb_recorder_figures {
    uint32_t now;            /* recordings under way */
    uint64_t frames_dropped; /* by full rings, since start */
};

VTB_MUST_USE enum vtb_err vtb_recorder_start(const struct vtb_recorder_config *cfg, struct vtb_recorder **out);
/* The worker may write to the tap from now on. AGAIN, LIMIT, SYS: the tap is the caller's still. */
VTB_MUST_USE enum vtb_err vtb_recorder_begin(struct vtb_recorder *recorder, struct vtb_tap *tap);
/* Finishes what a crash left; ENDED or FAILED follows. */
VTB_MUST_USE enum vtb_err vtb_recorder_finish(struct vtb_recorder *recorder, struct vtb_id recording);
/* Every tap has ended before. NULL is fine. */
void vtb_recorder_stop(struct vtb_recorder *recorder);
struct vtb_recorder_figures vtb_recorder_figures(const struct vtb_recorder *recorder);

#endif
