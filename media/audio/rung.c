#include "rung.h"

#define LEAN_BITRATE   16000u
#define NARROW_BITRATE 8000u
/* What the encoder is told to expect. Its FEC begins at 10; at 20 the copies take so much from the
 * sound itself that less is understood at any loss (measured: .952 for .956 at 10 % random). */
#define FEC_PCT        12u

void vtb_stream_settings(enum vtb_stream stream, uint32_t bitrate, uint32_t *out_bitrate,
                         uint8_t *out_lost_pct)
{
    *out_bitrate = bitrate;
    *out_lost_pct = 0;
    switch (stream) {
    case VTB_STREAM_CLEAR:
        break;
    case VTB_STREAM_FEC:
        *out_lost_pct = FEC_PCT;
        break;
    case VTB_STREAM_LEAN:
        *out_bitrate = bitrate < LEAN_BITRATE ? bitrate : LEAN_BITRATE;
        break;
    case VTB_STREAM_NARROW:
        *out_bitrate = bitrate < NARROW_BITRATE ? bitrate : NARROW_BITRATE;
        break;
    }
}

static const struct vtb_rung rungs[VTB_RUNGS] = {
    [VTB_RUNG_CLEAR] = { "clear", VTB_STREAM_CLEAR, 1, 0, { 0 }, 0, 54 },
    [VTB_RUNG_PAIRED] = { "paired", VTB_STREAM_CLEAR, 2, 0, { 0 }, 0, 43 },
    [VTB_RUNG_JOINED] = { "joined", VTB_STREAM_CLEAR, 3, 0, { 0 }, 0, 39 },
    [VTB_RUNG_FEC] = { "fec", VTB_STREAM_FEC, 1, 0, { 0 }, 0, 54 },
    [VTB_RUNG_CAREFUL] = { "careful", VTB_STREAM_LEAN, 1, 1, { 4 }, 0, 56 },
    [VTB_RUNG_RED] = { "red", VTB_STREAM_CLEAR, 1, 1, { 4 }, 0, 88 },
    [VTB_RUNG_AGAIN] = { "again", VTB_STREAM_CLEAR, 1, 0, { 0 }, 4, 108 },
    [VTB_RUNG_LEAN] = { "lean", VTB_STREAM_LEAN, 3, 0, { 0 }, 0, 24 },
    [VTB_RUNG_LEAN_RED] = { "lean_red", VTB_STREAM_LEAN, 3, 1, { 4 }, 0, 41 },
    [VTB_RUNG_LEAN_AGAIN] = { "lean_again", VTB_STREAM_LEAN, 3, 0, { 0 }, 3, 47 },
    [VTB_RUNG_SURVIVAL] = { "survival", VTB_STREAM_NARROW, 3, 0, { 0 }, 0, 16 },
};

const struct vtb_rung *vtb_rung_of(enum vtb_rung_name name)
{
    return &rungs[name];
}
