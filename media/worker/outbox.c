/*
 * Events to control. OFFER, ANSWER, CONNECTED, UPLINK, ECHO, REFUSED and GONE are facts control depends on: if
 * the box is full they stay noted on the peer and are told at a later tick. MOVED, LINK and TALKING
 * describe a moment and may be lost.
 */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

static bool post(struct vtb_worker *w, const struct vtb_media_event *event)
{
    return !vtb_mailbox_post(w->events, event);
}

static struct vtb_media_event about(const struct vtb_rtc_peer *peer,
                                    enum vtb_media_event_kind kind)
{
    return (struct vtb_media_event){ .kind = kind, .room = peer->room->id, .peer = peer->id };
}

/* The candidate on the address that the browser's own connection came in on is the first. */
static size_t candidates(const struct vtb_worker *w, const struct vtb_addr *hint,
                         struct vtb_addr out[static VTB_SDP_CANDIDATES])
{
    size_t n = 0;

    for (size_t i = 0; i < w->cfg.addresses; i++)
        if (hint->family && vtb_addr_same_ip(&w->addresses[i], hint))
            out[n++] = w->addresses[i];
    for (size_t i = 0; i < w->cfg.addresses; i++)
        if (!hint->family || !vtb_addr_same_ip(&w->addresses[i], hint))
            out[n++] = w->addresses[i];
    return n;
}

/* Our offer; our answer to a device's; or, that told before, what a restart of ICE has changed. */
static enum vtb_err describe(struct vtb_worker *w, const struct vtb_rtc_peer *peer, char out[static VTB_SDP_MAX + 1])
{
    struct vtb_sdp_local local = {
        .session = (uint64_t)peer->ssrc << 16 | (peer->id.generation & 0xffff),
        .ufrag = peer->link->ufrag, .pwd = peer->link->pwd, .ssrc = peer->ssrc,
        .sends = !peer->is_device || peer->wants_media, .receives = !peer->is_device || !peer->wants_media,
        .max_bitrate = 32000,
    };
    size_t len;

    local.candidates_n = candidates(w, &peer->hint, local.candidates);
    memcpy(local.fingerprint, w->fingerprint, sizeof local.fingerprint);
    if (peer->offer)
        return vtb_sdp_write_device(peer->offer, &local, out, &len);
    return peer->is_device ? vtb_sdp_write_fragment(&local, out, &len) : vtb_sdp_write_offer(&local, out, &len);
}

static bool tell_text(struct vtb_worker *w, struct vtb_rtc_peer *peer, enum vtb_media_event_kind kind)
{
    struct vtb_media_event event = about(peer, kind);

    event.sdp = malloc(VTB_SDP_MAX + 1);
    if (!event.sdp)
        return false;
    if (describe(w, peer, event.sdp) || !post(w, &event)) {
        free(event.sdp);
        return false;
    }
    return true;
}

static bool tell_echo(struct vtb_worker *w, const struct vtb_rtc_peer *peer)
{
    struct vtb_media_event event = about(peer, VTB_MEDIA_ECHO);

    event.echoes = peer->echoes;
    return post(w, &event);
}

static bool tell_uplink(struct vtb_worker *w, const struct vtb_rtc_peer *peer)
{
    struct vtb_media_event event = about(peer, VTB_MEDIA_UPLINK);

    event.receiving = peer->receiving;
    return post(w, &event);
}

/* In the order in which things happened. True: nothing is left to tell, the peer may be freed. */
static bool tell_all(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    struct vtb_media_event event;

    if (peer->tell & VTB_TELL_OFFER && peer->state == VTB_PEER_OFFERED) {
        if (!tell_text(w, peer, VTB_MEDIA_OFFER))
            return false;
    }
    peer->tell &= ~(unsigned)VTB_TELL_OFFER;
    if (peer->tell & VTB_TELL_ANSWER && peer->state != VTB_PEER_GONE) {
        if (!tell_text(w, peer, VTB_MEDIA_ANSWER))
            return false;
        free(peer->offer);
        peer->offer = NULL;
    }
    peer->tell &= ~(unsigned)VTB_TELL_ANSWER;
    if (peer->tell & VTB_TELL_CONNECTED) {
        event = about(peer, VTB_MEDIA_CONNECTED);
        if (!post(w, &event))
            return false;
        peer->tell &= ~(unsigned)VTB_TELL_CONNECTED;
    }
    if (peer->tell & VTB_TELL_UPLINK) {
        if (!tell_uplink(w, peer))
            return false;
        peer->tell &= ~(unsigned)VTB_TELL_UPLINK;
    }
    if (peer->tell & VTB_TELL_ECHO) {
        if (!tell_echo(w, peer))
            return false;
        peer->tell &= ~(unsigned)VTB_TELL_ECHO;
    }
    if (peer->tell & VTB_TELL_GONE) {
        event = about(peer, peer->gone_kind);
        event.err = peer->gone_err;
        if (!post(w, &event))
            return false;
        peer->tell &= ~(unsigned)VTB_TELL_GONE;
    }
    return true;
}

void vtb_tell(struct vtb_worker *w, struct vtb_rtc_peer *peer, unsigned what)
{
    if (!peer->tell)
        w->untold++;
    peer->tell |= what;
}

void vtb_tell_untold(struct vtb_worker *w)
{
    for (uint32_t i = 0; w->untold && i < VTB_MEDIA_PEERS_MAX; i++) {
        struct vtb_rtc_peer *peer = w->peers[i];

        if (!peer || !peer->tell)
            continue;
        if (!tell_all(w, peer))
            return; /* full: the next tick goes on here */
        w->untold--;
        if (peer->state == VTB_PEER_GONE)
            vtb_rtc_peer_drop(w, peer);
    }
}

void vtb_tell_moved(struct vtb_worker *w, const struct vtb_rtc_peer *peer)
{
    struct vtb_media_event event = about(peer, VTB_MEDIA_MOVED);

    (void)post(w, &event);
}

static uint8_t percent(uint64_t part, uint64_t whole)
{
    return (uint8_t)(whole == 0 ? 0 : part >= whole ? 100 : part * 100 / whole);
}

static uint16_t sixteen(uint32_t value)
{
    return value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
}

void vtb_tell_link(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint64_t now_us)
{
    struct vtb_media_event event = about(peer, VTB_MEDIA_LINK);
    struct vtb_mix_uplink up;
    uint64_t packets, concealed;

    vtb_mix_uplink(peer->room->mix, peer->source, now_us, &up);
    packets = up.packets - peer->told_packets;
    concealed = up.concealed - peer->told_concealed;
    event.link = (struct vtb_media_link){
        .rung = peer->rung,
        .lost_down_pct = peer->lost_down_pct,
        .lost_up_pct = peer->lost_up_pct,
        .made_up_pct = percent(concealed, packets + concealed),
        .jitter_down_ms = sixteen(peer->jitter_down_ms),
        .jitter_up_ms = sixteen(up.jitter_ms),
        .delay_up_ms = sixteen(up.target_ms),
        .rtt_ms = sixteen(peer->rtt_ms),
    };
    peer->told_packets = up.packets;
    peer->told_concealed = up.concealed;
    (void)post(w, &event);
}

static bool differs(const struct vtb_media_event *a, const struct vtb_media_event *b)
{
    if (a->talkers_n != b->talkers_n)
        return true;
    for (size_t i = 0; i < a->talkers_n; i++) {
        int change = a->talkers[i].level - b->talkers[i].level;

        if (!vtb_peer_is(a->talkers[i].peer, b->talkers[i].peer) || change > 3 || change < -3)
            return true; /* 3 dB: less is not seen on a meter */
    }
    return false;
}

void vtb_tell_talking(struct vtb_worker *w, struct vtb_room *room, const struct vtb_mix_out *mixed)
{
    struct vtb_media_event event = { .kind = VTB_MEDIA_TALKING, .room = room->id };

    for (size_t i = 0; i < mixed->talkers_n && event.talkers_n < VTB_MEDIA_TALKERS; i++) {
        struct vtb_rtc_peer *peer = w->peers[room->by_source[mixed->talkers[i].source_index]];

        if (!peer || peer->state != VTB_PEER_CONNECTED || peer->room != room)
            continue;
        event.talkers[event.talkers_n].peer = peer->id;
        event.talkers[event.talkers_n++].level = mixed->talkers[i].level;
    }
    if (differs(&event, &room->talking) && post(w, &event))
        room->talking = event;
}
