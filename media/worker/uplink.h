/*
 * uplink.h - an authenticated RTP packet of a peer on its way into the mix: copies of lost packets
 * first (RED), then its own sound; and what is still missing after that is asked for (NACK).
 *
 * Pure but for the mix; the worker's thread. Zero-initialised is valid.
 */
#ifndef VTB_WORKER_UPLINK_H
#define VTB_WORKER_UPLINK_H

#include "audio/mix.h"
#include "rtc/nack.h"
#include "rtc/red.h"
#include "rtc/rtcp.h"
#include "rtc/rtp.h"

/* A packet that comes again within this round trip is of use; above, only if the buffer waits for
 * longer anyway. Beyond it copies have to do (media.md 4.7). */
#define VTB_UPLINK_RTT_US 150000u

struct vtb_uplink {
    struct vtb_nack nack;
    uint32_t ssrc; /* the last packet's: a new one begins anew */
    uint64_t malformed; /* RED that was none */
};

/* Hands a packet of type 111 or 63 to the mix. Others do nothing. */
void vtb_uplink_packet(struct vtb_uplink *up, struct vtb_mix *mix, uint32_t source,
                       const struct vtb_rtp *rtp, uint8_t level, uint64_t now_us);

/*
 * RTCP that asks `up`'s sender for what is missing; 0: nothing to ask for. `our_ssrc` is the asker;
 * `reduced`: RFC 5506 was agreed on, else it is a compound of RR, SDES and NACK. `rtt_us` 0: unknown.
 */
size_t vtb_uplink_ask(struct vtb_uplink *up, const struct vtb_mix *mix, uint32_t source,
                      uint32_t our_ssrc, bool reduced, uint64_t rtt_us, uint64_t now_us,
                      uint8_t out[static VTB_RTCP_MAX]);

#endif
