/*
 * What is done for each peer five times a second: consent, time limits, is the uplink alive; every
 * few seconds a report to the browser (RFC 3550, 6) and, from the browser's reports, LINK.
 */
#include "worker.h"

#include "base/clock.h"

#define REPORT_MIN_US  2000000u
#define REPORT_RAND_US 2000000u /* 2 to 4 s, so that a room's reports do not march in step */
#define LINK_US        5000000u
#define UPLINK_US      1000000u
/* Browsers report each 5 s; packets that are asked for again say earlier how the link is. */
#define MISSED_SOON    2u
#define MISSED_OF      20u

static uint64_t next_report(const struct vtb_rtc_peer *peer, uint64_t now_us)
{
    uint64_t spread = (peer->ssrc ^ now_us / 64) * 2654435761u;

    return now_us + REPORT_MIN_US + spread % REPORT_RAND_US;
}

static void send_report(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us)
{
    const struct vtb_tuple *tuple = vtb_link_selected(peer->link);
    struct vtb_rtcp_sender sender = { .packets = peer->packets, .octets = peer->octets };
    struct vtb_rtcp_block block;
    uint8_t *slot = tuple ? vtb_udp_slot(w->udp, tuple->socket) : NULL;
    size_t len;

    if (!slot)
        return;
    if (peer->stats.started) {
        vtb_rtcp_report(&peer->stats, now_us, &block);
        peer->lost_up_pct = (uint8_t)(block.fraction * 100u / 256);
    }
    if (!peer->stats.started && !peer->packets)
        return;
    sender.ntp = vtb_rtcp_ntp(vtb_wall_us());
    /* Of the frame that has just been sent, which is what "now" means to the receiver. */
    sender.timestamp = peer->timestamp_base + peer->room->timestamp - VTB_MIX_FRAME;
    len = vtb_rtcp_write(peer->ssrc, peer->packets ? &sender : NULL,
                         peer->stats.started ? &block : NULL, "consilium", slot);
    if (!vtb_srtp_protect_rtcp(peer->send, slot, len, VTB_UDP_DATAGRAM, &len))
        vtb_udp_commit(w->udp, tuple->socket, &tuple->addr, len);
}

/* What the listener says of the packets since it last spoke. */
static void climb(struct vtb_rtc_peer *peer, uint8_t fraction, uint32_t rtt_ms, uint64_t now_us)
{
    struct vtb_ladder_report report = { .sent = peer->packets - peer->reported,
                                        .missed = peer->missed, .fraction = fraction,
                                        .rtt_ms = rtt_ms };

    vtb_ladder_report(&peer->ladder, &report, now_us);
    peer->reported = peer->packets;
    peer->missed = 0;
}

static void care_connected(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us)
{
    if (!peer->is_stream && !vtb_link_has_consent(peer->link, now_us)) {
        vtb_rtc_peer_gone(w, peer, VTB_MEDIA_GONE, VTB_TIMEOUT);
        return;
    }
    if (peer->receiving && now_us - peer->last_rtp_us > UPLINK_US) {
        peer->receiving = false;
        vtb_tell(w, peer, VTB_TELL_UPLINK);
    }
    if (peer->echoes != vtb_mix_echoes(peer->room->mix, peer->source)) {
        peer->echoes = !peer->echoes;
        vtb_tell(w, peer, VTB_TELL_ECHO);
    }
    if (peer->is_stream)
        return; /* the stream's owner sees its end and counts what it drops */
    if (peer->resends_left + VTB_RESENDS_CARE <= VTB_RESENDS)
        peer->resends_left = (uint8_t)(peer->resends_left + VTB_RESENDS_CARE);
    if (peer->missed >= MISSED_SOON && peer->packets - peer->reported >= MISSED_OF)
        climb(peer, 0, 0, now_us);
    peer->wanted = (uint8_t)vtb_ladder_rung(&peer->ladder);
    if (now_us >= peer->report_us) {
        send_report(w, peer, now_us);
        peer->report_us = next_report(peer, now_us);
    }
    if (now_us >= peer->link_us) {
        vtb_tell_link(w, peer, now_us);
        peer->link_us = now_us + LINK_US;
    }
}

void vtb_report_care(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us)
{
    switch (peer->state) {
    case VTB_PEER_OFFERED:
        if (now_us - peer->since_us > VTB_ANSWER_US)
            vtb_rtc_peer_gone(w, peer, VTB_MEDIA_GONE, VTB_TIMEOUT);
        break;
    case VTB_PEER_ANSWERED:
        if (now_us - peer->since_us > VTB_CONNECT_US)
            vtb_rtc_peer_gone(w, peer, VTB_MEDIA_GONE, VTB_TIMEOUT);
        break;
    case VTB_PEER_CONNECTED:
        care_connected(w, peer, now_us);
        break;
    case VTB_PEER_GONE:
        break;
    }
}

static void read_block(struct vtb_rtc_peer *peer, const struct vtb_rtcp_block *block,
                       uint64_t now_us)
{
    uint64_t rtt_us = vtb_rtcp_rtt_us(block, vtb_rtcp_ntp(vtb_wall_us()));

    peer->lost_down_pct = (uint8_t)(block->fraction * 100u / 256);
    peer->jitter_down_ms = block->jitter / 48;
    if (rtt_us)
        peer->rtt_ms = (uint32_t)((rtt_us + 500) / 1000);
    climb(peer, block->fraction, rtt_us ? peer->rtt_ms : 0, now_us);
}

/* So many a second and no more: who asks without end gets no more than a second copy of some packets. */
static void send_again(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_rtcp *rtcp)
{
    for (size_t i = 0; i < rtcp->missed_n; i++) {
        if (peer->resends_left == 0 || !vtb_serve_again(w, peer, rtcp->missed[i], true)) {
            vtb_count_add(&w->figures.repeats_refused, 1);
            continue;
        }
        peer->resends_left--;
        vtb_count_add(&w->figures.repeated, 1);
    }
}

void vtb_report_rtcp(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                     const struct vtb_udp_datagram *datagram, uint64_t now_us)
{
    struct vtb_rtcp rtcp;
    size_t len;

    if (vtb_srtp_unprotect_rtcp(peer->receive, datagram->data, datagram->len, &len)) {
        vtb_count_add(&w->figures.dropped_auth, 1);
        return;
    }
    vtb_rtc_peer_proved(w, peer);
    vtb_link_keep_consent(peer->link, datagram->socket, &datagram->from, now_us);
    if (vtb_rtcp_parse(datagram->data, len, &rtcp))
        return;
    if (rtcp.has_sender && rtcp.ssrc == peer->stats.ssrc)
        vtb_rtcp_received_sr(&peer->stats, &rtcp.sender, now_us);
    for (size_t i = 0; i < rtcp.blocks_n; i++)
        if (rtcp.blocks[i].ssrc == peer->ssrc)
            read_block(peer, &rtcp.blocks[i], now_us);
    if (rtcp.missed_n && rtcp.missed_ssrc == peer->ssrc && peer->hears)
        send_again(w, peer, &rtcp);
}
