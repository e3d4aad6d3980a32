/*
 * take.h - one recording under way: tap -> slots -> pipeline -> sealed live file.
 *
 * The time line is made of slots of 20 ms from the first frame's due time on. Every slot gets exactly
 * one frame: the mix's, or, where there was silence, a drop, a stall or a pause, a frame that says
 * "nothing" (RFC 6716, 3.2.1). So the sound is as long as it took, to the slot, and position and time
 * can be turned into each other by a subtraction.
 *
 *     position_ms = (time of something - began_us) / 1000
 *
 * Flushed every 200 ms and synced every second: a killed process loses less than half a second, a
 * power cut about one.
 *
 * Thread: the recorder's. Blocks: on the disk. Time: given.
 */
#ifndef VTB_RECORDING_TAKE_H
#define VTB_RECORDING_TAKE_H

#include "recordings.h"
#include "tap.h"

#define VTB_TAKE_FLUSH_US 200000u
#define VTB_TAKE_SYNC_US  1000000u

enum vtb_recorder_event_kind {
    VTB_RECORDER_BEGAN,  /* began_us: monotonic, of the first slot */
    VTB_RECORDER_TURN,   /* peer had the word from_ms..to_ms */
    VTB_RECORDER_OFF,    /* off the record from_ms..to_ms */
    VTB_RECORDER_ENDED,  /* finished and sealed: info, digest */
    VTB_RECORDER_BROKEN, /* the disk failed: what was written before is being finished */
    VTB_RECORDER_FAILED, /* nothing can be played */
};

struct vtb_recorder_event {
    enum vtb_recorder_event_kind kind;
    struct vtb_id recording;
    enum vtb_err err;
    uint64_t began_us;
    vtb_peer peer;
    uint32_t from_ms, to_ms;
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];
};

struct vtb_teller {
    void (*tell)(void *ctx, const struct vtb_recorder_event *event);
    void *ctx;
};

struct vtb_take;

/* Takes the tap on success. Allocates, no more: this may be the control thread. `dir` and `key` outlive it. */
VTB_MUST_USE enum vtb_err vtb_take_create(const char *dir, const uint8_t key[static VTB_RECORDING_KEY],
                                          struct vtb_tap *tap, struct vtb_teller teller, struct vtb_take **out);
/* Makes file and pipeline; if that fails, tells FAILED, and only drains the ring up to its end. */
void vtb_take_open(struct vtb_take *take);
/* Takes what is in the ring, flushes and syncs when it is time. False: the end came; destroy it. */
VTB_MUST_USE bool vtb_take_turn(struct vtb_take *take, uint64_t now_us);
/* Closes the file (whole if the end came), frees with the tap. The worker must have ended. */
void vtb_take_destroy(struct vtb_take *take);
struct vtb_id vtb_take_id(const struct vtb_take *take);
bool vtb_take_has_file(const struct vtb_take *take); /* that is to be finished */
uint64_t vtb_take_dropped(const struct vtb_take *take);

#endif
