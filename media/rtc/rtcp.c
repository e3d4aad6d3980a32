#include "rtc/rtcp.h"

#include "base/cursor.h"

#include <string.h>

enum { SR = 200, RR = 201, SDES = 202, BYE = 203, RTPFB = 205 };
#define GENERIC_NACK 1u

static void read_block(struct vtb_cursor *in, struct vtb_rtcp *rtcp)
{
    struct vtb_rtcp_block block = { .ssrc = vtb_cursor_u32(in) };
    uint32_t lost = vtb_cursor_u32(in);

    block.fraction = (uint8_t)(lost >> 24);
    lost &= 0xffffff;
    block.lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 : (int32_t)lost;
    block.highest = vtb_cursor_u32(in);
    block.jitter = vtb_cursor_u32(in);
    block.last_sr = vtb_cursor_u32(in);
    block.delay_last_sr = vtb_cursor_u32(in);
    if (!in->bad && rtcp->blocks_n < VTB_RTCP_BLOCKS)
        rtcp->blocks[rtcp->blocks_n++] = block;
}

static void read_report(struct vtb_cursor *in, uint8_t type, unsigned count, struct vtb_rtcp *rtcp)
{
    uint32_t ssrc = vtb_cursor_u32(in);

    if (!rtcp->has_report)
        rtcp->ssrc = ssrc;
    rtcp->has_report = true;
    if (type == SR) {
        uint64_t seconds = vtb_cursor_u32(in);

        rtcp->has_sender = true;
        rtcp->sender.ntp = seconds << 32 | vtb_cursor_u32(in);
        rtcp->sender.timestamp = vtb_cursor_u32(in);
        rtcp->sender.packets = vtb_cursor_u32(in);
        rtcp->sender.octets = vtb_cursor_u32(in);
    }
    for (unsigned i = 0; i < count; i++)
        read_block(in, rtcp);
}

static void miss(struct vtb_rtcp *rtcp, uint16_t seq)
{
    if (rtcp->missed_n < VTB_RTCP_MISSED)
        rtcp->missed[rtcp->missed_n++] = seq;
}

/* Pairs of a number and a mask of the sixteen that follow it. */
static void read_nack(struct vtb_cursor *in, struct vtb_rtcp *rtcp)
{
    uint32_t ssrc;

    vtb_cursor_skip(in, 4); /* who asks: SRTCP has said it */
    ssrc = vtb_cursor_u32(in);
    if (in->bad || (rtcp->missed_n && ssrc != rtcp->missed_ssrc))
        return;
    rtcp->missed_ssrc = ssrc;
    while (in->left >= 4) {
        uint16_t seq = vtb_cursor_u16(in), mask = vtb_cursor_u16(in);

        miss(rtcp, seq);
        for (uint16_t i = 0; i < 16; i++)
            if (mask >> i & 1)
                miss(rtcp, (uint16_t)(seq + 1 + i));
    }
}

enum vtb_err vtb_rtcp_parse(const uint8_t *data, size_t len, struct vtb_rtcp *out)
{
    struct vtb_cursor in = { .at = data, .left = len };
    struct vtb_rtcp rtcp = { 0 };

    if (len < 4)
        return VTB_PARSE;
    while (in.left) {
        uint8_t flags = vtb_cursor_u8(&in);
        uint8_t type = vtb_cursor_u8(&in);
        size_t bytes = 4u * vtb_cursor_u16(&in);
        struct vtb_cursor body = { .at = vtb_cursor_take(&in, bytes), .left = bytes };

        if (in.bad || flags >> 6 != 2)
            return VTB_PARSE;
        if (type == SR || type == RR)
            read_report(&body, type, flags & 0x1f, &rtcp);
        else if (type == RTPFB && (flags & 0x1f) == GENERIC_NACK)
            read_nack(&body, &rtcp);
        else if (type == BYE)
            rtcp.bye = true;
        if (body.bad)
            return VTB_PARSE;
    }
    *out = rtcp;
    return VTB_OK;
}

static uint8_t *put_block(uint8_t *at, const struct vtb_rtcp_block *block)
{
    vtb_put_u32(at, block->ssrc);
    vtb_put_u32(at + 4, (uint32_t)block->fraction << 24 | ((uint32_t)block->lost & 0xffffff));
    vtb_put_u32(at + 8, block->highest);
    vtb_put_u32(at + 12, block->jitter);
    vtb_put_u32(at + 16, block->last_sr);
    vtb_put_u32(at + 20, block->delay_last_sr);
    return at + 24;
}

static void put_head(uint8_t *at, unsigned count, uint8_t type, const uint8_t *end)
{
    at[0] = (uint8_t)(0x80 | count);
    at[1] = type;
    vtb_put_u16(at + 2, (uint16_t)((end - at) / 4 - 1));
}

size_t vtb_rtcp_write(uint32_t ssrc, const struct vtb_rtcp_sender *sender,
                      const struct vtb_rtcp_block *block, const char *cname,
                      uint8_t out[static VTB_RTCP_MAX])
{
    uint8_t *at = out + 8;
    size_t name = strnlen(cname, 32);

    vtb_put_u32(out + 4, ssrc);
    if (sender) {
        vtb_put_u32(at, (uint32_t)(sender->ntp >> 32));
        vtb_put_u32(at + 4, (uint32_t)sender->ntp);
        vtb_put_u32(at + 8, sender->timestamp);
        vtb_put_u32(at + 12, sender->packets);
        vtb_put_u32(at + 16, sender->octets);
        at += 20;
    }
    if (block)
        at = put_block(at, block);
    put_head(out, block ? 1 : 0, sender ? SR : RR, at);

    uint8_t *sdes = at;
    size_t items = 2 + name;
    size_t padded = (items + 4) & ~(size_t)3; /* at least one zero ends the list */

    vtb_put_u32(sdes + 4, ssrc);
    at = sdes + 8;
    memset(at, 0, padded);
    at[0] = 1; /* CNAME */
    at[1] = (uint8_t)name;
    memcpy(at + 2, cname, name);
    at += padded;
    put_head(sdes, 1, SDES, at);
    return (size_t)(at - out);
}

size_t vtb_rtcp_write_nack(uint32_t ssrc, uint32_t media, const uint16_t *seqs, size_t n,
                           const char *cname, uint8_t out[static VTB_RTCP_MAX])
{
    uint8_t *nack = out + (cname ? vtb_rtcp_write(ssrc, NULL, NULL, cname, out) : 0);
    uint8_t *at = nack + 12;

    vtb_put_u32(nack + 4, ssrc);
    vtb_put_u32(nack + 8, media);
    for (size_t i = 0; i < n;) { /* a number, and a bit for each of the 16 after it */
        uint16_t first = seqs[i], bits = 0;

        for (i++; i < n && (uint16_t)(seqs[i] - first - 1) < 16; i++)
            bits |= (uint16_t)(1u << (uint16_t)(seqs[i] - first - 1));
        vtb_put_u16(at, first);
        vtb_put_u16(at + 2, bits);
        at += 4;
    }
    put_head(nack, 1, RTPFB, at);
    return (size_t)(at - out);
}

size_t vtb_rtcp_write_bye(uint32_t ssrc, uint8_t out[static VTB_RTCP_MAX])
{
    vtb_put_u32(out + 4, ssrc);
    put_head(out, 0, RR, out + 8);
    vtb_put_u32(out + 12, ssrc);
    put_head(out + 8, 1, BYE, out + 16);
    return 16;
}

void vtb_rtcp_received(struct vtb_rtcp_receiver *rx, uint32_t ssrc, uint16_t seq,
                       uint32_t timestamp, uint32_t arrival)
{
    uint32_t transit = arrival - timestamp;

    if (!rx->started || rx->ssrc != ssrc) {
        *rx = (struct vtb_rtcp_receiver){ .started = true, .ssrc = ssrc, .highest_seq = seq,
                                          .base = seq, .transit = transit, .received = 1 };
        return;
    }
    rx->received++;
    if ((int16_t)(seq - rx->highest_seq) <= 0)
        return; /* overtaken, or asked for again: its time says nothing about the network */
    if (seq < rx->highest_seq)
        rx->cycles += 0x10000;
    rx->highest_seq = seq;

    int32_t d = (int32_t)(transit - rx->transit);
    uint32_t change = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;

    rx->transit = transit;
    if (change < 48000) /* a pause or a jump of the sender's clock is no jitter */
        rx->jitter_x16 += change - ((rx->jitter_x16 + 8) >> 4);
}

void vtb_rtcp_received_sr(struct vtb_rtcp_receiver *rx, const struct vtb_rtcp_sender *sender,
                          uint64_t now_us)
{
    rx->last_sr = (uint32_t)(sender->ntp >> 16);
    rx->last_sr_us = now_us;
}

void vtb_rtcp_report(struct vtb_rtcp_receiver *rx, uint64_t now_us, struct vtb_rtcp_block *out)
{
    uint32_t highest = rx->cycles + rx->highest_seq;
    uint32_t expected = highest - rx->base + 1;
    uint32_t interval = expected - rx->expected_before;
    uint32_t got = rx->received - rx->received_before;
    int64_t lost = (int64_t)expected - rx->received;

    if (lost > 0x7fffff)
        lost = 0x7fffff;
    if (lost < -0x800000)
        lost = -0x800000;
    rx->fraction = 0;
    if (interval > got) /* a late packet of the interval before may make it fewer than none lost */
        rx->fraction = (uint8_t)(((uint64_t)(interval - got) * 255) / interval);
    rx->expected_before = expected;
    rx->received_before = rx->received;
    *out = (struct vtb_rtcp_block){
        .ssrc = rx->ssrc, .fraction = rx->fraction, .lost = (int32_t)lost, .highest = highest,
        .jitter = rx->jitter_x16 >> 4, .last_sr = rx->last_sr,
        .delay_last_sr = rx->last_sr ? (uint32_t)((now_us - rx->last_sr_us) * 65536 / 1000000) : 0,
    };
}

uint64_t vtb_rtcp_ntp(int64_t wall_us)
{
    uint64_t us = (uint64_t)wall_us;

    return (us / 1000000 + 2208988800u) << 32 | ((us % 1000000) << 32) / 1000000;
}

uint64_t vtb_rtcp_rtt_us(const struct vtb_rtcp_block *block, uint64_t now_ntp)
{
    uint32_t now = (uint32_t)(now_ntp >> 16);
    uint32_t rtt = now - block->last_sr - block->delay_last_sr;

    if (block->last_sr == 0 || rtt > 60u * 65536u) /* more than a minute: clocks, not a link */
        return 0;
    return (uint64_t)rtt * 1000000 / 65536;
}
