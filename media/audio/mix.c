#include "inside.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SOURCES 16u
#define VOICE_BYTES   12u /* of a packet: less is silence in any mode, or DTX */

enum vtb_err vtb_mix_create(const struct vtb_mix_config *cfg, struct vtb_mix **out_mix)
{
    struct vtb_mix *mix;
    enum vtb_err err;

    if (cfg->max_speakers < 1 || cfg->max_speakers > VTB_MIX_SPEAKERS_MAX ||
        cfg->bitrate < 6000 || cfg->bitrate > 64000)
        return VTB_PARSE;
    mix = calloc(1, sizeof *mix);
    if (!mix)
        return VTB_NOMEM;
    mix->cfg = *cfg;
    vtb_limiter_init(&mix->limiter);
    err = vtb_mix_open_stream(mix, VTB_STREAM_CLEAR, VTB_STREAM_CLEAR);
    if (err) {
        vtb_mix_destroy(mix);
        return err;
    }
    *out_mix = mix;
    return VTB_OK;
}

void vtb_mix_destroy(struct vtb_mix *mix)
{
    if (!mix)
        return;
    for (uint32_t i = 0; i < mix->used; i++) {
        free(mix->sources[i].buffer);
        free(mix->sources[i].echo);
    }
    free(mix->probe);
    for (uint32_t i = 0; i < mix->ears_n; i++)
        vtb_voice_destroy(mix->ears[i].voice);
    for (uint32_t i = 0; i < mix->own_n; i++)
        vtb_encode_destroy(mix->own[i].encode);
    for (uint32_t s = 0; s < VTB_STREAMS; s++)
        vtb_encode_destroy(mix->streams[s]);
    free(mix->levels);
    free(mix->sources);
    free(mix);
}

/* Both tables grow together or not at all. */
static enum vtb_err grow(struct vtb_mix *mix)
{
    uint32_t cap = mix->cap ? 2 * mix->cap : FIRST_SOURCES;
    struct vtb_loudness *levels;
    struct mix_source *sources;

    levels = realloc(mix->levels, cap * sizeof *levels);
    if (!levels)
        return VTB_NOMEM;
    mix->levels = levels;
    sources = realloc(mix->sources, cap * sizeof *sources);
    if (!sources)
        return VTB_NOMEM;
    mix->sources = sources;
    mix->cap = cap;
    return VTB_OK;
}

/* Decoders and own encoders grow with the first sources, so a step never allocates. */
static enum vtb_err grow_pools(struct vtb_mix *mix, uint32_t members)
{
    uint32_t ears = 2 * mix->cfg.max_speakers + MIX_EXTRA_EARS, owns = 2 * mix->cfg.max_speakers;
    enum vtb_err err;

    if (mix->ears_n < ears && mix->ears_n < members) {
        struct mix_ear *ear = &mix->ears[mix->ears_n];

        err = vtb_voice_create(&ear->voice);
        if (err)
            return err;
        ear->source = VTB_MIXER_NOBODY;
        mix->ears_n++;
    }
    if (mix->own_n < owns && mix->own_n < members) {
        struct mix_own *own = &mix->own[mix->own_n];

        err = vtb_encode_create(mix->cfg.bitrate, MIX_COMPLEXITY, &own->encode);
        if (err)
            return err;
        own->source = VTB_MIXER_NOBODY;
        mix->own_n++;
    }
    if (!mix->probe && members > 1) {
        mix->probe = malloc(sizeof *mix->probe);
        if (!mix->probe)
            return VTB_NOMEM;
        vtb_echo_probe_init(mix->probe);
    }
    return VTB_OK;
}

enum vtb_err vtb_mix_add(struct vtb_mix *mix, uint32_t *out_source_index)
{
    uint32_t at = 0;
    enum vtb_err err;

    while (at < mix->used && mix->sources[at].buffer)
        at++;
    if (at == VTB_MIX_SOURCES_MAX)
        return VTB_LIMIT;
    if (at == mix->cap) {
        err = grow(mix);
        if (err)
            return err;
    }
    err = grow_pools(mix, at + 1);
    if (err)
        return err;
    mix->sources[at] = (struct mix_source){
        .buffer = calloc(1, sizeof *mix->sources[at].buffer),
        .echo = calloc(1, sizeof *mix->sources[at].echo),
        .voice = MIX_NO_VOICE,
    };
    if (!mix->sources[at].buffer || !mix->sources[at].echo) {
        free(mix->sources[at].buffer);
        free(mix->sources[at].echo);
        mix->sources[at].buffer = NULL;
        mix->sources[at].echo = NULL;
        return VTB_NOMEM;
    }
    vtb_buffer_init(mix->sources[at].buffer);
    vtb_level_init(&mix->levels[at]);
    vtb_gain_init(&mix->sources[at].gain);
    if (at == mix->used)
        mix->used++;
    *out_source_index = at;
    return VTB_OK;
}

static struct mix_source *source_at(struct vtb_mix *mix, uint32_t index)
{
    return index < mix->used && mix->sources[index].buffer ? &mix->sources[index] : NULL;
}

void mix_free_ear(struct vtb_mix *mix, uint32_t ear)
{
    struct mix_ear *e = &mix->ears[ear];
    struct mix_source *source = &mix->sources[e->source];

    if (source->in_mix)
        vtb_mixer_end(&mix->mixer, e->source, e->voice->line[VTB_VOICE_FRAME - 1]);
    source->in_mix = false;
    source->voice = MIX_NO_VOICE;
    vtb_buffer_rest(source->buffer);
    e->source = VTB_MIXER_NOBODY;
}

/* Nothing of the source is left: no packet, no decoded sample, no claim to a place. */
static void silence(struct vtb_mix *mix, uint32_t index)
{
    struct mix_source *source = &mix->sources[index];
    bool open = mix->levels[index].open;

    if (source->voice != MIX_NO_VOICE)
        mix_free_ear(mix, source->voice);
    if (mix->probe && mix->probe->who == index)
        vtb_echo_probe_init(mix->probe);
    vtb_echo_init(source->echo);
    vtb_buffer_init(source->buffer);
    vtb_level_init(&mix->levels[index]);
    mix->levels[index].open = open;
}

void vtb_mix_drop(struct vtb_mix *mix, uint32_t source_index)
{
    struct mix_source *source = source_at(mix, source_index);

    if (!source)
        return;
    silence(mix, source_index);
    mix->levels[source_index].open = false;
    mix->figures.overrun += source->buffer->figures.overrun;
    free(source->buffer);
    free(source->echo);
    source->buffer = NULL;
    source->echo = NULL;
    for (uint32_t i = 0; i < mix->own_n; i++) {
        if (mix->own[i].source == source_index) /* nobody is there to hear a switch */
            mix->own[i].source = VTB_MIXER_NOBODY;
    }
    /* The fade belongs to someone who may be another person in the next step. */
    for (uint32_t i = 0; i < mix->mixer.endings_n; i++) {
        if (mix->mixer.endings[i].source == source_index)
            mix->mixer.endings[i].source = VTB_MIXER_GONE;
    }
}

void vtb_mix_set_heard(struct vtb_mix *mix, uint32_t source_index, bool heard)
{
    if (!source_at(mix, source_index) || mix->levels[source_index].open == heard)
        return;
    mix->levels[source_index].open = heard;
    silence(mix, source_index);
}

static enum vtb_buffer_came came(enum vtb_mix_came how)
{
    switch (how) {
    case VTB_MIX_FRESH:
        break;
    case VTB_MIX_COPY:
        return VTB_BUFFER_COPY;
    case VTB_MIX_RESENT:
        return VTB_BUFFER_RESENT;
    }
    return VTB_BUFFER_FRESH;
}

enum vtb_err vtb_mix_push(struct vtb_mix *mix, uint32_t source_index,
                          const struct vtb_mix_packet *packet, uint64_t now_us)
{
    struct mix_source *source = source_at(mix, source_index);
    struct vtb_loudness *level;
    struct vtb_buffer_packet kept;

    if (!source)
        return VTB_ABSENT;
    level = &mix->levels[source_index];
    if (packet->came == VTB_MIX_COPY && !vtb_buffer_misses(source->buffer, packet->seq))
        return level->open ? VTB_STALE : VTB_DENIED;
    kept = (struct vtb_buffer_packet){
        .payload = packet->payload,
        .len = packet->len,
        .timestamp = packet->timestamp,
        .duration = vtb_voice_duration(packet->payload, packet->len),
        .seq = packet->seq,
        .level = packet->level > VTB_LEVEL_SILENT ? VTB_LEVEL_UNKNOWN : packet->level,
        .came = came(packet->came),
    };
    if (!kept.duration) {
        mix->figures.refused++;
        return VTB_PARSE;
    }
    if (!level->open)
        return VTB_DENIED;
    mix->figures.packets += packet->came == VTB_MIX_FRESH;
    kept.fec = vtb_voice_has_fec(packet->payload, packet->len);
    switch (vtb_buffer_push(source->buffer, &kept, now_us)) {
    case VTB_BUFFER_KEPT:
        if (packet->came == VTB_MIX_FRESH)
            vtb_level_declare(level, kept.level);
        level->heavy = packet->len >= VOICE_BYTES;
        return VTB_OK;
    case VTB_BUFFER_LATE:
        mix->figures.late++;
        break;
    case VTB_BUFFER_DUPLICATE:
        mix->figures.duplicate++;
        break;
    }
    return packet->came == VTB_MIX_COPY ? VTB_STALE : VTB_OK;
}

bool vtb_mix_misses(const struct vtb_mix *mix, uint32_t source_index, uint16_t seq)
{
    return source_index < mix->used && mix->sources[source_index].buffer &&
           vtb_buffer_misses(mix->sources[source_index].buffer, seq);
}

bool vtb_mix_echoes(const struct vtb_mix *mix, uint32_t source_index)
{
    return source_index < mix->used && mix->sources[source_index].buffer && mix->sources[source_index].echo->found;
}

static uint32_t ms(uint32_t samples)
{
    return (samples + 24u) / 48u;
}

void vtb_mix_uplink(const struct vtb_mix *mix, uint32_t source_index, uint64_t now_us,
                    struct vtb_mix_uplink *out)
{
    const struct mix_source *source = source_index < mix->used ? &mix->sources[source_index] : NULL;
    const struct vtb_buffer *buf = source ? source->buffer : NULL;

    *out = (struct vtb_mix_uplink){ 0 };
    if (!buf)
        return;
    *out = (struct vtb_mix_uplink){
        .packets = buf->figures.packets, .late = buf->figures.late,
        .duplicate = buf->figures.duplicate, .lost = buf->figures.lost,
        .copied = buf->figures.copied, .resent = buf->figures.resent, .fec = buf->figures.fec,
        .concealed = buf->figures.concealed + buf->figures.dry, .overrun = buf->figures.overrun,
        .shortened_ms = buf->figures.shortened / 48, .lengthened_ms = buf->figures.lengthened / 48,
        .jitter_ms = ms((uint32_t)buf->delay.jitter), .target_ms = ms(buf->delay.target),
    };
    if (source->voice != MIX_NO_VOICE)
        out->delay_ms = ms(vtb_buffer_delay(buf, mix->ears[source->voice].voice->waiting, now_us));
}

void vtb_mix_figures(const struct vtb_mix *mix, struct vtb_mix_figures *out)
{
    struct vtb_mix_figures f = mix->figures;

    for (uint32_t s = 0; s < VTB_STREAMS; s++)
        f.encodes += mix->streams[s] ? vtb_encode_count(mix->streams[s]) : 0;
    for (uint32_t i = 0; i < mix->own_n; i++)
        f.encodes += vtb_encode_count(mix->own[i].encode);
    for (uint32_t i = 0; i < mix->ears_n; i++) {
        f.decodes += mix->ears[i].voice->decodes;
        f.concealed += mix->ears[i].voice->concealed;
        f.repaired += mix->ears[i].voice->repaired;
    }
    for (uint32_t i = 0; i < mix->used; i++) {
        if (mix->sources[i].buffer)
            f.overrun += mix->sources[i].buffer->figures.overrun;
    }
    *out = f;
}
