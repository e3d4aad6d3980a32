#include "mixer.h"

#include <string.h>

#define FADE 96u /* samples: 2 ms */

void vtb_mixer_begin(struct vtb_mixer *mixer)
{
    mixer->parts_n = 0;
}

void vtb_mixer_add(struct vtb_mixer *mixer, uint32_t source, const float line[static VTB_VOICE_LINE])
{
    if (mixer->parts_n == VTB_MIXER_PARTS)
        return;
    mixer->parts[mixer->parts_n].source = source;
    mixer->parts[mixer->parts_n++].line = line;
}

void vtb_mixer_end(struct vtb_mixer *mixer, uint32_t source, float value)
{
    if (mixer->endings_n == VTB_MIXER_PARTS || value == 0.0f)
        return;
    mixer->endings[mixer->endings_n].source = source;
    mixer->endings[mixer->endings_n++].value = value;
}

void vtb_mixer_sum(const struct vtb_mixer *mixer, uint32_t skip, float out[static VTB_VOICE_LINE])
{
    memset(out, 0, VTB_VOICE_LINE * sizeof *out);
    for (uint32_t p = 0; p < mixer->parts_n; p++) {
        const float *line = mixer->parts[p].line;

        if (mixer->parts[p].source == skip)
            continue;
        for (uint32_t i = 0; i < VTB_VOICE_LINE; i++)
            out[i] += line[i];
    }
    for (uint32_t e = 0; e < mixer->endings_n; e++) {
        if (mixer->endings[e].source == skip)
            continue;
        for (uint32_t i = 0; i < FADE; i++)
            out[i] += mixer->endings[e].value * (1.0f - (float)(i + 1) / (float)(FADE + 1));
    }
}

void vtb_mixer_finish(struct vtb_mixer *mixer)
{
    mixer->parts_n = mixer->endings_n = 0;
}
