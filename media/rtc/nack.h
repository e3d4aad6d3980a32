/*
 * nack.h - which packets of a stream are missing, and when to ask for them again (RFC 4585, 6.2.1).
 *
 * A number that was jumped over is asked for at once; while packets have lately overtaken each
 * other, after 10 ms. It is asked for up to five times, a round trip apart, and forgotten after
 * 250 ms. All bounded: 64 holes, 16 a message, 100 a second (50 at once), no jump above 48 (that is
 * no loss but an outage, too old to be of use).
 *
 * Pure; the owner's thread; no allocation. Zero-initialised is valid.
 */
#ifndef VTB_RTC_NACK_H
#define VTB_RTC_NACK_H

#include "base/err.h"

#define VTB_NACK_HOLES  64u
#define VTB_NACK_ASKED  16u    /* a message at most */
#define VTB_NACK_TRIES  5u
#define VTB_NACK_AGE_US 250000u

struct vtb_nack_hole {
    uint64_t found_us, asked_us, next_us;
    uint16_t seq;
    uint8_t tries;
};

struct vtb_nack {
    struct vtb_nack_hole holes[VTB_NACK_HOLES]; /* oldest number first */
    uint32_t n;
    uint32_t rtt_us;    /* as answers take; 0: none came yet */
    uint32_t overtaken; /* packets for which overtaking is reckoned with */
    uint64_t paid_us;   /* rate: when all that was asked for is paid */
    uint16_t newest;
    bool any;
    uint64_t asked, answered; /* packets, for /metrics */
};

enum vtb_nack_came {
    VTB_NACK_NEW,    /* in its turn, or overtaken by others: as it was sent */
    VTB_NACK_AGAIN,  /* it had been asked for */
    VTB_NACK_OLD,    /* nobody misses it */
};

/* A packet came as itself. */
enum vtb_nack_came vtb_nack_got(struct vtb_nack *nack, uint16_t seq, uint64_t now_us);
/* A copy of it came in another packet: nothing is missing any more. */
void vtb_nack_fill(struct vtb_nack *nack, uint16_t seq);

/*
 * What to ask for now, ascending; returns how many, at most VTB_NACK_ASKED. `rtt_us` is the measured
 * round trip (0: unknown, then that of earlier answers, if any); above `most_us` nothing is asked for.
 */
size_t vtb_nack_due(struct vtb_nack *nack, uint64_t rtt_us, uint64_t most_us, uint64_t now_us,
                    uint16_t out[static VTB_NACK_ASKED]);

#endif
