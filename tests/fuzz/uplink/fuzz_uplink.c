/*
 * An authenticated sender that means harm, from its RTP packets to the mix. Input: records of 8
 * bytes (what: steps to take, ms to wait, type; number; time; length) with that many bytes of payload.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "uplink.h"

#define STEPS_MAX 400u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_ask(struct vtb_uplink *up, const struct vtb_mix *mix, uint32_t source, uint8_t what,
                      uint64_t now_us)
{
    uint8_t out[VTB_RTCP_MAX];
    struct vtb_rtcp rtcp;
    size_t n = vtb_uplink_ask(up, mix, source, 9, what & 1, what & 2 ? 40000 : 0, now_us, out);

    if (n > sizeof out || (n && vtb_rtcp_parse(out, n, &rtcp)) || up->nack.n > VTB_NACK_HOLES)
        abort();
    if (up->nack.asked > 51 + now_us / 10000)
        abort();
}

static void check_way(const struct vtb_mix *mix, uint32_t source, uint64_t now_us)
{
    struct vtb_mix_uplink way;

    vtb_mix_uplink(mix, source, now_us, &way);
    if (way.target_ms < 10 || way.target_ms > 240)
        abort();
    if (way.fec > way.lost)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_cursor in = { data, len, false };
    struct vtb_mix_config cfg = { .max_speakers = 1, .bitrate = 24000 };
    struct vtb_uplink up = { .ssrc = 0 };
    struct vtb_mix *mix;
    struct vtb_mix_out out;
    uint32_t source, steps = 0;
    uint64_t now_us = 0;

    if (vtb_mix_create(&cfg, &mix))
        return 0;
    if (vtb_mix_add(mix, &source))
        abort();
    vtb_mix_set_heard(mix, source, true);
    while (in.left && steps < STEPS_MAX) {
        uint8_t what = vtb_cursor_u8(&in), wait = vtb_cursor_u8(&in);
        struct vtb_rtp rtp = { .type = what & 0x80 ? VTB_RTP_RED : VTB_RTP_OPUS,
                               .ssrc = what & 0x40 ? 2 : 1, .seq = vtb_cursor_u16(&in) };

        rtp.timestamp = (uint32_t)vtb_cursor_u16(&in) * 480u;
        rtp.payload_len = vtb_cursor_u16(&in) % 1480u;
        if (in.bad)
            break;
        if (rtp.payload_len > in.left)
            rtp.payload_len = in.left;
        rtp.payload = vtb_cursor_take(&in, rtp.payload_len);
        vtb_uplink_packet(&up, mix, source, &rtp, what & 0x20 ? 20 : VTB_MIX_LEVEL_UNKNOWN, now_us);
        check_ask(&up, mix, source, what, now_us);
        if ((what & 0x1c) == 0x1c) {
            vtb_mix_set_heard(mix, source, false);
            vtb_mix_set_heard(mix, source, true);
        }
        now_us += wait * 1000u;
        for (uint32_t i = 0; i < (what >> 2 & 3u); i++, steps++, now_us += 20000) {
            vtb_mix_tick(mix, now_us, &out);
            check_way(mix, source, now_us);
        }
    }
    vtb_mix_destroy(mix);
    return 0;
}
