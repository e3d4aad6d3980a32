#include "encode.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000

struct vtb_encode {
    OpusEncoder *encoder;
    size_t encoder_bytes;
    uint32_t silence; /* frames of silence so far, up to the tail */
    uint64_t count;
    bool seam;        /* the next frame is encoded without prediction */
    uint8_t payload[VTB_ENCODE_MAX];
};

enum vtb_err vtb_encode_create(uint32_t bitrate, int complexity, struct vtb_encode **out_encode)
{
    struct vtb_encode *encode = calloc(1, sizeof *encode);
    int failed;

    if (!encode)
        return VTB_NOMEM;
    /* In memory of our own and of known size, because it is copied as a whole. */
    encode->encoder_bytes = (size_t)opus_encoder_get_size(1);
    encode->encoder = calloc(1, encode->encoder_bytes);
    if (!encode->encoder) {
        vtb_encode_destroy(encode);
        return VTB_NOMEM;
    }
    failed = opus_encoder_init(encode->encoder, RATE, 1, OPUS_APPLICATION_VOIP) != OPUS_OK ||
             opus_encoder_ctl(encode->encoder, OPUS_SET_BITRATE((opus_int32)bitrate)) != OPUS_OK ||
             opus_encoder_ctl(encode->encoder, OPUS_SET_COMPLEXITY(complexity)) != OPUS_OK ||
             opus_encoder_ctl(encode->encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) != OPUS_OK ||
             opus_encoder_ctl(encode->encoder, OPUS_SET_INBAND_FEC(1)) != OPUS_OK;
    if (failed) {
        vtb_encode_destroy(encode);
        return VTB_SYS;
    }
    encode->silence = VTB_ENCODE_TAIL; /* nothing has sounded yet */
    *out_encode = encode;
    return VTB_OK;
}

void vtb_encode_destroy(struct vtb_encode *encode)
{
    if (!encode)
        return;
    free(encode->encoder);
    free(encode);
}

void vtb_encode_copy(struct vtb_encode *to, const struct vtb_encode *from)
{
    memcpy(to->encoder, from->encoder, from->encoder_bytes);
    to->silence = from->silence;
}

void vtb_encode_set(struct vtb_encode *encode, uint32_t bitrate, uint8_t lost_pct)
{
    /* Values in range on a living encoder cannot fail. */
    (void)opus_encoder_ctl(encode->encoder, OPUS_SET_BITRATE((opus_int32)bitrate));
    (void)opus_encoder_ctl(encode->encoder,
                           OPUS_SET_PACKET_LOSS_PERC(lost_pct > 100 ? 100 : lost_pct));
}

void vtb_encode_seam(struct vtb_encode *encode)
{
    encode->seam = true;
}

static bool is_silent(const float *pcm)
{
    float peak = 0.0f;

    for (uint32_t i = 0; i < VTB_ENCODE_FRAME; i++)
        peak = fmaxf(peak, fabsf(pcm[i]));
    return peak < 3e-5f; /* one step of 16 bit */
}

const uint8_t *vtb_encode_step(struct vtb_encode *encode, const float pcm[static VTB_ENCODE_FRAME],
                               size_t *out_len)
{
    opus_int32 len;

    *out_len = 0;
    if (!is_silent(pcm))
        encode->silence = 0;
    else if (encode->silence < VTB_ENCODE_TAIL)
        encode->silence++;
    else
        return NULL;
    if (encode->seam)
        (void)opus_encoder_ctl(encode->encoder, OPUS_SET_PREDICTION_DISABLED(1));
    len = opus_encode_float(encode->encoder, pcm, (int)VTB_ENCODE_FRAME, encode->payload,
                            (opus_int32)sizeof encode->payload);
    if (encode->seam)
        (void)opus_encoder_ctl(encode->encoder, OPUS_SET_PREDICTION_DISABLED(0));
    encode->seam = false;
    encode->count++;
    if (len <= 0) /* sends nothing; the listener conceals one frame */
        return NULL;
    *out_len = (size_t)len;
    return encode->payload;
}

bool vtb_encode_is_resting(const struct vtb_encode *encode)
{
    return encode->silence >= VTB_ENCODE_TAIL;
}

uint64_t vtb_encode_count(const struct vtb_encode *encode)
{
    return encode->count;
}
