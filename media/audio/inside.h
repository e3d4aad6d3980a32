/*
 * inside.h - the parts of a mix, shared by mix.c (members, packets), tick.c (the 20 ms step),
 * stream.c (its encodes) and echoes.c (who returns them). Nobody else includes it.
 */
#ifndef VTB_AUDIO_INSIDE_H
#define VTB_AUDIO_INSIDE_H

#include "echo.h"
#include "encode.h"
#include "gain.h"
#include "level.h"
#include "limiter.h"
#include "mix.h"
#include "mixer.h"

#define MIX_NO_VOICE   UINT32_MAX
#define MIX_EXTRA_EARS 4u  /* voices beyond two a speaker: to rank sources that send no level */
#define MIX_VOICES_MAX (2u * VTB_MIX_SPEAKERS_MAX + MIX_EXTRA_EARS)
/*
 * Complexity 5 of VOIP: at 24 kbit/s mono 20 ms it takes half the time of 9 and 10, and the content
 * heard by listeners does not differ (tests/bench/mix_bench.c prints both).
 */
#define MIX_COMPLEXITY 5
#define MIX_EQUAL_BACK 10u /* equal frames before an own mix is given up */

struct mix_source {
    struct vtb_buffer *buffer;
    struct vtb_echo *echo;
    uint32_t voice; /* index in voices, or MIX_NO_VOICE */
    bool in_mix;    /* was part of the last step */
    uint8_t stream; /* enum vtb_stream: what it listens to, and its own mix is like */
    struct vtb_gain gain; /* goes on while it is muted: it is the same voice */
};

struct mix_ear {
    struct vtb_voice *voice;
    uint32_t source; /* VTB_MIXER_NOBODY when free */
    uint32_t steps;  /* since it was given to the source */
    bool probes;     /* listens to somebody who declares silence */
};

struct mix_own {
    struct vtb_encode *encode;
    struct vtb_limiter limiter;
    uint32_t source; /* VTB_MIXER_NOBODY when free */
    uint32_t equal;  /* frames in a row that were the same as the shared one */
    bool began;      /* in this step */
    uint8_t level;   /* of this step's mix, -dBov */
};

struct vtb_mix {
    struct vtb_mix_config cfg;
    /* Parallel to `sources`: ranking looks at every source of a room in every step. */
    struct vtb_loudness *levels;
    struct mix_source *sources;
    uint32_t used, cap; /* entries in use (some may be free), entries there are */
    struct mix_ear ears[MIX_VOICES_MAX];
    uint32_t ears_n;
    struct mix_own own[VTB_MIX_OWN_MAX];
    uint32_t own_n;
    struct vtb_encode *streams[VTB_STREAMS]; /* NULL: never opened */
    uint32_t users[VTB_STREAMS];             /* 0: not encoded */
    struct vtb_limiter limiter;
    struct vtb_mixer mixer;
    struct vtb_echo_probe *probe; /* NULL: fewer than two are here, or were */
    uint32_t look;                /* whose turn it is */
    uint8_t level;                /* of this step's shared mix, -dBov */
    uint32_t probe_steps; /* since the last such listening began */
    struct vtb_mix_figures figures;
};

/* Takes the voice from its source; what sounded ends without a click. */
void mix_free_ear(struct vtb_mix *mix, uint32_t ear);

/* echoes.c: after mix_encode, which has recorded what the suspect is sent. */
void mix_hear_echoes(struct vtb_mix *mix, uint64_t now_us);

/* stream.c: sums, limits and encodes what decode() has put into the mixer. */
void mix_encode(struct vtb_mix *mix, struct vtb_mix_out *out);

#endif
