/*
 * rtp.h - the RTP header (RFC 3550, 5.1), its extensions (RFC 8285) and the audio level (RFC 6464).
 *
 * Pure: bytes in, struct out. Any thread.
 */
#ifndef VTB_RTC_RTP_H
#define VTB_RTC_RTP_H

#include "base/err.h"

#define VTB_RTP_HEADER        12
#define VTB_RTP_CSRC_MAX      4 /* of ours; the format allows 15 */
#define VTB_RTP_OPUS          111 /* payload type; the other one is VTB_RTP_RED, red.h */
#define VTB_RTP_LEVEL_UNKNOWN 255

struct vtb_rtp {
    bool marker;
    uint8_t type;
    uint16_t seq;
    uint32_t timestamp, ssrc;
    size_t header_len; /* with CSRC list and extension */
    uint16_t extension_profile;
    const uint8_t *extension; /* NULL: none */
    size_t extension_len;
    const uint8_t *payload;
    size_t payload_len;
};

/* `out` borrows `data`. */
VTB_MUST_USE enum vtb_err vtb_rtp_parse(const uint8_t *data, size_t len, struct vtb_rtp *out);
/* The same, but only the header is looked at: for a packet whose payload is still encrypted. */
VTB_MUST_USE enum vtb_err vtb_rtp_parse_header(const uint8_t *data, size_t len,
                                               struct vtb_rtp *out);

/* The element `id` of the extension, one-byte or two-byte form; NULL if not there. */
const uint8_t *vtb_rtp_extension(const struct vtb_rtp *rtp, uint8_t id, size_t *out_len);

/* 0 loudest .. 127 silence, in -dBov; VTB_RTP_LEVEL_UNKNOWN if the packet does not say or `id`
 * is 0. */
uint8_t vtb_rtp_level(const struct vtb_rtp *rtp, uint8_t id);

/* Writes the 12 bytes of `rtp` (marker, type, seq, timestamp, ssrc). */
void vtb_rtp_write(const struct vtb_rtp *rtp, uint8_t out[static VTB_RTP_HEADER]);

/* Whose sound is in a mix (RFC 3550, 5.1: CSRC list), after the 12 bytes: the header's new length. */
size_t vtb_rtp_write_csrc(uint8_t *packet, const uint32_t *csrc, size_t n);

/* Writes a one-byte extension block with one level element after the header and sets the X bit.
 * Returns the header's new length (VTB_RTP_HEADER + 8). */
size_t vtb_rtp_write_level(uint8_t *packet, uint8_t id, uint8_t level);

/* RFC 5761, 4: is this datagram RTCP? (first byte 128..191 was checked before) */
static inline bool vtb_rtp_is_rtcp(const uint8_t *data, size_t len)
{
    return len >= 2 && data[1] >= 192 && data[1] <= 223;
}

#endif
