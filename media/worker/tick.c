/*
 * The 20 ms step. The timer is absolute: tick n is due at start + n * 20 ms whatever came between.
 * A late worker does up to five ticks at once; what is older is silence that nobody can use any
 * more, so it is skipped, and only the RTP time goes on.
 */
#include "worker.h"

#include "base/clock.h"

#include <string.h>

#define LATE_US    5000u
#define TALK_TICKS 10u /* at most five TALKING a second */
#define OWN_US     10000000u

/*
 * In silence one frame of one byte goes out each 400 ms, as senders with DTX do (RFC 7587, 3.1.3): it
 * costs no encode and 1 kbit/s, and proves to the listener, and so to whoever speaks next, that
 * the way is open. The byte is a TOC without a frame (RFC 6716, 3.1): hybrid, 20 ms, mono.
 */
#define QUIET_TICKS 20u
static uint8_t quiet_frame[1] = { 0x78 };
static const struct vtb_mix_payload quiet = { .payload = quiet_frame, .len = sizeof quiet_frame };

static void send_frame(struct vtb_worker *w, struct vtb_room *room, struct vtb_rtc_peer *peer,
                       const struct vtb_mix_payload *payload)
{
    const struct vtb_tuple *tuple = peer->link ? vtb_link_selected(peer->link) : NULL;
    struct vtb_rtp rtp = { .marker = peer->paused, .type = VTB_RTP_OPUS, .seq = peer->seq,
                           .timestamp = peer->timestamp_base + room->timestamp,
                           .ssrc = peer->ssrc };
    uint8_t *slot;
    size_t len;

    if (!tuple && !peer->is_stream) {
        peer->paused = true;
        return;
    }
    if (payload->silent) {
        peer->paused = true;
        if (peer->quiet_ticks++ % QUIET_TICKS != 0)
            return;
        payload = &quiet;
        rtp.marker = 0;
    } else {
        peer->quiet_ticks = 0;
        peer->paused = false;
    }
    if (peer->is_stream) {
        vtb_stream_send(w, peer, payload);
        return;
    }
    slot = vtb_udp_slot(w->udp, tuple->socket);
    if (!slot || payload->len > VTB_MIX_PAYLOAD_MAX)
        return;
    vtb_rtp_write(&rtp, slot);
    memcpy(slot + VTB_RTP_HEADER, payload->payload, payload->len);
    if (vtb_srtp_protect(peer->send, slot, VTB_RTP_HEADER + payload->len, VTB_UDP_DATAGRAM, &len))
        return;
    vtb_udp_commit(w->udp, tuple->socket, &tuple->addr, len);
    peer->seq++;
    peer->packets++;
    peer->octets += (uint32_t)payload->len;
}

/*
 * A gate that closes does so at once. One that opens waits: after a stall what was said before lies
 * in the jitter buffers for up to 320 ms, and a packet carries, beside its own 20 ms, the encoder's
 * look-ahead and with FEC a copy of the frame before. None of it is for who was not to hear it.
 */
static void serve(struct vtb_worker *w, struct vtb_room *room, struct vtb_rtc_peer *peer)
{
    const struct vtb_mix_payload *payload = peer->has_own ? peer->own : &w->mixed.shared;

    peer->has_own = false;
    if (peer->state != VTB_PEER_CONNECTED || !peer->hears || !peer->wants_media) {
        peer->paused = true;
        peer->quiet_ticks = 0;
        return;
    }
    if (peer->opening) {
        peer->opening--;
        peer->paused = true;
        return;
    }
    send_frame(w, room, peer, payload);
}

/* The same person's other connection must not bring the own voice back either. */
static void give_twin(struct vtb_worker *w, const struct vtb_rtc_peer *peer)
{
    struct vtb_rtc_peer *twin = vtb_rtc_peer_find(w, peer->twin);

    if (!twin || twin->room != peer->room || twin->has_own)
        return;
    twin->has_own = true;
    twin->own = peer->own;
}

static void tick_room(struct vtb_worker *w, struct vtb_room *room, uint64_t now_us)
{
    vtb_mix_tick(room->mix, now_us, &w->mixed);
    if (room->tap)
        vtb_taps_put(w, room);
    for (size_t i = 0; i < w->mixed.own_n; i++) {
        struct vtb_rtc_peer *peer = w->peers[room->by_source[w->mixed.own[i].source_index]];

        if (peer && peer->room == room) {
            peer->has_own = true;
            peer->own = &w->mixed.own[i].mix;
            give_twin(w, peer);
        }
    }
    /* Not always the same listener last. */
    if (room->members_n)
        room->first = (room->first + 1) % room->members_n;
    for (uint32_t i = 0; i < room->members_n; i++)
        serve(w, room, w->peers[room->members[(room->first + i) % room->members_n]]);
    vtb_stream_room_done(w, room);
    room->timestamp += VTB_MIX_FRAME;
    if (w->tick % TALK_TICKS == 0)
        vtb_tell_talking(w, room, &w->mixed);
}

static void once_a_second(struct vtb_worker *w, uint64_t now_us)
{
    vtb_count_set(&w->figures.lateness_us_p99, vtb_lateness_p99_us(&w->lateness));
    for (uint32_t i = 0; i < w->rooms_n; i++)
        vtb_room_count(w, w->rooms[i]);
    if (w->cfg.own_addresses_only && now_us >= w->own_us) {
        vtb_udp_own_refresh(&w->own);
        w->own_us = now_us + OWN_US;
    }
}

static void one_tick(struct vtb_worker *w, uint64_t now_us)
{
    uint64_t due_us = w->start_us + w->tick * VTB_TICK_US;
    uint64_t late_us = now_us > due_us ? now_us - due_us : 0;

    vtb_lateness_add(&w->lateness, late_us);
    if (late_us > LATE_US)
        vtb_count_add(&w->figures.ticks_late_5ms, 1);
    vtb_count_add(&w->figures.ticks, 1);
    vtb_stream_inbound(w);
    for (uint32_t i = 0; i < w->rooms_n; i++)
        tick_room(w, w->rooms[i], due_us); /* when it was due: the buffers' clock has no hiccups */
    vtb_taps_tick(w);
    vtb_stream_tick_done(w);
    for (uint32_t i = (uint32_t)(w->tick % VTB_CARE_TICKS); i < VTB_MEDIA_PEERS_MAX;
         i += VTB_CARE_TICKS)
        if (w->peers[i])
            vtb_report_care(w, w->peers[i], now_us);
    vtb_count_add(&w->figures.packets_out, vtb_udp_flush(w->udp));
    if (w->tick % 50 == 0)
        once_a_second(w, now_us);
    w->tick++;
}

static uint64_t last_due(const struct vtb_worker *w, uint64_t now_us)
{
    return now_us < w->start_us ? 0 : (now_us - w->start_us) / VTB_TICK_US + 1;
}

uint64_t vtb_ticks_due(const struct vtb_worker *w, uint64_t now_us)
{
    uint64_t due = last_due(w, now_us);

    return due > w->tick ? due - w->tick : 0;
}

void vtb_tick(struct vtb_worker *w, uint64_t now_us)
{
    uint64_t due = last_due(w, now_us);

    if (due > w->tick + VTB_TICKS_CATCH_UP) {
        uint64_t skip = due - w->tick - VTB_TICKS_CATCH_UP;

        for (uint32_t i = 0; i < w->rooms_n; i++)
            w->rooms[i]->timestamp += (uint32_t)(skip * VTB_MIX_FRAME);
        vtb_count_add(&w->figures.ticks_skipped, skip);
        w->tick += skip;
    }
    while (w->tick < due)
        one_tick(w, vtb_mono_us());
}
