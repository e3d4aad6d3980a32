/*
 * rtcp.h - sender and receiver reports (RFC 3550, 6) and NACK (RFC 4585, 6.2.1), reduced size
 * allowed (RFC 5506).
 *
 * Pure: bytes in, struct out. Any thread. A compound packet is read to its end; what we do not
 * know is stepped over by its length; one bad length refuses the whole.
 */
#ifndef VTB_RTC_RTCP_H
#define VTB_RTC_RTCP_H

#include "base/err.h"

#define VTB_RTCP_BLOCKS 8  /* report blocks kept of one compound */
#define VTB_RTCP_MISSED 32 /* sequence numbers kept of one compound's NACKs */
#define VTB_RTCP_MAX    128 /* bytes that a writer of ours needs at most */

struct vtb_rtcp_block {
    uint32_t ssrc;          /* whose packets are reported on */
    uint8_t fraction;       /* lost since the last report, of 256 */
    int32_t lost;           /* cumulative, 24 bit signed (webrtcbin begins with -1) */
    uint32_t highest;       /* extended highest sequence number */
    uint32_t jitter;        /* timestamp units */
    uint32_t last_sr;       /* middle 32 bits of the NTP time of the last SR; 0: none */
    uint32_t delay_last_sr; /* 1/65536 s */
};

struct vtb_rtcp_sender {
    uint64_t ntp; /* RFC 5905 short of nothing: seconds << 32 | fraction */
    uint32_t timestamp, packets, octets;
};

struct vtb_rtcp {
    uint32_t ssrc; /* of the first SR or RR */
    bool has_sender, has_report, bye;
    struct vtb_rtcp_sender sender;
    struct vtb_rtcp_block blocks[VTB_RTCP_BLOCKS];
    size_t blocks_n;
    uint32_t missed_ssrc; /* of the NACKs: whose packets are asked for again (the first one's) */
    uint16_t missed[VTB_RTCP_MISSED];
    size_t missed_n;
};

VTB_MUST_USE enum vtb_err vtb_rtcp_parse(const uint8_t *data, size_t len, struct vtb_rtcp *out);

/*
 * Writes SR (or RR, if `sender` is NULL) with `block` (may be NULL) and SDES with the CNAME.
 * Returns the length. `cname` at most 32 bytes.
 */
size_t vtb_rtcp_write(uint32_t ssrc, const struct vtb_rtcp_sender *sender,
                      const struct vtb_rtcp_block *block, const char *cname,
                      uint8_t out[static VTB_RTCP_MAX]);

/* Writes RR + BYE; returns the length. */
size_t vtb_rtcp_write_bye(uint32_t ssrc, uint8_t out[static VTB_RTCP_MAX]);

/*
 * Asks `media` for packets again (RFC 4585, 6.2.1): `n` numbers, 1..16, ascending. With a CNAME it is
 * a compound of empty RR, SDES and NACK, without (NULL) the NACK alone (RFC 5506, if agreed on).
 */
size_t vtb_rtcp_write_nack(uint32_t ssrc, uint32_t media, const uint16_t *seqs, size_t n,
                           const char *cname, uint8_t out[static VTB_RTCP_MAX]);

/* What a receiver must know to report (RFC 3550, A.1, A.3, A.8). Zero-initialised is valid. */
struct vtb_rtcp_receiver {
    bool started;
    uint32_t ssrc;
    uint16_t highest_seq;
    uint32_t cycles, base, received;
    uint32_t expected_before, received_before;
    uint32_t transit, jitter_x16;
    uint32_t last_sr;
    uint64_t last_sr_us;
    uint8_t fraction; /* of the last report */
};

/* `arrival` in timestamp units (48 kHz for Opus). A new SSRC starts over. */
void vtb_rtcp_received(struct vtb_rtcp_receiver *rx, uint32_t ssrc, uint16_t seq,
                       uint32_t timestamp, uint32_t arrival);
void vtb_rtcp_received_sr(struct vtb_rtcp_receiver *rx, const struct vtb_rtcp_sender *sender,
                          uint64_t now_us);
/* Makes the next report block and begins a new interval. */
void vtb_rtcp_report(struct vtb_rtcp_receiver *rx, uint64_t now_us, struct vtb_rtcp_block *out);

/* NTP time of a wall clock in microseconds since 1970. */
uint64_t vtb_rtcp_ntp(int64_t wall_us);
/* Round trip in microseconds from a block about us; 0 when unknown or nonsense. */
uint64_t vtb_rtcp_rtt_us(const struct vtb_rtcp_block *block, uint64_t now_ntp);

#endif
