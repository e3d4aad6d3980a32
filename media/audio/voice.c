#include "voice.h"

#include "stretch.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#define RATE       48000
#define PACKET_MAX 1275u
#define CHUNK      5760 /* samples: the longest packet */
#define STEPS_MAX  24   /* buffer steps in one pull; a packet is at least 2.5 ms */
#define FADE       120u /* 2.5 ms */
#define QUIET      1e-5 /* mean square, -50 dBFS: any change of length goes unheard */
#define SILENT     127u  /* -dBov: nothing at all */
#define PAUSE      2u    /* steps between two gentle changes */

struct wish { /* of the buffer, see vtb_buffer_adjust */
    int32_t by;
    uint32_t hurry;
    bool patient;
};

enum vtb_err vtb_voice_create(struct vtb_voice **out_voice)
{
    struct vtb_voice *voice = calloc(1, sizeof *voice);
    int opus_err;

    if (!voice)
        return VTB_NOMEM;
    voice->decoder = opus_decoder_create(RATE, 1, &opus_err);
    if (opus_err != OPUS_OK) {
        voice->decoder = NULL;
        vtb_voice_destroy(voice);
        return opus_err == OPUS_ALLOC_FAIL ? VTB_NOMEM : VTB_SYS;
    }
    voice->fresh = true;
    *out_voice = voice;
    return VTB_OK;
}

void vtb_voice_destroy(struct vtb_voice *voice)
{
    if (!voice)
        return;
    if (voice->decoder)
        opus_decoder_destroy(voice->decoder);
    free(voice);
}

void vtb_voice_reset(struct vtb_voice *voice)
{
    /* Cannot fail on a decoder that was created; a wrong state is only audible. */
    if (opus_decoder_ctl(voice->decoder, OPUS_RESET_STATE) != OPUS_OK)
        voice->broken++;
    memset(voice->line, 0, sizeof voice->line);
    voice->waiting = 0;
    voice->sounding = false;
    voice->pause = 0;
    voice->fresh = true;
    voice->declared = voice->measured = 0.0;
    voice->judged = 0;
}

uint32_t vtb_voice_duration(const uint8_t *payload, size_t len)
{
    int samples;

    if (!payload || len == 0 || len > PACKET_MAX)
        return 0;
    samples = opus_packet_get_nb_samples(payload, (opus_int32)len, RATE);
    return samples > 0 && samples <= CHUNK ? (uint32_t)samples : 0;
}

/* The LBRR flag follows the VAD flags of the SILK frames (RFC 6716 section 4.2.3); they are the
 * first bits of the range coder and thus plain. */
bool vtb_voice_has_fec(const uint8_t *payload, size_t len)
{
    const unsigned char *frames[48];
    opus_int16 sizes[48];
    int silk_frames = 1, samples;

    if (payload[0] & 0x80) /* CELT only */
        return false;
    samples = opus_packet_get_samples_per_frame(payload, RATE);
    if (samples > 960)
        silk_frames = samples / 960;
    if (opus_packet_parse(payload, (opus_int32)len, NULL, frames, sizes, NULL) <= 0 || !sizes[0])
        return false;
    return frames[0][0] >> (7 - silk_frames) & 1;
}

static void append(struct vtb_voice *voice, const float *pcm, int samples)
{
    uint32_t n = samples > 0 ? (uint32_t)samples : 0;

    if (n > VTB_VOICE_FIFO - voice->waiting)
        n = VTB_VOICE_FIFO - voice->waiting;
    memcpy(voice->fifo + voice->waiting, pcm, n * sizeof *pcm);
    voice->waiting += n;
}

/* Fills `missing` samples, from the FEC of `after` when it has any: of several frames in `after`
 * the first holds what directly precedes it, libopus conceals the rest. True if FEC was used. */
static bool conceal(struct vtb_voice *voice, const struct vtb_buffer_packet *after,
                    uint32_t missing)
{
    float pcm[CHUNK];
    bool fec = after && after->len && vtb_voice_has_fec(after->payload, after->len);
    int got;

    if (fec)
        got = opus_decode_float(voice->decoder, after->payload, (opus_int32)after->len, pcm,
                                (int)missing, 1);
    else
        got = opus_decode_float(voice->decoder, NULL, 0, pcm, (int)missing, 0);
    voice->decodes++;
    if (got <= 0) { /* silence of the right length keeps time */
        voice->broken++;
        got = (int)missing;
        memset(pcm, 0, missing * sizeof *pcm);
    }
    if (fec)
        voice->repaired++;
    else
        voice->concealed++;
    append(voice, pcm, got);
    return fec;
}

static double power(const float *pcm, int samples)
{
    double sum = 0.0;

    for (int i = 0; i < samples; i++)
        sum += (double)pcm[i] * (double)pcm[i];
    return samples > 0 ? sum / samples : 0.0;
}

static void decode(struct vtb_voice *voice, const struct vtb_buffer_packet *packet, bool warm)
{
    float pcm[CHUNK];
    int got = opus_decode_float(voice->decoder, packet->payload, (opus_int32)packet->len, pcm,
                                CHUNK, 0);

    voice->decodes++;
    if (got <= 0) {
        voice->broken++;
        if (!warm)
            (void)conceal(voice, NULL, packet->duration);
        return;
    }
    if (warm)
        return;
    if (packet->level <= SILENT) {
        voice->declared += packet->level < SILENT ? pow(10.0, -(double)packet->level / 10.0) : 0.0;
        voice->measured += power(pcm, got);
        voice->judged++;
    }
    append(voice, pcm, got);
}

/* One thing the buffer has. False: nothing for now. */
static bool take(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us)
{
    struct vtb_buffer_packet packet;
    uint32_t missing;

    switch (vtb_buffer_next(buf, now_us, &packet, &missing)) {
    case VTB_BUFFER_NOTHING:
        return false;
    case VTB_BUFFER_PACKET:
        decode(voice, &packet, false);
        break;
    case VTB_BUFFER_WARM:
        decode(voice, &packet, true);
        break;
    case VTB_BUFFER_LOST:
        if (conceal(voice, &packet, missing))
            buf->figures.fec++;
        else
            buf->figures.concealed++;
        break;
    case VTB_BUFFER_DRY:
        (void)conceal(voice, NULL, missing);
        break;
    }
    return true;
}

/* Decodes until a step is there, or the buffer has no more for now. */
static void fill(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us)
{
    for (int i = 0; i < STEPS_MAX && voice->waiting < VTB_VOICE_FRAME; i++)
        if (!take(voice, buf, now_us))
            return;
}

/* Makes what waits shorter, without touching the step that is about to be played if it is all. */
static void shorten(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us, uint32_t most,
                    enum vtb_stretch_care care)
{
    uint32_t gone;

    while (voice->waiting < VTB_VOICE_FRAME + VTB_STRETCH_NEED && vtb_buffer_is_ready(buf))
        if (!take(voice, buf, now_us))
            break;
    if (voice->waiting <= VTB_VOICE_FRAME)
        return;
    if (most > voice->waiting - VTB_VOICE_FRAME)
        most = voice->waiting - VTB_VOICE_FRAME;
    gone = vtb_stretch_shorten(voice->fifo, voice->waiting, most, care);
    voice->waiting -= gone;
    buf->figures.shortened += gone;
    voice->pause = gone ? PAUSE : 0;
}

static void lengthen(struct vtb_voice *voice, struct vtb_buffer *buf, uint32_t most,
                     enum vtb_stretch_care care)
{
    uint32_t more;

    if (voice->waiting < VTB_VOICE_FRAME)
        return;
    if (most > VTB_VOICE_FIFO - voice->waiting)
        most = VTB_VOICE_FIFO - voice->waiting;
    more = vtb_stretch_lengthen(voice->fifo, voice->waiting, most, care);
    voice->waiting += more;
    buf->figures.lengthened += more;
    voice->pause = more ? PAUSE : 0;
}

/* Brings the delay nearer to where the buffer wants it; at once in a pause, gently in speech. */
static void adjust(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us,
                   const struct wish *wish)
{
    enum vtb_stretch_care care = (enum vtb_stretch_care)wish->hurry;

    if (!wish->by || (voice->pause && voice->pause-- && !wish->hurry))
        return;
    if (voice->waiting >= VTB_VOICE_FRAME && power(voice->fifo, (int)VTB_VOICE_FRAME) < QUIET)
        care = VTB_STRETCH_ANYHOW;
    else if (wish->patient)
        return;
    if (wish->by > 0)
        shorten(voice, buf, now_us, (uint32_t)wish->by, care);
    else
        lengthen(voice, buf, (uint32_t)-wish->by, care);
}

bool vtb_voice_pull(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us)
{
    float *now = voice->line + VTB_VOICE_LOOK;
    struct wish wish;
    uint32_t n;

    wish.by = vtb_buffer_adjust(buf, voice->waiting, now_us, &wish.hurry, &wish.patient);
    memmove(voice->line, voice->line + VTB_VOICE_FRAME, VTB_VOICE_LOOK * sizeof *voice->line);
    fill(voice, buf, now_us);
    adjust(voice, buf, now_us, &wish);
    n = voice->waiting < VTB_VOICE_FRAME ? voice->waiting : VTB_VOICE_FRAME;
    memcpy(now, voice->fifo, n * sizeof *now);
    memset(now + n, 0, (VTB_VOICE_FRAME - n) * sizeof *now);
    voice->waiting -= n;
    memmove(voice->fifo, voice->fifo + n, voice->waiting * sizeof *voice->fifo);
    for (uint32_t i = 0; voice->fresh && n && i < FADE; i++)
        now[i] *= (float)(i + 1) / (float)(FADE + 1);
    voice->fresh = n == 0;
    voice->sounding = n != 0;
    return voice->sounding;
}

uint8_t vtb_voice_level(const struct vtb_voice *voice)
{
    double p = power(voice->line + VTB_VOICE_LOOK, (int)VTB_VOICE_FRAME);
    double db = p > 1e-13 ? -10.0 * log10(p) : 127.0;

    return db <= 0.0 ? 0 : db >= 127.0 ? 127 : (uint8_t)lround(db);
}
