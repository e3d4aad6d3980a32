#include "voice.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#define RATE       48000
#define PACKET_MAX 1275u
#define CHUNK      5760 /* samples: the longest packet */
#define STEPS_MAX  24   /* buffer steps in one pull; a packet is at least 2.5 ms */
#define FADE       120u /* 2.5 ms */

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
    voice->sounding = voice->shrink = false;
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

/* Does the packet carry a copy of its predecessor? The LBRR flag follows the VAD flags of the SILK
 * frames (RFC 6716 section 4.2.3); they are the first bits of the range coder and thus plain. */
static bool has_fec(const uint8_t *payload, size_t len)
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

/* Fills `missing` samples, from the FEC of `after` when it has any. */
static void conceal(struct vtb_voice *voice, const struct vtb_buffer_packet *after,
                    uint32_t missing)
{
    float pcm[CHUNK];
    bool fec = after && has_fec(after->payload, after->len);
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
            conceal(voice, NULL, packet->duration);
        return;
    }
    if (warm)
        return;
    if (packet->level < 127u) {
        voice->declared += pow(10.0, -(double)packet->level / 10.0);
        voice->measured += power(pcm, got);
        voice->judged++;
    }
    append(voice, pcm, got);
}

/* Drops one step: fades from the first into the second over 5 ms, so the joint is not heard. */
static void drop_step(struct vtb_voice *voice)
{
    float *fifo = voice->fifo;

    for (uint32_t i = 0; i < VTB_VOICE_LOOK; i++) {
        float w = (float)(i + 1) / (float)(VTB_VOICE_LOOK + 1);

        fifo[VTB_VOICE_FRAME + i] = fifo[i] * (1.0f - w) + fifo[VTB_VOICE_FRAME + i] * w;
    }
    voice->waiting -= VTB_VOICE_FRAME;
    memmove(fifo, fifo + VTB_VOICE_FRAME, voice->waiting * sizeof *fifo);
    voice->shrink = false;
}

/* Decodes until `want` samples wait, or the buffer has no more for now. */
static void fill(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us, uint32_t want)
{
    for (int i = 0; i < STEPS_MAX && voice->waiting < want; i++) {
        struct vtb_buffer_packet packet;
        uint32_t missing;

        switch (vtb_buffer_next(buf, now_us, &packet, &missing)) {
        case VTB_BUFFER_NOTHING:
            return;
        case VTB_BUFFER_PACKET:
            decode(voice, &packet, false);
            break;
        case VTB_BUFFER_WARM:
            decode(voice, &packet, true);
            break;
        case VTB_BUFFER_LOST:
            conceal(voice, &packet, missing);
            break;
        case VTB_BUFFER_DRY:
            conceal(voice, NULL, missing);
            break;
        }
    }
}

static bool is_quiet(const float *pcm, uint32_t n)
{
    float peak = 0.0f;

    for (uint32_t i = 0; i < n; i++)
        peak = fmaxf(peak, fabsf(pcm[i]));
    return peak < 0.003f; /* -50 dBFS */
}

bool vtb_voice_pull(struct vtb_voice *voice, struct vtb_buffer *buf, uint64_t now_us)
{
    float *now = voice->line + VTB_VOICE_LOOK;
    uint32_t n;

    memmove(voice->line, voice->line + VTB_VOICE_FRAME, VTB_VOICE_LOOK * sizeof *voice->line);
    fill(voice, buf, now_us, voice->shrink ? 2 * VTB_VOICE_FRAME : VTB_VOICE_FRAME);
    if (voice->shrink && voice->waiting >= 2 * VTB_VOICE_FRAME)
        drop_step(voice);
    n = voice->waiting < VTB_VOICE_FRAME ? voice->waiting : VTB_VOICE_FRAME;
    memcpy(now, voice->fifo, n * sizeof *now);
    memset(now + n, 0, (VTB_VOICE_FRAME - n) * sizeof *now);
    voice->waiting -= n;
    memmove(voice->fifo, voice->fifo + n, voice->waiting * sizeof *voice->fifo);
    for (uint32_t i = 0; voice->fresh && n && i < FADE; i++)
        now[i] *= (float)(i + 1) / (float)(FADE + 1);
    voice->fresh = n == 0;
    voice->sounding = n != 0;
    if (vtb_buffer_settle(buf, voice->waiting, is_quiet(now, VTB_VOICE_FRAME)))
        voice->shrink = true;
    return voice->sounding;
}

uint8_t vtb_voice_level(const struct vtb_voice *voice)
{
    double p = power(voice->line + VTB_VOICE_LOOK, (int)VTB_VOICE_FRAME);
    double db = p > 1e-13 ? -10.0 * log10(p) : 127.0;

    return db <= 0.0 ? 0 : db >= 127.0 ? 127 : (uint8_t)lround(db);
}
