/*
 * stream.c - the encodes of a step: one for each stream that somebody is on, whatever the number of
 * its listeners, and one for each who speaks.
 */
#include "inside.h"

#include <math.h>
#include <string.h>

static void set(const struct vtb_mix *mix, struct vtb_encode *encode, enum vtb_stream stream)
{
    uint32_t bitrate;
    uint8_t lost_pct;

    vtb_stream_settings(stream, mix->cfg.bitrate, &bitrate, &lost_pct);
    vtb_encode_set(encode, bitrate, lost_pct);
}

enum vtb_err vtb_mix_open_stream(struct vtb_mix *mix, enum vtb_stream stream, enum vtb_stream from)
{
    enum vtb_err err;

    if (!mix->streams[stream]) {
        err = vtb_encode_create(mix->cfg.bitrate, MIX_COMPLEXITY, &mix->streams[stream]);
        if (err)
            return err;
        set(mix, mix->streams[stream], stream);
    }
    if (mix->users[stream]) { /* goes on for the others; who joins has followed another one */
        if (stream != from)
            vtb_encode_seam(mix->streams[stream]);
    } else if (mix->users[from]) {
        vtb_encode_copy(mix->streams[stream], mix->streams[from]);
        set(mix, mix->streams[stream], stream);
    }
    mix->users[stream]++;
    return VTB_OK;
}

void vtb_mix_close_stream(struct vtb_mix *mix, enum vtb_stream stream)
{
    mix->users[stream]--;
}

void vtb_mix_set_stream(struct vtb_mix *mix, uint32_t source_index, enum vtb_stream stream)
{
    if (source_index >= mix->used || mix->sources[source_index].stream == stream)
        return;
    mix->sources[source_index].stream = (uint8_t)stream;
    for (uint32_t i = 0; i < mix->own_n; i++) {
        if (mix->own[i].source == source_index)
            set(mix, mix->own[i].encode, stream);
    }
}

/* The stream its listener was on; another one that runs if that was never opened. */
static void copy_stream(const struct vtb_mix *mix, struct vtb_encode *to, enum vtb_stream stream)
{
    enum vtb_stream from = stream;

    for (uint32_t s = 0; s < VTB_STREAMS && !mix->users[from]; s++)
        from = (enum vtb_stream)s;
    if (mix->streams[from])
        vtb_encode_copy(to, mix->streams[from]);
    set(mix, to, stream);
}

/* Every source that sounds gets a mix of its own, begun as a copy of the one it listened to. */
static void give_own(struct vtb_mix *mix, uint32_t source)
{
    struct mix_own *spare = NULL;

    for (uint32_t i = 0; i < mix->own_n; i++) {
        struct mix_own *own = &mix->own[i];

        if (own->source == source)
            return;
        if (own->source == VTB_MIXER_NOBODY)
            spare = own;
    }
    /* All in use: the one nearest to being given up, whose source is silent. There are twice as
     * many as speakers, so there is one. */
    for (uint32_t i = 0; i < mix->own_n && !spare; i++) {
        struct mix_own *own = &mix->own[i];

        if (!mix->sources[own->source].in_mix)
            spare = own;
    }
    if (!spare)
        return;
    copy_stream(mix, spare->encode, mix->sources[source].stream);
    spare->limiter = mix->limiter;
    spare->source = source;
    spare->equal = 0;
    spare->began = true;
}

static struct vtb_mix_payload step(struct vtb_encode *encode, const float *pcm)
{
    struct vtb_mix_payload out = { 0 };

    out.payload = vtb_encode_step(encode, pcm, &out.len);
    out.silent = out.payload == NULL;
    return out;
}

/* Most rooms are silent most of the time: then there is nothing to sum either. */
static bool is_at_rest(const struct vtb_mix *mix)
{
    for (uint32_t i = 0; i < mix->own_n; i++) {
        if (mix->own[i].source != VTB_MIXER_NOBODY)
            return false;
    }
    for (uint32_t s = 0; s < VTB_STREAMS; s++) {
        if (mix->users[s] && !vtb_encode_is_resting(mix->streams[s]))
            return false;
    }
    return !mix->mixer.parts_n && !mix->mixer.endings_n;
}

static uint8_t level_of(const float pcm[static VTB_VOICE_FRAME])
{
    float sum = 1e-10f;

    for (uint32_t i = 0; i < VTB_VOICE_FRAME; i++)
        sum += pcm[i] * pcm[i];
    sum = -10.0f * log10f(sum / (float)VTB_VOICE_FRAME);
    return (uint8_t)fminf(127.0f, fmaxf(0.0f, sum));
}

/* What a suspect is sent, beside what it sends (echo.h). */
static void record(struct vtb_mix *mix, uint32_t source, const float *sent)
{
    uint32_t voice = mix->sources[source].voice;

    vtb_echo_record(mix->probe, sent, voice != MIX_NO_VOICE ? mix->ears[voice].voice->line + VTB_VOICE_LOOK : NULL);
}

void mix_encode(struct vtb_mix *mix, struct vtb_mix_out *out)
{
    uint32_t suspect = mix->probe ? mix->probe->who : VTB_ECHO_NOBODY;

    float line[VTB_VOICE_LINE], shared[VTB_VOICE_FRAME], pcm[VTB_VOICE_FRAME];

    for (uint32_t s = 0; s < VTB_STREAMS; s++)
        out->streams[s].silent = true;
    out->shared.silent = true;
    mix->level = VTB_LEVEL_SILENT;
    if (is_at_rest(mix)) {
        vtb_limiter_init(&mix->limiter);
        if (suspect != VTB_ECHO_NOBODY)
            record(mix, suspect, NULL);
        return;
    }
    for (uint32_t i = 0; i < mix->own_n; i++)
        mix->own[i].began = false;
    for (uint32_t i = 0; i < mix->mixer.parts_n; i++)
        give_own(mix, mix->mixer.parts[i].source);
    vtb_mixer_sum(&mix->mixer, VTB_MIXER_NOBODY, line);
    vtb_limiter_run(&mix->limiter, line, shared);
    mix->level = level_of(shared);
    for (uint32_t i = 0; i < mix->own_n; i++) {
        struct mix_own *own = &mix->own[i];

        if (own->source == VTB_MIXER_NOBODY)
            continue;
        vtb_mixer_sum(&mix->mixer, own->source, line);
        vtb_limiter_run(&own->limiter, line, pcm);
        own->level = level_of(pcm);
        if (own->source == suspect) {
            record(mix, suspect, pcm);
            suspect = VTB_ECHO_NOBODY;
        }
        if (memcmp(pcm, shared, sizeof pcm) != 0) {
            own->equal = 0;
        } else if (++own->equal > MIX_EQUAL_BACK) { /* both encoders have come together */
            own->source = VTB_MIXER_NOBODY;
            continue;
        }
        out->own[out->own_n].source_index = own->source;
        out->own[out->own_n].began = own->began;
        out->own[out->own_n++].mix = step(own->encode, pcm);
    }
    if (suspect != VTB_ECHO_NOBODY)
        record(mix, suspect, shared);
    for (uint32_t s = 0; s < VTB_STREAMS; s++) {
        if (mix->users[s])
            out->streams[s] = step(mix->streams[s], shared);
    }
    out->shared = out->streams[VTB_STREAM_CLEAR];
    vtb_mixer_finish(&mix->mixer);
}
