/*
 * tap.h - what the media worker gives away of a room while it is recorded: 50 frames a second, by ring.
 *
 *     worker: vtb_tap_frame each tick ... vtb_tap_end        recorder: front, done, until the end
 *
 * The worker never waits: a ring that is full (20 s of sound) drops the frame and counts it; the
 * recorder sees the hole by the times and fills it with silence. The end is never dropped: until it
 * fits, the tick tries again. After the end the worker has forgotten the tap, and the recorder frees it.
 *
 * Off the record nothing of the sound leaves the worker: pausing takes effect within the tick. What
 * was said before sound is let through (again) stays out as for a listener whose gate opens: jitter
 * buffers, the encoder's look-ahead and its FEC hold up to 360 ms of it.
 *
 * Thread:    create, destroy: nobody else has it then. frame, pause, end: the worker. front, done: the
 *            recorder. dropped: any.
 * Ownership: see above; the worker has it from the command that opens it to vtb_tap_end.
 */
#ifndef VTB_RECORDING_TAP_H
#define VTB_RECORDING_TAP_H

#include "base/count.h"
#include "base/id.h"
#include "base/ring.h"

#define VTB_TAP_TALKERS 8u
#define VTB_TAP_PAYLOAD 1275u
#define VTB_TAP_FRAMES  1024u /* 20 s */
#define VTB_TAP_OPENING 18u /* ticks of silence before sound is let through; as VTB_OPENING_TICKS, without copies */

struct vtb_tap_talker {
    vtb_peer peer;
    uint8_t level; /* -dBov */
};

struct vtb_tap_tick {
    uint64_t due_us;    /* monotonic: when the tick was due, not when it ran */
    uint32_t timestamp; /* the mix's RTP time, 48 kHz */
    uint8_t talkers_n;
    struct vtb_tap_talker talkers[VTB_TAP_TALKERS];
};

struct vtb_tap_frame {
    struct vtb_tap_tick tick;
    bool is_end;        /* nothing comes after it; due_us says up to when there is sound */
    bool is_paused;     /* off the record */
    uint16_t len;       /* 0: silence, no encode was made */
    uint8_t payload[VTB_TAP_PAYLOAD];
};

struct vtb_tap {
    struct vtb_id recording;
    struct vtb_ring *ring;
    struct vtb_count dropped;
    /* the worker's own */
    bool is_paused, is_ending;
    uint32_t opening;
};

VTB_MUST_USE enum vtb_err vtb_tap_create(struct vtb_id recording, struct vtb_tap **out);
void vtb_tap_destroy(struct vtb_tap *tap); /* NULL is fine */

/* One tick; the payload is NULL and 0 in silence. */
void vtb_tap_put(struct vtb_tap *tap, const struct vtb_tap_tick *tick, const uint8_t *payload, size_t len);
void vtb_tap_pause(struct vtb_tap *tap, bool is_paused);
/* False: the ring is full; try again in the next tick. True: the tap is the recorder's. */
VTB_MUST_USE bool vtb_tap_end(struct vtb_tap *tap, uint64_t due_us);

#endif
