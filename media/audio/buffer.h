/*
 * buffer.h - one source's packets between the network and the decoder.
 *
 * An adaptive jitter buffer. `delay.h` says how long a packet should wait (the target: 10 ms on a
 * clean network, at most 240); playing starts with the newest packet that has waited so long. Order
 * is by RTP sequence number (RFC 3550), durations by the packets themselves; both numbers wrap.
 *
 * What has not come in time is reported as lost (packet by packet, so that one which comes again
 * meanwhile is still played; the last of a gap hands its successor along, which may carry FEC) or as
 * dry (nothing newer is here either). A packet that comes after dry steps is played and the delay
 * has grown by them, at once; vtb_buffer_adjust says when sound should be made shorter, or longer
 * because repairs take longer than what is waited for.
 *
 * While a source is not chosen the buffer holds its last 280 ms undecoded (or the target and 60 ms).
 * When it is chosen these are the pre-roll: packets from the onset on are played, the ones before it
 * only warm the decoder. The onset is where the level rises over -50, in a loud room or for a soft voice
 * over 15 dB below the loudest held; who has talked for longer than that is joined 100 ms back.
 *
 * Bounds: 64 packets, 8192 bytes, 320 ms ahead of the player. A source that runs ahead loses its
 * oldest packets; nobody else notices.
 *
 * Thread:    the owner's. Pure; time is an argument.
 * Ownership: packets are copied in; a payload handed out is valid until the next push or reset.
 * Blocks:    never, and allocates nothing.
 */
#ifndef VTB_AUDIO_BUFFER_H
#define VTB_AUDIO_BUFFER_H

#include "delay.h"

#define VTB_BUFFER_SLOTS        64u
#define VTB_BUFFER_BYTES        8192u
#define VTB_BUFFER_STEP         960u   /* samples the owner takes each 20 ms */
#define VTB_BUFFER_HOLD         13440u /* samples kept while not chosen: 280 ms, longer than a louder voice waits */
#define VTB_BUFFER_BACK         4800u  /* samples played of them if there is no onset among them: 100 ms */
#define VTB_BUFFER_AHEAD_MAX    15360u /* samples: 320 ms */
#define VTB_BUFFER_DRY_MAX      4800u  /* samples concealed before playing stops: 100 ms */
#define VTB_BUFFER_NO_LEVEL     255u   /* as VTB_MIX_LEVEL_UNKNOWN */
#define VTB_BUFFER_ONSET_LEVEL  50u    /* -dBov; a packet at least this loud is speech */
#define VTB_BUFFER_ONSET_FAINT  66u    /* -dBov; a packet softer than this is nothing to go back for */
#define VTB_BUFFER_ONSET_BELOW  15u    /* dB below the loudest */

enum vtb_buffer_came {
    VTB_BUFFER_FRESH,  /* as it was sent, the first time */
    VTB_BUFFER_COPY,   /* inside a later packet (RFC 2198) */
    VTB_BUFFER_RESENT, /* because it was asked for (RFC 4585) */
};

struct vtb_buffer_packet {
    const uint8_t *payload;
    size_t len;
    uint32_t timestamp;
    uint32_t duration; /* samples at 48 kHz, 120..5760 */
    uint16_t seq;
    uint8_t level;     /* as in vtb_mix_packet */
    enum vtb_buffer_came came;
    bool fec;          /* it carries its predecessor in-band */
};

struct vtb_buffer_slot {
    uint32_t timestamp, duration;
    uint32_t pos; /* in the endless byte stream of which `bytes` holds the last part */
    uint16_t seq, len;
    uint8_t level;
    bool full;
    bool copy;   /* came inside a later packet */
    bool repair; /* came as a copy, or because it was asked for */
};

struct vtb_buffer_figures { /* since init; packets unless said otherwise */
    uint64_t packets;         /* fresh ones that came */
    uint64_t late, duplicate;
    uint64_t lost;            /* not there at their turn */
    uint64_t copied, resent;  /* of those that the network lost: there in time as copy, or again */
    uint64_t fec, concealed;  /* of the lost ones: taken from the successor's FEC, made up */
    uint64_t dry;             /* steps of 20 ms made up because nothing was there */
    uint64_t overrun;         /* dropped to stay within the bounds */
    uint64_t shortened, lengthened; /* samples */
};

struct vtb_buffer {
    struct vtb_buffer_slot slots[VTB_BUFFER_SLOTS];
    uint8_t bytes[VTB_BUFFER_BYTES];
    struct vtb_delay delay;
    struct vtb_buffer_figures figures;
    uint64_t got;       /* bit k: newest_seq - k came, as itself or as a copy */
    uint32_t written;   /* end of that stream */
    uint32_t next_ts;   /* what the next packet played should carry */
    uint32_t end_ts;    /* end of the newest packet */
    uint32_t duration;  /* of the last packet played */
    uint32_t dry;       /* samples concealed since the last packet */
    uint32_t high;      /* steps for which the delay has been more than it need be */
    uint16_t next_seq;  /* oldest packet of interest */
    uint16_t newest_seq;
    uint16_t play_seq;  /* packets before this one are only for warming up */
    uint16_t stray_seq; /* a far-off number; its successor means that the sender restarted */
    uint16_t count;
    bool any, playing, warming, stray;
};

enum vtb_buffer_kept {
    VTB_BUFFER_KEPT,
    VTB_BUFFER_LATE,
    VTB_BUFFER_DUPLICATE, /* or a copy of what is here, or one that fits nowhere */
};

enum vtb_buffer_step {
    VTB_BUFFER_NOTHING, /* not started, or stopped after 100 ms without a packet */
    VTB_BUFFER_PACKET,  /* decode it */
    VTB_BUFFER_WARM,    /* decode it and throw the sound away */
    VTB_BUFFER_LOST,    /* `missing` samples are lost; the packet given is the one after, or len 0 */
    VTB_BUFFER_DRY,     /* nothing newer is here: conceal `missing` samples and ask again */
};

/* What was learnt about the network and the figures stay; everything else is forgotten. The first
 * time the memory must be zero. */
void vtb_buffer_init(struct vtb_buffer *buf);

/* packet->len is 1..1275 and packet->duration 120..5760: the caller has looked at the TOC. */
enum vtb_buffer_kept vtb_buffer_push(struct vtb_buffer *buf,
                                     const struct vtb_buffer_packet *packet, uint64_t now_us);

/* Has this packet been missing until now? (So: is it worth looking for a copy of it?) */
bool vtb_buffer_misses(const struct vtb_buffer *buf, uint16_t seq);

/* Is the packet whose turn it is here? */
bool vtb_buffer_is_ready(const struct vtb_buffer *buf);

/* The next thing to play, and moves past it. */
enum vtb_buffer_step vtb_buffer_next(struct vtb_buffer *buf, uint64_t now_us,
                                     struct vtb_buffer_packet *out_packet, uint32_t *out_missing);

/* The source is no longer chosen: stops playing, keeps the last 280 ms. */
void vtb_buffer_rest(struct vtb_buffer *buf);

/*
 * Once a step, before it; `decoded` samples wait behind the buffer. Positive: sound may be made
 * shorter by that many samples; negative: longer. *out_hurry: 0 gently, 1, 2 in any way;
 * *out_patient: speech is better left alone yet, only a pause may be made shorter.
 * (A laptop whose clock is 100 ppm fast runs ahead by one step in three minutes.)
 */
int32_t vtb_buffer_adjust(struct vtb_buffer *buf, uint32_t decoded, uint64_t now_us,
                          uint32_t *out_hurry, bool *out_patient);

/* Samples between the player and the end of the newest packet. */
uint32_t vtb_buffer_ahead(const struct vtb_buffer *buf);

/* After a step: how long sound waits from its arrival, had the network not held it up, until it is
 * played. */
uint32_t vtb_buffer_delay(const struct vtb_buffer *buf, uint32_t decoded, uint64_t now_us);

#endif
