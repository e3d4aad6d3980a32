/* A datagram's first byte says what it is (RFC 7983); its address or its ufrag, whose it is. */
#include "worker.h"

static struct vtb_rtc_peer *owner(struct vtb_worker *w, const struct vtb_udp_datagram *datagram)
{
    struct vtb_link *link = vtb_peers_by_addr(w->links, datagram->socket, &datagram->from);

    return link ? vtb_rtc_peer_find(w, link->peer) : NULL;
}

static void check(struct vtb_worker *w, const struct vtb_udp_datagram *datagram, uint64_t now_us)
{
    uint8_t answer[VTB_STUN_MAX];
    struct vtb_check_result result =
        vtb_peers_check(w->links, datagram->socket, &datagram->from, datagram->data,
                        datagram->len, now_us, answer);
    struct vtb_rtc_peer *peer;

    if (result.what == VTB_CHECK_REFUSED) {
        /* libnice's keep-alive indications of a known peer carry no integrity and mean no harm */
        if (!owner(w, datagram))
            vtb_count_add(&w->figures.stun_refused, 1);
        return;
    }
    if (result.answer_len)
        (void)vtb_udp_send_one(vtb_udp_fd(w->udp, datagram->socket), &datagram->from, answer,
                               result.answer_len);
    peer = vtb_rtc_peer_find(w, result.link->peer);
    if (result.what == VTB_CHECK_MOVED && peer && peer->state == VTB_PEER_CONNECTED)
        vtb_tell_moved(w, peer);
}

/* At once and past the tick's batch: each millisecond counts for what is to come again. */
static void ask_again(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us)
{
    const struct vtb_tuple *tuple = vtb_link_selected(peer->link);
    uint8_t out[VTB_RTCP_MAX + VTB_SRTP_GROWTH];
    size_t len = tuple ? vtb_uplink_ask(&peer->uplink, peer->room->mix, peer->source, peer->ssrc,
                                        peer->reduced, peer->rtt_ms * 1000ull, now_us, out)
                       : 0;

    if (len && !vtb_srtp_protect_rtcp(peer->send, out, len, sizeof out, &len))
        (void)vtb_udp_send_one(vtb_udp_fd(w->udp, tuple->socket), &tuple->addr, out, len);
}

/* A device numbers its Opus itself and sends no copies. */
static bool is_sound(const struct vtb_rtc_peer *peer, struct vtb_rtp *rtp)
{
    if (rtp->type != peer->opus)
        return rtp->type == VTB_RTP_RED && !peer->is_device;
    rtp->type = VTB_RTP_OPUS;
    return true;
}

static void heard(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                  const struct vtb_udp_datagram *datagram, uint64_t now_us)
{
    struct vtb_rtp rtp;
    size_t len;

    if (vtb_srtp_unprotect(peer->receive, datagram->data, datagram->len, &len)) {
        vtb_count_add(&w->figures.dropped_auth, 1);
        return;
    }
    vtb_count_add(&w->figures.packets_in, 1);
    vtb_rtc_peer_proved(w, peer);
    if (vtb_peers_heard_from(peer->link, datagram->socket, &datagram->from))
        vtb_tell_moved(w, peer);
    vtb_link_keep_consent(peer->link, datagram->socket, &datagram->from, now_us);
    if (vtb_rtp_parse(datagram->data, len, &rtp) || !is_sound(peer, &rtp))
        return;
    vtb_rtcp_received(&peer->stats, rtp.ssrc, rtp.seq, rtp.timestamp,
                      (uint32_t)(now_us * 48 / 1000));
    peer->last_rtp_us = now_us;
    if (!peer->receiving) {
        peer->receiving = true;
        vtb_tell(w, peer, VTB_TELL_UPLINK);
    }
    if (!peer->heard)
        return;
    vtb_uplink_packet(&peer->uplink, peer->room->mix, peer->source, &rtp,
                      vtb_rtp_level(&rtp, peer->level_id), now_us);
    ask_again(w, peer, now_us);
}

static void dispatch(struct vtb_worker *w, const struct vtb_udp_datagram *datagram,
                     uint64_t now_us)
{
    uint8_t first = datagram->data[0];
    struct vtb_rtc_peer *peer;

    if (w->cfg.own_addresses_only && !vtb_udp_own_has(&w->own, &datagram->from)) {
        vtb_count_add(&w->figures.dropped_source, 1);
        return;
    }
    if (first <= 3) {
        check(w, datagram, now_us);
        return;
    }
    peer = owner(w, datagram);
    if (!peer || !((first >= 20 && first <= 63) || (first >= 128 && first <= 191)))
        vtb_count_add(&w->figures.dropped_unknown, 1);
    else if (first <= 63)
        vtb_rtc_peer_dtls(w, peer, datagram, now_us);
    else if (peer->state != VTB_PEER_CONNECTED)
        vtb_count_add(&w->figures.dropped_auth, 1); /* no keys yet */
    else if (vtb_rtp_is_rtcp(datagram->data, datagram->len))
        vtb_report_rtcp(w, peer, datagram, now_us);
    else
        heard(w, peer, datagram, now_us);
}

size_t vtb_inbound(struct vtb_worker *w, size_t socket, uint64_t now_us)
{
    size_t dropped;
    size_t n = vtb_udp_receive(w->udp, socket, w->received, &dropped);

    if (dropped)
        vtb_count_add(&w->figures.dropped_unknown, dropped);
    for (size_t i = 0; i < n; i++)
        dispatch(w, &w->received[i], now_us);
    vtb_count_add(&w->figures.packets_out, vtb_udp_flush(w->udp)); /* what was asked for again */
    return n + dropped;
}
