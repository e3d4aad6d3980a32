/*
 * downhill.h - a room's way down to many listeners, in numbers: the worker's own code (lines, serving,
 * reports, the ladder, the shelf) on a clock that the test turns, a link of tests/net for each listener, and at
 * its end what a browser does: NACK, reports, a jitter buffer (media/client/player).
 *
 * One voice speaks, everybody is in the same room, so a hundred links cost one encode.
 */
#ifndef TESTS_DOWNHILL_H
#define TESTS_DOWNHILL_H

#include <stdbool.h>
#include <stdint.h>

#include "audio/rung.h"
#include "hear.h"
#include "net/link.h" /* the emulator's */

#define DOWNHILL_LEAD 150u /* ticks of silence before the first word: 3 s */

struct downhill_ear { /* in: */
    uint64_t seed;
    const char *rules[3]; /* of consilium-link: "burst 0.1 3"; both ways; NULL: no more */
    bool has_red, no_nack;
    bool is_known;        /* to be a good link: on the clear rung from the start */
    uint64_t report_us;   /* between two of its reports; 0: 2.5 s */
    /* out: */
    struct hear heard;    /* from the first word on; the caller's */
    uint32_t sent, lost, made_up, delay_ms;
    uint32_t moves;                  /* from rung to rung */
    uint32_t on[VTB_RUNGS];          /* ticks spent there since the first word */
    enum vtb_rung_name last;
};

void downhill(const struct hear *voice, struct downhill_ear *ears, uint32_t n);

#endif
