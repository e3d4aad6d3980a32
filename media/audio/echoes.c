/*
 * echoes.c - who returns the room's sound (echo.h): what each open source is sent and sends goes into its
 * history, and one of them is looked at in each step.
 */
#include "inside.h"

#define RECENT 10u /* steps since a packet: its level is what it sends now */

/* Whoever has a mix without the own voice is sent that one. */
static uint8_t sent_to(const struct vtb_mix *mix, uint32_t source)
{
    for (uint32_t i = 0; i < mix->own_n; i++)
        if (mix->own[i].source == source)
            return mix->own[i].level;
    return mix->level;
}

static void look(struct vtb_mix *mix, uint32_t source, uint64_t now_us)
{
    const struct mix_source *s = &mix->sources[source];
    uint32_t delay = 0;

    if (s->voice != MIX_NO_VOICE)
        delay = vtb_buffer_delay(s->buffer, mix->ears[s->voice].voice->waiting, now_us) / 48u;
    vtb_echo_turn(s->echo, mix->probe, source, delay);
}

void mix_hear_echoes(struct vtb_mix *mix, uint64_t now_us)
{
    bool is_loud = mix->level < VTB_LEVEL_SILENT;

    if (!mix->probe)
        return;
    for (uint32_t i = 0; i < mix->used; i++) {
        const struct vtb_loudness *level = &mix->levels[i];

        if (!level->open)
            continue;
        /* Nothing sounds, and nobody is suspected: there is nothing to remember but the silence. */
        if (!is_loud && level->latest == VTB_LEVEL_SILENT && !mix->sources[i].echo->known)
            continue;
        vtb_echo_step(mix->sources[i].echo, is_loud ? sent_to(mix, i) : VTB_LEVEL_SILENT,
                      level->since <= RECENT ? level->latest : VTB_LEVEL_SILENT);
    }
    if (mix->used && ++mix->look >= mix->used)
        mix->look = 0;
    if (mix->probe->who != VTB_ECHO_NOBODY)
        look(mix, mix->probe->who, now_us);
    else if (mix->used && mix->levels[mix->look].open)
        look(mix, mix->look, now_us);
}
