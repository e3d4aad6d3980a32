/*
 * level.h - who is loud: ranks the sources of a room by their audio levels and chooses whom to
 * decode.
 *
 * A source talks when a packet reaches -50 dBov, or less where its own room is quiet: 6 dB above its
 * noise floor, down to -66 (a distant microphone in a silent room is heard, a fan is not). It goes
 * on talking 6 dB below that (hysteresis) while it is above the floor, and for 500 ms after (hangover: pauses between words
 * stay in). A free place goes at once to whoever
 * talks. A taken place changes hands when the challenger was 6 dB louder for 60 ms, or at once when
 * its holder is only in the hangover. The V bit is not looked at: without DTX browsers always set it.
 *
 * Levels are the sender's word. Once decoded, a source is compared with its sound; one that declares
 * 12 dB more than there is, or 12 dB less than a voice that is there, is distrusted: ranked by its
 * sound alone for 10 s, twice as long each time it is found again, 160 s at most. It takes two
 * comparisons on end: at the edge of a word a codec's delay puts the sound into the next one. Who
 * declares silence is not chosen, and so is listened to in turns, one a room, a second in five (tick.c).
 *
 * Standards: RFC 6464. Pure; the owner's thread; no allocation.
 */
#ifndef VTB_AUDIO_LEVEL_H
#define VTB_AUDIO_LEVEL_H

#include "base/err.h"

#define VTB_LEVEL_SILENT  127u
#define VTB_LEVEL_UNKNOWN 255u
#define VTB_LEVEL_ON      50.0f /* -dBov: always speech */
#define VTB_LEVEL_FAINT   66.0f /* never speech below */
#define VTB_LEVEL_ABOVE   6.0f  /* dB over the noise floor to begin */
#define VTB_LEVEL_OVER    2.0f  /* dB over it to go on */
#define VTB_LEVEL_HANG    25u  /* steps of 20 ms */
#define VTB_LEVEL_MARGIN  6.0f /* dB */
#define VTB_LEVEL_LIE_DB  12.0
#define VTB_LEVEL_JUDGE   25u  /* packets compared before a verdict */
#define VTB_LEVEL_VOICE   3.2e-5 /* mean power, -45 dBov: softer than this it is not hidden but soft */

struct vtb_loudness {
    float smooth;       /* -dBov, quick to rise and slow to fall; what sources are ranked by */
    float floor;        /* -dBov, what the source sends when nobody speaks */
    uint16_t hang;      /* steps for which the source still counts as talking */
    uint16_t since;     /* steps since the last packet */
    uint16_t doubt;     /* steps for which the declared level is not believed */
    uint16_t challenge; /* steps for which it was louder than a chosen source */
    uint8_t latest;     /* -dBov */
    bool open;          /* the source is there and its gate is open */
    bool chosen;
    bool bare;          /* its last packet had no level */
    uint8_t lies;       /* times it was found, up to 4 */
    bool suspect;       /* the last comparison was against it */
    bool heavy;         /* its last packet is large enough to hold a voice */
    uint16_t unheard;   /* steps since its sound was last compared with its word */
};

void vtb_level_init(struct vtb_loudness *level);

/* A packet came with this level; VTB_LEVEL_UNKNOWN without the extension. */
void vtb_level_declare(struct vtb_loudness *level, uint8_t declared);

/* A step of this source was decoded; counts if the source has no level or is not believed. */
void vtb_level_measure(struct vtb_loudness *level, uint8_t measured);

/* Must the source be decoded to be ranked? */
bool vtb_level_needs_ear(const struct vtb_loudness *level);

/* Worth a listen: it sends what might be a voice, declares none, and is believed. */
bool vtb_level_may_hide(const struct vtb_loudness *level);

/* Mean powers over VTB_LEVEL_JUDGE packets. True when the source has just been found lying. */
bool vtb_level_judge(struct vtb_loudness *level, double declared, double measured);

/* One step for all sources: ages them and sets `chosen`, at most `places` of them. */
void vtb_level_choose(struct vtb_loudness *levels, uint32_t n, uint32_t places);

#endif
