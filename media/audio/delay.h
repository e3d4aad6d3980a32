/*
 * delay.h - how long a source's packets should wait, learnt from how they come.
 *
 * The estimator is the one of NetEQ in outline (a histogram of relative delays and a quantile):
 *
 *   transit   arrival minus RTP timestamp; only differences mean anything
 *   lowest    the least transit of the last one to two seconds: a packet the network did not hold up
 *   relative  transit - lowest, put into bins of 5 ms; older packets fade out with a time constant
 *             of ten seconds of speech, longer packets weigh as much as the short ones they replace
 *             what comes within 5 ms of the one before was held up with it and not counted
 *   target    the upper edge of the bin in which 99 % are reached, at least VTB_DELAY_LEAST
 *
 * A lost packet that comes as a copy (RED, FEC of its successor) or again (NACK) is an arrival like
 * any other, only later: so the delay grows to what repairs need where packets are lost, and not by
 * a millisecond where none are. What comes later than VTB_DELAY_MOST could not have been waited for
 * and is not counted: a stall of two seconds leaves no trace of its two seconds.
 *
 * Pure; the owner's thread; no allocation. Samples are of 48 kHz; all numbers may wrap.
 */
#ifndef VTB_AUDIO_DELAY_H
#define VTB_AUDIO_DELAY_H

#include "base/err.h"

#define VTB_DELAY_BIN    240u   /* samples: 5 ms */
#define VTB_DELAY_BINS   48u
#define VTB_DELAY_LEAST  480u   /* 10 ms; with the wait for the next step 10 to 30, 20 in the mean */
#define VTB_DELAY_MOST   11520u /* 240 ms */
#define VTB_DELAY_REPAIR 9600u  /* 200 ms: a repair that takes longer is not waited for */

struct vtb_delay {
    float share[VTB_DELAY_BINS]; /* of the packets; adds up to 1 */
    float known;                 /* packets of 20 ms seen, up to the time constant */
    float jitter;                /* mean relative delay, samples, for people to read */
    uint32_t lowest, lowest_now; /* of the last two windows, of this one */
    uint64_t came_us;            /* the last packet */
    uint64_t window_us;          /* when this window ends */
    uint32_t target;             /* samples */
    bool any;
};

/* Zero-initialised is not valid. */
void vtb_delay_init(struct vtb_delay *delay);

/* A packet of `duration` samples came at `now_us`, which never goes back. */
void vtb_delay_came(struct vtb_delay *delay, uint32_t timestamp, uint32_t duration, uint64_t now_us);

/* The same for one that came as a copy or again: says nothing about the network's least transit. */
void vtb_delay_repaired(struct vtb_delay *delay, uint32_t timestamp, uint32_t duration,
                        uint64_t now_us);

/* How long ago the sound of `timestamp` could have been here, samples; negative: it is yet to come. */
int32_t vtb_delay_age(const struct vtb_delay *delay, uint32_t timestamp, uint64_t now_us);

#endif
