/*
 * buffer.h - one source's packets between the network and the decoder.
 *
 * A fixed jitter buffer: playing starts when the oldest packet has waited 40 ms, which with the
 * 20 ms tick makes 40 to 60 ms of slack. Order is by RTP sequence number (RFC 3550), durations by
 * the packets themselves; both numbers wrap. What has not come in time is reported as lost (its
 * successor is handed along, it may carry FEC) or as dry (nothing newer is here either).
 *
 * While a source is not chosen the buffer holds its last 100 ms undecoded. When it is chosen these
 * are the pre-roll: packets from the onset on are played, the ones before it only warm the decoder.
 *
 * Bounds: 32 packets, 8192 bytes, 240 ms ahead of the player. A source that runs ahead loses its
 * oldest packets; nobody else notices.
 *
 * Thread:    the owner's. Pure; time is an argument.
 * Ownership: packets are copied in; a payload handed out is valid until the next push or reset.
 * Blocks:    never, and allocates nothing.
 */
#ifndef VTB_AUDIO_BUFFER_H
#define VTB_AUDIO_BUFFER_H

#include "base/err.h"

#define VTB_BUFFER_SLOTS        32u
#define VTB_BUFFER_BYTES        8192u
#define VTB_BUFFER_WAIT_US      40000u
#define VTB_BUFFER_HOLD         4800u  /* samples kept while not chosen: 100 ms */
#define VTB_BUFFER_TARGET       2880u  /* samples ahead of the player at a start: 60 ms */
#define VTB_BUFFER_AHEAD_MAX    11520u /* samples: 240 ms */
#define VTB_BUFFER_DRY_MAX      4800u  /* samples concealed before playing stops: 100 ms */
#define VTB_BUFFER_ONSET_LEVEL  50u    /* -dBov; a packet at least this loud is speech */

struct vtb_buffer_packet {
    const uint8_t *payload;
    size_t len;
    uint32_t timestamp;
    uint32_t duration; /* samples at 48 kHz, 120..5760 */
    uint16_t seq;
    uint8_t level; /* as in vtb_mix_packet */
};

struct vtb_buffer_slot {
    uint64_t arrived_us;
    uint32_t timestamp, duration;
    uint32_t pos; /* in the endless byte stream of which `bytes` holds the last part */
    uint16_t seq, len;
    uint8_t level;
    bool full;
};

struct vtb_buffer {
    struct vtb_buffer_slot slots[VTB_BUFFER_SLOTS];
    uint8_t bytes[VTB_BUFFER_BYTES];
    uint32_t written;   /* end of that stream */
    uint32_t next_ts;   /* what the next packet played should carry */
    uint32_t end_ts;    /* end of the newest packet */
    uint32_t dry;       /* samples concealed since the last packet */
    uint32_t low, steps, high_windows; /* depth watch, see vtb_buffer_settle */
    uint16_t next_seq;  /* oldest packet of interest */
    uint16_t newest_seq;
    uint16_t play_seq;  /* packets before this one are only for warming up */
    uint16_t stray_seq; /* a far-off number; its successor means that the sender restarted */
    uint16_t count;
    bool any, playing, warming, stray;
    uint64_t overrun;   /* packets dropped to stay within the bounds */
};

enum vtb_buffer_kept { VTB_BUFFER_KEPT, VTB_BUFFER_LATE, VTB_BUFFER_DUPLICATE };

enum vtb_buffer_step {
    VTB_BUFFER_NOTHING, /* not started, or stopped after 100 ms without a packet */
    VTB_BUFFER_PACKET,  /* decode it */
    VTB_BUFFER_WARM,    /* decode it and throw the sound away */
    VTB_BUFFER_LOST,    /* `missing` samples are lost; the packet given is the one after the gap */
    VTB_BUFFER_DRY,     /* nothing newer is here: conceal `missing` samples and ask again */
};

void vtb_buffer_init(struct vtb_buffer *buf);

/* packet->len is 1..1275 and packet->duration 120..5760: the caller has looked at the TOC. */
enum vtb_buffer_kept vtb_buffer_push(struct vtb_buffer *buf,
                                     const struct vtb_buffer_packet *packet, uint64_t now_us);

/* The next thing to play, and moves past it. */
enum vtb_buffer_step vtb_buffer_next(struct vtb_buffer *buf, uint64_t now_us,
                                     struct vtb_buffer_packet *out_packet, uint32_t *out_missing);

/* The source is no longer chosen: stops playing, keeps the last 100 ms. */
void vtb_buffer_rest(struct vtb_buffer *buf);

/* Once a step, `decoded` samples are waiting behind the buffer. True when the delay should shrink
 * by one step now: the buffer stayed at 60 ms or more for a second, or for 0.2 s and it is quiet.
 * (A laptop whose clock is 100 ppm fast runs ahead by one step in three minutes.) */
bool vtb_buffer_settle(struct vtb_buffer *buf, uint32_t decoded, bool quiet);

/* Samples between the player and the end of the newest packet. */
uint32_t vtb_buffer_ahead(const struct vtb_buffer *buf);

#endif
