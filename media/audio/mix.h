/*
 * mix.h - the sound of one room: decrypted uplink Opus in, mixed Opus out, every 20 ms.
 *
 * Only the loudest `max_speakers` sources are decoded (rank by the RFC 6464 level that comes with
 * the packet; a source without it is decoded to be ranked). One encode a stream (rung.h) serves all
 * its listeners. An active speaker gets an encode of the mix without themselves, begun from a copy
 * of their stream's state so that nobody hears the switch. Silence costs no encode and sends
 * nothing.
 *
 *     push (any time) -> buffer -> [tick: rank -> decode -> mix -> limit -> encode] -> out
 *
 * The caller sends out->own[i].payload to the source out->own[i].source_index and
 * out->streams[] to everybody else; RTP sequence numbers and the timestamp (+960 a tick,
 * silent or not) are the caller's and go on across the two. The packet after a silent tick carries
 * the marker bit.
 *
 * Standards: Opus RFC 6716, its RTP payload RFC 7587, levels RFC 6464.
 *
 * Thread:    the media worker that owns the room. No locks inside.
 * Ownership: the room owns the mix. Payloads in vtb_mix_out are borrowed until the next tick.
 * Blocks:    never. Allocates only in create and add; push and tick never do.
 * Time:      now_us comes from the caller, monotonic; a tick is 20 ms of sound whatever it says.
 */
#ifndef VTB_AUDIO_MIX_H
#define VTB_AUDIO_MIX_H

#include "base/err.h"
#include "rung.h"

#define VTB_MIX_RATE_HZ       48000u
#define VTB_MIX_FRAME         960u  /* samples of one 20 ms step; what the RTP timestamp advances */
#define VTB_MIX_SOURCES_MAX   8192u
#define VTB_MIX_SPEAKERS_MAX  4u
#define VTB_MIX_PAYLOAD_MAX   1275u /* bytes; RFC 6716 section 3.4 */
#define VTB_MIX_OWN_MAX       8u
#define VTB_MIX_TALKERS_MAX   8u
#define VTB_MIX_LEVEL_SILENT  127u
#define VTB_MIX_LEVEL_UNKNOWN 255u

struct vtb_mix;

struct vtb_mix_config {
    uint32_t max_speakers; /* 1..4, decoded and mixed */
    uint32_t bitrate;      /* bit/s of the clear and the FEC stream, 6000..64000 */
};

enum vtb_mix_came {
    VTB_MIX_FRESH,  /* as it was sent, the first time */
    VTB_MIX_COPY,   /* inside a later packet (RED, RFC 2198) */
    VTB_MIX_RESENT, /* because it was asked for (NACK, RFC 4585) */
};

struct vtb_mix_packet {
    uint16_t seq;
    uint32_t timestamp; /* 48 kHz */
    const uint8_t *payload;
    size_t len;
    uint8_t level; /* 0..127 -dBov, 0 is loudest; VTB_MIX_LEVEL_UNKNOWN without the extension */
    enum vtb_mix_came came;
};

struct vtb_mix_payload {
    const uint8_t *payload;
    size_t len;
    bool silent; /* send nothing this tick; payload is NULL */
};

struct vtb_mix_out {
    struct vtb_mix_payload streams[VTB_STREAMS]; /* the mix of everybody; silent if not open */
    struct vtb_mix_payload shared;               /* of these the clear one */
    struct {
        uint32_t source_index;
        bool began;                 /* in this step: a copy of the stream the source listened to */
        struct vtb_mix_payload mix; /* everybody but this source */
    } own[VTB_MIX_OWN_MAX];
    size_t own_n;
    struct {
        uint32_t source_index;
        uint8_t level; /* 0..127 -dBov, smoothed */
    } talkers[VTB_MIX_TALKERS_MAX]; /* loudest first */
    size_t talkers_n;
    uint32_t voices[VTB_MIX_SPEAKERS_MAX]; /* sources whose sound is in this step's mix */
    size_t voices_n;
};

struct vtb_mix_figures {
    uint64_t encodes, decodes;  /* calls of the codec; concealed frames count as decodes */
    uint64_t packets, refused;  /* refused: not Opus, over 1275 bytes or over 120 ms */
    uint64_t late, duplicate;   /* came after their turn; came twice */
    uint64_t concealed, repaired; /* 20 ms steps made up by PLC; taken from in-band FEC */
    uint64_t overrun;           /* packets dropped because a source ran ahead of the clock */
    uint64_t liars;             /* sources whose level said more than their sound */
};

/* PARSE when cfg is out of range. */
VTB_MUST_USE enum vtb_err vtb_mix_create(const struct vtb_mix_config *cfg,
                                         struct vtb_mix **out_mix);
void vtb_mix_destroy(struct vtb_mix *mix); /* NULL is fine */

/* A new source is not heard until vtb_mix_set_heard. LIMIT when 8192 are there. An index is free
 * for the next add as soon as it is dropped. */
VTB_MUST_USE enum vtb_err vtb_mix_add(struct vtb_mix *mix, uint32_t *out_source_index);
void vtb_mix_drop(struct vtb_mix *mix, uint32_t source_index); /* an unknown index is fine */

/* Copies one packet of decrypted Opus. Late and duplicate packets are counted and VTB_OK. PARSE:
 * refused, nothing changed. ABSENT: no such source. DENIED: the gate is closed, nothing kept. STALE: a
 * COPY that fills no hole. Copies are to be pushed after the packet they came in. */
VTB_MUST_USE enum vtb_err vtb_mix_push(struct vtb_mix *mix, uint32_t source_index,
                                       const struct vtb_mix_packet *packet, uint64_t now_us);

/* Is packet `seq` of the source missing, so that a copy of it would be of use? */
bool vtb_mix_misses(const struct vtb_mix *mix, uint32_t source_index, uint16_t seq);

/* Closed: nothing of the source enters the mix from the next tick on, and its buffer is empty. */
void vtb_mix_set_heard(struct vtb_mix *mix, uint32_t source_index, bool heard);

/*
 * One user more, or less, of a stream: it is encoded while it has any. A new mix has the clear
 * stream open once. Who comes to a stream has followed `from` until now (the same one: none): a
 * stream that begins goes on from a copy of it, one that runs makes its next frame without
 * prediction, so either switch is made with the next step. NOMEM: nothing changed.
 */
VTB_MUST_USE enum vtb_err vtb_mix_open_stream(struct vtb_mix *mix, enum vtb_stream stream,
                                              enum vtb_stream from);
void vtb_mix_close_stream(struct vtb_mix *mix, enum vtb_stream stream);

/* Which stream the source listens to: its own mix, when it speaks, has that stream's settings. */
void vtb_mix_set_stream(struct vtb_mix *mix, uint32_t source_index, enum vtb_stream stream);

/* Does the source send the room's own sound back (echo.h)? False while its gate is closed. */
bool vtb_mix_echoes(const struct vtb_mix *mix, uint32_t source_index);

/* One 20 ms step. */
void vtb_mix_tick(struct vtb_mix *mix, uint64_t now_us, struct vtb_mix_out *out);

/* One source's way to us, since it was added; packets unless the name says otherwise. */
struct vtb_mix_uplink {
    uint64_t packets, late, duplicate, overrun;
    uint64_t lost;           /* not there at their turn, after RED and NACK; FEC may have helped */
    uint64_t copied, resent; /* lost by the network, there in time as a copy (RED), or again (NACK) */
    uint64_t fec, concealed; /* taken from the successor's FEC; made up */
    uint64_t shortened_ms, lengthened_ms; /* sound left out or repeated to change the delay */
    uint32_t jitter_ms;      /* mean by which packets come later than the quickest */
    uint32_t target_ms;      /* what the buffer means to wait */
    uint32_t delay_ms;       /* what it waits; 0 while the source is not decoded */
};

void vtb_mix_uplink(const struct vtb_mix *mix, uint32_t source_index, uint64_t now_us,
                    struct vtb_mix_uplink *out);

void vtb_mix_figures(const struct vtb_mix *mix, struct vtb_mix_figures *out);

#endif
