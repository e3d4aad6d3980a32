/*
 * The jitter buffer alone, without a codec: numbers and times at will, copies, repeats, gates, steps.
 * Input: records of 10 bytes (what, number, time, duration, ms to wait, length).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audio/buffer.h"
#include "base/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct vtb_buffer buf;
static uint8_t payload[1275];

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void check(void)
{
    uint32_t full = 0;

    for (uint32_t i = 0; i < VTB_BUFFER_SLOTS; i++)
        full += buf.slots[i].full;
    must(full == buf.count);
    must(buf.delay.target >= VTB_DELAY_LEAST && buf.delay.target <= VTB_DELAY_MOST);
    must(buf.dry <= VTB_BUFFER_DRY_MAX);
    must(buf.figures.fec + buf.figures.concealed <= buf.figures.lost);
}

/* What the voice does in a step, but for the sound. */
static void step(uint32_t *decoded, uint64_t now_us)
{
    struct vtb_buffer_packet packet;
    uint32_t hurry, missing;
    bool patient;
    int32_t by = vtb_buffer_adjust(&buf, *decoded, now_us, &hurry, &patient);

    must(by >= -(int32_t)VTB_BUFFER_STEP && by < 2 * (int32_t)VTB_BUFFER_STEP && hurry <= 2);
    for (int i = 0; i < 24 && *decoded < VTB_BUFFER_STEP; i++) {
        enum vtb_buffer_step what = vtb_buffer_next(&buf, now_us, &packet, &missing);

        must(missing <= 5760);
        check();
        if (what == VTB_BUFFER_NOTHING)
            break;
        if (what == VTB_BUFFER_PACKET || what == VTB_BUFFER_WARM) {
            must(packet.payload >= buf.bytes &&
                 packet.payload + packet.len <= buf.bytes + VTB_BUFFER_BYTES);
            must(packet.len && packet.payload[0] == (uint8_t)packet.seq);
        }
        if (what != VTB_BUFFER_WARM)
            *decoded += what == VTB_BUFFER_PACKET ? packet.duration : missing;
    }
    *decoded -= *decoded < VTB_BUFFER_STEP ? *decoded : VTB_BUFFER_STEP;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_cursor in = { data, len, false };
    uint64_t now_us = 0;
    uint32_t decoded = 0;

    memset(&buf, 0, sizeof buf);
    vtb_buffer_init(&buf);
    while (in.left >= 10) {
        uint8_t what = vtb_cursor_u8(&in);
        struct vtb_buffer_packet packet = { .payload = payload, .seq = vtb_cursor_u16(&in) };

        packet.timestamp = (uint32_t)vtb_cursor_u16(&in) * 240u + (what & 0x80 ? 0xf0000000u : 0);
        packet.duration = (vtb_cursor_u8(&in) % 48u + 1) * 120u;
        now_us += vtb_cursor_u8(&in) * 1000u;
        packet.len = vtb_cursor_u16(&in) % sizeof payload + 1;
        packet.level = vtb_cursor_u8(&in);
        packet.came = what & 1 ? VTB_BUFFER_COPY : what & 2 ? VTB_BUFFER_RESENT : VTB_BUFFER_FRESH;
        packet.fec = what & 4;
        payload[0] = (uint8_t)packet.seq;
        (void)vtb_buffer_push(&buf, &packet, now_us);
        check();
        for (uint32_t i = 0; i < (what >> 4 & 3u); i++, now_us += 20000)
            step(&decoded, now_us);
        if ((what & 0x48) == 0x48)
            vtb_buffer_rest(&buf);
        if ((what & 0x4c) == 0x4c)
            vtb_buffer_init(&buf);
    }
    return 0;
}
