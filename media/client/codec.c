#include "codec.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000
#define TAIL 10u /* frames of silence really encoded; after them the same packet is sent again */

struct client_codec {
    OpusEncoder *encoder;
    OpusDecoder *decoder;
    uint32_t silence;
    uint8_t quiet[64]; /* a frame of silence, encoded */
    size_t quiet_len;
};

enum vtb_err client_codec_create(bool says, bool hears, uint32_t bitrate, struct client_codec **out)
{
    struct client_codec *codec = calloc(1, sizeof *codec);
    int failed = OPUS_OK;

    if (!codec)
        return VTB_NOMEM;
    if (says) {
        codec->encoder = opus_encoder_create(RATE, 1, OPUS_APPLICATION_VOIP, &failed);
        if (failed == OPUS_OK)
            failed = opus_encoder_ctl(codec->encoder,
                                      OPUS_SET_BITRATE((opus_int32)(bitrate ? bitrate : 32000)));
        if (failed == OPUS_OK)
            failed = opus_encoder_ctl(codec->encoder, OPUS_SET_COMPLEXITY(4));
        if (failed == OPUS_OK)
            failed = opus_encoder_ctl(codec->encoder, OPUS_SET_INBAND_FEC(1));
    }
    if (hears && failed == OPUS_OK)
        codec->decoder = opus_decoder_create(RATE, 1, &failed);
    if (failed != OPUS_OK) {
        client_codec_destroy(codec);
        return failed == OPUS_ALLOC_FAIL ? VTB_NOMEM : VTB_SYS;
    }
    *out = codec;
    return VTB_OK;
}

void client_codec_destroy(struct client_codec *codec)
{
    if (!codec)
        return;
    if (codec->encoder)
        opus_encoder_destroy(codec->encoder);
    if (codec->decoder)
        opus_decoder_destroy(codec->decoder);
    free(codec);
}

static uint8_t level_of(const int16_t *pcm)
{
    double sum = 0.0, db;

    for (int i = 0; i < CLIENT_CODEC_FRAME; i++)
        sum += (double)pcm[i] * (double)pcm[i];
    if (sum <= 0.0)
        return 127;
    db = -10.0 * log10(sum / CLIENT_CODEC_FRAME / (32768.0 * 32768.0));
    return db <= 0.0 ? 0 : db >= 127.0 ? 127 : (uint8_t)lround(db);
}

size_t client_codec_encode(struct client_codec *codec, const int16_t *pcm, uint8_t *out, size_t cap,
                           uint8_t *out_level)
{
    static const int16_t nothing[CLIENT_CODEC_FRAME];
    opus_int32 len;

    *out_level = pcm ? level_of(pcm) : 127;
    if (pcm)
        codec->silence = 0;
    else if (codec->silence < TAIL)
        codec->silence++;
    else if (codec->quiet_len && codec->quiet_len <= cap) {
        memcpy(out, codec->quiet, codec->quiet_len);
        return codec->quiet_len;
    }
    len = opus_encode(codec->encoder, pcm ? pcm : nothing, CLIENT_CODEC_FRAME, out,
                      (opus_int32)cap);
    if (len <= 0)
        return 0;
    if (!pcm && codec->silence == TAIL && (size_t)len <= sizeof codec->quiet) {
        memcpy(codec->quiet, out, (size_t)len);
        codec->quiet_len = (size_t)len;
    }
    return (size_t)len;
}

void client_codec_expect_loss(struct client_codec *codec, uint8_t percent)
{
    if (codec->encoder)
        (void)opus_encoder_ctl(codec->encoder, OPUS_SET_PACKET_LOSS_PERC(percent < 100 ? percent : 100));
}

size_t client_codec_decode(struct client_codec *codec, const uint8_t *payload, size_t len,
                           int16_t pcm[static CLIENT_CODEC_MAX])
{
    int got;

    if (len == 0 || len > 1275)
        return 0;
    got = opus_decode(codec->decoder, payload, (opus_int32)len, pcm, CLIENT_CODEC_MAX, 0);
    return got > 0 ? (size_t)got : 0;
}

size_t client_codec_conceal(struct client_codec *codec, const uint8_t *next, size_t len,
                            size_t missing, int16_t pcm[static CLIENT_CODEC_MAX])
{
    int got;

    if (missing == 0 || missing > CLIENT_CODEC_MAX || len == 0 || len > 1275)
        return 0;
    /* Without FEC in `next` libopus conceals by itself. */
    got = opus_decode(codec->decoder, next, (opus_int32)len, pcm, (int)missing, 1);
    return got > 0 ? (size_t)got : 0;
}

size_t client_codec_make_up(struct client_codec *codec, size_t n, int16_t pcm[static CLIENT_CODEC_MAX])
{
    int got = n && n <= CLIENT_CODEC_MAX ? opus_decode(codec->decoder, NULL, 0, pcm, (int)n, 0) : 0;

    return got > 0 ? (size_t)got : 0;
}

/* RFC 6716, 4.2.3: a SILK frame begins with a VAD bit for each 20 ms and one LBRR bit, in the range
 * coder's first byte, where bits of even odds stand as they are. CELT alone has none. */
bool client_codec_has_fec(const uint8_t *payload, size_t len)
{
    int mode, frames;

    if (len < 3 || len > 1275)
        return false;
    mode = payload[0] >> 3;
    if (mode >= 16 || (payload[0] & 3) != 0) /* CELT, or several frames */
        return false;
    frames = mode >= 12 || (mode & 3) < 2 ? 1 : (mode & 3); /* hybrid; 10 and 20; 40; 60 ms */
    return payload[1] >> (7 - frames) & 1;
}
