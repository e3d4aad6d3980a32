/*
 * tick.c - the 20 ms step of a mix:
 *
 *     rank -> give voices -> decode, level -> sum, limit, encode (shared, own) -> say who talks
 */
#include "inside.h"

#include <math.h>
#include <string.h>

#define PROBE_STEPS 25u /* 0.5 s of listening to a source without level before the next one's turn */
#define LISTEN_EVERY 250u /* steps: from one that declares silence to the next */
#define LISTEN_STEPS 60u  /* two comparisons and what the first packets take */
#define RECENT      10u /* steps: a source that sent within 200 ms is there */

static uint32_t find_ear(const struct vtb_mix *mix)
{
    uint32_t oldest = MIX_NO_VOICE;

    for (uint32_t i = 0; i < mix->ears_n; i++) {
        if (mix->ears[i].source == VTB_MIXER_NOBODY)
            return i;
    }
    /* None is free: the one that has listened longest to somebody who is not chosen. */
    for (uint32_t i = 0; i < mix->ears_n; i++) {
        const struct mix_ear *ear = &mix->ears[i];

        if (!mix->levels[ear->source].chosen &&
            (oldest == MIX_NO_VOICE || ear->steps > mix->ears[oldest].steps))
            oldest = i;
    }
    return oldest;
}

static void give_ear(struct vtb_mix *mix, uint32_t source, uint32_t ear)
{
    if (mix->ears[ear].source != VTB_MIXER_NOBODY)
        mix_free_ear(mix, ear);
    vtb_voice_reset(mix->ears[ear].voice);
    mix->ears[ear].source = source;
    mix->ears[ear].steps = 0;
    mix->ears[ear].probes = false;
    mix->sources[source].voice = ear;
}

/* Of those who declare silence the one that was compared with its sound longest ago, if an ear is free. */
static void listen_to_the_silent(struct vtb_mix *mix)
{
    uint32_t free_ear = MIX_NO_VOICE, next = MIX_NO_VOICE;

    if (++mix->probe_steps < LISTEN_EVERY)
        return;
    mix->probe_steps = 0;
    for (uint32_t i = 0; i < mix->ears_n; i++)
        if (mix->ears[i].source == VTB_MIXER_NOBODY)
            free_ear = i;
    for (uint32_t i = 0; i < mix->used; i++) {
        const struct vtb_loudness *level = &mix->levels[i];

        if (vtb_level_may_hide(level) && level->since <= RECENT && mix->sources[i].voice == MIX_NO_VOICE &&
            (next == MIX_NO_VOICE || level->unheard > mix->levels[next].unheard))
            next = i;
    }
    if (free_ear == MIX_NO_VOICE || next == MIX_NO_VOICE)
        return;
    give_ear(mix, next, free_ear);
    mix->ears[free_ear].probes = true;
}

/* Chosen sources first; what is left listens to those who cannot be ranked without, in turns. */
static void give_voices(struct vtb_mix *mix)
{
    for (uint32_t i = 0; i < mix->ears_n; i++) {
        struct mix_ear *ear = &mix->ears[i];

        if (ear->source == VTB_MIXER_NOBODY)
            continue;
        ear->steps++;
        if (!mix->levels[ear->source].chosen && !vtb_level_needs_ear(&mix->levels[ear->source]) &&
            !(ear->probes && ear->steps < LISTEN_STEPS))
            mix_free_ear(mix, i);
    }
    for (uint32_t i = 0; i < mix->used; i++) {
        if (mix->levels[i].chosen && mix->sources[i].voice == MIX_NO_VOICE) {
            uint32_t ear = find_ear(mix);

            if (ear != MIX_NO_VOICE)
                give_ear(mix, i, ear);
        }
    }
    for (uint32_t i = 0; i < mix->used; i++) {
        const struct vtb_loudness *level = &mix->levels[i];
        uint32_t ear;

        if (!vtb_level_needs_ear(level) || level->since > RECENT ||
            mix->sources[i].voice != MIX_NO_VOICE)
            continue;
        ear = find_ear(mix);
        if (ear == MIX_NO_VOICE)
            return;
        if (mix->ears[ear].source == VTB_MIXER_NOBODY || mix->ears[ear].steps > PROBE_STEPS)
            give_ear(mix, i, ear);
    }
}

/* Levels are believed until the sound says otherwise (level.h). */
static void judge(struct vtb_mix *mix, struct mix_ear *ear)
{
    struct vtb_voice *voice = ear->voice;

    if (voice->judged < VTB_LEVEL_JUDGE)
        return;
    if (vtb_level_judge(&mix->levels[ear->source], voice->declared / voice->judged,
                        voice->measured / voice->judged))
        mix->figures.liars++;
    voice->declared = voice->measured = 0.0;
    voice->judged = 0;
}

static bool is_zero(const float *line)
{
    float peak = 0.0f;

    for (uint32_t i = 0; i < VTB_VOICE_LINE; i++)
        peak = fmaxf(peak, fabsf(line[i]));
    return peak < 1e-4f; /* -80 dBFS: below any room */
}

static void decode(struct vtb_mix *mix, uint64_t now_us)
{
    vtb_mixer_begin(&mix->mixer);
    for (uint32_t i = 0; i < mix->ears_n; i++) {
        struct mix_ear *ear = &mix->ears[i];
        struct mix_source *source;
        float last = ear->voice->line[VTB_VOICE_FRAME - 1]; /* the last sample played */
        bool plays;

        if (ear->source == VTB_MIXER_NOBODY)
            continue;
        source = &mix->sources[ear->source];
        if (vtb_voice_pull(ear->voice, source->buffer, now_us)) {
            vtb_level_measure(&mix->levels[ear->source], vtb_voice_level(ear->voice));
            vtb_gain_run(&source->gain, ear->voice->line + VTB_VOICE_LOOK);
        }
        judge(mix, ear);
        plays = mix->levels[ear->source].chosen && !is_zero(ear->voice->line);
        if (plays)
            vtb_mixer_add(&mix->mixer, ear->source, ear->voice->line);
        else if (source->in_mix)
            vtb_mixer_end(&mix->mixer, ear->source, last);
        source->in_mix = plays;
    }
}

/* Loudest first. A source is named while it counts as talking, decoded or not. */
static void say_talkers(const struct vtb_mix *mix, struct vtb_mix_out *out)
{
    for (uint32_t i = 0; i < mix->used; i++) {
        const struct vtb_loudness *level = &mix->levels[i];
        uint8_t loud;
        size_t at;

        if (!level->open || !level->hang)
            continue;
        loud = (uint8_t)lroundf(fminf(127.0f, fmaxf(0.0f, level->smooth)));
        for (at = out->talkers_n; at > 0 && out->talkers[at - 1].level > loud; at--) {
            if (at < VTB_MIX_TALKERS_MAX)
                out->talkers[at] = out->talkers[at - 1];
        }
        if (at == VTB_MIX_TALKERS_MAX)
            continue;
        out->talkers[at].source_index = i;
        out->talkers[at].level = loud;
        if (out->talkers_n < VTB_MIX_TALKERS_MAX)
            out->talkers_n++;
    }
}

void vtb_mix_tick(struct vtb_mix *mix, uint64_t now_us, struct vtb_mix_out *out)
{
    memset(out, 0, sizeof *out);
    vtb_level_choose(mix->levels, mix->used, mix->cfg.max_speakers);
    give_voices(mix);
    listen_to_the_silent(mix);
    decode(mix, now_us);
    mix_encode(mix, out);
    mix_hear_echoes(mix, now_us);
    say_talkers(mix, out);
    for (uint32_t i = 0; i < mix->ears_n && out->voices_n < VTB_MIX_SPEAKERS_MAX; i++) {
        if (mix->ears[i].source != VTB_MIXER_NOBODY && mix->sources[mix->ears[i].source].in_mix)
            out->voices[out->voices_n++] = mix->ears[i].source;
    }
}
