#include "uplink.h"

static enum vtb_mix_came how(enum vtb_nack_came came)
{
    switch (came) {
    case VTB_NACK_NEW:
    case VTB_NACK_OLD: /* a double, or one that nobody waits for: the buffer knows */
        break;
    case VTB_NACK_AGAIN:
        return VTB_MIX_RESENT;
    }
    return VTB_MIX_FRESH;
}

/*
 * Copies carry no number of their own: senders copy the packets directly before (libwebrtc does),
 * so the last copy is the packet one before, and so on. One that is left out in between would be
 * found by its time, which the buffer compares with its neighbours'.
 */
static void push_copies(struct vtb_uplink *up, struct vtb_mix *mix, uint32_t source,
                        const struct vtb_rtp *rtp, const struct vtb_red *red, uint8_t level,
                        uint64_t now_us)
{
    for (size_t i = 0; i + 1 < red->n; i++) {
        struct vtb_mix_packet copy = {
            .seq = (uint16_t)(rtp->seq - (red->n - 1 - i)),
            .timestamp = rtp->timestamp - red->blocks[i].offset,
            .payload = red->blocks[i].payload, .len = red->blocks[i].len,
            .level = level, .came = VTB_MIX_COPY,
        };

        if (vtb_mix_push(mix, source, &copy, now_us) == VTB_OK)
            vtb_nack_fill(&up->nack, copy.seq);
    }
}

void vtb_uplink_packet(struct vtb_uplink *up, struct vtb_mix *mix, uint32_t source,
                       const struct vtb_rtp *rtp, uint8_t level, uint64_t now_us)
{
    struct vtb_mix_packet packet = { .seq = rtp->seq, .timestamp = rtp->timestamp,
                                     .payload = rtp->payload, .len = rtp->payload_len,
                                     .level = level };
    struct vtb_red red = { .n = 0 };

    if ((rtp->type != VTB_RTP_OPUS && rtp->type != VTB_RTP_RED) || rtp->payload_len == 0)
        return;
    if (rtp->type == VTB_RTP_RED) {
        if (vtb_red_parse(rtp->payload, rtp->payload_len, VTB_RTP_OPUS, &red)) {
            up->malformed++;
            return;
        }
        packet.payload = red.blocks[red.n - 1].payload;
        packet.len = red.blocks[red.n - 1].len;
    }
    if (up->ssrc != rtp->ssrc)
        *up = (struct vtb_uplink){ .ssrc = rtp->ssrc, .malformed = up->malformed };
    packet.came = how(vtb_nack_got(&up->nack, rtp->seq, now_us));
    /* The mix counts what it refuses; there is nobody here to tell. */
    enum vtb_err refused = vtb_mix_push(mix, source, &packet, now_us);

    (void)refused;
    push_copies(up, mix, source, rtp, &red, level, now_us);
}

size_t vtb_uplink_ask(struct vtb_uplink *up, const struct vtb_mix *mix, uint32_t source,
                      uint32_t our_ssrc, bool reduced, uint64_t rtt_us, uint64_t now_us,
                      uint8_t out[static VTB_RTCP_MAX])
{
    struct vtb_mix_uplink way;
    uint64_t most = VTB_UPLINK_RTT_US;
    uint16_t seqs[VTB_NACK_ASKED];
    size_t n;

    if (!up->nack.n)
        return 0;
    vtb_mix_uplink(mix, source, now_us, &way);
    if (way.target_ms * 1000u > most)
        most = way.target_ms * 1000u;
    n = vtb_nack_due(&up->nack, rtt_us, most, now_us, seqs);
    return n ? vtb_rtcp_write_nack(our_ssrc, up->ssrc, seqs, n, reduced ? NULL : "consilium", out) : 0;
}
