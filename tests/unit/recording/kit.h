/* kit.h - a folder, a key, a tap on a fake clock, and frames that name their slot. */
#ifndef KIT_H
#define KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "recording/finish.h"
#include "recording/take.h"
#include "recording/webm.h"

#define TICK_US 20000u

struct kit {
    char dir[64];
    uint8_t key[VTB_RECORDING_KEY];
    struct vtb_id id, room;
    /* the events that were told, by kind */
    unsigned told[VTB_RECORDER_FAILED + 1];
    struct vtb_recorder_event last[VTB_RECORDER_FAILED + 1];
};

void kit_open(struct kit *kit);
void kit_close(struct kit *kit); /* removes the folder */
struct vtb_teller kit_teller(struct kit *kit);
struct vtb_take *kit_take(struct kit *kit, struct vtb_tap **out_tap);
/* A frame of 40 bytes that says `n`; kit_frame_says gives it back, or -1. */
size_t kit_frame(uint32_t n, uint8_t out[static 64]);
long kit_frame_says(const uint8_t *opus, size_t len);
/* One tick of the worker: `n` is said, or nothing if it is negative. */
void kit_tick(struct vtb_tap *tap, uint64_t due_us, long n, uint32_t talker);
/* The frames of a finished file: calls for each. Fails the test if the file does not open. */
void kit_frames(struct kit *kit, enum vtb_err (*frame)(void *, uint32_t, const uint8_t *, size_t), void *ctx);
/* All of a finished file; free it. */
uint8_t *kit_read(struct kit *kit, size_t *out_len);
/* A finished recording of `slots` frames, each of `bytes` (0: those of kit_frame). */
void kit_make(struct kit *kit, uint32_t slots, size_t bytes);

#endif
