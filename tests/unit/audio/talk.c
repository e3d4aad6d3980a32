#include "talk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_US 20000u

void talk_open(struct talk *talk, uint32_t max_speakers, uint32_t bitrate)
{
    struct vtb_mix_config cfg = { .max_speakers = max_speakers, .bitrate = bitrate };

    memset(talk, 0, sizeof *talk);
    if (vtb_mix_create(&cfg, &talk->mix))
        abort();
    talk->decoder = opus_decoder_create(48000, 1, NULL);
}

void talk_close(struct talk *talk)
{
    for (size_t i = 0; i < talk->n; i++) {
        opus_encoder_destroy(talk->who[i].encoder);
        opus_decoder_destroy(talk->who[i].decoder);
        free(talk->who[i].heard.at);
        free(talk->who[i].backlog);
    }
    opus_decoder_destroy(talk->decoder);
    free(talk->heard.at);
    vtb_mix_destroy(talk->mix);
}

struct talk_speaker *talk_join(struct talk *talk, const struct hear *voice, size_t from_step)
{
    struct talk_speaker *who = &talk->who[talk->n++];

    *who = (struct talk_speaker){ .voice = voice, .from = from_step, .sends_level = true,
                                  .lie = 255, .seq = (uint16_t)(65400 + talk->n), .random = 1,
                                  .timestamp = 0u - 100000u };
    if (vtb_mix_add(talk->mix, &who->source))
        abort();
    vtb_mix_set_heard(talk->mix, who->source, true);
    who->encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
    opus_encoder_ctl(who->encoder, OPUS_SET_BITRATE(32000));
    opus_encoder_ctl(who->encoder, OPUS_SET_COMPLEXITY(3));
    opus_encoder_ctl(who->encoder, OPUS_SET_INBAND_FEC(1));
    who->decoder = opus_decoder_create(48000, 1, NULL);
    return who;
}

static float sample_at(const struct talk_speaker *who, size_t step, size_t i)
{
    size_t at = (step - who->from) * VTB_MIX_FRAME + i;

    if (!who->voice || step < who->from)
        return 0.0f;
    if (who->loops)
        at %= who->voice->n;
    return at < who->voice->n ? who->voice->at[at] : 0.0f;
}

static uint8_t level_of(const float *pcm)
{
    double p = 0.0;

    for (size_t i = 0; i < VTB_MIX_FRAME; i++)
        p += (double)pcm[i] * (double)pcm[i];
    p = p > 0 ? -10.0 * log10(p / VTB_MIX_FRAME) : 127.0;
    return (uint8_t)fmin(127.0, fmax(0.0, p));
}

/* Encodes and hands over one frame, unless the network loses or keeps it. */
static void speak(struct talk *talk, struct talk_speaker *who)
{
    float pcm[3 * VTB_MIX_FRAME];
    uint8_t bytes[1275];
    uint32_t steps = who->steps ? who->steps : 1;
    int len;
    struct vtb_mix_packet packet = { .payload = bytes };

    if ((talk->step + 1) % steps) /* a packet goes out when its last sample has been said */
        return;
    for (uint32_t i = 0; i < steps * VTB_MIX_FRAME; i++)
        pcm[i] = talk->step + 1 < steps ? 0.0f
                 : sample_at(who, talk->step + 1 - steps + i / VTB_MIX_FRAME, i % VTB_MIX_FRAME);
    len = opus_encode_float(who->encoder, pcm, (int)(steps * VTB_MIX_FRAME), bytes, sizeof bytes);
    if (len <= 0)
        abort();
    packet.seq = who->seq++;
    packet.timestamp = who->timestamp;
    who->timestamp += steps * VTB_MIX_FRAME;
    packet.len = (size_t)len;
    packet.level = !who->sends_level ? VTB_MIX_LEVEL_UNKNOWN : who->lie != 255 ? who->lie : level_of(pcm);
    who->random = who->random * 1664525u + 1013904223u;
    if ((who->random >> 16) % 100 < who->drop_mod)
        return;
    if (talk->step >= who->stall_from && talk->step < who->stall_to) {
        struct talk_stalled *later = &who->backlog[who->stalled++];

        memcpy(later->bytes, bytes, packet.len < sizeof later->bytes ? packet.len : 0);
        later->packet = packet;
        later->packet.payload = later->bytes;
        return;
    }
    for (size_t i = 0; i < who->stalled; i++) {
        if (vtb_mix_push(talk->mix, who->source, &who->backlog[i].packet, talk->step * STEP_US))
            abort();
    }
    who->stalled = 0;
    if (vtb_mix_push(talk->mix, who->source, &packet, talk->step * STEP_US) == VTB_PARSE)
        abort(); /* a closed gate may refuse, but this is Opus */
}

/* A browser that receives nothing conceals for a while and is silent then; silence is enough here. */
static void listen(OpusDecoder *decoder, const struct vtb_mix_payload *in, struct hear *heard)
{
    float *pcm;

    if (heard->n % (100 * VTB_MIX_FRAME) == 0)
        heard->at = realloc(heard->at, (heard->n + 100 * VTB_MIX_FRAME) * sizeof *heard->at);
    pcm = heard->at + heard->n;
    heard->n += VTB_MIX_FRAME;
    if (in->silent)
        memset(pcm, 0, VTB_MIX_FRAME * sizeof *pcm);
    else if (opus_decode_float(decoder, in->payload, (opus_int32)in->len, pcm, (int)VTB_MIX_FRAME,
                               0) != (int)VTB_MIX_FRAME)
        abort();
}

void talk_step(struct talk *talk, size_t steps)
{
    for (size_t s = 0; s < steps; s++) {
        for (size_t i = 0; i < talk->n; i++)
            speak(talk, &talk->who[i]);
        vtb_mix_tick(talk->mix, talk->step * STEP_US, &talk->out);
        listen(talk->decoder, &talk->out.shared, &talk->heard);
        for (size_t i = 0; i < talk->n; i++) {
            const struct vtb_mix_payload *mine = &talk->out.shared;

            for (size_t o = 0; o < talk->out.own_n; o++) {
                if (talk->out.own[o].source_index == talk->who[i].source)
                    mine = &talk->out.own[o].mix;
            }
            if (mine != &talk->out.shared && !mine->silent)
                talk->who[i].own_packets++;
            listen(talk->who[i].decoder, mine, &talk->who[i].heard);
        }
        talk->step++;
    }
}

struct hear talk_sum(const struct talk *talk, size_t steps, const struct talk_speaker *without)
{
    struct hear out = { .at = calloc(steps * VTB_MIX_FRAME, sizeof(float)),
                        .n = steps * VTB_MIX_FRAME };

    for (size_t i = 0; i < talk->n; i++) {
        if (&talk->who[i] == without)
            continue;
        for (size_t s = 0; s < out.n; s++)
            out.at[s] += sample_at(&talk->who[i], s / VTB_MIX_FRAME, s % VTB_MIX_FRAME);
    }
    return out;
}
