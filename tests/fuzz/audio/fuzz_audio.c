/*
 * Hostile packets into one source of a room, with the steps between them: buffer, decoder, level
 * and mix. Input: records of 8 bytes (what to do, sequence number, timestamp, level, length) with
 * that many bytes of payload.
 */
#include <stdint.h>
#include <stdlib.h>

#include "audio/mix.h"
#include "base/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_cursor in = { data, len, false };
    struct vtb_mix_config cfg = { .max_speakers = 2, .bitrate = 24000 };
    struct vtb_mix *mix;
    struct vtb_mix_out out;
    uint32_t source[3], steps = 0;
    uint64_t now_us = 0;

    if (vtb_mix_create(&cfg, &mix))
        return 0;
    for (size_t i = 0; i < VTB_COUNT(source); i++) {
        if (vtb_mix_add(mix, &source[i]))
            abort();
        vtb_mix_set_heard(mix, source[i], true);
    }
    while (in.left && steps < 400) {
        uint8_t what = vtb_cursor_u8(&in);
        struct vtb_mix_packet packet = { .seq = vtb_cursor_u16(&in) };

        packet.timestamp = (uint32_t)vtb_cursor_u16(&in) * 480u;
        packet.level = vtb_cursor_u8(&in);
        packet.len = vtb_cursor_u16(&in) % 1400u;
        if (in.bad)
            break;
        if (packet.len > in.left)
            packet.len = in.left;
        packet.payload = vtb_cursor_take(&in, packet.len);
        (void)!vtb_mix_push(mix, source[what % 3], &packet, now_us);
        if (what & 0x40)
            vtb_mix_set_heard(mix, source[what % 3], (what & 0x20) != 0);
        if (what & 0x10) {
            vtb_mix_drop(mix, source[what % 3]);
            if (vtb_mix_add(mix, &source[what % 3]))
                abort();
            vtb_mix_set_heard(mix, source[what % 3], true);
        }
        for (uint32_t i = 0; i < (what >> 2 & 3u); i++, steps++) {
            vtb_mix_tick(mix, now_us, &out);
            now_us += 20000;
            if (out.own_n > VTB_MIX_OWN_MAX || out.talkers_n > VTB_MIX_TALKERS_MAX ||
                out.shared.len > VTB_MIX_PAYLOAD_MAX)
                abort();
        }
    }
    vtb_mix_destroy(mix);
    return 0;
}
