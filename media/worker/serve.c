/*
 * A packet for each who hears, made from what the room's lines have put on the shelf.
 *
 * Up to VTB_SLICE listeners are served at once. More are served in parts, 2 ms apart, so that packets
 * that come in meanwhile are read and a switch on the way is not hit by thousands in one burst; who
 * is first changes with each tick.
 */
#include "worker.h"

#include "rtc/red.h"

#include <string.h>

/*
 * In silence one frame of one byte goes out each 400 ms, as senders with DTX do (RFC 7587, 3.1.3): it
 * costs no encode and 1 kbit/s, and proves to the listener, and so to whoever speaks next, that
 * the way is open. The byte is a TOC without a frame (RFC 6716, 3.1): hybrid, 20 ms, mono.
 */
#define QUIET_TICKS 20u
static uint8_t quiet_frame[1] = { 0x78 };
static const struct vtb_mix_payload quiet = { .payload = quiet_frame, .len = sizeof quiet_frame };

#define OLD       24000u /* samples: what is half a second old is of no use to anybody */
#define REPEATS   2u

/* Makes the packet that `sent` describes: the same description gives the same bytes. */
static bool emit(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_sent *sent,
                 bool again)
{
    const struct vtb_tuple *tuple = peer->link ? vtb_link_selected(peer->link) : NULL;
    const uint8_t *payload = vtb_shelf_at(&peer->room->shelf, sent->pos, sent->len);
    struct vtb_rtp rtp = { .marker = sent->marker,
                           .type = sent->type == VTB_RTP_OPUS ? peer->opus : sent->type, .seq = sent->seq,
                           .timestamp = sent->timestamp, .ssrc = peer->ssrc };
    uint8_t *slot = tuple ? vtb_udp_slot(w->udp, tuple->socket) : NULL;
    enum vtb_err err;
    size_t len;

    if (!slot || !payload)
        return false;
    vtb_rtp_write(&rtp, slot);
    len = vtb_rtp_write_csrc(slot, sent->csrc, sent->csrc_n);
    memcpy(slot + len, payload, sent->len);
    len += sent->len;
    err = again ? vtb_srtp_protect_again(peer->send, slot, len, VTB_UDP_DATAGRAM, &len)
                : vtb_srtp_protect(peer->send, slot, len, VTB_UDP_DATAGRAM, &len);
    if (err)
        return false;
    vtb_udp_commit(w->udp, tuple->socket, &tuple->addr, len);
    return true;
}

static void send_new(struct vtb_worker *w, struct vtb_rtc_peer *peer, struct vtb_sent *sent)
{
    sent->used = true;
    sent->seq = peer->seq;
    peer->paused = true;
    if (!emit(w, peer, sent, false))
        return; /* no way to the listener just now */
    peer->paused = false;
    vtb_sent_note(&peer->sent, sent);
    peer->seq++;
    peer->packets++;
    peer->octets += sent->len;
}

bool vtb_serve_again(struct vtb_worker *w, struct vtb_rtc_peer *peer, uint16_t seq, bool is_asked)
{
    struct vtb_sent *sent = vtb_sent_find(&peer->sent, seq);

    if (!sent || sent->repeats == REPEATS ||
        peer->timestamp_base + peer->room->timestamp - sent->timestamp > OLD ||
        !emit(w, peer, sent, true))
        return false;
    sent->repeats++;
    peer->missed += is_asked && !sent->asked;
    sent->asked = sent->asked || is_asked;
    return true;
}

/* Who is heard (CSRC), but for the listener's own voice. Links that are short of bytes do without: the
 * page is told who talks by another way. */
static void name_voices(const struct vtb_rtc_peer *peer, struct vtb_sent *sent)
{
    const struct vtb_room *room = peer->room;
    enum vtb_stream stream = vtb_rung_of(peer->rung)->stream;

    if (stream == VTB_STREAM_LEAN || stream == VTB_STREAM_NARROW)
        return;
    for (uint32_t i = 0; i < room->voices_n; i++) {
        if (room->voices[i].member != peer->id.index &&
            !(peer->twin.generation && room->voices[i].member == peer->twin.index))
            sent->csrc[sent->csrc_n++] = room->voices[i].csrc;
    }
}

/* A packet may hold only what was said since the gate let sound through, in its copies, too. */
static void send_packet(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                        const struct vtb_line_packet *packet)
{
    struct vtb_sent sent = { .pos = packet->pos, .len = packet->len, .type = VTB_RTP_OPUS,
                             .marker = peer->paused };

    if (packet->back >= peer->open_ticks)
        return;
    if (packet->plain && packet->back + VTB_LINE_REACH < peer->open_ticks) {
        sent.type = VTB_RTP_RED;
    } else {
        sent.pos += packet->plain;
        sent.len = (uint16_t)(sent.len - packet->plain);
    }
    sent.timestamp = peer->timestamp_base + peer->room->sent_timestamp -
                     packet->back * VTB_MIX_FRAME;
    name_voices(peer, &sent);
    send_new(w, peer, &sent);
}

static void send_quiet(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    struct vtb_room *room = peer->room;
    struct vtb_sent sent = { .len = sizeof quiet_frame, .type = VTB_RTP_OPUS,
                             .timestamp = peer->timestamp_base + room->sent_timestamp };

    memcpy(vtb_shelf_slot(&room->shelf), quiet_frame, sizeof quiet_frame);
    sent.pos = vtb_shelf_keep(&room->shelf, sizeof quiet_frame);
    send_new(w, peer, &sent);
}

static void send_line(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_line *line)
{
    uint8_t again = vtb_rung_of(line->name)->again;

    for (uint8_t i = 0; i < line->packets_n; i++) {
        send_packet(w, peer, &line->packets[i]);
        if (again) /* RFC 7198; no matter if it is not there: the first packets after silence */
            (void)vtb_serve_again(w, peer, (uint16_t)(peer->seq - 1 - again), false);
    }
    if (!line->silent) {
        peer->quiet_ticks = 0;
        return;
    }
    if (peer->quiet_ticks++ % QUIET_TICKS == 0)
        send_quiet(w, peer);
    peer->paused = true;
}

/*
 * A gate that closes does so at once. One that opens waits: after a stall what was said before lies
 * in the jitter buffers for up to 320 ms, and a packet carries, beside its own sound, the encoder's
 * look-ahead and with FEC a copy of the frame before. None of it is for who was not to hear it.
 */
static bool may_hear(struct vtb_rtc_peer *peer)
{
    bool on = peer->state == VTB_PEER_CONNECTED && peer->hears && peer->wants_media;

    vtb_lines_air(peer, on);
    if (!on) {
        peer->paused = true;
        peer->quiet_ticks = 0;
        return false;
    }
    if (peer->opening) {
        peer->opening--;
        peer->paused = true;
        peer->open_ticks = 0;
        return false;
    }
    if (peer->open_ticks < UINT8_MAX)
        peer->open_ticks++;
    return true;
}

static void serve(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    if (peer->is_stream || peer->served_tick == w->serving_tick)
        return;
    peer->served_tick = w->serving_tick;
    if (may_hear(peer) && peer->on_air) {
        /* Who speaks never gets the own voice back: rather nothing, if there is no line for them. */
        if (peer->own_line || peer->own_tick != w->serving_tick)
            send_line(w, peer, peer->own_line ? peer->own_line
                                              : peer->room->lines[peer->rung][peer->phase]);
        vtb_lines_move(w, peer);
    }
}

/* Frames for those whose way is a stream of control's: by pointer, within the tick, without a socket. */
static void serve_streams(struct vtb_worker *w, struct vtb_room *room)
{
    for (uint32_t i = 0; room->streams_n && i < room->members_n; i++) {
        struct vtb_rtc_peer *peer = w->peers[room->members[i]];
        const struct vtb_mix_payload *payload = peer->own_tick == w->tick ? peer->own
                                                                          : &w->mixed.shared;

        if (!peer->is_stream || !may_hear(peer))
            continue;
        peer->paused = payload->silent;
        if (!payload->silent)
            peer->quiet_ticks = 0;
        else if (peer->quiet_ticks++ % QUIET_TICKS != 0)
            continue;
        vtb_stream_send(w, peer, payload->silent ? &quiet : payload);
    }
    vtb_stream_room_done(w, room);
}

/* A source is named by the SSRC it has chosen itself; one that comes by a stream by ours to it. */
static void keep_voices(struct vtb_worker *w, struct vtb_room *room)
{
    room->voices_n = 0;
    for (size_t i = 0; i < w->mixed.voices_n; i++) {
        uint32_t member = room->by_source[w->mixed.voices[i]];
        const struct vtb_rtc_peer *peer = w->peers[member];

        if (!peer || peer->room != room)
            continue;
        room->voices[room->voices_n].member = member;
        room->voices[room->voices_n++].csrc = peer->uplink.ssrc ? peer->uplink.ssrc : peer->ssrc;
    }
}

void vtb_serve_room(struct vtb_worker *w, struct vtb_room *room)
{
    keep_voices(w, room);
    serve_streams(w, room);
    room->sent_timestamp = room->timestamp;
    room->unserved = room->members_n;
    /* Not always the same listener last. */
    if (room->members_n)
        room->first = (room->first + VTB_SLICE + 1) % room->members_n;
}

/* Up to `n` listeners; how many of `n` are left when nobody waits any more. */
static uint32_t serve_n(struct vtb_worker *w, uint32_t n)
{
    for (uint32_t r = 0; r < w->rooms_n && n; r++) {
        struct vtb_room *room = w->rooms[r];

        if (room->unserved > room->members_n)
            room->unserved = room->members_n;
        for (; room->unserved && n; n--, room->unserved--)
            serve(w, w->peers[room->members[(room->first + room->unserved) % room->members_n]]);
    }
    vtb_count_add(&w->figures.packets_out, vtb_udp_flush(w->udp));
    return n;
}

void vtb_serve_begin(struct vtb_worker *w, uint64_t now_us)
{
    uint32_t all = 0, parts;

    for (uint32_t r = 0; r < w->rooms_n; r++)
        all += w->rooms[r]->unserved;
    parts = (all + VTB_SLICE - 1) / VTB_SLICE;
    if (parts > VTB_SLICES)
        parts = VTB_SLICES;
    w->is_serving = true;
    w->serving_tick = w->tick;
    w->slice = parts ? (all + parts - 1) / parts : 1;
    w->slice_us = now_us;
    vtb_serve_some(w, now_us);
}

void vtb_serve_some(struct vtb_worker *w, uint64_t now_us)
{
    while (w->is_serving && now_us >= w->slice_us) {
        w->slice_us += VTB_SLICE_US;
        w->is_serving = serve_n(w, w->slice) == 0;
    }
}

void vtb_serve_rest(struct vtb_worker *w)
{
    if (w->is_serving)
        (void)serve_n(w, UINT32_MAX);
    w->is_serving = false;
}
