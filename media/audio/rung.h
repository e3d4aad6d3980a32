/*
 * rung.h - the ways in which a room's sound is sent: what a listener on a given link gets.
 *
 * A stream is one encode of the mix, shared by all who are on it; a rung is a stream, put into
 * packets in one way. Rungs of one stream share its frames: 60 ms packets are three of them joined
 * (a third of the packets and of the headers, no second encode), RED carries copies of frames that
 * were encoded anyway.
 *
 * Copies do not follow at once. Losses come in bursts (mean 3 packets), and a copy one packet later
 * is lost with its original in two of three cases; four packets later in one of four. The listener
 * pays with 80 ms of buffer while it loses, and with as many bits as a plain copy would cost.
 *
 * Who has no RED (Firefox, GStreamer) gets the whole packet twice (RFC 7198): its SRTP drops
 * what it has already seen, so nothing has to be agreed on.
 *
 * Pure data. Any thread. Standards: RFC 6716, 2198, 7198. Figures: media-spike.md 4, media.md 8.
 */
#ifndef VTB_AUDIO_RUNG_H
#define VTB_AUDIO_RUNG_H

#include "base/err.h"

enum vtb_stream {
    VTB_STREAM_CLEAR,  /* the room's bitrate, 32 kbit/s by default: fullband */
    VTB_STREAM_FEC,    /* the same, with in-band FEC */
    VTB_STREAM_LEAN,   /* 16 kbit/s: wideband */
    VTB_STREAM_NARROW, /* 8 kbit/s: what still passes a link of 16 */
};
#define VTB_STREAMS 4u

/* Bit/s and expected loss in per cent of a stream in a room of `bitrate`. */
void vtb_stream_settings(enum vtb_stream stream, uint32_t bitrate, uint32_t *out_bitrate,
                         uint8_t *out_lost_pct);

enum vtb_rung_name {
    VTB_RUNG_CLEAR,      /* a clean link */
    VTB_RUNG_PAIRED,     /* the same sound in packets of 40 ms: a link that begins to be full */
    VTB_RUNG_JOINED,     /* in packets of 60 ms: who only listens, in a large room */
    VTB_RUNG_FEC,        /* a few losses, without RED */
    VTB_RUNG_CAREFUL,    /* nothing is known of the link: copies, and yet a link of 64 kbit/s holds it */
    VTB_RUNG_RED,        /* more */
    VTB_RUNG_AGAIN,      /* more, without RED */
    VTB_RUNG_LEAN,       /* a link of 64 kbit/s in all */
    VTB_RUNG_LEAN_RED,   /* the same, and it loses */
    VTB_RUNG_LEAN_AGAIN, /* the same without RED */
    VTB_RUNG_SURVIVAL,   /* next to nothing */
};
#define VTB_RUNGS           11u
#define VTB_RUNG_FRAMES_MAX 3u
#define VTB_RUNG_COPIES_MAX 2u

struct vtb_rung {
    const char *name;
    enum vtb_stream stream;
    uint8_t frames;                       /* of 20 ms in a packet, 1..3 */
    uint8_t copies;                       /* RED blocks beside the packet's own */
    uint8_t copy_of[VTB_RUNG_COPIES_MAX]; /* so many packets before; the farthest first */
    uint8_t again;                        /* so many packets before is sent once more; 0: none */
    uint16_t wire_kbps;                   /* with RTP, SRTP (GCM), UDP and IPv4 at 32 kbit/s; each voice
                                           * named (CSRC, not on lean ones) is 1.6 more at 20 ms */
};

const struct vtb_rung *vtb_rung_of(enum vtb_rung_name name);

#endif
