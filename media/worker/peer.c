#include "worker.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct vtb_rtc_peer *vtb_rtc_peer_find(struct vtb_worker *w, vtb_peer id)
{
    struct vtb_rtc_peer *peer = id.index < VTB_MEDIA_PEERS_MAX ? w->peers[id.index] : NULL;

    return peer && vtb_peer_is(peer->id, id) ? peer : NULL;
}

static void enter(struct vtb_rtc_peer *peer, enum vtb_peer_state state, uint64_t now_us)
{
    peer->state = state;
    peer->since_us = now_us;
}

enum vtb_err vtb_rtc_peer_add(struct vtb_worker *w, struct vtb_room *room,
                              const struct vtb_media_cmd *cmd, uint64_t now_us)
{
    struct vtb_rtc_peer *peer;
    enum vtb_err err;

    if (room->members_n == VTB_MEDIA_PEERS_MAX || w->peers[cmd->peer.index])
        return VTB_LIMIT;
    vtb_serve_rest(w); /* whose turn it is goes by the place among the members */
    peer = calloc(1, sizeof *peer);
    if (!peer)
        return VTB_NOMEM;
    peer->id = cmd->peer;
    peer->room = room;
    peer->paused = true;
    vtb_ladder_init(&peer->ladder, false); /* the answer says */
    peer->dtls_left = VTB_DTLS_BUDGET;
    if (vtb_addr_parse(cmd->hint, 0, &peer->hint))
        peer->hint.family = 0;
    vtb_random(&peer->ssrc, sizeof peer->ssrc);
    vtb_random(&peer->timestamp_base, sizeof peer->timestamp_base);
    vtb_random(&peer->seq, sizeof peer->seq);
    peer->seq &= 0x3fff; /* far from a wrap: no receiver can miss it (media.md 4.11) */

    err = vtb_mix_add(room->mix, &peer->source);
    if (err) {
        free(peer);
        return err;
    }
    peer->is_stream = cmd->is_stream;
    peer->is_device = cmd->sdp != NULL;
    peer->opus = VTB_RTP_OPUS;
    if (!peer->is_stream)
        err = vtb_peers_add(w->links, peer->id, now_us, &peer->link);
    if (err) {
        vtb_mix_drop(room->mix, peer->source);
        free(peer);
        return err;
    }
    enter(peer, peer->is_stream ? VTB_PEER_CONNECTED : VTB_PEER_OFFERED, now_us);
    peer->wants_media = peer->is_stream; /* else the answer says */
    room->by_source[peer->source] = peer->id.index;
    room->members[room->members_n++] = peer->id.index;
    room->streams_n += peer->is_stream;
    w->peers[peer->id.index] = peer;
    vtb_count_add(&w->figures.peers, 1);
    if (!peer->is_device)
        vtb_tell(w, peer, peer->is_stream ? VTB_TELL_CONNECTED : VTB_TELL_OFFER);
    return VTB_OK;
}

static bool post_job(struct vtb_worker *w, const struct vtb_rtc_peer *peer,
                     enum vtb_handshake_kind kind)
{
    const struct vtb_tuple *tuple = vtb_link_selected(peer->link);

    w->job.kind = kind;
    w->job.peer = peer->id;
    if (tuple) {
        w->job.fd = vtb_udp_fd(w->udp, tuple->socket);
        w->job.to = tuple->addr;
    }
    memcpy(w->job.fingerprint, peer->fingerprint, sizeof w->job.fingerprint);
    return !vtb_handshakes_post(w->handshakes, &w->job);
}

static void feed(struct vtb_worker *w, struct vtb_rtc_peer *peer, const uint8_t *data, size_t len)
{
    if (peer->dtls_left == 0 || !vtb_link_selected(peer->link))
        return;
    if (!peer->in_flight && peer->state == VTB_PEER_ANSWERED) {
        if (w->handshakes_n == VTB_HANDSHAKES || !post_job(w, peer, VTB_HANDSHAKE_OPEN))
            return; /* the browser repeats its flight */
        peer->in_flight = true;
        w->handshakes_n++;
    }
    peer->dtls_left--;
    memcpy(w->job.data, data, len);
    w->job.len = len;
    (void)post_job(w, peer, VTB_HANDSHAKE_FEED); /* lost like any datagram if the box is full */
}

/* Kept, since a browser begins when it has our offer, and its answer reaches us later. */
static void keep(struct vtb_rtc_peer *peer, const struct vtb_udp_datagram *datagram)
{
    if (!peer->flight)
        peer->flight = calloc(1, sizeof *peer->flight);
    if (!peer->flight || peer->flight->n == VTB_FIRST_FLIGHT)
        return;
    memcpy(peer->flight->data[peer->flight->n], datagram->data, datagram->len);
    peer->flight->len[peer->flight->n++] = datagram->len;
}

static void forget_flight(struct vtb_rtc_peer *peer)
{
    free(peer->flight);
    peer->flight = NULL;
}

void vtb_rtc_peer_answer(struct vtb_worker *w, struct vtb_rtc_peer *peer, const char *sdp,
                         size_t len, uint64_t now_us)
{
    struct vtb_sdp_remote remote;
    enum vtb_err err;

    if (peer->state != VTB_PEER_OFFERED)
        return; /* a second answer changes nothing */
    err = vtb_sdp_read_answer(sdp, len, &remote);
    if (err) {
        vtb_rtc_peer_gone(w, peer, VTB_MEDIA_REFUSED, err);
        return;
    }
    memcpy(peer->fingerprint, remote.fingerprint, sizeof peer->fingerprint);
    peer->wants_media = remote.receives;
    peer->level_id = remote.level_id;
    peer->reduced = remote.reduced;
    vtb_ladder_init(&peer->ladder, remote.red);
    enter(peer, VTB_PEER_ANSWERED, now_us);
    if (!peer->flight)
        return;
    for (size_t i = 0; i < peer->flight->n; i++)
        feed(w, peer, peer->flight->data[i], peer->flight->len[i]);
    forget_flight(peer);
}

void vtb_rtc_peer_offer(struct vtb_worker *w, struct vtb_rtc_peer *peer, const struct vtb_media_cmd *cmd,
                        uint64_t now_us)
{
    enum vtb_err err;

    peer->offer = calloc(1, sizeof *peer->offer);
    err = peer->offer ? vtb_sdp_read_device(cmd->sdp, cmd->sdp_len, peer->offer) : VTB_NOMEM;
    if (!err && !(cmd->speaks ? peer->offer->sends : peer->offer->receives))
        err = VTB_DENIED;
    if (err) {
        vtb_rtc_peer_gone(w, peer, VTB_MEDIA_REFUSED, err);
        return;
    }
    memcpy(peer->fingerprint, peer->offer->fingerprint, sizeof peer->fingerprint);
    peer->wants_media = !cmd->speaks;
    peer->opus = peer->offer->opus;
    peer->level_id = peer->offer->level_id;
    peer->reduced = peer->offer->reduced;
    enter(peer, VTB_PEER_ANSWERED, now_us);
    vtb_tell(w, peer, VTB_TELL_ANSWER);
}

void vtb_rtc_peer_restart(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    if (!peer->is_device || !peer->link || peer->offer)
        return; /* a stream, gone, or its first answer is still to be told */
    vtb_peers_renew(w->links, peer->link);
    vtb_tell(w, peer, VTB_TELL_ANSWER);
}

void vtb_rtc_peer_dtls(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                       const struct vtb_udp_datagram *datagram, uint64_t now_us)
{
    switch (peer->state) {
    case VTB_PEER_OFFERED:
        keep(peer, datagram);
        break;
    case VTB_PEER_ANSWERED:
        feed(w, peer, datagram->data, datagram->len);
        break;
    case VTB_PEER_CONNECTED:
        if (vtb_dtls_is_farewell(&peer->farewell, datagram->data, datagram->len))
            vtb_rtc_peer_gone(w, peer, VTB_MEDIA_GONE, VTB_CLOSED);
        else if (!peer->has_keys && now_us - peer->since_us < VTB_HANDSHAKE_KEPT_US)
            feed(w, peer, datagram->data, datagram->len); /* our last flight was lost */
        break;
    case VTB_PEER_GONE:
        break;
    }
}

void vtb_rtc_peer_proved(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    if (!peer->has_keys && !peer->is_stream) /* if the box is full, with the next packet */
        peer->has_keys = post_job(w, peer, VTB_HANDSHAKE_DROP);
}

static void landed(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    if (peer->in_flight)
        w->handshakes_n--;
    peer->in_flight = false;
}

void vtb_rtc_peer_keys(struct vtb_worker *w, const struct vtb_handshake_result *result,
                       uint64_t now_us)
{
    struct vtb_rtc_peer *peer = vtb_rtc_peer_find(w, result->peer);
    enum vtb_err err = result->err;

    if (!peer || peer->state == VTB_PEER_GONE)
        return;
    landed(w, peer);
    if (peer->state == VTB_PEER_CONNECTED) { /* closed while the handshake was still kept */
        if (err)
            vtb_rtc_peer_gone(w, peer, VTB_MEDIA_GONE, err);
        return;
    }
    if (!err)
        err = vtb_srtp_open(&result->keys.send, &peer->send);
    if (!err)
        err = vtb_srtp_open(&result->keys.receive, &peer->receive);
    if (err) {
        vtb_count_add(&w->figures.handshakes_failed, 1);
        vtb_rtc_peer_gone(w, peer, VTB_MEDIA_GONE, err);
        return;
    }
    vtb_count_add(&w->figures.handshakes, 1);
    peer->farewell = result->keys.farewell;
    peer->report_us = now_us + 1000000;
    peer->link_us = now_us + 5000000;
    peer->resends_left = VTB_RESENDS;
    enter(peer, VTB_PEER_CONNECTED, now_us);
    vtb_tell(w, peer, VTB_TELL_CONNECTED);
}

void vtb_rtc_peer_gate(struct vtb_worker *w, struct vtb_rtc_peer *peer, bool hears, bool heard)
{
    const struct vtb_rtc_peer *twin = vtb_rtc_peer_find(w, peer->twin);

    if (peer->state == VTB_PEER_GONE)
        return;
    if (hears && !peer->hears) /* whose other connection hears already was allowed what lies in the buffers */
        peer->opening = twin && twin->hears ? twin->opening : VTB_OPENING_TICKS;
    peer->hears = hears;
    if (!hears)
        peer->lost_down_pct = 0; /* nothing is sent, so nothing is lost */
    if (heard != peer->heard)
        vtb_mix_set_heard(peer->room->mix, peer->source, heard);
    if (heard != peer->heard) /* what came while the gate was closed is not missing */
        peer->uplink = (struct vtb_uplink){ 0 };
    peer->heard = heard;
}

static void say_farewell(struct vtb_worker *w, const struct vtb_rtc_peer *peer)
{
    const struct vtb_tuple *tuple = vtb_link_selected(peer->link);
    uint8_t record[VTB_DTLS_FAREWELL];
    size_t len;

    if (peer->state != VTB_PEER_CONNECTED || !tuple)
        return;
    len = vtb_dtls_write_farewell(&peer->farewell, record);
    if (len)
        (void)vtb_udp_send_one(vtb_udp_fd(w->udp, tuple->socket), &tuple->addr, record, len);
}

/* Voice, address, keys: all that makes the peer a peer. What is left can only be told of. */
static void end(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    if (peer->state == VTB_PEER_GONE)
        return;
    if (peer->link) {
        say_farewell(w, peer);
        (void)post_job(w, peer, VTB_HANDSHAKE_DROP); /* if the box is full it ends by itself */
    }
    landed(w, peer);
    forget_flight(peer);
    vtb_lines_air(peer, false);
    vtb_mix_drop(peer->room->mix, peer->source);
    vtb_peers_drop(w->links, peer->id);
    peer->link = NULL;
    free(peer->offer);
    peer->offer = NULL;
    vtb_srtp_destroy(peer->send);
    vtb_srtp_destroy(peer->receive);
    peer->send = peer->receive = NULL;
    OPENSSL_cleanse(&peer->farewell, sizeof peer->farewell);
    peer->hears = peer->heard = peer->receiving = false;
    peer->state = VTB_PEER_GONE;
}

void vtb_rtc_peer_gone(struct vtb_worker *w, struct vtb_rtc_peer *peer,
                       enum vtb_media_event_kind kind, enum vtb_err err)
{
    if (peer->state == VTB_PEER_GONE)
        return;
    end(w, peer);
    peer->gone_kind = kind;
    peer->gone_err = err;
    vtb_tell(w, peer, VTB_TELL_GONE);
}

void vtb_rtc_peer_drop(struct vtb_worker *w, struct vtb_rtc_peer *peer)
{
    struct vtb_room *room = peer->room;

    vtb_serve_rest(w);
    end(w, peer);
    room->streams_n -= peer->is_stream;
    if (peer->tell)
        w->untold--;
    for (uint32_t i = 0; i < room->members_n; i++)
        if (room->members[i] == peer->id.index)
            room->members[i] = room->members[--room->members_n];
    w->peers[peer->id.index] = NULL;
    vtb_count_set(&w->figures.peers, vtb_count_read(&w->figures.peers) - 1);
    free(peer);
}
