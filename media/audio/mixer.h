/*
 * mixer.h - sums the voices of one step: everybody, or everybody but one.
 *
 * The bus is float, so nothing wraps. A part that ended since the last step leaves no sample; its
 * last value fades to zero within 2 ms, so that the end is no click either. That is all that is
 * ever heard of a voice after its gate closed, and it holds nothing that was not sent before.
 *
 * Pure; the owner's thread; no allocation.
 */
#ifndef VTB_AUDIO_MIXER_H
#define VTB_AUDIO_MIXER_H

#include "voice.h"

#define VTB_MIXER_PARTS   8u
#define VTB_MIXER_NOBODY  UINT32_MAX
#define VTB_MIXER_GONE    (UINT32_MAX - 1u) /* an ending whose source has left the room */

struct vtb_mixer {
    struct {
        uint32_t source;
        const float *line; /* VTB_VOICE_LINE samples, borrowed for the step */
    } parts[VTB_MIXER_PARTS];
    struct {
        uint32_t source;
        float value; /* the last sample that was played */
    } endings[VTB_MIXER_PARTS];
    uint32_t parts_n, endings_n;
};

/* Begins a step. Endings stay: they belong to the step that follows them. */
void vtb_mixer_begin(struct vtb_mixer *mixer);

void vtb_mixer_add(struct vtb_mixer *mixer, uint32_t source, const float line[static VTB_VOICE_LINE]);

/* The source will not be in the next step. `value` is its last sample. */
void vtb_mixer_end(struct vtb_mixer *mixer, uint32_t source, float value);

/* The sum of all parts but those of `skip`; VTB_MIXER_NOBODY leaves nobody out. */
void vtb_mixer_sum(const struct vtb_mixer *mixer, uint32_t skip, float out[static VTB_VOICE_LINE]);

/* After the last sum of a step. */
void vtb_mixer_finish(struct vtb_mixer *mixer);

#endif
