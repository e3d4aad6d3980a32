/*
 * frame.h - sound over a stream (the browser's web connection): one message is one frame.
 *
 *      0                   1                   2                   3
 *     +-------+-------+---------------+-------------------------------+
 *     | ver=1 |  0    | level or rung | sequence number               |
 *     +-------+-------+---------------+-------------------------------+
 *     | timestamp, 48 kHz                                             |
 *     +---------------------------------------------------------------+
 *     | one Opus packet (RFC 6716), 1 to 1275 bytes ...               |
 *
 * Big-endian. The second byte is, to the server, the sender's level as in RFC 6464 (0..127 -dBov, 0 is
 * loudest); to the client it is the number of the rung. The sequence number counts messages up and
 * 20 ms steps down; the timestamp says when a frame is due and goes on in silence. Nothing is
 * encrypted here: the stream is TLS.
 *
 * Pure: any thread.
 */
#ifndef VTB_RTC_FRAME_H
#define VTB_RTC_FRAME_H

#include "base/err.h"

#define VTB_FRAME_VERSION 1u
#define VTB_FRAME_HEADER  8u
#define VTB_FRAME_PAYLOAD 1275u
#define VTB_FRAME_MAX     (VTB_FRAME_HEADER + VTB_FRAME_PAYLOAD)

struct vtb_frame {
    uint8_t level; /* or rung: 0..127 */
    uint16_t seq;
    uint32_t timestamp;
    const uint8_t *payload; /* borrowed */
    size_t len;             /* 1..VTB_FRAME_PAYLOAD */
};

/* LIMIT: longer than any frame. PARSE: too short, another version, a bit set that has no meaning. */
VTB_MUST_USE enum vtb_err vtb_frame_parse(const uint8_t *data, size_t len, struct vtb_frame *out);

/* `out` takes VTB_FRAME_MAX bytes; returns how many were written. */
size_t vtb_frame_write(const struct vtb_frame *frame, uint8_t *out);

#endif
