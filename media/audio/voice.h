/*
 * voice.h - one decoder with its concealment: a buffer's packets in, 20 ms of samples out.
 *
 * A lost packet is rebuilt from the in-band FEC of its successor if that has any, otherwise it is
 * concealed (PLC). When the buffer waits longer than it must, or not long enough, sound is made
 * shorter or longer by whole pitch periods (stretch.h): at once in a pause, gently in speech. The
 * decoder is reset when the voice is given to another source.
 *
 * `line` holds 5 ms of the past and the 20 ms of this step: the mixer plays samples 0..959 and the
 * limiter looks ahead into 240..1199. So a voice that is taken away takes its look-ahead with it.
 *
 * Thread:    the owner's. Allocates only in create.
 * Errors:    libopus errors never pass: a packet that does not decode is concealed and counted.
 * Standards: Opus RFC 6716; FEC and PLC RFC 7587 section 3.1.
 */
#ifndef VTB_AUDIO_VOICE_H
#define VTB_AUDIO_VOICE_H

#include "buffer.h"

#define VTB_VOICE_FRAME    960u /* samples of a step */
#define VTB_VOICE_LOOK     240u /* samples of look-ahead: 5 ms */
#define VTB_VOICE_LINE     (VTB_VOICE_FRAME + VTB_VOICE_LOOK)
#define VTB_VOICE_FIFO     8640u /* a packet of 120 ms, a gap that shares its step, and one step */

struct OpusDecoder;

struct vtb_voice {
    struct OpusDecoder *decoder;
    float line[VTB_VOICE_LINE];
    float fifo[VTB_VOICE_FIFO];
    uint32_t waiting; /* samples in fifo */
    bool sounding;    /* this step has sound in `line` */
    bool fresh;       /* the next samples begin out of silence: fade in */
    uint32_t pause;   /* steps until sound may gently be made shorter or longer again */
    /* Power as the sender declares it and as it was decoded, over the packets of `judged`. */
    double declared, measured;
    uint32_t judged;
    uint64_t decodes, concealed, repaired, broken;
};

VTB_MUST_USE enum vtb_err vtb_voice_create(struct vtb_voice **out_voice);
void vtb_voice_destroy(struct vtb_voice *voice); /* NULL is fine */

/* For another source, or for the same one after a rest. */
void vtb_voice_reset(struct vtb_voice *voice);

/* One step of 20 ms from `buf` into voice->line. False, and silence in the new part of the line,
 * when there is nothing to play. */
bool vtb_voice_pull(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us);

/* Loudness of this step, 0..127 -dBov as in RFC 6464. */
uint8_t vtb_voice_level(const struct vtb_voice *voice);

/* Does the packet carry a copy of the frame before it? It is Opus (vtb_voice_duration says so). */
bool vtb_voice_has_fec(const uint8_t *payload, size_t len);

/* Samples at 48 kHz in one Opus packet; 0 if it is not Opus, over 1275 bytes or over 120 ms. */
uint32_t vtb_voice_duration(const uint8_t *payload, size_t len);

#endif
